"""Opening of a closed round: nothing is stored until every ballot was checked
and opened, then all at once."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from survey.database.box_keys import count_of
from survey.database.engine import Database
from survey.database.locking import locked
from survey.database.storage_order import erase_traces
from survey.errors import N_, Conflict
from survey.models import Ballot as Stored
from survey.models import Comment, Job, OpenedBox, Round, State
from survey.models.base import random_id
from survey.protocol.ballots import CastBallot
from survey.protocol.box import opened as formats
from survey.protocol.box.opening import open_ballots
from survey.protocol.description import RoundDescription
from survey.protocol.holders.keys import unlock_keys
from survey.services.operations.audit import Actor, record
from survey.services.operations.job_kinds import JobKind, Nothing, Running
from survey.services.results.analysing import analyse_round
from survey.services.results.ranking import artifacts
from survey.services.rounds.closing import recorded_root
from survey.services.rounds.descriptions import describe
from survey.services.rounds.lifecycle import get_round

Report = Callable[..., None]
STAGES = {"verify": N_("核验选票凭证"), "open": N_("打开选票")}

_CHANCE = random.SystemRandom()


def open_round(
    database: Database,
    slug: str,
    key_files: Sequence[tuple[str, str]],
    actor: Actor,
    progress: Report | None = None,
) -> None:
    """Open the box with pairs (text of key file, passphrase), store scores and comments, and make the
    results.

    An opening that was interrupted after the ballots were opened is completed and needs no keys. Raises
    `Conflict` before closing and after a complete opening, and the errors of keys and ballots.
    """
    report = progress or (lambda *_: None)
    with database.read() as session:
        round = get_round(session, slug)
        check_openable(round, complete=is_complete(session, round))
        description, state = describe(session, round), round.state
        root = recorded_root(session, round)
    if state == State.CLOSED:
        keys = unlock_keys(description, key_files)
        ballots = StoredBallots(database, bytes.fromhex(description.id))
        result = open_ballots(
            description,
            ballots,
            keys,
            merkle_root=root,
            progress=lambda stage, done, total: report(STAGES[stage], done, total),
        )
        database.write(lambda s: keep_opened(s, description, result, actor))
    finish_opening(database, slug, progress)


def finish_opening(database: Database, slug: str, progress: Report | None = None) -> None:
    """Do what follows once the scores are stored: rewrite the order of rows, and make the results; may be
    repeated after an interruption."""
    (progress or (lambda *_: None))(N_("打乱并重写选票存放次序"), 0, 1)
    erase_traces(database, slug)
    analyse_round(database, slug, progress)


def remake(database: Database, slug: str, progress: Report | None = None) -> None:
    """Complete an opening whose scores are stored, or work out the results of a complete one again with what
    is known today of departments and earlier rounds; needs no keys. Raises `Conflict` before the opening.
    """
    with database.read() as session:
        round = get_round(session, slug)
        if round.state != State.OPENED:
            raise Conflict(N_("本轮还没有开箱，没有可以重新制作的结果。"))
        complete = is_complete(session, round)
    step = analyse_round if complete else finish_opening
    step(database, slug, progress)


def _scores_are_kept(database: Database, job: Job) -> bool:
    """Whether the scores of the job's round are stored; before that only the key holders can continue."""
    with database.read() as session:
        round = session.get(Round, job.round_id)
        return round is not None and round.state == State.OPENED


@dataclass(frozen=True, slots=True)
class Opening:
    """Request for the results of a round; `anew` where they are there and are worked out again."""

    anew: bool = False


def _finish(running: Running[Opening, Nothing]) -> None:
    with running.database.read() as session:
        round = session.get_one(Round, running.round_id)
        drawn = is_complete(session, round) and len(artifacts(session, round)) > 1
    if running.asked.anew or not drawn:
        remake(running.database, round.slug, running)


KIND = JobKind("open", Opening, Nothing, _finish, _scores_are_kept)


def check_openable(round: Round, *, complete: bool) -> None:
    """Raise `Conflict` unless the round is closed, or opened but not completely."""
    if round.state in (State.DRAFT, State.OPEN):
        raise Conflict(N_("本轮还没有截止，不能开箱。"), remedy=N_("请先由管理员提出、评议员确认截止。"))
    if round.state == State.CANCELLED:
        raise Conflict(N_("本轮已经取消，不能开箱。"))
    if complete:
        raise Conflict(N_("本轮已经开过箱。"))


def keep_opened(
    session: Session, description: RoundDescription, result: formats.BoxContents, actor: Actor
) -> None:
    """Store the score table and the comments, which share no key with it or each other; sets the round from
    closed to opened."""
    round = locked(session, get_round(session, description.slug))
    if round.state != State.CLOSED:
        raise Conflict(N_("本轮已经开过箱。"))
    scores = result.scores
    session.add(
        OpenedBox(
            round_id=round.id,
            rows=scores.rows,
            valid=scores.valid,
            invalid=[{"receipt": receipt, "reason": reason} for receipt, reason in result.invalid],
            digest=bytes.fromhex(scores.digest),
            ranking=None,
        )
    )
    comments = [
        {"id": random_id(), "round_id": round.id, "department": department, "text": text}
        for department, texts in result.comments.items()
        for text in texts
    ]
    _CHANCE.shuffle(comments)
    if comments:
        session.execute(insert(Comment), comments)
    round.state = State.OPENED
    counts = {"valid": scores.valid, "invalid": scores.invalid, "digest": scores.digest}
    record(session, actor=actor, action="round.open", subject=round.slug, **counts)


def is_complete(session: Session, round: Round) -> bool:
    """Whether the round's results are there and nothing of its opening is left to do."""
    box = session.get(OpenedBox, round.id)
    return box is not None and box.ranking is not None and round.reordered


class StoredBallots:
    """Ballots of a round, read from the database at every pass, so that they
    need not be in memory at once."""

    def __init__(self, database: Database, round_id: bytes) -> None:
        self._database = database
        self._round_id = round_id
        with database.read() as session:
            self._count = count_of(session, round_id)

    def __len__(self) -> int:
        return self._count

    def __contains__(self, ballot: object) -> bool:
        return any(ballot == mine for mine in self)

    def __iter__(self) -> Iterator[CastBallot]:
        query = select(*Stored.cast_columns()).order_by(Stored.spent)
        query = query.where(Stored.round_id == self._round_id).execution_options(yield_per=500)
        with self._database.read() as session, session.execute(query) as rows:
            for row in rows:
                yield CastBallot(*(bytes(part or b"") for part in row))
