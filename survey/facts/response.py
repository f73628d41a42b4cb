"""Who answered, what weighting would change, and what the round can resolve."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from survey.facts.base import Fact, Language, Possible, Withheld, in_language

Verdict = Literal["fine", "coarse", "extremes"]


class OptionFacts(Fact):
    """An option of a stratum: ballots beside enterprises."""

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
    """Ballots that do not say the stratum."""

    ballots: int | None
    reason: Withheld


class StratumFacts(Fact):
    """A stratum of the questionnaire."""

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
    """Ballots by stratum beside the roster."""

    ballots: int
    threshold: int
    roster: int | None
    """Enterprises."""
    strata: tuple[StratumFacts, ...]


class MergedClass(Fact):
    """Options of a stratum that count as one class."""

    stratum: str
    options: tuple[str, ...]


class WeightingNote(Fact):
    """What must be known of the weights."""

    code: str
    zh: str
    en: str


class WeightedScore(Fact):
    """Points against the average department, without and with weights."""

    name: str
    adjusted: float
    weighted: float
    difference: float


class LargestDifference(Fact):
    """The department that moves most."""

    name: str
    difference: float


class WeightingFacts(Possible):
    """What weighting by the roster would change."""

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
    """Pairs of this round."""

    pairs: int
    different: int
    median_margin: float | None


class NeededEnterprises(Fact):
    """Enterprises that must answer for a difference to be found."""

    difference: int
    """In points."""
    enterprises: int
    factor: float
    """Of those who answered."""


class ResolutionFacts(Possible):
    """What this many ballots can tell apart."""

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
