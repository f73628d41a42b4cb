"""Strokes that are no mark of one box: they run into a box of another question, or through a box and on.

A long tail of a tick, a line through several rows, the edge of a stain, a dirty fold.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from survey.documents.paper.layout import MarkBox
from survey.paper.scans.flatten import PER_MM, FlatPage
from survey.paper.scans.locate import Floats

NEAR = 15.0
"""Millimetres between the middles of boxes that a stroke may join."""
INKED, LEAVES = 0.008, 0.006
"""Darkness inside a box, and just outside its frame, from which its ink may run on."""
AWAY, WINDOW = 4.5, 6.0
"""Millimetres from a frame to where no mark of that box runs on opposite sides, and how far is looked."""
_FRAME = 0.3
_DIRECTIONS, _OPPOSITE = 12, 4
"""Parts of the circle around a box, and how many of them lie between sides that count as opposite."""
_MOST = 400
"""Pairs that are looked at; a page with more is scribbled on, and all of them count as joined."""
Labels = npt.NDArray[np.int32]


def joined(
    boxes: Sequence[MarkBox], centres: Floats, ink: Floats, ring: Floats, depth: Floats, page: FlatPage
) -> frozenset[int]:
    """Numbers of boxes whose ink runs into a box of another question, or through the box and on.

    `centres` (n, 2): where the boxes lie; `ink`, `ring`: as in `Measured`; `depth` too, but as darkness.
    """
    open_ended = [n for n in range(len(boxes)) if ink[n] >= INKED and ring[n] >= LEAVES]
    pairs = [
        (a, b)
        for a, b in combinations(open_ended, 2)
        if boxes[a].question != boxes[b].question and np.abs(centres[a] - centres[b]).max() <= NEAR
    ]
    if len(pairs) > _MOST:
        return frozenset(n for pair in pairs for n in pair)
    strokes = _Strokes(centres, boxes[0].side / 2, page)
    found = (pair for pair in pairs if strokes.join(pair, 0.5 * min(depth[pair[0]], depth[pair[1]])))
    through = (n for n in open_ended if strokes.run_on(n, 0.5 * depth[n]))
    return frozenset([*(n for pair in found for n in pair), *through])


class _Strokes:
    """Strokes around the boxes of a page, printed frames left out; everything in steps of the flat page."""

    def __init__(self, centres: Floats, half: float, page: FlatPage) -> None:
        self._at = page.index(centres)
        self._half = half * PER_MM
        self._inner = int((half - _FRAME) * PER_MM)
        self._dark = page.dark.copy()
        for x, y in self._at:
            inside = self._around(x, y, self._inner)
            kept = self._dark[inside].copy()
            self._dark[self._around(x, y, int((half + _FRAME) * PER_MM))] = 0
            self._dark[inside] = kept

    def join(self, pair: tuple[int, int], least: float) -> bool:
        """Whether a stroke at least that dark runs from one box of a pair into the other."""
        room = self._inner + PER_MM
        ends = self._at[list(pair)]
        (left, top), (right, bottom) = np.maximum(ends.min(axis=0) - room, 0), ends.max(axis=0) + room + 1
        labels = _labelled(self._dark[top:bottom, left:right] > least)
        a, b = (self._numbers(labels[self._around(x - left, y - top, self._inner)]) for x, y in ends)
        return bool(a & b)

    def run_on(self, number: int, least: float) -> bool:
        """Whether a stroke at least that dark leaves a box far on opposite sides."""
        x, y = self._at[number]
        room = round(self._half + WINDOW * PER_MM)
        left, top = max(x - room, 0), max(y - room, 0)
        labels = _labelled(self._dark[top : y + room + 1, left : x + room + 1] > least)
        for stroke in self._numbers(labels[self._around(x - left, y - top, self._inner)]):
            down, right = np.nonzero(labels == stroke)
            down, right = down + top - y, right + left - x
            far = np.maximum(np.abs(down), np.abs(right)) > self._half + AWAY * PER_MM
            turn = np.arctan2(down[far], right[far]) / (2 * np.pi) % 1
            parts = np.unique(np.floor(turn * _DIRECTIONS))
            between = np.abs(parts[:, None] - parts)
            if (np.minimum(between, _DIRECTIONS - between) >= _OPPOSITE).any():
                return True
        return False

    @staticmethod
    def _around(x: int, y: int, reach: int) -> tuple[slice, slice]:
        return slice(max(y - reach, 0), y + reach + 1), slice(max(x - reach, 0), x + reach + 1)

    @staticmethod
    def _numbers(labels: Labels) -> set[int]:
        return {int(n) for n in np.unique(labels)} - {0}


def _labelled(dark: npt.NDArray[np.bool_]) -> Labels:
    """The number of the stroke at each step, 0 for none."""
    # Where a frame was taken out, a stroke through it has a gap of a few steps.
    thick = ndimage.binary_dilation(dark, np.ones((3, 3)), iterations=4)
    labels: Labels = ndimage.label(thick, np.ones((3, 3)))[0]
    return labels
