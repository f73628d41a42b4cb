"""Facts on who answered, what weighting by the roster would change, and which differences the round can
resolve."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from survey.facts.base import Fact, Language, Possible, Withheld, in_language

Verdict = Literal["fine", "coarse", "extremes"]


class OptionFacts(Fact):
    """Option of a stratum: number and share of ballots beside those of enterprises on the roster."""

    option: str
    option_en: str
    roster: int | None
    """Enterprises on the roster."""
    roster_share: float | None
    ballots: int | None
    share: float | None
    """Among those who said; null for the whole stratum where not_said is withheld."""
    reason: Withheld

    def named(self, language: Language) -> str:
        return in_language(language, self.option, self.option_en)


class SilentBallots(Fact):
    """Number of ballots that leave the stratum unanswered."""

    ballots: int | None
    reason: Withheld


class StratumFacts(Fact):
    """Stratum that the questionnaire asks for, with ballots beside enterprises by option."""

    name: str
    name_en: str
    options: tuple[OptionFacts, ...]
    not_said: SilentBallots
    gap: float | None
    """Largest |share − roster_share|."""
    gap_option: str | None

    def named(self, language: Language) -> str:
        return in_language(language, self.name, self.name_en)


class ResponseFacts(Possible):
    """Ballots and enterprises of the roster, compared by stratum."""

    ballots: int
    threshold: int
    roster: int | None
    """Enterprises."""
    strata: tuple[StratumFacts, ...]


class MergedClass(Fact):
    """Options of a stratum that the weighting treats as one class, since single ones have too few ballots."""

    stratum: str
    options: tuple[str, ...]


class WeightingNote(Fact):
    """Note on the weights that a reader must know, in both languages."""

    code: str
    zh: str
    en: str


class WeightedScore(Fact):
    """Department's score in points above the average department, unweighted (`adjusted`) and weighted."""

    name: str
    adjusted: float
    weighted: float
    difference: float


class LargestDifference(Fact):
    """Department that weighting (or leaving out ballots) moves most, and by how many points."""

    name: str
    difference: float


class WeightingFacts(Possible):
    """Effect of weighting ballots by the roster: weights (`low` to `high`), effective number of ballots, and
    scores."""

    strata: tuple[str, ...]
    """Used."""
    merged: tuple[MergedClass, ...]
    n: int
    effective_n: float
    design_effect: float
    low: float
    high: float
    trimmed: int | None
    notes: tuple[WeightingNote, ...]
    scores: tuple[WeightedScore, ...]
    largest: LargestDifference
    not_said: Mapping[str, int | None] = {}
    """Stratum → ballots that do not say it; null where withheld."""


class ObservedPairs(Fact):
    """Pairs of departments compared in this round, how many of them differ, and the median half-width of the
    joint intervals in points (`median_margin`)."""

    pairs: int
    different: int
    median_margin: float | None


class NeededEnterprises(Fact):
    """Number of enterprises that must answer for a difference of `difference` points to be found."""

    difference: int
    """In points."""
    enterprises: int
    factor: float
    """Of those who answered."""


class ResolutionFacts(Possible):
    """Differences, in points, that so many ballots can tell apart."""

    raters: int
    departments: int
    ratings_per_rater: float
    se: float
    margin: float
    """Two departments must differ by more."""
    resolvable: float
    """True difference found with 80 %."""
    pairs_resolved: float
    rank_set_width: float
    verdict: Verdict
    sd_within: float
    spread: float
    observed: ObservedPairs
    needed: tuple[NeededEnterprises, ...]
