"""Formatting of numbers on pages and in documents: rounded here and nowhere else, so that all agree.

Decimals are as in the charts; more are shown where rounding would put a number on the wrong side of a line
that stands beside it, or of 0 at the end of an interval (`analysis.explain.number`). A dash stands for None.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from typing import Final

from analysis import explain
from analysis.explain import bounded, level_text
from survey.clock import day_text
from survey.facts.items import ItemFacts, ItemTotal
from survey.facts.profiles import Profile, Standing
from survey.facts.ranking import RankedDepartment
from survey.language import current_language
from survey.language import gettext as _

NONE: Final = "—"

__all__ = ["bounded"]


def points(value: float | None, digits: int = 1, lines: Sequence[float] = ()) -> str:
    """Text of a score in points of the scale; a dash for None. lines: that it stands beside, such as grade
    lines."""
    return NONE if value is None else _minus(explain.number(value, digits, *lines))


def score(entry: RankedDepartment | Standing | None, digits: int = 1) -> str:
    """Text of an adjusted score as published, with ≥ or ≤ where it is a bound;
    a dash for None (not ranked)."""
    return NONE if entry is None else bounded(points(entry.adjusted, digits), entry.bound or "")


def signed(value: float | None) -> str:
    """Text of a difference in points, with its sign; a dash for None."""
    return NONE if value is None else explain.signed(value)


def size(value: float) -> str:
    """Text of a difference in points without its sign, for "高 … 分"."""
    return explain.number(abs(value), 1, 0)


def percent(value: float | None) -> str:
    """Text of a share (0 to 1) as per cent; a dash for None."""
    return NONE if value is None else explain.share(value)


def confidence(level: float) -> str:
    """Text of a joint confidence level (0 to 1) as per cent."""
    return level_text(level)


def satisfaction(item: ItemTotal | ItemFacts) -> str:
    """Text of an item's share of satisfied answers, or of its bound (≥, ≤) where the share would tell a few
    answers."""
    return _share(item.satisfied, item.satisfied_at_least, item.satisfied_at_most)


def department_satisfaction(profile: Profile) -> str:
    """Text of a department's share of satisfied answers over all weighted items, as `satisfaction`."""
    told = profile.satisfied
    return _share(told.share, told.at_least, told.at_most)


def _share(share: float | None, at_least: float | None, at_most: float | None) -> str:
    if at_least is not None:
        return f"≥{math.floor(1000 * at_least) / 10:.1f}%"
    if at_most is not None:
        return f"≤{math.ceil(1000 * at_most) / 10:.1f}%"
    return percent(share)


def bound_words() -> str:
    """Sentence on what ≥ and ≤ before a share mean."""
    return _("满意率前的“≥”“≤”是说只公布到这个界限：确切数会透露少数人的回答，所以不公布；这不是误差范围。")


def bound_note(parts: Sequence[Profile | ItemTotal | ItemFacts]) -> str:
    """`bound_words` where one of these items, profiles or totals has a bound; "" where none has."""
    written = (department_satisfaction(p) if isinstance(p, Profile) else satisfaction(p) for p in parts)
    return bound_words() if any(text[0] in "≥≤" for text in written) else ""


def interval(bounds: Sequence[float | None] | None, digits: int = 1, lines: Sequence[float] = ()) -> str:
    """Text of the joint interval of a score; a dash where a bound is missing; lines as in `points`."""
    low, high = bounds or (None, None)
    if low is None or high is None:
        return NONE
    return _range(points(low, digits, lines), points(high, digits, lines))


def signed_interval(bounds: Sequence[float | None] | None) -> str:
    """Text of the joint interval of a difference, with signs; 至 instead of a dash, which would look like a
    minus. A dash where a bound is missing."""
    low, high = bounds or (None, None)
    if low is None or high is None:
        return NONE
    return _("%(low)s 至 %(high)s", low=explain.signed(low, 0), high=explain.signed(high, 0))


def rank_set(bounds: Sequence[int]) -> str:
    """Text of the best and worst possible rank, for tables; one number where they are equal."""
    best, worst = bounds
    return str(best) if best == worst else _range(str(best), str(worst))


def whole(value: float | None) -> str:
    """Text of a count; a dash for None."""
    return NONE if value is None else f"{value:.0f}"


def _range(low: str, high: str) -> str:
    return _("%(low)s—%(high)s", low=low, high=high)


def _minus(text: str) -> str:
    """`text` with a true minus sign; what rounds to zero loses its sign, or an interval would seem to end
    beside it."""
    return text.replace("-", "−") if text[0] in "<>" or float(text) else text.lstrip("-")


def day(value: date | str) -> str:
    """Text of a day (a date or an ISO text) in the current language."""
    return day_text(value, current_language())
