"""Call list of a round that collects: enterprises that had not collected at the last daily batch, and what
came of calling them.

It lists whom the page of participation calls missing, and nothing here asks what came in since.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, String, and_, delete, func, literal_column, select
from sqlalchemy.orm import Session

from survey.database.engine import Database
from survey.database.locking import locked
from survey.database.paging import Page, page_of_results
from survey.errors import N_, Conflict
from survey.models import CallNote, Enterprise, Invitation, Outcome, Round, State
from survey.services.operations.audit import Actor, record
from survey.services.roster.enterprises import matching
from survey.services.voting.participation import known_to_have_collected

PER_PAGE = 50
LONGEST_NOTE = 120


@dataclass(frozen=True, slots=True)
class Called:
    """What is noted of an enterprise; `day` is None before anything was."""

    outcome: Outcome
    note: str
    day: date | None = None


@dataclass(frozen=True, slots=True)
class FirmToCall:
    enterprise: Enterprise
    noted: Called


def to_call(
    session: Session, round: Round, outcome: Outcome | None = None, search: str = "", page: int = 1
) -> Page[FirmToCall]:
    """Page of the enterprises to call, by name; only those with this outcome where one is given."""
    chosen = [] if outcome is None else [_outcome() == outcome]
    if search.strip():
        chosen.append(matching(search))
    query = _listed(round).where(*chosen)
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    ordered = query.order_by(Enterprise.name, Enterprise.id)
    found = page_of_results(session, ordered, total=total, page=page, per_page=PER_PAGE)
    return Page(tuple(map(_firm, found.items)), found.page, found.per_page, found.total)


def chosen_firms(session: Session, round: Round, keys: Collection[bytes]) -> dict[bytes, FirmToCall]:
    """Those of these enterprises, by id, that are still on the list."""
    rows = session.execute(_listed(round).where(Enterprise.id.in_(keys)))
    return {bytes(row[0].id): _firm(row) for row in rows}


def counts(session: Session, round: Round) -> dict[Outcome, int]:
    """Numbers of enterprises on the list by outcome."""
    listed = _listed(round).with_only_columns(_outcome(), func.count()).group_by(_outcome())
    return {Outcome(name): count for name, count in session.execute(listed)}


def enter(
    session: Session,
    round: Round,
    wanted: Mapping[bytes, Called],
    seen: Mapping[bytes, Called],
    actor: Actor,
    today: date,
) -> set[bytes]:
    """Note what came of calls, by the enterprise's id, where it differs from what the person had `seen`.

    Returns those that somebody else noted otherwise meanwhile, which stay as they are. Enterprises that left
    the list are passed over: the next batch said that they need no call. Raises `Conflict` unless collecting.
    """
    round = locked(session, round)
    if round.state != State.OPEN:
        raise Conflict(N_("本轮不在收票中，不用再打电话。"))
    meant = {key: noted for key, noted in wanted.items() if not _same(noted, seen[key])}
    listed = chosen_firms(session, round, meant)
    overtaken = {key for key in listed if not _same(listed[key].noted, seen[key])}
    overtaken = {key for key in overtaken if not _same(listed[key].noted, meant[key])}
    changed = listed.keys() - overtaken
    for key in changed:
        noted = meant[key]
        row = CallNote(
            round_id=round.id, enterprise_id=key, outcome=noted.outcome, note=noted.note, noted_on=today
        )
        session.merge(row)
    if changed:
        record(session, actor=actor, action="call.note", subject=round.slug, firms=len(changed))
    return overtaken


def erase_when_over(database: Database) -> None:
    """Erase what was noted for rounds that do not collect any more; the tables keep no bytes of it."""
    if database.write(_erase):
        database.kind.forget_old_rows(database, CallNote.__tablename__)


def _erase(session: Session) -> int:
    over = select(Round.id).where(Round.state != State.OPEN)
    gone = delete(CallNote).where(CallNote.round_id.in_(over)).returning(CallNote.enterprise_id)
    return len(session.execute(gone).all())


def _listed(round: Round) -> Select[Enterprise, str, str, date]:
    noted = and_(CallNote.round_id == round.id, CallNote.enterprise_id == Enterprise.id)
    query = select(Enterprise, _outcome(), func.coalesce(CallNote.note, ""), CallNote.noted_on)
    query = query.join(Invitation, Invitation.enterprise_id == Enterprise.id).outerjoin(CallNote, noted)
    mine = (Invitation.round_id == round.id, ~Invitation.replaced, ~known_to_have_collected())
    return query.where(*mine)


def _outcome() -> ColumnElement[str]:
    # No parameter: PostgreSQL groups only by what is surely the same expression.
    return func.coalesce(CallNote.outcome, literal_column(f"'{Outcome.WAITS.value}'", String))


def _firm(row: tuple[Enterprise, str, str, date | None]) -> FirmToCall:
    enterprise, outcome, note, day = row
    return FirmToCall(enterprise, Called(Outcome(outcome), note, day))


def _same(one: Called, other: Called) -> bool:
    return (one.outcome, one.note) == (other.outcome, other.note)
