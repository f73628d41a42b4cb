"""Long work in a thread of this process, with its progress in the database for every page to see.

What the work needs (keys, passphrases) lives in its closure and never reaches the job's row. Work that needs
nothing secret keeps its parameters there and can be taken up again after a restart (`resume`, `resume_all`).
"""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session

from survey.clock import now
from survey.database.engine import Database
from survey.errors import N_, Busy, Closed, Conflict, Phrase, PingyiError
from survey.models import Job
from survey.models.base import random_id

STEP_SECONDS = 0.5
BEAT_SECONDS = 5.0
DEAD_AFTER = timedelta(seconds=60)
# A finished job whose end the writer is too busy to take tries again every so often, for so long.
RETRY_SECONDS = 1.0
END_PATIENCE = 600.0
# Jobs that this process runs: however long they report nothing, they are not dead.
_ALIVE: dict[bytes, threading.Thread] = {}
RUNNING = ("waiting", "running")
INTERRUPTED = N_("这项工作中断了（服务器重新启动过）。已完成的部分都保留着，请再做一次。")
BROKEN = N_("出了意外，没有完成。已完成的部分都保留着，请再试一次；仍不行请联系技术人员。")


CANCELLED = N_("已取消，什么都没有改变。")


class JobCancelled(Exception):
    """Somebody asked the work to stop."""


class Progress:
    """Handed to the work: `progress(step, done, total)`; writes the row at most every half second.

    Raises `JobCancelled` when somebody has asked the work to stop.
    """

    def __init__(self, database: Database, job_id: bytes) -> None:
        self._database = database
        self.job_id = job_id
        self._written = 0.0
        self._step = ""

    def __call__(self, step: str, done: int = 0, total: int = 0) -> None:
        due = time.monotonic() - self._written >= STEP_SECONDS
        if due or step != self._step:
            self._step, self._written = step, time.monotonic()
            self.write(step=step, done=done, total=total, beat_at=now())
            self.check()

    def check(self) -> None:
        """Raise `JobCancelled` when somebody has asked the work to stop."""
        with self._database.read() as session:
            if session.scalar(select(Job.cancel_requested).where(Job.id == self.job_id)):
                raise JobCancelled

    def write(self, **values: Any) -> None:
        """Set columns of the row of a job that has not ended."""
        statement = update(Job).where(Job.id == self.job_id, Job.state.in_(RUNNING)).values(**values)
        self._database.write(lambda session: session.execute(statement) and None)


Run = Callable[[Progress], None]
RunOf = Callable[[Job], Run | None]


def start(
    database: Database,
    kind: str,
    round_id: bytes | None,
    run: Run,
    parameters: Mapping[str, Any] | None = None,
) -> bytes:
    """Run `run(progress)` in a thread; returns the job's id.

    Raises `Conflict` while one of this kind and round is still running.
    """
    job_id = database.write(lambda session: _add(session, kind, round_id, dict(parameters or {})))
    _launch(database, kind, job_id, run)
    return job_id


def resume(database: Database, job: Job, run: Run) -> bool:
    """Take up again what a dead process left; False when somebody else has, or when it lives."""
    moment = now()
    if not is_dead(job, moment):
        return False
    mine = (Job.id == job.id, Job.beat_at <= moment - DEAD_AFTER, Job.state.in_(RUNNING))
    taken = update(Job).where(*mine).values(beat_at=moment)

    def take(session: Session) -> bool:
        return bool(cast("CursorResult[Any]", session.execute(taken)).rowcount)

    if not database.write(take):
        return False
    _launch(database, job.kind, job.id, run)
    return True


def resume_all(database: Database, kind: str, run_of: RunOf) -> None:
    """Take up every job of this kind that a dead process left; `run_of` makes its work, if it can be."""
    with database.read() as session:
        left = list(session.scalars(select(Job).where(Job.kind == kind, Job.state.in_(RUNNING))))
    for job in left:
        run = run_of(job)
        if run is not None:
            resume(database, job, run)


def finish() -> None:
    """Wait until no job runs in this process any more."""
    for thread in list(_ALIVE.values()):
        thread.join()


def cancel(database: Database, job_id: bytes) -> None:
    """Ask the work to stop at its next step; it then leaves nothing behind."""
    asked = update(Job).where(Job.id == job_id, Job.state.in_(RUNNING)).values(cancel_requested=True)
    database.write(lambda session: session.execute(asked) and None)


def newest(session: Session, round_id: bytes | None, kind: str) -> Job | None:
    """The newest job of this kind, as its row has it."""
    query = select(Job).where(Job.round_id == round_id, Job.kind == kind)
    return session.scalars(query.order_by(Job.created_at.desc()).limit(1)).first()


def latest(session: Session, round_id: bytes | None, kind: str) -> Job | None:
    """The newest job of this kind; one whose process died comes back as failed, with what to do."""
    return _told(session, newest(session, round_id, kind))


def by_id(session: Session, job_id: bytes) -> Job | None:
    """The job, told like `latest`."""
    return _told(session, session.get(Job, job_id))


def _told(session: Session, job: Job | None) -> Job | None:
    if job is not None and is_dead(job, now()):
        session.expunge(job)  # told, not stored: the one who asks may only read
        job.state, job.error = "failed", INTERRUPTED
    return job


def is_dead(job: Job, moment: datetime) -> bool:
    """Whether the job says that it runs, but its process has long been silent."""
    return job.state in RUNNING and moment - job.beat_at > DEAD_AFTER and job.id not in _ALIVE


def _launch(database: Database, kind: str, job_id: bytes, run: Run) -> None:
    arguments = (Progress(database, job_id), run)
    thread = threading.Thread(target=_work, args=arguments, name=f"pingyi-{kind}", daemon=True)
    _ALIVE[job_id] = thread
    thread.start()


def _add(session: Session, kind: str, round_id: bytes | None, parameters: dict[str, Any]) -> bytes:
    moment = now()
    if round_id is not None:
        _make_room(session, kind, round_id, moment)
    job = Job(
        id=random_id(),
        kind=kind,
        round_id=round_id,
        state="running",
        parameters=parameters,
        created_at=moment,
        beat_at=moment,
    )
    session.add(job)
    session.flush()
    return job.id


def _make_room(session: Session, kind: str, round_id: bytes, moment: datetime) -> None:
    """What a dead process left gives way, and will not be taken up beside its successor."""
    before = newest(session, round_id, kind)
    if before is None or before.state not in RUNNING:
        return
    same = (Job.round_id == round_id, Job.kind == kind, Job.state.in_(RUNNING))
    given_up = update(Job).where(*same, Job.beat_at <= moment - DEAD_AFTER)
    ended = given_up.values(state="failed", error=INTERRUPTED)
    alive = not is_dead(before, moment)
    if alive or not cast("CursorResult[Any]", session.execute(ended)).rowcount:
        raise Conflict(N_("这项工作正在进行，请等它完成。"))


def _work(progress: Progress, run: Run) -> None:
    finished = threading.Event()
    beat = threading.Thread(target=_beat, args=(progress, finished), daemon=True)
    beat.start()
    try:
        outcome = _outcome(progress, run)
        finished.set()
        beat.join()
        _end(progress, outcome)
    finally:
        _ALIVE.pop(progress.job_id, None)


def _outcome(progress: Progress, run: Run) -> dict[str, str]:
    """Do the work; how it ended, as the row's columns say it."""
    try:
        run(progress)
    except JobCancelled:
        return {"state": "cancelled", "error": CANCELLED}
    except PingyiError as error:
        return {"state": "failed", "error": _kept(error)}
    except Exception:
        # Without the exception's text: it could carry a passphrase or a comment.
        return {"state": "failed", "error": BROKEN}
    return {"state": "done", "error": ""}


def _kept(error: PingyiError) -> str:
    """Message and remedy with their values, for `why` to say in any language."""
    said = [Phrase(text, error.values) for text in (error.message, error.remedy) if text]
    return json.dumps([_plain(phrase) for phrase in said], ensure_ascii=False)


def _plain(value: Any) -> Any:
    if isinstance(value, Phrase):
        values = {n: _plain(v) for n, v in value.values.items()}
        return {"message": value.message, "values": values, "english": value.english}
    return value if isinstance(value, int | float) else str(value)


def why(job: Job, translate: Callable[[str], str] = str) -> list[str]:
    """Why a job failed, line by line in the language of `translate`; empty where it did not."""
    try:
        kept = json.loads(job.error)
    except ValueError:  # a message of this module, or of a version that kept Chinese alone
        return translate(job.error).splitlines() if job.error else []
    return [_phrase(part).say(translate) for part in kept]


def _phrase(part: Mapping[str, Any]) -> Phrase:
    values = {n: _phrase(v) if isinstance(v, dict) else v for n, v in part["values"].items()}
    return Phrase(part["message"], values, part.get("english", ""))


def _end(progress: Progress, outcome: Mapping[str, str]) -> None:
    """Write down how the work ended, however busy the writer is: what is done is not told as broken off."""
    deadline = time.monotonic() + END_PATIENCE
    while time.monotonic() < deadline:
        try:
            progress.write(**outcome, beat_at=now())
        except Closed:  # the process is ending; its silence will tell that the work stopped
            return
        except Busy:
            time.sleep(RETRY_SECONDS)
        else:
            return


def _beat(progress: Progress, finished: threading.Event) -> None:
    while not finished.wait(BEAT_SECONDS):
        with contextlib.suppress(Exception):  # the next beat may get through
            progress.write(beat_at=now())
