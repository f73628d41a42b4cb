"""Ink in each box of a page: after finding the box again by its own printed frame, against the local paper.

Lengths in millimetres. Darkness is 0 for the paper around and 1 for black.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from survey.documents.paper.layout import MarkBox
from survey.paper.scans.locate import Floats, apply
from survey.paper.scans.pages import Grey
from survey.paper.scans.strokes import joined

Darkness = npt.NDArray[np.float32]
Places = npt.NDArray[np.floating[Any]]

PER_MM = 8
"""Samples a millimetre."""
AROUND = 2.4
"""How much around a box is looked at: it may lie so far from where the corners say."""
SEARCH = 1.6
STRAY = 0.35
"""How far a box may lie from where its neighbours are."""
INSET = 0.55
"""Between the middle of the frame's line and what is measured inside."""
FAINT, INK = 0.12, 0.22
"""Darkness of folds, shadows and noise, which is not counted; from the second on it counts in full."""
RING = (0.5, 1.1)
"""Around a box, from its frame: ink here and none inside is a mark that missed."""
_BLOCK = 3.0


@dataclass(frozen=True, slots=True)
class Measured:
    """Measurements of boxes (n,) in their order.

    ink: mean darkness inside; cover: share of the inside that is dark; gap: radius of the largest white spot
    inside; ring: mean darkness just outside; frame: darkness of its own frame by that of the page's.
    joined: numbers of boxes whose ink runs into a box of another question.
    """

    ink: Floats
    cover: Floats
    gap: Floats
    ring: Floats
    frame: Floats
    joined: frozenset[int] = frozenset()


def measure(image: Grey, matrix: Floats, boxes: Sequence[MarkBox]) -> Measured:
    """Measure all boxes of a page, which have one size; `matrix` as in `Located`."""
    image, matrix = _reduced(image, matrix)
    dark = darkness(image, _scale(matrix))
    half = boxes[0].side / 2
    centres = np.array([(box.x, box.y) for box in boxes])
    shifts = _shifts(dark, matrix, centres, half)
    patches = _patches(dark, matrix, centres + shifts, half + RING[1] + 0.2)
    measured, black = _measured(patches, half)

    def sampled(places: Floats) -> Darkness:
        moved = apply(matrix, places) - 0.5
        return sample(dark, moved[..., 0], moved[..., 1])

    runs = joined(boxes, centres + shifts, measured.ink, measured.ring, sampled, black)
    return replace(measured, joined=runs)


def darkness(image: Grey, scale: float) -> Darkness:
    """Darkness of an image of `scale` pixels a millimetre against the paper around each place."""
    from PIL import Image

    block = max(4, round(_BLOCK * scale))
    rows, columns = -(-image.shape[0] // block), -(-image.shape[1] // block)
    room = ((0, rows * block - image.shape[0]), (0, columns * block - image.shape[1]))
    padded = np.pad(image, room, mode="edge")
    blocks = padded.reshape(rows, block, columns, block).swapaxes(1, 2).reshape(rows, columns, -1)
    at = int(0.8 * block * block)
    paper = np.partition(blocks, at, axis=2)[..., at]
    paper = ndimage.grey_closing(paper, size=(3, 3))
    paper = ndimage.uniform_filter(paper.astype(np.float32), 3)
    size = (columns * block, rows * block)
    smooth = np.asarray(Image.fromarray(paper).resize(size, Image.Resampling.BILINEAR))
    smooth = smooth[: image.shape[0], : image.shape[1]]
    dark: Darkness = np.clip(1 - image / np.maximum(smooth, 1), 0, 1).astype(np.float32)
    return dark


def _scale(matrix: Floats) -> float:
    """Pixels a millimetre in the middle of the page."""
    a, b = apply(matrix, np.array([(100.0, 148.0), (110.0, 148.0)]))
    return float(np.hypot(*(b - a))) / 10


def _reduced(image: Grey, matrix: Floats) -> tuple[Grey, Floats]:
    """Image of at most about `PER_MM` pixels a millimetre, so that no sample misses a thin line."""
    from PIL import Image

    factor = 1.1 * PER_MM / _scale(matrix)
    if factor >= 1:
        return image, matrix
    size = (round(image.shape[1] * factor), round(image.shape[0] * factor))
    small = Image.fromarray(image).resize(size, Image.Resampling.BOX)
    fx, fy = size[0] / image.shape[1], size[1] / image.shape[0]
    return np.asarray(small), np.diag([fx, fy, 1.0]) @ matrix


def _patches(dark: Darkness, matrix: Floats, centres: Floats, reach: float) -> Darkness:
    """Darkness (n, side, side) around centres, out to `reach`, square to the page.

    Within a patch the homography is its tangent: over 5 mm that is less than a hundredth of a millimetre off.
    """
    steps = (np.arange(-round(reach * PER_MM), round(reach * PER_MM) + 1) / PER_MM).astype(np.float32)
    middle = apply(matrix, centres)
    right, below = np.array([1.0, 0.0]), np.array([0.0, 1.0])
    across = ((apply(matrix, centres + right) - apply(matrix, centres - right)) / 2).astype(np.float32)
    down = ((apply(matrix, centres + below) - apply(matrix, centres - below)) / 2).astype(np.float32)
    place = (middle - 0.5).astype(np.float32)[:, :, None, None]
    grid = place + across[:, :, None, None] * steps + down[:, :, None, None] * steps[:, None]
    return sample(dark, grid[:, 0], grid[:, 1])


def sample(dark: Darkness, x: Places, y: Places) -> Darkness:
    """Darkness at places in pixels, by bilinear interpolation; outside the image it is that of its edge."""
    height, width = dark.shape
    x = np.clip(x, 0, width - 1.01).astype(np.float32, copy=False)
    y = np.clip(y, 0, height - 1.01).astype(np.float32, copy=False)
    left, top = x.astype(np.intp), y.astype(np.intp)
    x, y = x - left.astype(np.float32), y - top.astype(np.float32)
    flat, at = dark.ravel(), top * width + left
    above = flat.take(at)
    above += x * (flat.take(at + 1) - above)
    at += width
    below: Darkness = flat.take(at)
    below += x * (flat.take(at + 1) - below)
    below -= above
    below *= y
    below += above
    return below


def _shifts(dark: Darkness, matrix: Floats, centres: Floats, half: float) -> Floats:
    """Where each box lies from where the corners say (n, 2): smooth over the page, then each by itself."""
    patches = _patches(dark, matrix, centres, half + AROUND)
    scores = [_line_scores(patches, half, axis) for axis in (1, 2)]
    offsets = (np.arange(scores[0].shape[1]) - scores[0].shape[1] // 2) / PER_MM
    shifts = np.zeros_like(centres)
    for axis, score in enumerate(scores):
        rough = offsets[score.argmax(axis=1)]
        weight = score.max(axis=1)
        smooth = _smooth(centres, rough, weight)
        near = np.abs(offsets[None] - smooth[:, None]) <= STRAY
        best = np.where(near, score, -1).argmax(axis=1)
        strong = score[np.arange(len(best)), best] > 0.4 * np.median(weight)
        shifts[:, axis] = np.where(strong, offsets[best], smooth)
    return shifts


def _line_scores(patches: Darkness, half: float, axis: int) -> Floats:
    """How well the two lines of a frame fit at each offset along an axis: the darkness of the fainter one."""
    side, reach = patches.shape[1], round((half + 0.4) * PER_MM)
    middle = side // 2
    band = slice(middle - reach, middle + reach + 1)
    profile = patches[:, band].mean(axis=1) if axis == 1 else patches[:, :, band].mean(axis=2)
    profile = np.minimum(profile, 1)
    profile = ndimage.uniform_filter1d(profile, 3, axis=1)
    line, search = round(half * PER_MM), round(SEARCH * PER_MM)
    at = middle + np.arange(-search, search + 1)
    scores: Floats = np.minimum(profile[:, at - line], profile[:, at + line]).astype(float)
    return scores - 0.01 * np.abs(np.arange(-search, search + 1)) / search


def _smooth(centres: Floats, values: Floats, weight: Floats) -> Floats:
    """Values smoothed over the page by a polynomial that outliers do not draw."""
    x, y = (centres[:, 0] - 105) / 105, (centres[:, 1] - 148) / 148
    terms = [np.ones_like(x), x, y]
    if len(x) >= 40:  # fewer boxes cannot tell a bend
        terms += [x * x, x * y, y * y]
    base = np.column_stack(terms)
    trust = weight.copy()
    fitted = np.full(len(x), np.median(values))
    for _ in range(6):
        miss = np.abs(values - fitted)
        w = np.sqrt(trust / (1 + (miss / 0.15) ** 2))
        solution = np.linalg.lstsq(base * w[:, None], values * w, rcond=None)[0]
        fitted = base @ solution
    return fitted


def _measured(patches: Darkness, half: float) -> tuple[Measured, float]:
    """Measurements, and the blackness of the page's frames."""
    side = patches.shape[1]
    steps = np.abs(np.arange(side) - side // 2) / PER_MM
    far = np.maximum(steps[:, None], steps[None, :])
    inside, ring = far <= half - INSET, (far >= half + RING[0]) & (far <= half + RING[1])
    frame = np.abs(far - half) <= 0.15
    counted = patches * np.clip((patches - FAINT) / (INK - FAINT), 0, 1)
    lines = patches[:, frame].mean(axis=1)
    black = float(np.clip(np.median(lines), 0.15, 1))
    width = int(inside[side // 2].sum())
    inner = patches[:, inside].reshape(len(patches), width, width)
    measured = Measured(
        ink=counted[:, inside].mean(axis=1).astype(float) / black,
        cover=(inner > 0.5 * black).mean(axis=(1, 2)),
        gap=np.array([_gap(one, black) for one in inner]),
        ring=counted[:, ring].mean(axis=1).astype(float) / black,
        frame=lines.astype(float) / black,
    )
    return measured, black


def _gap(inner: Darkness, black: float) -> float:
    """Radius of the largest white spot in the inside of a box."""
    light: Any = np.pad(inner <= 0.5 * black, 1)
    if light.mean() > 0.7:
        return len(inner) / 2 / PER_MM
    return float(ndimage.distance_transform_edt(light).max()) / PER_MM
