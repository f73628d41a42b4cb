"""Issuing of invitations: the codes exist only in the returned list, the database stores hashes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import NamedTuple

from sqlalchemy import exists, select, true
from sqlalchemy.orm import Session

from survey.database.locking import locked
from survey.documents.lists.issued import IssuedInvitation
from survey.documents.uploads.roster_row import RosterRow
from survey.errors import N_, Conflict, InvalidInput
from survey.models import Enterprise, Invitation, Mode, Round, State
from survey.protocol.codes import invitation_link, new_code
from survey.protocol.replacements import most_replacements
from survey.services.invitations import growth
from survey.services.invitations.rows import insert_invitations
from survey.services.operations.audit import Actor, record
from survey.services.people import round_people
from survey.services.rounds.closing import count_invitations
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
    links = _links(session, round, base_url)
    return [_for_enterprise(links, enterprise) for enterprise in wanted]


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
    links = _links(session, round, base_url)
    return [_for_enterprise(links, row) for row in wanted]


def prepare_slips(session: Session, round: Round, base_url: str, count: int) -> list[IssuedInvitation]:
    """`count` new invitations that belong to no enterprise, not stored: `store` makes them valid."""
    _check_issuable(session, round, Mode.SLIP)
    growth.permitted(session, round, Mode.SLIP)
    if not 1 <= count <= MOST_SLIPS:
        raise InvalidInput(N_("无记名票的张数应在 1 到 %(most)s 之间。"), most=MOST_SLIPS)
    links = _links(session, round, base_url)
    return [links.issued() for _ in range(count)]


def store(session: Session, round: Round, issued: Sequence[IssuedInvitation], actor: Actor) -> None:
    """Store prepared invitations, all of one kind, which makes them valid and freezes the round.

    Raises `Conflict` when meanwhile the round has stopped or one of the enterprises was invited otherwise.
    """
    attributed = bool(issued and issued[0].credit_code)
    round = _issuable(session, round, Mode.ATTRIBUTED if attributed else Mode.SLIP)
    _check_pins(session, round, issued)
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


def replace_invitation(
    session: Session, round: Round, enterprise: Enterprise, base_url: str, actor: Actor
) -> IssuedInvitation:
    """New invitation for an enterprise that lost its phone after collecting; only once for each enterprise,
    and bounded for the round.

    The lost credential is blind and cannot be called back; whoever still has it can cast with it. Hence the
    bound, and the count on the public page. The old code stops working.
    """
    round = locked(session, round)
    if round.state != State.OPEN or round.witness:
        raise Conflict(N_("本轮不在收票中，或者邀请不在这台机器上签发，不能在这里换发。"))
    mine = (Invitation.round_id == round.id, Invitation.enterprise_id == enterprise.id)
    rows = list(session.scalars(select(Invitation).where(*mine).with_for_update()))
    if not rows:
        raise Conflict(N_("这家企业在本轮没有邀请。"), remedy=N_("请直接签发邀请。"))
    if len(rows) > 1:
        raise Conflict(N_("这家企业的邀请已经换发过一次，不能再换。"))
    _check_bound(session, round)
    rows[0].replaced = True
    session.flush()
    issued = _for_enterprise(_links(session, round, base_url), enterprise)
    _store(session, round, [issued], [enterprise.id])
    # Without the name: that somebody asked would say that it took part.
    record(session, actor=actor, action="invitation.replace", subject=round.slug)
    return issued


def replacements(session: Session, round: Round) -> tuple[int, int]:
    """Number of invitations replaced so far, and the greatest number allowed."""
    issued, _, replaced = count_invitations(session, round)
    return replaced, most_replacements(issued - replaced)


def _check_pins(session: Session, round: Round, issued: Sequence[IssuedInvitation]) -> None:
    """Raise `Conflict` when the round was changed between making the links and freezing it."""
    now = describe(session, round).check_number
    if any(invitation.check_number != now for invitation in issued):
        raise Conflict(
            N_("轮次的设置刚刚变了，链接里的核对号不再对得上。什么都没有签发。"), remedy=N_("请再签发一次。")
        )


def _check_bound(session: Session, round: Round) -> None:
    replaced, most = replacements(session, round)
    if replaced >= most:
        raise Conflict(
            N_("本轮换发的邀请已达上限 %(most)s 个。"),
            remedy=N_("上限保护每家企业只算一次；请让该企业改用纸质意见。"),
            most=most,
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
    query = select(*(getattr(Enterprise, name) for name in _Uninvited._fields)).where(true(), ~has_one)
    return [_Uninvited(*row) for row in session.execute(query.order_by(Enterprise.name))]


class _Links(NamedTuple):
    """Address, slug and check number that all links of a round have in common; `issued` makes an invitation
    with a new code."""

    base_url: str
    slug: str
    check_number: str

    def issued(self, **owner: str) -> IssuedInvitation:
        code = new_code()
        link = invitation_link(self.base_url, self.slug, code, self.check_number)
        return IssuedInvitation(code=code, link=link, check_number=self.check_number, **owner)


def _links(session: Session, round: Round, base_url: str) -> _Links:
    return _Links(base_url, round.slug, describe(session, round).check_number)


def _for_enterprise(links: _Links, enterprise: Enterprise | _Uninvited | RosterRow) -> IssuedInvitation:
    return links.issued(
        enterprise_name=enterprise.name,
        contact=enterprise.contact,
        phone=enterprise.phone,
        credit_code=enterprise.credit_code,
    )


def _store(
    session: Session, round: Round, issued: Sequence[IssuedInvitation], owners: Sequence[bytes | None]
) -> None:
    insert_invitations(session, round, [invitation.code for invitation in issued], owners)
