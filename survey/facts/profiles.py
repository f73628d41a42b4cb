"""Each department by itself."""

from __future__ import annotations

from typing import Literal

from survey.facts.base import Direction, Fact, Interval, Language, RankSet, Side, Withheld, in_language
from survey.facts.items import Importance, ItemFacts
from survey.facts.ranking import Bound

Line = Literal["above", "below", "undecided"]


class SatisfiedShare(Fact):
    """Ratings at satisfied levels, of all ratings of weighted items."""

    share: float | None
    ratings: int | None
    reason: Withheld
    at_least: float | None
    """A bound stands where the share would tell a count below the threshold."""
    at_most: float | None


class Standing(Fact):
    """Place in a ranking, as there."""

    rank: int
    rank_set: RankSet
    adjusted: float
    bound: Bound
    ci: Interval
    mean: float | None
    se: float | None
    tier: str
    vs_average: Side
    average_difference: float | None
    average_ci: Interval
    of: int
    """Departments ranked."""


class ChangeSince(Fact):
    """Since an earlier round."""

    slug: str
    title: str
    before: float
    after: float
    change: float
    ci: Interval
    direction: Direction
    p: float | None


class TreatmentDifference(Fact):
    """first minus second, relative to the average."""

    stratum: str
    first: str
    second: str
    difference: float
    ci: Interval
    p: float | None
    direction: Side


class Profile(Fact):
    """A department."""

    index: int
    """In the questionnaire."""
    name: str
    group: str
    ranked: bool
    reason_zh: str
    """Why not ranked, else ""."""
    reason_en: str
    overall: Standing | None
    in_group: Standing | None
    n: int | None
    """Raters."""
    line: Line | None
    """Adjusted ci against the warning line."""
    satisfied: SatisfiedShare
    items: tuple[ItemFacts, ...]
    importance: tuple[Importance, ...]
    changes: tuple[ChangeSince, ...]
    """Since each earlier round, newest first."""
    treatment: tuple[TreatmentDifference, ...]

    def reason(self, language: Language) -> str:
        return in_language(language, self.reason_zh, self.reason_en)
