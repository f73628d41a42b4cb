"""A page laid flat: darkness at regular steps of the page, whichever way it lies in the image.

Lengths in millimetres. Darkness is 0 for the paper around and 1 for black.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view
from scipy import ndimage

from survey.documents.paper.layout import PAGE
from survey.paper.scans.locate import Floats, apply
from survey.paper.scans.pages import Grey

Darkness = npt.NDArray[np.float32]

PER_MM = 8
"""Steps a millimetre."""
_BLOCK = 3 * PER_MM
"""Steps in which the paper around is looked for."""
_WHITE = 255


@dataclass(frozen=True, slots=True)
class FlatPage:
    """Darkness of a part of a page, from (left, top)."""

    dark: Darkness
    left: float
    top: float

    def index(self, places: Floats) -> npt.NDArray[np.intp]:
        """Column and row of places (…, 2), kept inside."""
        steps = np.rint((places - (self.left, self.top)) * PER_MM - 0.5).astype(np.intp)
        return np.clip(steps, 0, np.array(self.dark.shape[::-1]) - 1)

    def patches(self, centres: Floats, reach: float) -> Darkness:
        """Darkness (n, side, side) around centres (n, 2), out to `reach`, which the part must hold."""
        steps = round(reach * PER_MM)
        windows = sliding_window_view(self.dark, (2 * steps + 1, 2 * steps + 1))
        at = np.clip(self.index(centres) - steps, 0, np.array(windows.shape[1::-1]) - 1)
        found: Darkness = windows[at[:, 1], at[:, 0]]
        return found


def flattened(image: Grey, matrix: Floats, low: Floats, high: Floats) -> FlatPage:
    """The part of a page from its corner `low` to `high`; `matrix` as in `Located`."""
    from PIL import Image

    low = np.floor(np.maximum(low, 0))
    columns, rows = (np.ceil((np.minimum(high, PAGE) - low) / 3).astype(int) * _BLOCK).tolist()
    picture, factor = Image.fromarray(image), _factor(matrix)
    if factor > 1:
        picture = picture.reduce(factor)
    steps = np.array([[1 / PER_MM, 0, low[0]], [0, 1 / PER_MM, low[1]], [0, 0, 1]])
    place = np.diag([1 / factor, 1 / factor, 1]) @ matrix @ steps
    place /= place[2, 2]
    way = (Image.Transform.PERSPECTIVE, place.ravel()[:8].tolist(), Image.Resampling.BILINEAR)
    flat = np.asarray(picture.transform((columns, rows), *way, fillcolor=_WHITE))
    return FlatPage(_darkness(flat), float(low[0]), float(low[1]))


def _factor(matrix: Floats) -> int:
    """By what the image is reduced so that no step of the page misses a thin line."""
    a, b = apply(matrix, np.array([(100.0, 148.0), (110.0, 148.0)]))
    return max(1, int(np.hypot(*(b - a)) / 10 / PER_MM))


def _darkness(flat: Grey) -> Darkness:
    """Darkness against the paper around each place."""
    from PIL import Image

    rows, columns = flat.shape[0] // _BLOCK, flat.shape[1] // _BLOCK
    blocks = flat.reshape(rows, _BLOCK, columns, _BLOCK)[:, ::2, :, ::2].swapaxes(1, 2)
    blocks = blocks.reshape(rows, columns, -1)
    at = int(0.8 * blocks.shape[2])
    paper = np.partition(blocks, at, axis=2)[..., at]
    paper = ndimage.grey_closing(paper, size=(3, 3))
    smooth = Image.fromarray(ndimage.uniform_filter(paper.astype(np.float32), 3))
    white = np.maximum(np.asarray(smooth.resize(flat.shape[::-1], Image.Resampling.BILINEAR)), 1)
    dark: Darkness = flat / white
    np.subtract(1, dark, out=dark)
    return np.clip(dark, 0, 1, out=dark)
