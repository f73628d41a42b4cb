"""Issuing of invitations: the codes exist only in the returned list, the database stores hashes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import NamedTuple

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from survey.database.locking import locked
from survey.documents.lists.issued import IssuedInvitation
from survey.documents.uploads.roster_row import RosterRow
from survey.errors import N_, Conflict, InvalidInput
from survey.models import Enterprise, Invitation, Mode, Round, State
from survey.services.invitations import growth
from survey.services.invitations.links import links_of
from survey.services.invitations.rows import insert_invitations
from survey.services.operations.audit import Actor, record
from survey.services.people import round_people
from survey.services.rounds.descriptions import describe
from survey.services.rounds.lifecycle import missing_before_issuing

MOST_SLIPS = 200_000


def issue_attributed(
    session: Session,
    round: Round,
    base_url: str,
    actor: Actor,
    enterprises: Iterable[Enterprise] | None = None,
) -> list[IssuedInvitation]:
    """Invitations for enterprises of the roster that have none in this round, or only for those of
    `enterprises`; stores them, which freezes the round."""
    issued = prepare_attributed(session, round, base_url, enterprises)
    store(session, round, issued, actor)
    return issued


def prepare_attributed(
    session: Session, round: Round, base_url: str, enterprises: Iterable[Enterprise] | None = None
) -> list[IssuedInvitation]:
    """Invitations as `issue_attributed` makes them, but not stored: `store` makes them valid."""
    _check_issuable(session, round, Mode.ATTRIBUTED)
    wanted = _without_invitation(session, round)
    if (permitted := growth.permitted(session, round, Mode.ATTRIBUTED)) is not None:
        wanted = [enterprise for enterprise in wanted if enterprise.credit_code in permitted]
    if enterprises is not None:
        chosen = {enterprise.id for enterprise in enterprises}
        wanted = [enterprise for enterprise in wanted if enterprise.id in chosen]
    if not wanted:
        raise Conflict(N_("名录里没有还未邀请的企业。"), remedy=N_("请先导入企业名录。"))
    links = links_of(session, round, base_url)
    return [links.of(enterprise) for enterprise in wanted]


def prepare_rows(
    session: Session, round: Round, base_url: str, rows: Sequence[RosterRow]
) -> list[IssuedInvitation]:
    """Invitations as `prepare_attributed` makes them, for rows of a roster that is imported just before
    `store`."""
    _check_issuable(session, round, Mode.ATTRIBUTED)
    mine = Invitation.round_id == round.id
    invited = set(session.scalars(select(Enterprise.credit_code).join(Invitation).where(mine)))
    permitted = growth.permitted(session, round, Mode.ATTRIBUTED)
    fresh = (row for row in rows if row.credit_code not in invited)
    wanted = sorted(
        (row for row in fresh if permitted is None or row.credit_code in permitted), key=attrgetter("name")
    )
    if not wanted:
        raise Conflict(N_("名录里没有还未邀请的企业。"), remedy=N_("请先导入企业名录。"))
    links = links_of(session, round, base_url)
    return [links.of(row) for row in wanted]


def prepare_slips(session: Session, round: Round, base_url: str, count: int) -> list[IssuedInvitation]:
    """`count` new invitations that belong to no enterprise, not stored: `store` makes them valid."""
    _check_issuable(session, round, Mode.SLIP)
    growth.permitted(session, round, Mode.SLIP)
    if not 1 <= count <= MOST_SLIPS:
        raise InvalidInput(N_("无记名票的张数应在 1 到 %(most)s 之间。"), most=MOST_SLIPS)
    links = links_of(session, round, base_url)
    return [links.issued() for _ in range(count)]


def store(session: Session, round: Round, issued: Sequence[IssuedInvitation], actor: Actor) -> None:
    """Store prepared invitations, all of one kind, which makes them valid and freezes the round.

    Raises `Conflict` when meanwhile the round has stopped or one of the enterprises was invited otherwise.
    """
    attributed = bool(issued and issued[0].credit_code)
    round = _issuable(session, round, Mode.ATTRIBUTED if attributed else Mode.SLIP)
    check_pins(session, round, issued)
    owners: list[bytes | None] = [None] * len(issued)
    if attributed:
        waiting = {
            enterprise.credit_code: enterprise.id for enterprise in _without_invitation(session, round)
        }
        if any(invitation.credit_code not in waiting for invitation in issued):
            raise Conflict(
                N_("名录刚刚变了：有企业已经邀请过，或者不在名录里了。什么都没有签发。"),
                remedy=N_("请再签发一次。"),
            )
        owners = [waiting[invitation.credit_code] for invitation in issued]
    kind = Mode.ATTRIBUTED if attributed else Mode.SLIP
    codes = [invitation.credit_code for invitation in issued if attributed]
    said = growth.spend(session, round, kind, codes, len(issued))
    _store(session, round, issued, owners)
    count = {"attributed": len(issued)} if attributed else {"slips": len(issued)}
    record(session, actor=actor, action="invitation.issue", subject=round.slug, **count, **said)


def check_pins(session: Session, round: Round, issued: Sequence[IssuedInvitation]) -> None:
    """Raise `Conflict` when the round was changed between making the links and freezing it."""
    now = describe(session, round).check_number
    if any(invitation.check_number != now for invitation in issued):
        raise Conflict(
            N_("轮次的设置刚刚变了，链接里的核对号不再对得上。什么都没有签发。"), remedy=N_("请再签发一次。")
        )


def _issuable(session: Session, round: Round, kind: Mode) -> Round:
    """Round locked and frozen; raises `Conflict` when invitations of this kind cannot be issued."""
    round = locked(session, round)
    _check_issuable(session, round, kind)
    if not round.frozen:
        round_people.freeze(session, round)
    round.frozen = True
    session.flush()
    return round


def _check_issuable(session: Session, round: Round, kind: Mode) -> None:
    if round.state not in (State.DRAFT, State.OPEN):
        raise Conflict(N_("本轮已经截止或取消，不能再签发邀请。"))
    if round.mode not in (kind, Mode.BOTH):
        raise Conflict(N_("本轮的邀请方式不包括这一种。"))
    if round.witness:
        raise Conflict(
            N_("有监票机的轮次，邀请不在这台机器上签发。"),
            remedy=N_("请在不联网的电脑上运行 pingyi invitations make，再导入 codes-box.json。"),
        )
    missing = missing_before_issuing(session, round)
    if missing:
        raise Conflict(missing[0], remedy=N_("补齐之后再签发邀请。"))


class _Uninvited(NamedTuple):
    """What is needed of an enterprise to invite it."""

    id: bytes
    credit_code: str
    name: str
    contact: str
    phone: str


def _without_invitation(session: Session, round: Round) -> list[_Uninvited]:
    """Enterprises without an invitation, by name."""
    has_one = exists().where(Invitation.round_id == round.id, Invitation.enterprise_id == Enterprise.id)
    query = select(*(getattr(Enterprise, name) for name in _Uninvited._fields)).where(
        ~Enterprise.retired, ~has_one
    )
    return [_Uninvited(*row) for row in session.execute(query.order_by(Enterprise.name))]


def _store(
    session: Session, round: Round, issued: Sequence[IssuedInvitation], owners: Sequence[bytes | None]
) -> None:
    insert_invitations(session, round, [invitation.code for invitation in issued], owners)
