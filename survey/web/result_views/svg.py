"""Coordinates of the small drawings on result pages; templates put them into SVG."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from survey.facts.base import Interval
from survey.facts.items import AnswerClass, Importance
from survey.language import gettext as _
from survey.web.result_views.ranking import STEPS, WIDTH, Axis

_LEAST_POINTS, _LEAST_WEIGHT, _MARGIN = 10.0, 0.2, 22


def difference_axis(bounds: Iterable[Sequence[float | None]], most: float = 60.0) -> Axis:
    """Symmetric axis around 0 with round ends that covers every interval in `bounds`, up to `most` points."""
    reach = max((abs(v) for pair in bounds for v in pair if v is not None), default=1.0)
    reach = min(max(reach, 1.0), most)
    step = next((s for s in STEPS if reach / s <= 3), STEPS[-1])
    edge = math.ceil(reach / step) * step
    return Axis(-edge, edge, step)


@dataclass(frozen=True, slots=True)
class Segment:
    """Part of an answer bar for one class of levels; `shade` runs from 1 (best) to 5 (worst)."""

    label: str
    count: int
    share: float
    x: float
    width: float
    shade: int


def answer_bar(classes: Sequence[AnswerClass], labels: Sequence[str]) -> list[Segment]:
    """Segments of a bar, WIDTH units wide, of the answers to an item; a class of several levels has the
    middle level's shade."""
    total, x, found = sum(part.count for part in classes), 0.0, []
    for part in classes:
        first, last, share = part.first, part.last, part.count / total
        ends = {"first": labels[first], "last": labels[last]}
        label = labels[first] if first == last else _("%(first)s到%(last)s", **ends)
        shade = 1 + round(4 * (first + last) / 2 / max(len(labels) - 1, 1))
        found.append(Segment(label, part.count, share, round(x, 2), round(WIDTH * share, 2), shade))
        x += WIDTH * share
    return found


@dataclass(frozen=True, slots=True)
class Dot:
    """Item on the importance–performance map, at (x, y), with the ends of the interval of its importance;
    `number`: row in the table below."""

    number: int
    name: str
    x: float
    y: float
    top: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Map:
    """Importance–performance map: performance to the right, importance upwards; line_x: the warning line,
    middle_y: average importance."""

    dots: tuple[Dot, ...]
    line_x: float
    middle_y: float
    width: int = 320
    height: int = 220


def importance_map(entries: Sequence[Importance], line: float) -> Map | None:
    """Map of a department's items that may be shown; None when there are fewer than two.

    Neither axis is stretched: a difference of less than a point does not look like one of ten.
    """
    shown = [e.performance for e in entries if e.performance is not None]
    if len(shown) < 2:
        return None
    equal = 1 / len(entries)
    weights = [v for e in entries for v in (e.importance, *e.ci) if v is not None]
    right = _scale([*shown, line], _LEAST_POINTS, 320)
    up = _scale([*weights, equal], _LEAST_WEIGHT, 220)

    def down(weight: float) -> float:
        return round(220 - up(weight), 2)

    dots = (
        Dot(number, e.item, right(e.performance), *map(down, _weight_and_ends(e.importance, e.ci)))
        for number, e in enumerate(entries, start=1)
        if e.performance is not None and e.importance is not None
    )
    return Map(tuple(dots), right(line), down(equal))


def _weight_and_ends(weight: float, ci: Interval) -> tuple[float, float, float]:
    """Weight, upper end and lower end of its interval; the weight itself for a missing end."""
    low, high = (weight if end is None else end for end in ci)
    return weight, high, low


def _scale(values: Sequence[float], least: float, length: int) -> Callable[[float], float]:
    """Function from a value to a position on `length` units with a margin; the
    axis spans at least `least`."""
    low, high = min(values), max(values)
    span = max(high - low, least)
    start = (low + high - span) / 2
    return lambda value: round(_MARGIN + (length - 2 * _MARGIN) * (value - start) / span, 2)
