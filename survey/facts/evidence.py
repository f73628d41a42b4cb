"""Figures that a problem was recorded on, by the source of the problem, as they are stored with it.

Files and rows of other versions may have further names, which are passed over.
"""

from __future__ import annotations

from msgspec import convert

from survey.facts.base import Fact, Interval
from survey.facts.publication import Evidence


class ItemUnderLine(Fact, forbid_unknown_fields=False):
    """Mean of one item under the warning line; `n`: answers."""

    score: float
    line: float
    n: int | None


class ScoreUnderLine(ItemUnderLine, forbid_unknown_fields=False):
    """Score of a department whose whole joint interval `ci` lies under the warning line; `n`: raters."""

    ci: Interval


class UnderGroup(Fact, forbid_unknown_fields=False):
    """Difference, in points, from the average of the departments of the same group, beyond chance."""

    difference: float
    ci: Interval


class OftenSaid(Fact, forbid_unknown_fields=False):
    """Comments on a department that speak of one theme, and all comments on it."""

    count: int
    total: int


class OutsideUnderLine(Fact, forbid_unknown_fields=False):
    """Outside indicator under 70 points, with the averages of province and city where they are known."""

    period: str
    value: float
    province: float | None = None
    city: float | None = None


KINDS = {
    "line": ScoreUnderLine,
    "gap": UnderGroup,
    "comments": OftenSaid,
    "indicator": OutsideUnderLine,
}


def evidence_from(source: str, item: str, kept: Evidence) -> Fact | None:
    """Figures of a problem with this source, of one `item` or ("") of the whole department; None where it was
    written by hand."""
    kind = ItemUnderLine if source == "line" and item else KINDS.get(source)
    return convert(kept, kind) if kind and kept else None
