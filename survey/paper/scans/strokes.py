"""Strokes that run from one box into another: a long tail of a tick, or a line through several rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from survey.documents.paper.layout import MarkBox

NEAR = 15.0
"""Millimetres between the middles of boxes that a stroke may join."""
INKED, LEAVES = 0.008, 0.006
"""Darkness inside a box, and just outside its frame, from which its ink may run on."""
PER_MM = 6
_FRAME = 0.3
_MOST = 400
"""Pairs that are looked at; a page with more is scribbled on, and all of them count as joined."""
Sampled = Callable[[npt.NDArray[np.float64]], npt.NDArray[np.float32]]


def joined(
    boxes: Sequence[MarkBox],
    centres: npt.NDArray[np.float64],
    ink: npt.NDArray[np.float64],
    ring: npt.NDArray[np.float64],
    sampled: Sampled,
    black: float,
) -> frozenset[int]:
    """Numbers of boxes whose ink runs into a box of another question.

    `centres` (n, 2): where the boxes lie; `ink`, `ring`: as in `Measured`; `sampled`: darkness at places
    (…, 2) in millimetres; `black`: that of the frames.
    """
    open_ended = [n for n in range(len(boxes)) if ink[n] >= INKED and ring[n] >= LEAVES]
    pairs = [
        (a, b)
        for a, b in combinations(open_ended, 2)
        if boxes[a].question != boxes[b].question and np.abs(centres[a] - centres[b]).max() <= NEAR
    ]
    if len(pairs) > _MOST:
        return frozenset(n for pair in pairs for n in pair)
    found = (pair for pair in pairs if _runs(boxes, centres, pair, sampled, black))
    return frozenset(n for pair in found for n in pair)


def _runs(
    boxes: Sequence[MarkBox],
    centres: npt.NDArray[np.float64],
    pair: tuple[int, int],
    sampled: Sampled,
    black: float,
) -> bool:
    """Whether a stroke runs from one box of a pair to the other; printed frames are left out."""
    half = boxes[pair[0]].side / 2
    ends = centres[list(pair)]
    low, high = ends.min(axis=0) - half - 1, ends.max(axis=0) + half + 1
    x, y = (np.arange(a, b, 1 / PER_MM) for a, b in zip(low, high, strict=True))
    grid = np.stack(np.meshgrid(x, y), axis=-1)
    dark = sampled(grid) > 0.35 * black
    for centre in centres[np.abs(centres - ends.mean(axis=0)).max(axis=1) < NEAR + half]:
        far = np.abs(grid - centre).max(axis=-1)
        dark &= np.abs(far - half) > _FRAME
    # Where a frame was taken out, a stroke through it has a gap of a few samples.
    near = ndimage.binary_dilation(dark, np.ones((3, 3)), iterations=3)
    labels = ndimage.label(near, np.ones((3, 3)))[0]
    inside = [set(np.unique(labels[np.abs(grid - c).max(axis=-1) < half - _FRAME])) - {0} for c in ends]
    return bool(inside[0] & inside[1])
