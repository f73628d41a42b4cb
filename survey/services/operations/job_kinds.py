"""A kind of long work is described once, as a `JobKind`; what it does with a job is handed a `Running`.

A job's row keeps what was asked for and what came of it, both as the kind's own types. Keys and passphrases
are in neither: they live in the closure of who starts the work, and never reach the row.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

import msgspec
from sqlalchemy import update
from sqlalchemy.orm import Session

from survey.clock import now
from survey.database.engine import Database
from survey.models import Job
from survey.models.work import RUNNING

Asked = TypeVar("Asked")
Result = TypeVar("Result")

STEP_SECONDS = 0.5
RESULT = "result"


class JobCancelled(Exception):
    """Somebody asked the work to stop, or it is not this thread's any more."""


@dataclass(frozen=True, slots=True)
class Nothing:
    """What work is asked for that its round alone tells apart, and keeps that writes its result elsewhere."""


@dataclass(frozen=True, slots=True)
class ById:
    """What work is asked for that is about one thing: its id in hexadecimal."""

    id: str


@dataclass(frozen=True, slots=True)
class Workplace:
    """Where jobs work: the database, and the data directory with uploads and handouts."""

    database: Database
    data: Path


class Running(Generic[Asked, Result]):
    """A job at work. Called with (step, done, total), it tells how far it is.

    Writes the row at most every half second; raises `JobCancelled` when somebody has asked the work to stop,
    or has begun it anew because this process seemed dead.
    """

    def __init__(self, place: Workplace, job_id: bytes, round_id: bytes | None, asked: Asked) -> None:
        self.database, self.data = place.database, place.data
        self.job_id, self.round_id, self.asked = job_id, round_id, asked
        self._written = 0.0
        self._step = ""

    def __call__(self, step: str, done: int = 0, total: int = 0) -> None:
        due = time.monotonic() - self._written >= STEP_SECONDS
        if due or step != self._step:
            self._step, self._written = step, time.monotonic()
            if self.write(step=step, done=done, total=total, beat_at=now()) is not False:
                raise JobCancelled

    def keep(self, work: Callable[[Session], Result]) -> None:
        """`work(session)`, its result and the job's success, in one transaction: all of it or nothing."""

        def all_at_once(session: Session) -> None:
            job = session.get_one(Job, self.job_id, with_for_update=True)
            if job.cancel_requested or not job.is_running:
                raise JobCancelled
            result = work(session)
            job.parameters = {**job.parameters, RESULT: msgspec.to_builtins(result)}
            job.state, job.error, job.beat_at = "done", "", now()

        self.database.write(all_at_once)

    def write(self, **values: object) -> bool | None:
        """Set columns of its row, unless it has ended: then None, else whether somebody asked it to stop."""
        mine = update(Job).where(Job.id == self.job_id, Job.state.in_(RUNNING))
        statement = mine.values(**values).returning(Job.cancel_requested)
        return self.database.write(lambda session: session.scalar(statement))


Run = Callable[[Running[Asked, Result]], None]


@dataclass(frozen=True, slots=True)
class JobKind(Generic[Asked, Result]):
    """What all jobs of one kind have in common.

    At most one of a round runs at a time; without a round, one of those that were asked for the same.
    `asks` and `keeps` are frozen dataclasses: what a row has of either, and nothing else.
    """

    name: str
    asks: type[Asked]
    keeps: type[Result]
    run: Run[Asked, Result]
    """The work, from what the row keeps: repeating what broke off does no harm."""
    can_resume: Callable[[Database, Job], bool] = lambda _database, _job: True
    """Whether the row of a dead process is enough to go on."""

    def asked(self, job: Job) -> Asked | None:
        """What was asked for; None where another version kept it differently."""
        with contextlib.suppress(msgspec.ValidationError):
            return msgspec.convert(job.parameters, self.asks)
        return None

    def result(self, job: Job) -> Result | None:
        """What came of it, once that is kept."""
        kept = job.parameters.get(RESULT)
        return None if kept is None else msgspec.convert(kept, self.keeps)
