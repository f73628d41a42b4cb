"""Facts on each department by itself."""

from __future__ import annotations

from typing import Literal

from survey.facts.base import Direction, Fact, Interval, Language, RankSet, Side, Withheld, in_language
from survey.facts.items import Importance, ItemFacts
from survey.facts.ranking import Bound

Line = Literal["above", "below", "undecided"]


class SatisfiedShare(Fact):
    """Share of satisfied levels among a department's ratings of weighted items (`ratings` of them), or a
    bound where the share would tell a small count."""

    share: float | None
    ratings: int | None
    reason: Withheld
    at_least: float | None
    """A bound stands where the share would tell a count below the threshold."""
    at_most: float | None


class Standing(Fact):
    """Department's place in a ranking, copied from that ranking; scores in points."""

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
    """Change of a department's score since one earlier round, in points relative to the average change, with
    a joint interval."""

    slug: str
    title: str
    before: float
    after: float
    change: float
    ci: Interval
    direction: Direction
    p: float | None


class Predecessor(Fact):
    """What joins a department to another name in earlier rounds, or parts it from them: it was called `name`
    before (renamed), `name` was merged into it (merged) or it into `name` (merged_into), it came out of
    `name` (split), or `name` came out of it (split_off)."""

    name: str
    kind: Literal["renamed", "merged", "merged_into", "split", "split_off"]
    on: str
    """Day of the change."""


class TreatmentDifference(Fact):
    """Difference between how two classes of enterprises rate this department: `first` less `second`, in
    points, each relative to what that class gives on average."""

    stratum: str
    first: str
    second: str
    difference: float
    ci: Interval
    p: float | None
    direction: Side


class Profile(Fact):
    """Published figures of one department: overall score, place in its group, items, importance, changes."""

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
    predecessors: tuple[Predecessor, ...] = ()
    """What became of the department since the earlier rounds."""
    name_en: str = ""
    """As the office wrote it; absent where there is none."""

    def reason(self, language: Language) -> str:
        return in_language(language, self.reason_zh, self.reason_en)
