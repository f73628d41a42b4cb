"""Facts on items of the questionnaire: over all departments, at one department, and their importance for the
overall rating."""

from __future__ import annotations

from typing import Literal

from survey.facts.base import Direction, Fact, Interval, Language, Possible, Side, Withheld, in_language

Quadrant = Literal["improve", "watch", "keep", "enough"]


class ItemTotal(Fact):
    """Item's figures over all departments that show it; `mean` in points, `overall`: whether it is the
    overall rating."""

    name: str
    name_en: str
    weight: float
    overall: bool
    n: int
    """Ratings."""
    mean: float | None
    satisfied: float | None
    """Share of ratings at satisfied levels; null where it would tell a count below the threshold."""
    satisfied_at_least: float | None
    satisfied_at_most: float | None

    def named(self, language: Language) -> str:
        return in_language(language, self.name, self.name_en)


class AnswerClass(Fact):
    """Class of neighbouring answer levels `first` to `last` (0 is the best level), and how often they were
    answered."""

    first: int
    last: int
    count: int


class AgainstGroup(Fact):
    """Item's mean at a department less the average over the departments of its group that show the item
    (itself included), in points, with a joint interval."""

    difference: float
    ci: Interval
    p: float | None
    direction: Side


class ItemChange(Fact):
    """Change of an item at a department since the latest earlier round, in points relative to the average
    change, with a joint interval."""

    slug: str
    before: float
    after: float
    change: float
    ci: Interval
    direction: Direction
    p: float | None


class ItemFacts(Fact):
    """Figures of one item at one department; null where withheld for `reason`."""

    name: str
    name_en: str
    reason: Withheld
    n: int | None
    mean: float | None
    satisfied: float | None
    not_known: int | None
    """null below the threshold."""
    group: AgainstGroup | None
    change: ItemChange | None
    classes: tuple[AnswerClass, ...] | None
    """Merged with neighbours until no count is below the threshold and none follows."""
    satisfied_at_least: float | None
    satisfied_at_most: float | None

    def named(self, language: Language) -> str:
        return in_language(language, self.name, self.name_en)


class Importance(Fact):
    """Importance of an item for the overall rating beside the department's mean on it (`performance`) and the
    average of all departments."""

    item: str
    importance: float | None
    ci: Interval
    performance: float | None
    average: float | None
    low: bool | None
    """Below the warning line or certainly below the group's average."""
    quadrant: Quadrant | None
    """Only where the interval is clear of an equal share: improve and watch (certainly more, less important;
    low), keep and enough (certainly above the group's average, and not low)."""


class DriverFacts(Fact):
    """Share that one item has in explaining the overall rating, with an interval, and the correlation of the
    two."""

    item: str
    raw: float | None
    """Share of the variance of the overall rating within raters."""
    importance: float | None
    """raw / R²."""
    ci: Interval
    correlation: float | None


class DriversFacts(Possible):
    """Drivers of the overall rating `outcome`: each item's share of its explained variance within raters,
    with R²."""

    outcome: str
    r_squared: float | None
    n_raters: int
    items: tuple[DriverFacts, ...]
    summary_zh: str
    summary_en: str

    def summary(self, language: Language) -> str:
        return in_language(language, self.summary_zh, self.summary_en)
