"""Pieces of ink in boxes: how long the longest is, what only specks are, and a punch's holes.

Patches are squares of a flat page around boxes, (n, side, side), with a step of 1 / `PER_MM` mm.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from survey.paper.scans.flatten import PER_MM, Darkness
from survey.paper.scans.locate import Floats

SPECK, MOST_SPECKS = 0.65, 2
"""Millimetres, blur and all, up to which a piece is dust or toner, and how many of them a box may hold: more
may be a stroke of which the scan shows only parts."""
BLURRED = 1.6
"""Length of a piece, in millimetres, that may be mostly blur."""
PEN = 1.3
"""Half the width, in millimetres, of what is thicker than any pen's stroke."""
HOLE = (5.0, 7.0)
"""Diameter of a punch's holes in millimetres: 5.5 to 6, on a page copied in another size."""
INSIDE = 1.1
"""Millimetres inside the frame that the middle part of a disc reaches at most where a pen made it."""
_SOLID = 6
"""Squares of a millimetre that a hole covers at least, however they lie: a disc of 5 mm covers 8 and more."""
_UNEVEN = 0.04
"""Part of a hole that lies outside the disc of its area; of a filled box it is 0.06 to 0.09."""
_NEAR = np.array([[[0, 0, 0]] * 3, [[1, 1, 1]] * 3, [[0, 0, 0]] * 3])
"""Steps of one patch that touch."""


@dataclass(frozen=True, slots=True)
class Pieces:
    """Of each box (n,): length of its longest piece of ink and that piece's mean width, both in millimetres,
    and the part of its ink that only specks make."""

    length: Floats
    width: Floats
    specks: Floats


def pieces(inked: npt.NDArray[np.bool_], counted: Darkness) -> Pieces:
    """Pieces in the insides of boxes; `inked`: where ink is, `counted`: its darkness."""
    count, side = len(inked), inked.shape[1]
    found = Pieces(*(np.zeros(count) for _ in range(3)))
    labels: Any = ndimage.label(inked, _NEAR)[0]
    small = np.zeros(count, dtype=int)
    for number, place in enumerate(ndimage.find_objects(labels), start=1):
        box, (down, right) = place[0].start, place[1:]
        area = labels[place][0] == number
        length = _length(area, counted[place][0])
        if length > found.length[box]:
            found.length[box], found.width[box] = length, area.sum() / PER_MM**2 / length
        is_cut = min(down.start, right.start) == 0 or max(down.stop, right.stop) == side
        if length <= SPECK and not is_cut:
            wider = [slice(max(cut.start - 1, 0), cut.stop + 1) for cut in (down, right)]
            found.specks[box] += counted[box][tuple(wider)].sum()
            small[box] += 1
    found.specks[small > MOST_SPECKS] = 0
    found.specks[:] /= side * side
    return found


def _length(area: npt.NDArray[np.bool_], counted: Darkness) -> float:
    """Length of a piece; of a short one without its blur, which on a pale scan is as dark as ink."""
    steps: int = max(area.shape)
    if steps < BLURRED * PER_MM:
        down, right = np.nonzero(area & (counted >= 0.4 * counted[area].max()))
        steps = max(int(np.ptp(down)), int(np.ptp(right))) + 1
    return steps / PER_MM


def holes(patches: Darkness, dark: float, half: float) -> npt.NDArray[np.bool_]:
    """Whether ink (n,) is a disc as large as a punch's hole and not well inside the frame."""
    found = np.zeros(len(patches), dtype=bool)
    for number in np.nonzero(_solid(patches > dark) >= _SOLID)[0]:
        found[number] = _is_hole(patches[number] > dark, half)
    return found


def _solid(dark: npt.NDArray[np.bool_]) -> npt.NDArray[np.intp]:
    """Square millimetres (n,) of a grid that are dark all over: a quick look for what is thick."""
    squares = dark.shape[1] // PER_MM
    cut = dark[:, : squares * PER_MM, : squares * PER_MM]
    blocks = cut.reshape(len(dark), squares, PER_MM, squares, PER_MM)
    count: npt.NDArray[np.intp] = (blocks.mean(axis=(2, 4)) > 0.95).sum(axis=(1, 2))
    return count


def _is_hole(dark: npt.NDArray[np.bool_], half: float) -> bool:
    core = ndimage.distance_transform_edt(dark) > PEN * PER_MM
    labels: Any = ndimage.label(core)[0]
    middle = dark.shape[0] // 2
    for number in range(1, labels.max() + 1):
        down, right = np.nonzero(labels == number)
        reach = max(np.abs(down - middle).max(), np.abs(right - middle).max())
        thick = ndimage.distance_transform_edt(labels != number) <= PEN * PER_MM
        if reach > (half - INSIDE) * PER_MM and _is_disc(thick):
            return True
    return False


def _is_disc(thick: npt.NDArray[np.bool_]) -> bool:
    """Whether a piece of ink is as large as a hole, and is the disc of its own area but for a little."""
    down, right = np.nonzero(thick)
    radius = np.sqrt(len(down) / np.pi)
    if not HOLE[0] <= 2 * radius / PER_MM <= HOLE[1]:
        return False
    far = np.hypot(down - down.mean(), right - right.mean())
    return bool((far > radius).mean() <= _UNEVEN)
