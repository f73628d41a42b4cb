"""Closing of a round as a job: its ballots are checked while phones go on, then the round is closed at once.

Nothing is changed before the short transaction that closes, so that a job that fails, or whose process dies,
leaves a round that collects. What follows it (erasing, rewriting, the list of receipts) may be repeated.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from sqlalchemy.orm import Session

from survey.database.engine import Database
from survey.database.locking import locked
from survey.database.storage_order import erase_traces
from survey.errors import N_, Conflict
from survey.models import Job, Round, State, User
from survey.services.opening import receipts_file
from survey.services.operations import jobs
from survey.services.operations.job_kinds import JobKind, Nothing, Running, Workplace
from survey.services.rounds import closing, witnessing
from survey.services.rounds.closing import CheckedBallots
from survey.services.rounds.counting import count_ballots
from survey.services.rounds.lifecycle import get_round

# So few new ballots are checked while phones wait.
FEW = 50
CHECKING, CLOSING = N_("核验选票凭证"), N_("截止收票")
ERASING, LISTING = N_("打乱并重写选票存放次序"), N_("制作回执清单")


@dataclass(frozen=True, slots=True)
class Confirmed:
    """Confirmation of a proposal to close: the id of who confirmed it, in hexadecimal, and the number of the
    proposal's entry in the log."""

    user: str
    proposal: int


def _close(running: Running[Confirmed, Nothing]) -> None:
    with running.database.read() as session:
        round = session.get_one(Round, running.round_id)
        if round.state == State.OPEN:
            _require_asked(session, round, running.asked)
    if round.state == State.OPEN:
        checked = _check(running, round)
        running(CLOSING)
        running.database.write(partial(_confirm, slug=round.slug, asked=running.asked, checked=checked))
    running(ERASING)
    erase_traces(running.database, round.slug)
    running(LISTING)
    receipts_file.make_missing(running.database, running.data)


KIND = JobKind("close", Confirmed, Nothing, _close)


def start(place: Workplace, slug: str, user: User) -> bytes:
    """Begin to close the round, as a reviewer who confirms the present proposal; returns the job's id. Raises
    `Conflict` or `Forbidden`, also while a job does it, and while a witness still has ballots."""
    with place.database.read() as session:
        round = get_round(session, slug)
        asked = Confirmed(user.id.hex(), closing.require_confirmable(session, round, user))
        witnessing.closing_account(session, round, count_ballots(session, round))
    return jobs.start(place, KIND, asked, round.id)


def is_closing(database: Database, job_id: bytes) -> bool:
    """Whether the job is still before the moment at which its round is closed."""
    with database.read() as session:
        job = session.get_one(Job, job_id)
        return job.is_running and session.get_one(Round, job.round_id).state == State.OPEN


def following(place: Workplace, round: Round) -> Job | None:
    """Job that closes the round, or that failed to confirm the proposal that still stands; else None."""
    job = jobs.latest(place, KIND, round.id)
    if job is None or job.is_running:
        return job
    asked = KIND.asked(job)
    with place.database.read() as session:
        stands = round.state == State.OPEN and round.close_proposed_by is not None
        stands = stands and asked is not None and asked.proposal == closing.proposal_of(session, round)
    return job if stands and job.state == "failed" else None


def _check(running: Running[Confirmed, Nothing], round: Round) -> CheckedBallots:
    """Check the ballots, and what phones cast meanwhile, until so few are left that they need not wait."""
    checked = CheckedBallots()
    while True:
        before = len(checked.receipts)
        with running.database.read() as session:
            checked = closing.check_ballots(
                session, round, checked, lambda _stage, done, total: running(CHECKING, done, total)
            )
        if len(checked.receipts) - before <= FEW:
            return checked


def _confirm(session: Session, slug: str, asked: Confirmed, checked: CheckedBallots) -> None:
    round = locked(session, get_round(session, slug))
    user = _require_asked(session, round, asked)
    closing.confirm_closing(session, round, user, checked)


def _require_asked(session: Session, round: Round, asked: Confirmed) -> User:
    """User who confirmed the proposal; raises `Conflict` where it does not stand any more."""
    user = session.get_one(User, bytes.fromhex(asked.user))
    if closing.require_confirmable(session, round, user) != asked.proposal:
        raise Conflict(N_("截止提议在确认以后撤回过，又另外提了一次。请评议员再确认一次。"))
    return user
