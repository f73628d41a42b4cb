"""Coordinates of the small drawings on result pages; templates put them into SVG."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from survey.views.ranking_tables import STEPS, WIDTH, Axis
from survey.views.translating import gettext as _

Entry = dict[str, Any]


def difference_axis(bounds: Iterable[Sequence[float | None]], most: float = 60.0) -> Axis:
    """Round numbers around 0 and every interval of differences, the same to both sides."""
    reach = max((abs(v) for pair in bounds for v in pair if v is not None), default=1.0)
    reach = min(max(reach, 1.0), most)
    step = next((s for s in STEPS if reach / s <= 3), STEPS[-1])
    edge = math.ceil(reach / step) * step
    return Axis(-edge, edge, step)


@dataclass(frozen=True, slots=True)
class Segment:
    """A level's part of a bar of answers; `shade` runs from 1 (best) to 5 (worst)."""

    label: str
    count: int
    share: float
    x: float
    width: float
    shade: int


def answer_bar(classes: Sequence[Entry], labels: Sequence[str]) -> list[Segment]:
    """The answers to an item as one bar, WIDTH wide; a class of several levels has the middle one's shade."""
    total, x, found = sum(part["count"] for part in classes), 0.0, []
    for part in classes:
        first, last, share = part["first"], part["last"], part["count"] / total
        ends = {"first": labels[first], "last": labels[last]}
        label = labels[first] if first == last else _("%(first)s到%(last)s", **ends)
        shade = 1 + round(4 * (first + last) / 2 / max(len(labels) - 1, 1))
        found.append(Segment(label, part["count"], share, round(x, 2), round(WIDTH * share, 2), shade))
        x += WIDTH * share
    return found


@dataclass(frozen=True, slots=True)
class Dot:
    """An item on the importance–performance map; its number stands in the table below."""

    number: int
    name: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Map:
    """Performance to the right, importance upwards, over `width` × `height`; lines at the middles."""

    dots: tuple[Dot, ...]
    middle_x: float
    middle_y: float
    width: int = 320
    height: int = 220


def importance_map(entries: Sequence[Entry]) -> Map | None:
    """The map of a department's items that may be shown; None when there are fewer than two."""
    shown = [(n, e) for n, e in enumerate(entries, start=1) if e["performance"] is not None]
    if len(shown) < 2:
        return None
    xs = [e["performance"] for _, e in shown]
    ys = [e["importance"] for e in entries]
    middle = (sum(xs) / len(xs), 1 / len(entries))
    right, up = _scale([*xs, middle[0]], 320, 22), _scale([*ys, middle[1]], 220, 38)
    dots = (Dot(n, e["item"], right(e["performance"]), round(220 - up(e["importance"]), 2)) for n, e in shown)
    return Map(tuple(dots), right(middle[0]), round(220 - up(middle[1]), 2))


def _scale(values: Sequence[float], length: int, margin: int) -> Callable[[float], float]:
    """Values over a length; the margin leaves room for the words in the corners."""
    low, high = min(values), max(values)
    span = (high - low) or 1.0
    return lambda value: round(margin + (length - 2 * margin) * (value - low) / span, 2)
