"""Facts on comparisons between kinds of enterprises, and between rounds."""

from __future__ import annotations

from collections.abc import Mapping

from survey.facts.base import Direction, Fact, Impossible, Interval, Language, Possible, Side, in_language
from survey.facts.ranking import RankingFacts


class TreatedDifferently(Fact):
    """Difference between how two classes of enterprises rate a department: `first` less `second`, in points,
    each relative to what that class gives on average."""

    department: str
    first: str
    second: str
    difference: float
    ci: Interval
    p: float | None
    direction: Side


class TreatmentFacts(Possible):
    """Comparison of the classes of one stratum: whether they judge the same departments differently;
    `p_equal`: test that none is."""

    stratum: str
    stratum_en: str
    groups: Mapping[str, int | None]
    """Option → raters; null where not_said is withheld."""
    merged: tuple[tuple[str, ...], ...]
    p_equal: float | None
    differences: tuple[TreatedDifferently, ...]
    not_compared: tuple[str, ...]
    summary_zh: str
    summary_en: str

    def named(self, language: Language) -> str:
        return in_language(language, self.stratum, self.stratum_en)

    def summary(self, language: Language) -> str:
        return in_language(language, self.summary_zh, self.summary_en)


class StratumNotCompared(Impossible):
    """Stratum whose classes cannot be compared, and the reason."""

    stratum: str
    stratum_en: str

    def named(self, language: Language) -> str:
        return in_language(language, self.stratum, self.stratum_en)


class DepartmentMove(Fact):
    """Change of a department's score since an earlier round, in points, relative to the average change of all
    departments."""

    department: str
    before: float
    after: float
    change: float
    ci: Interval
    direction: Direction
    p: float | None


class ChangesFacts(Possible):
    """Changes of departments since one earlier round; `up` and `down` name those that moved beyond chance."""

    slug: str
    title: str
    opens_on: str
    closes_on: str
    changes: tuple[DepartmentMove, ...]
    up: tuple[str, ...]
    down: tuple[str, ...]
    not_compared: tuple[str, ...]
    summary_zh: str
    summary_en: str

    def summary(self, language: Language) -> str:
        return in_language(language, self.summary_zh, self.summary_en)


class RoundNotCompared(Impossible):
    """Earlier round with which this one cannot be compared, and the reason."""

    slug: str
    title: str
    opens_on: str
    closes_on: str


class CombinedRound(Fact):
    """Round of the calendar year that the combined ranking covers: its slug and title."""

    slug: str
    title: str


class CombinedFacts(Possible):
    """Combined ranking of the rounds of one calendar year up to this one."""

    rounds: tuple[CombinedRound, ...]
    ranking: RankingFacts
    """Version 1, no n."""
    not_combined: tuple[str, ...]
    summary_zh: str
    summary_en: str

    def summary(self, language: Language) -> str:
        return in_language(language, self.summary_zh, self.summary_en)
