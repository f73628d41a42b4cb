"""Items of the questionnaire: over all departments, at one of them, and what they weigh."""

from __future__ import annotations

from typing import Literal

from survey.facts.base import Direction, Fact, Interval, Language, Possible, Side, Withheld, in_language

Quadrant = Literal["improve", "watch", "keep", "enough"]


class ItemTotal(Fact):
    """An item over the departments that show it."""

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
    """Neighbouring levels, from 0, the best, and how often they were answered."""

    first: int
    last: int
    count: int


class AgainstGroup(Fact):
    """Points against the average of its group's departments."""

    difference: float
    ci: Interval
    p: float | None
    direction: Side


class ItemChange(Fact):
    """Since the latest earlier round."""

    slug: str
    before: float
    after: float
    change: float
    ci: Interval
    direction: Direction
    p: float | None


class ItemFacts(Fact):
    """An item at a department."""

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
    """An item's weight in the overall rating beside what the department gets."""

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
    """One item's part in the overall rating."""

    item: str
    raw: float | None
    """Share of the variance of the overall rating within raters."""
    importance: float | None
    """raw / R²."""
    ci: Interval
    correlation: float | None


class DriversFacts(Possible):
    """What weighs on the overall rating."""

    outcome: str
    r_squared: float | None
    n_raters: int
    items: tuple[DriverFacts, ...]
    summary_zh: str
    summary_en: str

    def summary(self, language: Language) -> str:
        return in_language(language, self.summary_zh, self.summary_en)
