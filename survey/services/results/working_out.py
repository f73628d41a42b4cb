"""Computation of all facts of a round from its scores, part by part. Imported only where facts are made."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Final

from msgspec.structs import replace

from survey.errors import N_
from survey.facts.ranking import RankingFacts
from survey.facts.round import BallotCounts, LevelFacts, MethodFacts, RoundFacts, ScaleFacts
from survey.facts.whole import Facts
from survey.protocol.box.scoretable import ScoreTable
from survey.protocol.description import RoundDescription
from survey.services.disclosure import released_ranking
from survey.services.results import answer_counts as counting
from survey.services.results import (
    assumptions,
    comparisons,
    item_importance,
    meeting,
    profiles,
    quality,
    response,
    small_counts,
)
from survey.services.results.publishable import publishable
from survey.services.results.ranking import LEVEL, SEED
from survey.services.results.scored_round import ScoredRound

VERSION: Final = 1
STEPS = 6

Report = Callable[..., None]


@dataclass(frozen=True)
class RoundWork:
    """Inputs of a round's facts: the round, earlier rounds (newest first), the roster (stratum → option →
    enterprises), and the exact ranking."""

    scored: ScoredRound
    earlier: Sequence[ScoredRound]
    roster: Mapping[str, Mapping[str, int]]
    full: RankingFacts

    @cached_property
    def errors(self) -> dict[str, float]:
        """Department → published less exact score, for departments whose exact scores comparisons may use."""
        scored = self.scored
        return {
            d.name: scored.told.told(d.adjusted, d.n)[0] - d.adjusted
            for d in self.full.departments
            if d.name not in scored.bounded
        }

    @cached_property
    def ranking(self) -> RankingFacts:
        """Ranking as published, without the meeting's part."""
        scored = self.scored
        told = publishable(self.full, scored.raters.tolist(), scored.description)
        return released_ranking.release(told, scored.told)

    def facts(self, round: RoundFacts, counts: BallotCounts, progress: Report | None) -> Facts:
        """Facts of the round with small counts merged, still with more digits than are published."""
        scored, roster, errors, report = self.scored, self.roster, self.errors, _steps(progress)
        answers = counting.AnswerCounts(scored, self.full)
        items = counting.items(scored, answers)
        report(N_("检查结论靠几张选票支撑"))
        ranking = replace(self.ranking, meeting=meeting.meeting(scored, self.full, self.ranking))
        report(N_("核对回收情况"))
        answered = response.response(scored, roster)
        weighting = response.weighting(scored, roster, errors)
        resolution = response.resolution(scored, ranking)
        report(N_("检查答卷质量"))
        careful, reliable = quality.quality(scored, list(errors)), quality.reliability(scored)
        drivers = item_importance.drivers(scored)
        report(N_("比较各类企业的评价"))
        treatment, tested = assumptions.by_kinds(scored, roster, errors)
        report(N_("与以前各轮比较"))
        changes = comparisons.changes(scored, self.earlier)
        combined = comparisons.combined(scored, self.earlier)
        report(N_("分析各部门的指标"))
        lives = comparisons.known_lives(self.earlier)
        findings = profiles.RoundFindings(ranking, items, drivers, treatment, changes, lives)
        latest = self.earlier[0] if self.earlier else None
        exact = Facts(
            version=VERSION, round=round, counts=counts, scale=_scale(scored.description), items=items,
            ranking=ranking, response=answered, weighting=weighting, resolution=resolution, quality=careful,
            reliability=reliable, drivers=drivers, treatment=treatment, assumptions=tested, changes=changes,
            combined=combined, profiles=profiles.profiles(scored, answers, findings, latest),
            method=_method(scored),
        )  # fmt: skip
        return small_counts.protect(exact, answers.told_counts())


def _method(scored: ScoredRound) -> MethodFacts:
    return MethodFacts(
        seed=SEED,
        draws=comparisons.DRAWS,
        level=LEVEL,
        threshold=scored.threshold,
        item_level=profiles.item_level(scored),
    )


def _steps(progress: Report | None) -> Callable[[str], None]:
    done = iter(range(STEPS))
    return lambda step: progress(step, next(done), STEPS) if progress else None


def round_of(
    description: RoundDescription, scores: ScoreTable, period: str, planned: date | None
) -> RoundFacts:
    """Identity and days of the round; planned: the announced last day where the
    round was closed before it."""
    return RoundFacts(
        id=description.id,
        slug=description.slug,
        title=description.title,
        body=description.body,
        opens_on=description.opens_on,
        closes_on=description.closes_on,
        threshold=description.threshold,
        period=period,
        digest=scores.digest,
        planned_closes_on=planned.isoformat() if planned else None,
        at_least=scores.at_least or 1,
    )


def counted_alone(scores: ScoreTable) -> BallotCounts:
    """Counts of ballots that the score table tells; others None."""
    return BallotCounts(
        invited=None, collected=None, cast=None, replaced=None,
        valid=scores.valid, invalid=scores.invalid, merkle_root=None,
    )  # fmt: skip


def _scale(description: RoundDescription) -> ScaleFacts:
    scale = description.questionnaire.scale
    return ScaleFacts(
        levels=tuple(LevelFacts(label=v.label, label_en=v.label_en, points=v.points) for v in scale.levels),
        satisfied=scale.satisfied,
        warning_line=scale.warning_line,
    )
