"""Kinds of long work: each is described once as a `JobKind`; its function is called with a `Running`.

A job's row stores what was asked for and the result, both as types of the kind. Keys and passphrases are in
neither: they live in the closure of who starts the work, and never reach the row.
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
    """Work stopped because somebody asked for it, or because another thread has taken over the job."""


@dataclass(frozen=True, slots=True)
class Nothing:
    """Empty request or result: for work on a round that needs no other input, or that writes its result
    elsewhere."""


@dataclass(frozen=True, slots=True)
class ById:
    """Request for work on one object: its id in hexadecimal."""

    id: str


@dataclass(frozen=True, slots=True)
class Workplace:
    """Place where jobs work: the database, and the data directory with uploads and one-time files."""

    database: Database
    data: Path


class Running(Generic[Asked, Result]):
    """Job at work. Calling it with (step, done, total) reports progress.

    Writes the row at most every half second; raises `JobCancelled` when somebody has asked the work to stop,
    or has started it anew because this process seemed dead.
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
        """Run `work(session)` and store its result and the job's success in one
        transaction: all or nothing."""

        def all_at_once(session: Session) -> None:
            job = session.get_one(Job, self.job_id, with_for_update=True)
            if job.cancel_requested or not job.is_running:
                raise JobCancelled
            result = work(session)
            job.parameters = {**job.parameters, RESULT: msgspec.to_builtins(result)}
            job.state, job.error, job.beat_at = "done", "", now()

        self.database.write(all_at_once)

    def write(self, **values: object) -> bool | None:
        """Set columns of the job's row; returns whether somebody asked it to stop, None if it has ended
        (nothing is set then)."""
        mine = update(Job).where(Job.id == self.job_id, Job.state.in_(RUNNING))
        statement = mine.values(**values).returning(Job.cancel_requested)
        return self.database.write(lambda session: session.scalar(statement))


Run = Callable[[Running[Asked, Result]], None]


@dataclass(frozen=True, slots=True)
class JobKind(Generic[Asked, Result]):
    """Kind of jobs, with what all jobs of that kind have in common.

    At most one job of a kind runs for a round; without a round, one for each request. `asks` and `keeps` are
    the frozen dataclasses of request and result, as the row stores them.
    """

    name: str
    asks: type[Asked]
    keeps: type[Result]
    run: Run[Asked, Result]
    """The work, from what the row keeps: repeating what broke off does no harm."""
    can_resume: Callable[[Database, Job], bool] = lambda _database, _job: True
    """Whether the row of a dead process is enough to go on."""

    def asked(self, job: Job) -> Asked | None:
        """Request of the job; None where another version stored it differently."""
        with contextlib.suppress(msgspec.ValidationError):
            return msgspec.convert(job.parameters, self.asks)
        return None

    def result(self, job: Job) -> Result | None:
        """Result of the job; None before there is one."""
        kept = job.parameters.get(RESULT)
        return None if kept is None else msgspec.convert(kept, self.keeps)
