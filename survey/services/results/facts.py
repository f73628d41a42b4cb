"""Facts of an opened round (docs/facts.md): every number that pages, documents and open data show.

Worked out once, when a round is opened, and stored as its file `facts.json`. What needs numpy and scipy loads
inside functions: pages only read what was stored.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from sqlalchemy import literal, select, tuple_
from sqlalchemy.orm import Session

from survey.errors import N_, NotFound
from survey.facts.earlier import counts_by_level
from survey.facts.profiles import Predecessor
from survey.facts.ranking import RankingFacts
from survey.facts.response import ResponseFacts
from survey.facts.round import BallotCounts
from survey.facts.whole import Facts
from survey.facts.wire import UnreadableFacts, encode, facts_from, parsed
from survey.models import Artifact, Enterprise, Round, State
from survey.protocol.box.scoretable import ScoreTable
from survey.protocol.description import RoundDescription
from survey.services.departments.lineage import Lineage, read_lineage
from survey.services.disclosure import released_figures
from survey.services.results import small_counts
from survey.services.results.ranking import FACTS, rank_scores, score_table
from survey.services.rounds.descriptions import describe

if TYPE_CHECKING:
    from survey.services.results.scored_round import ScoredRound

NAME = FACTS
MEDIA_TYPE = "application/json"
VERSION: Final = 1
STEPS = 6

Report = Callable[..., None]
Margins = dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class EarlierRound:
    """Round opened before this one, to compare with."""

    description: RoundDescription
    scores: ScoreTable
    apart: frozenset[str] = frozenset()
    predecessors: Mapping[str, tuple[Predecessor, ...]] = field(default_factory=dict)

    def scored(self) -> ScoredRound:
        """This round ready for computing."""
        from survey.services.results.scored_round import ScoredRound

        return ScoredRound(self.description, self.scores, self.apart, self.predecessors)


def round_facts(
    description: RoundDescription,
    scores: ScoreTable,
    roster_margins: Mapping[str, Mapping[str, int]],
    earlier_rounds: Sequence[EarlierRound] = (),
    *,
    ranking: RankingFacts | None = None,
    counts: BallotCounts | None = None,
    period: str = "",
    planned: date | None = None,
    progress: Report | None = None,
) -> Facts:
    """Facts of a round, in the form of docs/facts.md; deterministic.

    roster_margins: stratum → option → enterprises; earlier_rounds: newest first; ranking: facts of
    `rank_scores`, computed if None; counts: of invitations and ballots; planned: the announced last day
    where the round was closed before it.
    """
    from analysis.threads import blas_threads
    from survey.services.results.scored_round import ScoredRound
    from survey.services.results.working_out import RoundWork, counted_alone, round_of

    with blas_threads(len(description.questionnaire.departments)):
        scored = ScoredRound(description, scores)
        work = RoundWork(
            scored,
            [earlier.scored() for earlier in earlier_rounds],
            roster_margins,
            ranking or rank_scores(description, scores).facts,
        )
        head = round_of(description, scores, period, planned), counts or counted_alone(scores)
        return released_figures.released(work.facts(*head, progress))


def facts_of(session: Session, round: Round) -> Facts:
    """Facts stored when the round was opened; raises `NotFound` while there are none."""
    if (facts := known_facts(session, round)) is None:
        raise NotFound(
            N_("选票已经开箱，但结果还没有算完。"),
            remedy=N_("请稍等一会儿再刷新；如果开箱中断过，请到开箱进度页接着完成。"),
        )
    return facts


def known_facts(session: Session, round: Round) -> Facts | None:
    """Facts stored when the round was opened (docs/facts.md); None while there are none."""
    kept = session.get(Artifact, (round.id, NAME))
    return read_facts(kept.content) if kept else None


@lru_cache(maxsize=4)
def read_facts(content: bytes) -> Facts:
    """Facts from a stored file; in old files small counts are merged only now. Raises `UnreadableFacts`."""
    value = parsed(content)
    counted = {cell: small_counts.AnswersByLevel(counts) for cell, counts in counts_by_level(value).items()}
    facts = facts_from(value)
    return small_counts.protect(facts, counted) if counted else facts


def facts_file(facts: Facts) -> tuple[str, str, bytes]:
    """File of the facts: name, media type, content."""
    return NAME, MEDIA_TYPE, encode(facts)


def margins_of(session: Session, round: Round) -> Margins:
    """Numbers of enterprises by stratum and option as the round's facts have them, so that working it out
    again keeps the roster of its opening; today's roster where there are no facts that can be read."""
    try:
        kept = known_facts(session, round)
    except UnreadableFacts:
        kept = None
    if kept is None or not isinstance(kept.response, ResponseFacts) or kept.response.roster is None:
        return roster_margins(session)
    asked = {s.name: {o.option: o.roster for o in s.options if o.roster is not None} for s in kept.strata}
    return asked | {"": {"": kept.response.roster}}  # the whole, of which the round may ask only a part


def roster_margins(session: Session) -> Margins:
    """Numbers of enterprises on the roster by stratum and option; those without an option are not counted."""
    counted: dict[str, Counter[str]] = {}
    for strata in session.scalars(select(Enterprise.strata)):
        for stratum, option in strata.items():
            if option:
                counted.setdefault(stratum, Counter())[option] += 1
    return {stratum: dict(options) for stratum, options in counted.items()}


def earlier_rounds(session: Session, round: Round) -> list[EarlierRound]:
    """Opened rounds that began before this one, or on the same day and ended before it, newest first; at most
    a year back. With a trial only trials are compared.

    Their departments are called as in this round where only the name was changed.
    """
    days = (Round.opens_on, Round.closes_on)
    earlier = tuple_(*days) < tuple_(literal(round.opens_on), literal(round.closes_on))
    query = select(Round).where(Round.state == State.OPENED, Round.trial == round.trial, earlier)
    before: Iterable[Round] = session.scalars(query.order_by(*(day.desc() for day in days), Round.slug))
    recent = [r for r in before if (round.opens_on - r.opens_on).days <= 366]
    lineage, about = read_lineage(session), describe(session, round)
    return [joined(lineage, describe(session, r), score_table(session, r), about) for r in recent]


def joined(
    lineage: Lineage, before: RoundDescription, scores: ScoreTable, about: RoundDescription
) -> EarlierRound:
    """Round `before` with its departments called as in the later round `about`."""
    then, now = ([d.name for d in one.questionnaire.departments] for one in (before, about))
    days = (date.fromisoformat(one.opens_on) for one in (before, about))
    found = lineage.join(then, next(days), now, next(days))
    return EarlierRound(_called(before, found.names), scores, found.apart, found.predecessors)


def _called(about: RoundDescription, names: Mapping[str, str]) -> RoundDescription:
    """Description of a round whose departments have the names that they have in another round."""
    questionnaire = about.questionnaire
    departments = tuple(replace(d, name=names.get(d.name, d.name)) for d in questionnaire.departments)
    return replace(about, questionnaire=replace(questionnaire, departments=departments))
