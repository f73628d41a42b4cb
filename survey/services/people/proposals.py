"""Proposals of changes that take two people: an administrator proposes, a reviewer who is there already
confirms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from analysis.answers.spelling import clean_line
from survey.errors import N_, Conflict, Forbidden, InvalidInput, NotFound
from survey.models import Enterprise, Invitation, Mode, Proposal, ProposalKind, Role, Round, State, User
from survey.models.proposal import ProposalDetail
from survey.services.operations.audit import record
from survey.services.people import accounts, bodies, enrolment
from survey.texts import require_drawable

FEWEST_REVIEWERS = 2
MOST_SLIPS_MORE = 50_000
LONGEST_REASON = 200
WITH_CODE = (ProposalKind.PERSON_ADD, ProposalKind.PERSON_LINK, ProposalKind.PERSON_RESET)


@dataclass(frozen=True, slots=True)
class ListedProposal:
    """Proposal with its proposer and round, for lists."""

    proposal: Proposal
    proposer: User
    round: Round | None


def needs_two(role: str) -> bool:
    """Whether changes to people of this role need a reviewer's confirmation."""
    return role == Role.REVIEWER


def propose_person(
    session: Session, proposer: User, *, name: str, body: str, now: datetime
) -> tuple[Proposal, str]:
    """Propose a new reviewer; returns the proposal and the enrolment code for the person, which is not
    stored.

    Raises `Forbidden` before there are two reviewers, `InvalidInput` or `Conflict`.
    """
    if len(accounts.list_users(session, Role.REVIEWER)) < FEWEST_REVIEWERS:
        raise Forbidden(
            N_("还没有两位评议员，不能在网页上添加评议员。"),
            remedy=N_(
                "头两位评议员在服务器上当面登记：pingyi user add 姓名 --role reviewer --body 单位 --link"
            ),
        )
    name = clean_line(name)
    accounts.check_name(session, name)
    detail: ProposalDetail = {"role": str(Role.REVIEWER), "body": bodies.require(session, body)}
    return _with_code(session, proposer, ProposalKind.PERSON_ADD, name, detail, now)


def propose_change(
    session: Session, proposer: User, kind: ProposalKind, person: User, now: datetime, body: str = ""
) -> tuple[Proposal, str]:
    """Propose a change of a reviewer's account; returns the proposal and the enrolment code, "" where no link
    is made.

    Raises `Forbidden`, `InvalidInput` or `Conflict`.
    """
    person = accounts.get_user(session, person.id)
    detail: ProposalDetail = {"role": person.role, "body": person.body}
    if kind == ProposalKind.PERSON_PLACE:
        detail = {"role": person.role, "before": person.body, "body": bodies.require(session, body)}
    if kind in WITH_CODE and not person.active:
        raise Forbidden(N_("这个账号已停用，不能发登录链接。"), remedy=N_("请先启用账号。"))
    if kind in WITH_CODE:
        return _with_code(session, proposer, kind, person.name, detail, now, person)
    return _keep(session, proposer, kind, person.name, detail, now, user_id=person.id), ""


def propose_body(
    session: Session, proposer: User, name: str, now: datetime, *, remove: bool = False
) -> Proposal:
    """Propose to add a body to the list, or to remove it."""
    kind = ProposalKind.BODY_REMOVE if remove else ProposalKind.BODY_ADD
    name = bodies.require(session, clean_line(name)) if remove else bodies.check_new(session, name)
    return _keep(session, proposer, kind, name, {}, now)


def propose_invitations(
    session: Session, proposer: User, round: Round, kind: str, count: int, reason: str, now: datetime
) -> Proposal:
    """Propose more invitations for a round that collects: `count` slips, or one for each enterprise of the
    roster without any.

    Raises `Conflict` or `InvalidInput`.
    """
    if round.state != State.OPEN or round.mode not in (kind, Mode.BOTH):
        raise Conflict(N_("这一轮现在不需要、或者不能增发这种邀请。"))
    detail: ProposalDetail = {"kind": str(kind), "reason": _published(reason)}
    if kind == Mode.ATTRIBUTED:
        detail["enterprises"] = _uninvited(session, round)
        count = len(detail["enterprises"])
    if not 1 <= count <= MOST_SLIPS_MORE:
        raise InvalidInput(
            N_("名录里没有还未邀请的企业，或者张数不在 1 到 %(most)s 之间。"), most=MOST_SLIPS_MORE
        )
    detail["count"] = count
    what = ProposalKind.INVITATIONS
    return _keep(session, proposer, what, round.slug, detail, now, round_id=round.id)


def propose_reissue(
    session: Session, proposer: User, round: Round, kind: str, reason: str, now: datetime
) -> Proposal:
    """Propose new codes for all unused invitations of a kind, whose list was lost."""
    detail: ProposalDetail = {"kind": str(kind), "reason": _published(reason)}
    return _keep(session, proposer, ProposalKind.REISSUE, round.slug, detail, now, round_id=round.id)


def propose_cancelling(
    session: Session, proposer: User, round: Round, reason: str, now: datetime
) -> Proposal:
    """Propose to cancel a round that collects."""
    detail: ProposalDetail = {"reason": _published(reason)}
    return _keep(session, proposer, ProposalKind.CANCEL, round.slug, detail, now, round_id=round.id)


def _published(reason: str) -> str:
    """The reason as it will be published; raises `InvalidInput`."""
    reason = clean_line(reason)
    require_drawable([(N_("原因"), reason)])
    if not 0 < len(reason) <= LONGEST_REASON:
        raise InvalidInput(N_("请用 1 到 %(most)s 个字写明原因，它会公布。"), most=LONGEST_REASON)
    return reason


def refuse(session: Session, proposal: Proposal, user: User) -> None:
    """Delete a proposal, as a reviewer (refused) or an administrator (withdrawn); also confirmed invitations
    not issued yet."""
    fresh = fresh_one(session, proposal)
    taken_back = user.role == Role.ADMINISTRATOR
    if not taken_back and user.role != Role.REVIEWER:
        raise Forbidden(N_("这件事由管理员撤回，或由评议员拒绝。"))
    note(session, user, "proposal.withdraw" if taken_back else "proposal.refuse", fresh)
    session.delete(fresh)
    session.flush()


def get(session: Session, proposal_id: bytes) -> Proposal:
    """Proposal with this id; raises `NotFound` where it was decided already, or never existed."""
    found = session.get(Proposal, proposal_id)
    if found is None:
        raise NotFound(N_("这件事已经办过，或者撤回了。"), remedy=N_("请回到“变更确认”看现在的情况。"))
    return found


def listed(session: Session) -> list[ListedProposal]:
    """Proposals that wait for a reviewer, and confirmed invitations not issued yet; oldest first."""
    query = select(Proposal, User, Round).join(User, User.id == Proposal.proposed_by)
    query = query.outerjoin(Round, Round.id == Proposal.round_id)
    return [
        ListedProposal(*row) for row in session.execute(query.order_by(Proposal.proposed_at, Proposal.id))
    ]


def count_waiting(session: Session) -> int:
    """Number of proposals that wait for a reviewer."""
    return len(session.scalars(select(Proposal.id).where(Proposal.confirmed_by.is_(None))).all())


def _uninvited(session: Session, round: Round) -> dict[str, str]:
    """Credit code → name of the roster's enterprises without an invitation in the round."""
    invited = select(Invitation.enterprise_id).where(
        Invitation.round_id == round.id, Invitation.enterprise_id.is_not(None)
    )
    query = select(Enterprise.credit_code, Enterprise.name).where(
        ~Enterprise.retired, Enterprise.id.not_in(invited)
    )
    return {row[0]: row[1] for row in session.execute(query.order_by(Enterprise.name))}


def _with_code(
    session: Session,
    proposer: User,
    kind: ProposalKind,
    name: str,
    detail: ProposalDetail,
    now: datetime,
    person: User | None = None,
) -> tuple[Proposal, str]:
    """Proposal as `_keep` stores it, with a new enrolment code, without which the link to be made does not
    work; `person`: whose account is changed."""
    code, code_hash = enrolment.new_code()
    owner = person.id if person else None
    return _keep(session, proposer, kind, name, detail, now, user_id=owner, code_hash=code_hash), code


def _keep(
    session: Session,
    proposer: User,
    kind: ProposalKind,
    subject: str,
    detail: ProposalDetail,
    now: datetime,
    *,
    user_id: bytes | None = None,
    round_id: bytes | None = None,
    code_hash: bytes | None = None,
) -> Proposal:
    if proposer.role != Role.ADMINISTRATOR:
        raise Forbidden(N_("这件事由管理员提出，由评议员确认。"))
    same = select(Proposal).where(Proposal.kind == kind, Proposal.subject == subject)
    for earlier in session.scalars(same):
        if earlier.detail.get("kind") == detail.get("kind"):
            raise Conflict(
                N_("同一件事已经提出过，正在等评议员确认。"), remedy=N_("请先撤回那一件，再重新提出。")
            )
    proposal = Proposal(
        kind=kind,
        subject=subject,
        detail=detail,
        proposed_by=proposer.id,
        proposed_at=now,
        user_id=user_id,
        round_id=round_id,
        code_hash=code_hash,
    )
    session.add(proposal)
    session.flush()
    note(session, proposer, "proposal.make", proposal)
    return proposal


def waiting(session: Session, proposal: Proposal) -> Proposal:
    """Stored proposal, locked until the transaction ends; raises `Conflict` once it was decided."""
    fresh = fresh_one(session, proposal)
    if fresh.confirmed_by is not None:
        raise Conflict(N_("这件事已经确认过。"))
    return fresh


def fresh_one(session: Session, proposal: Proposal) -> Proposal:
    """Stored proposal, locked, also one that is confirmed and not used yet; raises `Conflict` when it is
    gone."""
    fresh = session.get(Proposal, proposal.id, with_for_update=True, populate_existing=True)
    if fresh is None:
        raise Conflict(N_("这件事已经办过，或者撤回了。"))
    return fresh


def note(session: Session, user: User, action: str, proposal: Proposal) -> None:
    """Record in the audit log what somebody did with a proposal."""
    # The names of enterprises stay out of the log.
    said = {name: value for name, value in proposal.detail.items() if name != "enterprises"}
    said["asked"] = proposal.kind
    record(session, actor=user, action=action, subject=proposal.subject, **said)
