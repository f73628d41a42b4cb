"""Facts on what the ranking assumes: tests of it by stratum, and rankings standardised by stratum."""

from __future__ import annotations

from collections.abc import Mapping

from survey.facts.base import (
    Direction,
    Fact,
    Impossible,
    Interval,
    Language,
    Possible,
    RankSet,
    in_language,
)
from survey.facts.comparisons import StratumNotCompared


class TestedStratum(Fact):
    """Stratum in the test of additivity; `p`: p-value of this stratum alone, None if it has none."""

    stratum: str
    stratum_en: str
    p: float | None

    def named(self, language: Language) -> str:
        return in_language(language, self.stratum, self.stratum_en)


class AdditivityFacts(Possible):
    """Test whether kinds of enterprises, by all strata, rate departments alike (additivity); `rejected`: they
    do not."""

    p: float
    """All strata together."""
    rejected: bool
    strata: tuple[TestedStratum, ...]
    note_zh: str
    note_en: str

    def note(self, language: Language) -> str:
        return in_language(language, self.note_zh, self.note_en)


class StandardisedScore(Fact):
    """Department in a standardised ranking. `plain` and `standardised`: scores in points above the average
    department, before and after standardising; `difference`: standardised less plain, with interval `ci`."""

    name: str
    rank: int
    rank_set: RankSet
    plain: float
    standardised: float
    difference: float
    ci: Interval
    direction: Direction


class StandardisedFacts(Possible):
    """Ranking with the classes of one stratum weighted by the roster or equally; `moved`: departments whose
    score changes beyond chance."""

    stratum: str
    stratum_en: str
    by_roster: bool
    """Else equal shares."""
    shares: Mapping[str, float]
    """Option → share."""
    p: float | None
    moved: tuple[str, ...]
    departments: tuple[StandardisedScore, ...]
    """In the order of the standardised ranking."""
    not_compared: tuple[str, ...]
    summary_zh: str
    summary_en: str

    def named(self, language: Language) -> str:
        return in_language(language, self.stratum, self.stratum_en)

    def summary(self, language: Language) -> str:
        return in_language(language, self.summary_zh, self.summary_en)


class AssumptionsFacts(Possible):
    """Test of additivity, and the ranking standardised by each stratum."""

    additivity: AdditivityFacts | Impossible
    standardised: tuple[StandardisedFacts | StratumNotCompared, ...]
