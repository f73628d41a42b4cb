"""Between kinds of enterprises, and between rounds."""

from __future__ import annotations

from collections.abc import Mapping

from survey.facts.base import Direction, Fact, Impossible, Interval, Language, Possible, Side, in_language
from survey.facts.ranking import RankingFacts


class TreatedDifferently(Fact):
    """first minus second, relative to the average."""

    department: str
    first: str
    second: str
    difference: float
    ci: Interval
    p: float | None
    direction: Side


class TreatmentFacts(Possible):
    """Whether the classes of a stratum judge the same departments differently."""

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
    """A stratum whose classes cannot be compared."""

    stratum: str
    stratum_en: str

    def named(self, language: Language) -> str:
        return in_language(language, self.stratum, self.stratum_en)


class DepartmentMove(Fact):
    """A department since an earlier round, relative to the average change."""

    department: str
    before: float
    after: float
    change: float
    ci: Interval
    direction: Direction
    p: float | None


class ChangesFacts(Possible):
    """Since an earlier round."""

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
    """An earlier round with which this one cannot be compared."""

    slug: str
    title: str
    opens_on: str
    closes_on: str


class CombinedRound(Fact):
    """One of several rounds."""

    slug: str
    title: str


class CombinedFacts(Possible):
    """The rounds of the same calendar year up to this one."""

    rounds: tuple[CombinedRound, ...]
    ranking: RankingFacts
    """Version 1, no n."""
    not_combined: tuple[str, ...]
    summary_zh: str
    summary_en: str

    def summary(self, language: Language) -> str:
        return in_language(language, self.summary_zh, self.summary_en)
