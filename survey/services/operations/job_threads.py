"""Threads that do jobs: each writes a heartbeat into the job's row while it works, and at the end the
outcome."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Callable, Mapping

from survey.clock import now
from survey.errors import N_, Busy, Closed, Phrase, PingyiError
from survey.models import Job
from survey.services.operations.job_kinds import Asked, JobCancelled, Result, Run, Running

BEAT_SECONDS = 5.0
# Interval and limit, in seconds, for retrying to write how a job ended while the writer is busy.
RETRY_SECONDS = 1.0
END_PATIENCE = 600.0
BROKEN = N_("出了意外，没有完成。已完成的部分都保留着，请再试一次；仍不行请联系技术人员。")
CANCELLED = N_("已取消，什么都没有改变。")
# Threads of jobs that this process runs, by job id; such a job is not dead, however long it reports nothing.
_ALIVE: dict[bytes, threading.Thread] = {}


def launch(name: str, running: Running[Asked, Result], run: Run[Asked, Result]) -> None:
    """Start a thread that does the work `run` of a job."""
    thread = threading.Thread(target=_work, args=(running, run), name=f"pingyi-{name}", daemon=True)
    _ALIVE[running.job_id] = thread
    thread.start()


def is_alive(job_id: bytes) -> bool:
    """Whether a thread of this process works on the job."""
    return job_id in _ALIVE


def finish() -> None:
    """Wait until no job runs in this process any more."""
    for thread in list(_ALIVE.values()):
        thread.join()


def _work(running: Running[Asked, Result], run: Run[Asked, Result]) -> None:
    finished = threading.Event()
    beat = threading.Thread(target=_beat, args=(running, finished), daemon=True)
    beat.start()
    try:
        outcome = _outcome(running, run)
        finished.set()
        beat.join()
        _end(running, outcome)
    finally:
        _ALIVE.pop(running.job_id, None)


def _outcome(running: Running[Asked, Result], run: Run[Asked, Result]) -> dict[str, str]:
    """Do the work; returns the columns `state` ("done", "cancelled" or "failed") and `error` for the job's
    row."""
    try:
        run(running)
    except JobCancelled:
        return {"state": "cancelled", "error": CANCELLED}
    except PingyiError as error:
        return {"state": "failed", "error": _kept(error)}
    except Exception:
        # Without the exception's text: it could carry a passphrase or a comment.
        return {"state": "failed", "error": BROKEN}
    return {"state": "done", "error": ""}


def _end(running: Running[Asked, Result], outcome: Mapping[str, str]) -> None:
    """Write the outcome into the job's row, retrying while the writer is busy, so that finished work does not
    look interrupted."""
    deadline = time.monotonic() + END_PATIENCE
    while time.monotonic() < deadline:
        try:
            running.write(**outcome, beat_at=now())
        except Closed:  # the process is ending; its silence will tell that the work stopped
            return
        except Busy:
            time.sleep(RETRY_SECONDS)
        else:
            return


def _beat(running: Running[Asked, Result], finished: threading.Event) -> None:
    while not finished.wait(BEAT_SECONDS):
        with contextlib.suppress(Exception):  # the next beat may get through
            running.write(beat_at=now())


def _kept(error: PingyiError) -> str:
    """JSON of message and remedy with their values, from which `why` makes text in any language."""
    said = [Phrase(text, error.values) for text in (error.message, error.remedy) if text]
    return json.dumps([phrase.to_dict() for phrase in said], ensure_ascii=False)


def why(job: Job, translate: Callable[[str], str] = str) -> list[str]:
    """Reasons why a job failed, line by line in the language of `translate`; empty where it did not fail."""
    try:
        parts = json.loads(job.error)
    except ValueError:  # a message of the threads that do jobs, or of a version that kept Chinese alone
        return translate(job.error).splitlines() if job.error else []
    return [Phrase.from_dict(part).say(translate) for part in parts]
