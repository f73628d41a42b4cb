"""What the ranking assumes, as far as declared facts can test it."""

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
    """A stratum's part in the test."""

    stratum: str
    stratum_en: str
    p: float | None

    def named(self, language: Language) -> str:
        return in_language(language, self.stratum, self.stratum_en)


class AdditivityFacts(Possible):
    """Whether kinds of enterprises see departments alike."""

    p: float
    """All strata together."""
    rejected: bool
    strata: tuple[TestedStratum, ...]
    note_zh: str
    note_en: str

    def note(self, language: Language) -> str:
        return in_language(language, self.note_zh, self.note_en)


class StandardisedScore(Fact):
    """Points against the average department."""

    name: str
    rank: int
    rank_set: RankSet
    plain: float
    standardised: float
    difference: float
    ci: Interval
    direction: Direction


class StandardisedFacts(Possible):
    """The ranking standardised by a stratum."""

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
    """What was tested of the assumptions."""

    additivity: AdditivityFacts | Impossible
    standardised: tuple[StandardisedFacts | StratumNotCompared, ...]
