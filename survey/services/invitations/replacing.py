"""Replacement of the invitation of one enterprise that lost its phone or its link."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.database.locking import locked
from survey.documents.lists.issued import IssuedInvitation
from survey.errors import N_, Conflict
from survey.models import AuditEvent, Enterprise, Invitation, Round, State
from survey.protocol.codes import hash_code, parse_code
from survey.protocol.replacements import most_replacements
from survey.services.invitations.links import links_of
from survey.services.invitations.rows import insert_invitations, renew_codes
from survey.services.operations.audit import Actor, record
from survey.services.rounds.counting import count_invitations

INTERVIEW = "interview"


def replace_invitation(
    session: Session,
    round: Round,
    enterprise: Enterprise,
    base_url: str,
    actor: Actor,
    *,
    interview: bool = False,
) -> IssuedInvitation:
    """New invitation for an enterprise that lost its phone after collecting; only once for each enterprise,
    and bounded for the round. `interview`: the office will fill it in with the enterprise on the telephone.

    The lost credential is blind and cannot be called back; whoever still has it can cast with it. Hence the
    bound, and the count on the public page. The old code stops working. A replacement that was lost before it
    was used gets another code in its place, which counts nothing: no credential was given for it.
    """
    round = locked(session, round)
    if round.state != State.OPEN or round.witness:
        raise Conflict(N_("本轮不在收票中，或者邀请不在这台机器上签发，不能在这里换发。"))
    mine = (Invitation.round_id == round.id, Invitation.enterprise_id == enterprise.id)
    rows = list(session.scalars(select(Invitation).where(*mine).with_for_update()))
    if not rows:
        raise Conflict(N_("这家企业在本轮没有邀请。"), remedy=N_("请直接签发邀请。"))
    issued = links_of(session, round, base_url).of(enterprise)
    if len(rows) > 1:
        _renew(session, round, next(row for row in rows if not row.replaced), issued.code)
    else:
        check_bound(session, round, 1)
        rows[0].replaced = True
        session.flush()
        insert_invitations(session, round, [issued.code], [enterprise.id])
    # Without the name: that somebody asked would say that it took part.
    action = "invitation.renew" if len(rows) > 1 else "invitation.replace"
    record(
        session, actor=actor, action=action, subject=round.slug, **({INTERVIEW: True} if interview else {})
    )
    return issued


def interviews(session: Session, round: Round) -> int:
    """Number of invitations renewed for a telephone interview: at most as many ballots were filled in so.

    From the log, which does not say whose: nothing of an invitation or a ballot tells.
    """
    mine = (
        AuditEvent.subject == round.slug,
        AuditEvent.action.in_(("invitation.replace", "invitation.renew")),
    )
    details = session.scalars(select(AuditEvent.detail).where(*mine))
    return sum(bool(detail.get(INTERVIEW)) for detail in details)


def shown_again(
    session: Session, round: Round, enterprise: Enterprise, code: str, base_url: str
) -> IssuedInvitation | None:
    """Replacement with a code that its browser still has; None once another one took its place, or once it
    was used and the daily batch has said so."""
    code_hash = hash_code(parse_code(code), round.id.hex(), round.format_version)
    row = session.get(Invitation, (round.id, code_hash))
    valid = row is not None and row.enterprise_id == enterprise.id and not row.replaced
    if row is None or not valid or row.collected_reported or round.state != State.OPEN:
        return None
    return links_of(session, round, base_url).of(enterprise, code)


def replacements(session: Session, round: Round) -> tuple[int, int]:
    """Number of invitations replaced so far, and the greatest number allowed."""
    counts = count_invitations(session, round)
    return counts.replaced, most_replacements(counts.issued - counts.replaced)


def check_bound(session: Session, round: Round, more: int) -> None:
    """Raise `Conflict` when the round allows no `more` replacements, one for one."""
    replaced, most = replacements(session, round)
    if replaced + more > most:
        raise Conflict(
            N_("本轮换发的邀请已达上限 %(most)s 个。"),
            remedy=N_("上限保护每家企业只算一次；请让该企业改用纸质意见。"),
            most=most,
        )


def replaced_among(session: Session, round: Round, ids: list[bytes]) -> set[bytes]:
    """Those of the enterprises' ids whose invitation was replaced already."""
    mine = (Invitation.round_id == round.id, Invitation.replaced, Invitation.enterprise_id.in_(ids))
    return {each for each in session.scalars(select(Invitation.enterprise_id).where(*mine)) if each}


def _renew(session: Session, round: Round, lost: Invitation, code: str) -> None:
    # Whether it was used since the last daily batch must not be told: then the new code is a used one, too.
    if lost.collected_reported:
        raise Conflict(
            N_("这家企业的邀请已经换发过一次，新的也已经用过，不能再换。"),
            remedy=N_("请让该企业改用纸质意见。"),
        )
    session.expunge(lost)
    renew_codes(session, round, [lost.code_hash], [code])
