"""Composites of an edition: contents, and `check`: each department needs a published score in every round and
the same ballots there, or at least the threshold more or fewer.

A composite tells, department by department, what every one of its rounds says: its parts can be read off the
contributions. Two fits that differ by a few ballots would tell how those were marked. Checked against every
edition of every round concerned, whichever is published first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import asdict
from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.errors import N_, Conflict, NotFound
from survey.facts.base import plain
from survey.facts.publication import (
    CompositeResult,
    EditionComposite,
    EditionCompositePart,
    EditionContent,
    ElectorateBallots,
)
from survey.facts.whole import Facts
from survey.facts.wire import composite_result_from
from survey.models import Composite, Publication, Round
from survey.models.composite import PartDefinition
from survey.services.disclosure import released_figures
from survey.services.publication.differences import REMEDY, check_subtraction
from survey.services.results import composites
from survey.services.results.facts import facts_of
from survey.services.rounds.editions import editions


def ready(session: Session, round: Round) -> list[Composite]:
    """Composites with a result that this round is part of and whose weights are unaltered."""
    return [
        found
        for found in composites.every(session)
        if _made(found) is not None
        and composites.unaltered(session, found)
        and any(part is not None and part.id == round.id for _, part in composites.rounds_of(session, found))
    ]


def entries(session: Session, round: Round, wanted: Sequence[str]) -> tuple[EditionComposite, ...]:
    """Contents of the composites with these ids (hexadecimal), for an edition (docs/formats.md).

    Raises `NotFound` for one that this round is no part of or that has no result.
    """
    known = {found.id.hex(): found for found in ready(session, round)}
    if set(wanted) - set(known):
        raise NotFound(N_("没有这个综合得分，或它还没有算出。"))
    chosen = [found for key, found in known.items() if key in wanted]
    return tuple(_entry(session, found, result) for found in chosen if (result := _made(found)))


def _made(found: Composite) -> CompositeResult | None:
    """Result of a composite; None before it is worked out, and where it could not be."""
    result = composite_result_from(found.result) if found.result else None
    return result if isinstance(result, CompositeResult) else None


def _entry(session: Session, found: Composite, result: CompositeResult) -> EditionComposite:
    rounds = {part["name"]: r for part, r in composites.rounds_of(session, found) if r is not None}
    counts = {part: _ranked(facts_of(session, r)) for part, r in rounds.items()}
    entry = EditionComposite(
        name=found.name,
        fixed_on=found.fixed_at.date().isoformat(),
        event=found.event,
        digest=composites.digest(found.name, found.definition),
        parts=tuple(_part(part, rounds.get(part["name"])) for part in found.definition["parts"]),
        ballots=tuple(
            ElectorateBallots(electorate=part, department=d.name, n=known.get(d.name))
            for part, known in counts.items()
            for d in result.ranking.departments
        ),
        **asdict(result),
    )
    return released_figures.cut(entry)


def _part(part: PartDefinition, round: Round | None) -> EditionCompositePart:
    slug, title = (round.slug, round.title) if round else (None, None)
    return EditionCompositePart(name=part["name"], weight=part["weight"], round=slug, title=title)


def check(session: Session, round: Round, content: EditionContent) -> None:
    """Raise `Conflict` naming the department of which this edition and a composite together would reveal a
    few ballots."""
    for entry in content.composites:
        for part in entry.parts:
            for facts in _facts(session, part.round, content):
                _check_part(entry, part, facts)
    for entry in _elsewhere(session, round):
        for part in entry.parts:
            if part.round == round.slug:
                _check_part(entry, part, content.facts)
        for own in content.composites:
            if own.name == entry.name:
                check_subtraction(_alone(entry), _alone(own), _threshold(own))


def _facts(session: Session, slug: str | None, content: EditionContent) -> Iterator[Facts]:
    """Yield the facts of the round `slug` that readers may hold beside this edition: this edition's own, or
    for another round its present facts and those of all its editions. Nothing for None."""
    if slug == content.round.slug:
        yield content.facts
    elif slug is not None:
        found = session.scalars(select(Round).where(Round.slug == slug)).one()
        yield facts_of(session, found)
        yield from (edition.facts.facts for edition in editions(session, found))


def _elsewhere(session: Session, round: Round) -> Iterator[EditionComposite]:
    """Composites in the editions of other rounds, waiting ones too."""
    for edition in session.scalars(select(Publication).where(Publication.round_id != round.id)):
        yield from edition.facts.composites


def _check_part(entry: EditionComposite, part: EditionCompositePart, facts: Facts) -> None:
    ranked, threshold = _ranked(facts), _threshold(entry)
    told = {b.department: b.n for b in entry.ballots if b.electorate == part.name}
    for name, n in told.items():
        if name not in ranked:
            raise _refused(N_("“%(part)s”没有公布“%(name)s”的得分，综合得分也不能公布它。"), part, name)
        known = ranked[name]
        if n is None or known is None or 0 < abs(n - known) < threshold:
            raise _refused(
                N_("“%(name)s”在综合得分里和在“%(part)s”里的选票数只差几张，相减会暴露它们。"), part, name
            )
    for name, n in ranked.items():
        if n is None or n < threshold:
            raise _refused(
                N_("“%(name)s”在“%(part)s”里参加排名，却达不到综合得分的门槛；两种算法相减会暴露少数选票。"),
                part,
                name,
            )


def _refused(message: str, part: EditionCompositePart, name: str) -> Conflict:
    return Conflict(message, remedy=REMEDY, part=part.name, name=name)


def _ranked(facts: Facts) -> dict[str, int | None]:
    """Department → ballots, for departments whose score is shown as more than a bound."""
    return {d.name: d.n for d in facts.ranking.departments if not d.bound}


def _threshold(entry: EditionComposite) -> int:
    return entry.ranking.method.threshold if entry.ranking.method else 0


def _alone(entry: EditionComposite) -> dict[str, object]:
    return {"composites": [plain(entry)]}
