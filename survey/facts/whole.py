"""Facts of a whole round: everything that pages, documents and open data show."""

from __future__ import annotations

from typing import Literal

from survey.facts.assumptions import AssumptionsFacts
from survey.facts.base import Fact, Impossible
from survey.facts.comparisons import (
    ChangesFacts,
    CombinedFacts,
    RoundNotCompared,
    StratumNotCompared,
    TreatmentFacts,
)
from survey.facts.items import DriversFacts, ItemTotal
from survey.facts.profiles import Profile
from survey.facts.quality import QualityFacts, ReliabilityFacts
from survey.facts.ranking import RankingFacts
from survey.facts.response import ResolutionFacts, ResponseFacts, StratumFacts, WeightingFacts
from survey.facts.round import BallotCounts, MethodFacts, RoundFacts, ScaleFacts


class Facts(Fact):
    """Facts of a round, version 1 of facts.json."""

    version: Literal[1]
    round: RoundFacts
    counts: BallotCounts
    scale: ScaleFacts
    items: tuple[ItemTotal, ...]
    ranking: RankingFacts
    """Of all departments, with meeting, and groups: the same within each group."""
    response: ResponseFacts | Impossible
    weighting: WeightingFacts | Impossible
    resolution: ResolutionFacts | Impossible
    quality: QualityFacts | Impossible
    reliability: ReliabilityFacts | Impossible
    drivers: DriversFacts | Impossible
    treatment: tuple[TreatmentFacts | StratumNotCompared, ...]
    """By stratum."""
    assumptions: AssumptionsFacts | Impossible | None
    """null in rounds that were opened before there was this part."""
    changes: tuple[ChangesFacts | RoundNotCompared, ...]
    """Newest first."""
    combined: CombinedFacts | Impossible
    profiles: tuple[Profile, ...]
    """In the order of the questionnaire."""
    method: MethodFacts

    @property
    def compared_strata(self) -> tuple[TreatmentFacts, ...]:
        return tuple(part for part in self.treatment if part.possible)

    @property
    def compared_rounds(self) -> tuple[ChangesFacts, ...]:
        """The earlier rounds that could be compared with this one, newest first."""
        return tuple(part for part in self.changes if part.possible)

    @property
    def strata(self) -> tuple[StratumFacts, ...]:
        """Strata of the questionnaire with their ballots; empty where the
        response could not be worked out."""
        return self.response.strata if self.response.possible else ()
