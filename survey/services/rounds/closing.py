"""Closing of a round by two people, which publishes what is in the box before anybody can open it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from survey.clock import today
from survey.database.box_keys import keys_of
from survey.database.locking import locked
from survey.errors import N_, Conflict, Forbidden
from survey.models import AuditEvent, Ballot, Role, Round, State, User
from survey.models.round import Mixing
from survey.protocol.ballots import CastBallot
from survey.protocol.box.checks import Progress, check_credentials, check_distinct
from survey.protocol.credentials import public_key
from survey.protocol.crypto.merkle import merkle_root
from survey.protocol.errors import InvalidBox
from survey.protocol.receipts import receipt_bytes
from survey.services.operations.audit import event_hash, record
from survey.services.people import round_people
from survey.services.rounds import code_lists, witnessing
from survey.services.rounds.counting import count_invitations
from survey.services.rounds.descriptions import describe
from survey.services.rounds.notices import BEYOND, add_notice, public_reason, set_notice

PROPOSE, CLOSE, RESTORE = "round.propose_closing", "round.close", "round.restored"

NOT_OPEN = N_("本轮不在收票中，不能截止。")
CHANGED = N_("什么都没有改变。请保留服务器原样，告诉各位评议员和持钥人：有人改过数据库。")
# Ballots that are read and checked at a time.
_PIECE = 200
_BEFORE = N_("什么都没有改变。请保留服务器原样，告诉各位评议员；核实以后只能取消本轮。")


def propose_closing(
    session: Session, round: Round, user: User, *, without_witness: bool = False, reason: str = ""
) -> Round:
    """Propose, as an administrator, to close the round; ballots are still taken until a reviewer confirms.

    `without_witness`: the witness is lost for good, for a `reason` that is published with the closing. The
    closing record then says how many ballots of its last statement are missing.
    """
    round = _open_round(session, round)
    if user.role != Role.ADMINISTRATOR:
        raise Forbidden(N_("截止由管理员提出，由评议员确认。"))
    if round.close_proposed_by is not None:
        raise Conflict(N_("已经提出过截止，正在等评议员确认。"))
    if without_witness and not round.witness:
        raise Conflict(N_("本轮没有监票机。"))
    account = witnessing.account_of(session, round)
    if account is not None:
        if account.statement.closed or not without_witness:
            code_lists.require_same(session, round, account.statement)
        witnessing.require_received(account)
    said = {"without_witness": True, "reason": public_reason(reason)} if without_witness else {}
    round.close_proposed_by, round.close_without_witness = user.id, without_witness
    record(session, actor=user, action=PROPOSE, subject=round.slug, **said)
    return round


def withdraw_closing(session: Session, round: Round, user: User) -> Round:
    """Withdraw the proposal to close; any administrator, or reviewer of the round, may."""
    round = _open_round(session, round)
    if user.role != Role.ADMINISTRATOR:
        round_people.require(session, round, user)
    if round.close_proposed_by is None:
        raise Conflict(N_("还没有人提出截止。"))
    round.close_proposed_by, round.close_without_witness = None, False
    record(session, actor=user, action="round.withdraw_closing", subject=round.slug)
    return round


@dataclass(frozen=True, slots=True)
class CheckedBallots:
    """Ballots of a round whose credential and proof were found good: key (`Ballot.spent`) -> receipt, the
    keys of their credentials in the same order, and the Merkle root of the sorted receipts."""

    receipts: dict[bytes, bytes] = field(default_factory=dict)
    tokens: list[bytes] = field(default_factory=list)
    root: bytes = field(default_factory=partial(merkle_root, ()))


def require_confirmable(session: Session, round: Round, user: User) -> int:
    """Number of the log's entry of the proposal that `user`, a reviewer of the round, may confirm now; raises
    `Conflict` or `Forbidden`."""
    if round.state != State.OPEN:
        raise Conflict(NOT_OPEN)
    if round.close_proposed_by is None:
        raise Conflict(N_("还没有人提出截止。"), remedy=N_("请先由管理员提出截止。"))
    if user.role != Role.REVIEWER or user.id == round.close_proposed_by:
        raise Forbidden(N_("截止要由另一位有评议员身份的人确认。"))
    round_people.require(session, round, user)
    return proposal_of(session, round)


def proposal_of(session: Session, round: Round) -> int:
    """Number of the log's entry of the newest proposal to close the round; 0 where there is none."""
    proposal = _proposal(session, round)
    return proposal.number if proposal else 0


def confirm_closing(
    session: Session, round: Round, user: User, checked: CheckedBallots | None = None
) -> Round:
    """Close the round, as a reviewer: fix counts and Merkle root, and erase the keys for signing and for
    posted ballots.

    Only ballots that are not among the `checked` are checked now: from the moment the round is locked until
    it is closed, no ballot is taken. Call `storage_order.erase_traces` after the commit.
    """
    round = locked(session, round)
    require_confirmable(session, round, user)
    beyond = _fix_counts(session, round, checked or CheckedBallots())
    account = witnessing.closing_account(session, round, round.cast_count or 0)
    round.mixing, round.mixed_cast = Mixing.DONE, 0
    round.state, round.blind_key_private, round.post_key_private = State.CLOSED, None, None
    _end_today(round)
    counts = {"invited": round.invited_count, "collected": round.collected_count, "cast": round.cast_count}
    root = round.merkle_root.hex() if round.merkle_root else ""
    said = {"merkle_root": root} | counts | ({"witness": account} if account else {})
    if round.close_without_witness:
        said["reason"] = reason = reason_without_witness(session, round)
        set_notice(round, reason)
    if beyond:
        said["beyond"] = beyond
        add_notice(round, BEYOND % {"count": beyond})
    event = record(session, actor=user, action=CLOSE, subject=round.slug, **said)
    round.log_number, round.log_hash = event.number, event.hash
    session.flush()
    return round


def proposer_of(session: Session, round: Round) -> User | None:
    """User who proposed closing; None when nobody has."""
    return session.get(User, round.close_proposed_by) if round.close_proposed_by else None


def reason_without_witness(session: Session, round: Round) -> str:
    """Reason of the present proposal to close without the witness; empty where there is none."""
    if not round.close_without_witness:
        return ""
    proposal = _proposal(session, round)
    return str(proposal.detail.get("reason", "")) if proposal else ""


def closing_entry(session: Session, round: Round) -> AuditEvent | None:
    """Entry of the audit log that closed the round; None before."""
    mine = (AuditEvent.action == CLOSE, AuditEvent.subject == round.slug)
    return session.scalars(select(AuditEvent).where(*mine).order_by(AuditEvent.number.desc())).first()


def recorded_root(session: Session, round: Round) -> bytes:
    """Merkle root of a closed round, which the audit log must state as well; empty before closing.

    Whoever rewrites ballots and root behind our back then has to rewrite the log from there on, too. Raises
    `Conflict`.
    """
    root, entry = round.merkle_root or b"", closing_entry(session, round)
    if not root:
        return root
    if entry is None or event_hash(entry) != entry.hash or entry.detail.get("merkle_root") != root.hex():
        raise Conflict(
            N_("票箱的校验根与操作日志里截止时记下的不同，有人在截止以后改过数据库。"),
            remedy=N_("没有打开任何选票。请保留服务器原样，把截止记录上印的校验根与公示页的对一对。"),
        )
    return root


def _proposal(session: Session, round: Round) -> AuditEvent | None:
    """Newest proposal to close the round, as the log has it."""
    mine = (AuditEvent.action == PROPOSE, AuditEvent.subject == round.slug)
    return session.scalars(select(AuditEvent).where(*mine).order_by(AuditEvent.number.desc())).first()


def _open_round(session: Session, round: Round) -> Round:
    round = locked(session, round)
    if round.state != State.OPEN:
        raise Conflict(NOT_OPEN)
    return round


def _end_today(round: Round) -> None:
    """Set the last day to today if it is later, keeping the announced one, so that no page tells of a coming
    day as past."""
    day = max(today(), round.opens_on)
    if day < round.closes_on:
        round.planned_closes_on, round.closes_on = round.closes_on, day


def _fix_counts(session: Session, round: Round, checked: CheckedBallots) -> int:
    """Fix root and counts; returns how many ballots there are beyond the credentials known to be collected.

    Only in a round that was restored from a backup may there be any: what was collected since is forgotten.
    They then count as collected, which is public.
    """
    found = check_ballots(session, round, checked)
    cast, counts = len(found.receipts), count_invitations(session, round)
    beyond = max(0, cast - counts.collected)
    if beyond and not (was_restored(session, round) and cast <= counts.issued):
        raise Conflict(
            N_("票箱里的选票多于领走的选票凭证，不能截止：有人伪造了凭证。"),
            remedy=N_("什么都没有改变。请保留服务器原样，告诉各位评议员；核实以后只能取消本轮。"),
        )
    round.merkle_root, round.cast_count = found.root, cast
    round.invited_count, round.collected_count = counts.issued, counts.collected + beyond
    return beyond


def was_restored(session: Session, round: Round) -> bool:
    """Whether a backup was put back while the round collected, as the audit log says."""
    mine = (AuditEvent.action == RESTORE, AuditEvent.subject == round.slug)
    return session.scalar(select(exists().where(*mine))) or False


def beyond_restored(session: Session, round: Round) -> int | None:
    """Ballots of a closed round beyond the credentials known to be collected; None unless a backup was put
    back while it collected."""
    entry = closing_entry(session, round)
    if entry is None or not was_restored(session, round):
        return None
    return int(entry.detail.get("beyond", 0))


def checked_receipts(session: Session, round: Round, progress: Progress | None = None) -> list[bytes]:
    """Receipts of all ballots, after checking that each ballot has a credential of the round and is the one
    cast with it.

    The same checks as in opening and verifying. Raises `Conflict`, naming the first ballot that fails.
    """
    return list(check_ballots(session, round, CheckedBallots(), progress).receipts.values())


def check_ballots(
    session: Session, round: Round, checked: CheckedBallots, progress: Progress | None = None
) -> CheckedBallots:
    """Check the ballots that are not among the `checked`; returns those that are in the box now, all good.

    A ballot never changes and is never taken out (the database refuses it), so that what was found good need
    not be looked at again; whoever changes one all the same is found out by the root when the box is opened.
    Raises `Conflict` as `checked_receipts` does, and where a ballot of `checked` is gone.
    """
    keys = keys_of(session, round.id)
    new = [key for key in keys if key not in checked.receipts]
    if len(keys) - len(new) != len(checked.receipts):
        raise Conflict(N_("票箱里有选票不见了，不能截止：有人改过数据库。"), remedy=_BEFORE)
    if not new:
        return checked
    found = CheckedBallots(dict(checked.receipts), list(checked.tokens))
    try:
        _check(session, round, new, found, progress)
        check_distinct(found.tokens, list(found.receipts.values()))
    except InvalidBox as error:
        remedy = _BEFORE if round.state == State.OPEN else CHANGED
        raise Conflict(error.message, remedy=remedy, **error.values) from error
    return replace(found, root=merkle_root(sorted(found.receipts.values())))


def _check(
    session: Session, round: Round, keys: list[bytes], found: CheckedBallots, progress: Progress | None
) -> None:
    """Check the ballots with these keys and add them to `found`; raises `InvalidBox`."""
    description = describe(session, round)
    public, query = public_key(description), select(Ballot.spent, *Ballot.cast_columns())
    for start in range(0, len(keys), _PIECE):
        part = keys[start : start + _PIECE]
        chosen = session.execute(query.where(Ballot.round_id == round.id, Ballot.spent.in_(part))).all()
        ballots = [CastBallot(*(bytes(value or b"") for value in row[1:])) for row in chosen]
        receipts = [receipt_bytes(ballot.sealed) for ballot in ballots]
        found.tokens.extend(check_credentials(public, description, ballots, receipts))
        found.receipts.update(zip((bytes(row[0]) for row in chosen), receipts, strict=True))
        if progress:
            progress("verify", min(start + _PIECE, len(keys)), len(keys))
