"""What became of a round's invitations by mail: whom they go to, and every step of it written down before
it is taken.

Enterprises whose link was replaced singly are not among them: their list holds the old link.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, and_, case, delete, exists, func, select
from sqlalchemy.orm import Session, aliased

from survey.database.engine import Database
from survey.database.locking import locked
from survey.database.paging import Page, page_of_results
from survey.errors import N_, Conflict
from survey.models import Enterprise, Invitation, MailDelivery, MailState, Round, State
from survey.services.operations.audit import Actor, record
from survey.services.roster.enterprises import matching

PER_PAGE = 50
LONGEST_ANSWER = 200
POSSIBLE = (State.DRAFT, State.OPEN)


class MailStanding(StrEnum):
    """How it stands with an enterprise's mail: what its row says, or what is so without one."""

    NO_ADDRESS = "no_address"
    WAITS = "waits"
    SENDING = MailState.SENDING.value
    ACCEPTED = MailState.ACCEPTED.value
    REFUSED = MailState.REFUSED.value
    UNSURE = MailState.UNSURE.value


@dataclass(frozen=True, slots=True)
class FirmByMail:
    """Enterprise with its address; `answer`: what the mail server said, "" for nothing; `key`: hash of its
    invitation's code."""

    name: str
    email: str
    key: bytes
    standing: MailStanding
    answer: str


def listed(
    session: Session, round: Round, standing: MailStanding | None = None, search: str = "", page: int = 1
) -> Page[FirmByMail]:
    """Page of the invited enterprises, by name; only those that stand so where one is given."""
    query = _listed(round).where(matching(search)) if search.strip() else _listed(round)
    found = query.subquery()
    wanted = select(found).where(found.c.standing == standing) if standing else select(found)
    total = session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    ordered = wanted.order_by(found.c.name, found.c.key)
    rows = page_of_results(session, ordered, total=total, page=page, per_page=PER_PAGE)
    firms = (FirmByMail(r.name, r.email, bytes(r.key), MailStanding(r.standing), r.answer) for r in rows)
    return Page(tuple(firms), rows.page, rows.per_page, rows.total)


def counts(session: Session, round: Round) -> dict[MailStanding, int]:
    """Numbers of invited enterprises by how it stands with their mail; those of none are left out."""
    found = _listed(round).subquery()
    query = select(found.c.standing, func.count()).group_by(found.c.standing)
    return {MailStanding(name): count for name, count in session.execute(query)}


def waiting(session: Session, round: Round) -> set[bytes]:
    """Keys of the enterprises whose mail waits to be sent."""
    found = _listed(round).subquery()
    return {bytes(key) for key in session.scalars(select(found.c.key).where(found.c.standing == "waits"))}


def claim(session: Session, round: Round, key: bytes) -> str:
    """Write down that the mail of this invitation is about to be sent; returns its address.

    "" where it is not to be sent: another job did, its link was replaced, or its address was taken out.
    Raises `Conflict` when the round takes no ballots any more.
    """
    round = locked(session, round)
    check_possible(round)
    found = _listed(round).where(Invitation.code_hash == key).subquery()
    address = session.scalar(select(found.c.email).where(found.c.standing == MailStanding.WAITS)) or ""
    if address:
        session.add(MailDelivery(round_id=round.id, code_hash=key, state=MailState.SENDING, answer=""))
    return address


def release(session: Session, round: Round, key: bytes) -> None:
    """Take back a `claim`: the connection broke before anything of the mail had left."""
    session.execute(delete(MailDelivery).where(*_one(round, key), _IN_DOUBT))


def keep(session: Session, round: Round, key: bytes, state: MailState, answer: str = "") -> None:
    """Write down what became of a mail that was claimed."""
    row = session.get(MailDelivery, (round.id, key), with_for_update=True)
    if row is not None and row.state in (MailState.SENDING, MailState.UNSURE):
        row.state, row.answer = state, answer[:LONGEST_ANSWER]


def begin(session: Session, round: Round, *, refused: bool) -> None:
    """What a new job finds: of mails that a dead one was about to send nobody knows whether they went out;
    the `refused` wait once more if that is asked for."""
    mine = select(MailDelivery).where(MailDelivery.round_id == round.id)
    for row in session.scalars(mine.where(MailDelivery.state == MailState.SENDING)):
        row.state = MailState.UNSURE
    if refused:
        again = (MailDelivery.round_id == round.id, MailDelivery.state == MailState.REFUSED)
        session.execute(delete(MailDelivery).where(*again))


def settle(session: Session, round: Round, key: bytes, actor: Actor, *, arrived: bool) -> None:
    """Say of a mail that may have gone out whether the enterprise has it; if not, it waits once more.

    Raises `Conflict` where somebody else said so before.
    """
    round = locked(session, round)
    check_possible(round)
    row = session.scalars(select(MailDelivery).where(*_one(round, key), _IN_DOUBT)).first()
    if row is None:
        raise Conflict(N_("这一封已经有人处理过了。"))
    if arrived:
        row.state = MailState.ACCEPTED
    else:
        session.delete(row)
    record(session, actor=actor, action="invitation.mail_settle", subject=round.slug, arrived=arrived)


def check_possible(round: Round) -> None:
    """Raise `Conflict` where no invitations can be sent by mail."""
    if round.state not in POSSIBLE:
        raise Conflict(N_("本轮已经截止或取消，不再发邮件。"))
    if round.trial:
        raise Conflict(N_("练习轮不发邮件，免得企业收到练习的链接。"))


def erase_when_over(database: Database) -> None:
    """Erase what became of the mails of rounds that take no ballots any more; the tables keep no bytes of
    it."""
    if database.write(_erase):
        database.kind.forget_old_rows(database, MailDelivery.__tablename__)


def _erase(session: Session) -> int:
    over = select(Round.id).where(Round.state.not_in(POSSIBLE))
    gone = delete(MailDelivery).where(MailDelivery.round_id.in_(over)).returning(MailDelivery.code_hash)
    return len(session.execute(gone).all())


_IN_DOUBT = MailDelivery.state.in_((MailState.SENDING, MailState.UNSURE))


def _one(round: Round, key: bytes) -> tuple[ColumnElement[bool], ...]:
    return (MailDelivery.round_id == round.id, MailDelivery.code_hash == key)


def _listed(round: Round) -> Select[str, str, bytes, str, str]:
    mail = and_(MailDelivery.round_id == Invitation.round_id, MailDelivery.code_hash == Invitation.code_hash)
    earlier = aliased(Invitation)
    replaced = exists().where(
        earlier.round_id == round.id, earlier.enterprise_id == Enterprise.id, earlier.replaced
    )
    without = case((Enterprise.email == "", MailStanding.NO_ADDRESS.value), else_=MailStanding.WAITS.value)
    query = select(
        Enterprise.name.label("name"),
        Enterprise.email.label("email"),
        Invitation.code_hash.label("key"),
        func.coalesce(MailDelivery.state, without).label("standing"),
        func.coalesce(MailDelivery.answer, "").label("answer"),
    )
    query = query.join(Invitation, Invitation.enterprise_id == Enterprise.id).outerjoin(MailDelivery, mail)
    return query.where(Invitation.round_id == round.id, ~Invitation.replaced, ~replaced)
