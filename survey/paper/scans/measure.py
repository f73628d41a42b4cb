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
from survey.paper.scans.flatten import PER_MM, Darkness, FlatPage, flattened
from survey.paper.scans.locate import Floats
from survey.paper.scans.pages import Grey
from survey.paper.scans.pieces import holes, pieces
from survey.paper.scans.strokes import WINDOW, joined

Mask = npt.NDArray[np.bool_]

AROUND = 2.4
"""How much around a box is looked at: it may lie so far from where the corners say."""
SEARCH = 1.6
STRAY = 0.35
"""How far a box may lie from where its neighbours are."""
INSET = 0.65
"""Between the middle of the frame's line and what is measured inside."""
FAINT, INK = 0.12, 0.22
"""Darkness of folds, shadows and noise, which is not counted; from the second on it counts in full."""
TRACE = 0.045
"""Darkness left by a pen that the scan hardly shows, such as a red one under red light."""
BLACK = 0.55
"""Darkness of frames below which `FAINT` and `INK` are lowered: a pale scan has pale marks."""
RING = (0.5, 1.1)
"""Around a box, from its frame: ink here and none inside is a mark that missed."""
AROUND_BOX = (0.5, 0.85)
"""Around a box, from so much outside its frame to this part of half its side: where the ink of a ring drawn
around it or of a mark between two boxes lies, and of no other frame."""
PIECE = 0.3
"""Square millimetres of ink beside a box below which its pieces are not told apart."""
STRUCK_INK, STRIKE, LEVEL = 0.022, 0.8, 1.5
"""Ink of a box from which it may be struck: by a straight stroke that leaves it by so much on its left and
right, one end no more than so much higher than the other."""
HOLE_COVER, HOLE_WITHIN, HOLE_AROUND = 0.02, 0.6, 6.2
"""Share of a box that is dark from which a hole is looked for, with ink around it and without; how far."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Measurements of boxes (n,) in their order.

    ink: mean darkness inside; cover: share of the inside that is dark; gap: radius of the largest white spot
    inside; ring: mean darkness just outside; depth: how dark the ink inside is, where there is some; frame:
    darkness of the faintest side of its frame. All but cover, gap, ringed and between by the darkness of the
    page's frames.
    ringed: share of what is around the box that is dark; between: square millimetres of the largest piece
    of ink left and right of it, up to where the next one is near.
    trace: share of the inside that is a little darker than the paper just outside, too little to be ink.
    length, width, specks: as in `Pieces`, specks as a part of ink.
    struck: numbers of boxes through which a level straight stroke runs and leaves on both sides.
    joined: numbers of boxes whose ink runs into a box of another question, or through the box and on.
    holes: numbers of boxes over which a punch's hole lies.
    """

    ink: Floats
    cover: Floats
    gap: Floats
    ring: Floats
    depth: Floats
    frame: Floats
    trace: Floats
    length: Floats
    width: Floats
    specks: Floats
    ringed: Floats
    between: Floats
    joined: frozenset[int] = frozenset()
    struck: frozenset[int] = frozenset()
    holes: frozenset[int] = frozenset()


def measure(image: Grey, matrix: Floats, boxes: Sequence[MarkBox]) -> Measured:
    """Measure all boxes of a page, which have one size; `matrix` as in `Located`."""
    half = boxes[0].side / 2
    centres = np.array([(box.x, box.y) for box in boxes])
    room = half + AROUND + SEARCH + WINDOW
    page = flattened(image, matrix, centres.min(axis=0) - room, centres.max(axis=0) + room)
    centres = centres + _shifts(page, centres, half)
    measured, black = _measured(page.patches(centres, half + RING[1] + 0.2), half)
    wide = page.patches(centres, half * (1 + AROUND_BOX[1]))
    ringed, between = _outside(wide, half, black)
    inked = np.nonzero(measured.ink >= STRUCK_INK)[0]
    struck = inked[_struck(wide[inked], half, 0.5 * black)].tolist()
    depth = measured.depth * black
    found = joined(boxes, centres, measured.ink, measured.ring, depth, page)
    over = (measured.ring >= HOLE_COVER) | (measured.cover >= HOLE_WITHIN)
    covered = np.nonzero((measured.cover >= HOLE_COVER) & over)[0]
    around = page.patches(centres[covered], half + HOLE_AROUND)
    punched = covered[holes(around, 0.5 * black, half)].tolist()
    return replace(
        measured,
        ringed=ringed,
        between=between,
        joined=found,
        holes=frozenset(punched),
        struck=frozenset(struck),
    )


def _shifts(page: FlatPage, centres: Floats, half: float) -> Floats:
    """Where each box lies from where the corners say (n, 2): smooth over the page, then each by itself."""
    patches = page.patches(centres, half + AROUND)
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
    far = _far(patches)
    side = patches.shape[1]
    inside, ring = far <= half - INSET, (far >= half + RING[0]) & (far <= half + RING[1])
    lines = _lines(patches, half)
    black = float(np.clip(np.median(lines), 0.1, 1))
    pale = min(1, black / BLACK)
    counted = patches * np.clip((patches / pale - FAINT) / (INK - FAINT), 0, 1)
    width = int(inside[side // 2].sum())
    inner = patches[:, inside].reshape(len(patches), width, width)
    inked = counted[:, inside]
    weighted = (inked * patches[:, inside]).sum(axis=1) / np.maximum(inked.sum(axis=1), 1e-6)
    parts = pieces(inner > (FAINT + INK) / 2 * pale, inked.reshape(inner.shape) / black)
    measured = Measured(
        ink=inked.mean(axis=1).astype(float) / black,
        cover=(inner > 0.5 * black).mean(axis=(1, 2)),
        gap=_gaps(inner <= 0.5 * black),
        ring=counted[:, ring].mean(axis=1).astype(float) / black,
        depth=weighted.astype(float) / black,
        frame=lines.min(axis=1).astype(float) / black,
        trace=_trace(patches, inside, ring),
        length=parts.length,
        width=parts.width,
        specks=parts.specks,
        ringed=np.zeros(len(patches)),
        between=np.zeros(len(patches)),
    )
    return measured, black


def _far(patches: Darkness) -> Floats:
    """How far each place of a patch is from its middle, along the farther axis."""
    steps = np.abs(np.arange(patches.shape[1]) - patches.shape[1] // 2) / PER_MM
    far: Floats = np.maximum(steps[:, None], steps[None, :])
    return far


def _outside(patches: Darkness, half: float, black: float) -> tuple[Floats, Floats]:
    """Share around each box that is dark, and the largest piece of ink left and right of it."""
    outside = _far(patches) >= half + AROUND_BOX[0]
    level = np.abs(np.arange(patches.shape[1]) - patches.shape[1] // 2) <= half * PER_MM
    dark = patches > 0.5 * black
    ringed: Floats = dark[:, outside].mean(axis=1)
    beside = dark & outside & level[:, None]
    between: Floats = beside.sum(axis=(1, 2)) / PER_MM**2
    for number in np.nonzero(between >= PIECE)[0]:
        labels: Any = ndimage.label(beside[number])[0]
        between[number] = np.bincount(labels.ravel())[1:].max() / PER_MM**2
    return ringed, between


def _struck(patches: Darkness, half: float, dark: float) -> Mask:
    """Whether a level straight stroke, dark all the way, runs through each box and out on both sides."""
    if not len(patches):
        return np.zeros(0, dtype=bool)
    middle, reach = patches.shape[1] // 2, round((half + STRIKE) * PER_MM)
    thick = ndimage.maximum_filter(patches, (0, 3, 3)) > dark
    across = np.arange(-reach, reach + 1)
    inner, most = round((half - INSET) * PER_MM), round(LEVEL * PER_MM)
    found = np.zeros(len(patches), dtype=bool)
    for low in range(-inner, inner + 1):
        for rise in range(-most, most + 1, 2):
            rows = middle + low + np.rint(rise * (across / reach) / 2).astype(int)
            found |= thick[:, rows, middle + across].all(axis=1)
    return found


def _trace(patches: Darkness, inside: Mask, ring: Mask) -> Floats:
    smooth = ndimage.uniform_filter(patches, (0, 3, 3))
    usual = np.median(smooth[:, ring], axis=1)[:, None, None]
    # What stands at one height on both sides of a box, or above and below it, is a fold or a shade.
    ends = np.nonzero(ring[ring.shape[0] // 2])[0]
    left, right = ends[: len(ends) // 2], ends[len(ends) // 2 :]
    level = np.minimum(smooth[:, :, left].mean(axis=2), smooth[:, :, right].mean(axis=2))[:, :, None]
    steep = np.minimum(smooth[:, left].mean(axis=1), smooth[:, right].mean(axis=1))[:, None, :]
    light = np.maximum(usual, np.maximum(level, steep))
    share: Floats = (smooth > light + TRACE)[:, inside].mean(axis=1)
    return share


def _lines(patches: Darkness, half: float) -> Darkness:
    """Darkness (n, 4) of the sides of each frame, each where it is darkest near its place."""
    middle, along, side = patches.shape[1] // 2, round((half - 0.3) * PER_MM), round(half * PER_MM)
    band = slice(middle - along, middle + along + 1)
    profiles = patches[:, :, band].mean(axis=2), patches[:, band].mean(axis=1)
    sides: list[Darkness] = []
    for profile in profiles:
        three = (profile[:, :-2] + profile[:, 1:-1] + profile[:, 2:]) / 3
        ends = (middle - side - 1, middle + side - 1)
        sides += [three[:, end - 1 : end + 2].max(axis=1) for end in ends]
    return np.stack(sides, axis=1)


def _gaps(light: Mask) -> Floats:
    """Radius (n,) of the largest white spot in the insides of boxes; half a side where most is white."""
    padded = np.pad(light, ((0, 0), (1, 1), (1, 1)))
    found = np.full(len(light), light.shape[1] / 2 / PER_MM)
    for number in np.nonzero(padded.mean(axis=(1, 2)) <= 0.7)[0]:
        distance: Any = ndimage.distance_transform_edt(padded[number])
        found[number] = distance.max() / PER_MM
    return found
