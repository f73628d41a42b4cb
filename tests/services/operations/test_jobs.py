"""Long work: how far it is, how it ended, and what a second press or a dead process does to it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from county import County
from sqlalchemy import select, update

from survey import worker
from survey.clock import now
from survey.database.engine import Database
from survey.errors import Busy, Conflict, InvalidInput, Phrase
from survey.models import Body, Job
from survey.protocol.questionnaire import Stratum
from survey.services.invitations.issuing_job import IssuedFile, Order
from survey.services.mailing.sending_job import MailAsked
from survey.services.opening.closing_job import Confirmed
from survey.services.opening.opening_job import Opening
from survey.services.operations import job_threads, jobs
from survey.services.operations.job_kinds import ById, JobKind, Nothing, Running, Workplace
from survey.services.roster.enterprises import RosterImport
from survey.services.roster.importing import ImportAsked
from survey.services.roster.reading import ByHand, ReadingAsked

LONG_AGO = timedelta(minutes=5)
PRESSES = 6


@dataclass(frozen=True)
class Counting:
    """Asked for by the work of these tests."""

    what: str


@dataclass(frozen=True)
class Counted:
    """Kept by it."""

    sum: int


Trial = Running[Counting, Counted]


def kind(run: Callable[[Trial], None] = lambda _running: None) -> JobKind[Counting, Counted]:
    return JobKind("trial", Counting, Counted, run)


@pytest.fixture
def at(place: County, tmp_path: Path) -> Workplace:
    place.populate().draft()
    return Workplace(place.database, tmp_path)


def start(at: Workplace, run: Callable[[Trial], None], round_id: bytes | None = None) -> bytes:
    return jobs.start(at, kind(run), Counting("票"), round_id)


def row(at: Workplace, job_id: bytes) -> Job:
    with at.database.read() as session:
        return session.get_one(Job, job_id)


def wait(at: Workplace, job_id: bytes, state: str) -> Job:
    deadline = time.monotonic() + 30
    while (job := row(at, job_id)).state != state:
        assert time.monotonic() < deadline, job.state
        time.sleep(0.02)
    return job


def change(at: Workplace, job_id: bytes, **values: object) -> None:
    statement = update(Job).where(Job.id == job_id).values(**values)
    at.database.write(lambda s: s.execute(statement) and None)


def dead(at: Workplace, round_id: bytes | None = None, **values: object) -> bytes:
    """A job as a process leaves it that was killed in the middle."""
    job_id = start(at, lambda _running: None, round_id)
    job_threads.finish()
    change(at, job_id, **{"state": "running", "beat_at": now() - LONG_AGO} | values)
    return job_id


def test_jobs_run_once_and_tell_how_far_they_are(at: Workplace, place: County) -> None:
    round_id, go = place.round().id, threading.Event()

    def work(running: Trial) -> None:
        running("数票", 3, 10)
        go.wait(20)

    job_id = start(at, work, round_id)
    with pytest.raises(Conflict, match="正在进行"):
        start(at, work, round_id)
    deadline = time.monotonic() + 10
    while (job := jobs.latest(at, kind(), round_id)).step != "数票":
        assert time.monotonic() < deadline
    assert (job.id, job.state, job.done, job.total) == (job_id, "running", 3, 10)
    go.set()
    assert wait(at, job_id, "done").error == ""


@pytest.mark.parametrize("of_a_round", [True, False])
def test_of_many_presses_at_once_one_does_the_work(
    at: Workplace, place: County, monkeypatch: pytest.MonkeyPatch, of_a_round: bool
) -> None:
    """The attack: a button pressed twice, and both requests look before either has written."""
    round_id, newest = place.round().id if of_a_round else None, jobs.newest

    def slowly(*asked: object) -> Job | None:
        found = newest(*asked)
        time.sleep(0.1)
        return found

    monkeypatch.setattr(jobs, "newest", slowly)
    gate, go, ran, told = threading.Barrier(PRESSES), threading.Event(), [], []

    def work(_running: Trial) -> None:
        ran.append(1)
        go.wait(20)

    def press() -> None:
        gate.wait()
        try:
            told.append(start(at, work, round_id))
        except Conflict:
            told.append(None)

    threads = [threading.Thread(target=press) for _ in range(PRESSES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    go.set()
    job_threads.finish()
    assert (len(ran), len(told), len(set(told) - {None})) == (1, PRESSES, 1)
    assert told.count(None) == (PRESSES - 1 if of_a_round else 0)


def test_without_a_round_other_work_may_run_beside_it(at: Workplace) -> None:
    go = threading.Event()
    first = start(at, lambda _running: go.wait(20) and None)
    other = jobs.start(at, kind(), Counting("信封"))
    assert first != other
    assert jobs.latest(at, kind(), None, Counting("票")).id == first
    assert jobs.latest(at, kind(), None, Counting("信封")).id == other
    assert jobs.latest(at, kind(), None, Counting("箱")) is None
    go.set()
    job_threads.finish()


def test_a_failed_job_tells_why_but_no_secret(at: Workplace) -> None:
    def refused(_running: Trial) -> None:
        raise InvalidInput("口令不对。", remedy="请核对。")

    def broken(_running: Trial) -> None:
        raise RuntimeError("passphrase hunter2")

    assert job_threads.why(wait(at, start(at, refused), "failed")) == ["口令不对。", "请核对。"]
    assert "hunter2" not in wait(at, start(at, broken), "failed").error


def test_a_failed_job_speaks_the_readers_language(at: Workplace) -> None:
    """Message, remedy and the phrases among their values are kept as messages, not as Chinese text."""
    english = {
        "第 %(row)s 行：%(what)s": "Row %(row)s: %(what)s",
        "太长": "too long",
        "请改短。": "Shorten it.",
    }

    def refused(_running: Trial) -> None:
        raise InvalidInput("第 %(row)s 行：%(what)s", remedy="请改短。", row=3, what=Phrase("太长"))

    job = wait(at, start(at, refused), "failed")
    assert job_threads.why(job) == ["第 3 行：太长", "请改短。"]
    assert job_threads.why(job, english.__getitem__) == ["Row 3: too long", "Shorten it."]
    job.error = job_threads.BROKEN
    assert job_threads.why(job, {job_threads.BROKEN: "Broken."}.__getitem__) == ["Broken."]


def test_what_is_written_its_result_and_success_are_one(
    at: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed right after the transaction: the row says that it is done, and nobody does it again."""
    monkeypatch.setattr(job_threads, "_end", lambda *_: None)

    def work(running: Trial) -> None:
        running.keep(lambda session: session.add(Body(name=running.asked.what)) or Counted(7))

    job_id = start(at, work)
    job_threads.finish()
    change(at, job_id, beat_at=now() - LONG_AGO)
    job = jobs.latest(at, kind(), None, Counting("票"))
    assert (job.state, kind().asked(job), kind().result(job)) == ("done", Counting("票"), Counted(7))
    with at.database.read() as session:
        assert session.get(Body, "票") is not None


@pytest.mark.parametrize("gone", [{"cancel_requested": True}, {"state": "failed"}, {"state": "done"}])
def test_nothing_is_kept_by_a_job_that_was_cancelled_or_given_to_another(
    at: Workplace, gone: dict[str, object]
) -> None:
    """The attack: a process that was taken for dead wakes up and writes beside its successor."""

    def work(running: Trial) -> None:
        change(at, running.job_id, **gone)
        running.keep(lambda session: session.add(Body(name="票")) or Counted(7))

    job_id = start(at, work)
    job_threads.finish()
    job = row(at, job_id)
    assert (job.state, kind().result(job)) == (gone.get("state", "cancelled"), None)
    with at.database.read() as session:
        assert session.get(Body, "票") is None


def test_what_a_dead_process_left_is_taken_up_once(at: Workplace) -> None:
    ran: list[str] = []
    again = kind(lambda running: ran.append(running.asked.what))
    job_id = dead(at)
    left = row(at, job_id)
    assert jobs.resume(at, again, left)
    assert not jobs.resume(at, again, left)
    jobs.resume_all(at, again)
    assert wait(at, job_id, "done").error == ""
    assert ran == ["票"]


def test_what_cannot_be_taken_up_is_told_as_interrupted(at: Workplace, place: County) -> None:
    never = replace(kind(lambda _running: pytest.fail("ran")), can_resume=lambda _database, _job: False)
    round_id = place.round().id
    job_id = dead(at, round_id)
    told = jobs.latest(at, never, round_id)
    assert (told.state, told.error) == ("failed", jobs.INTERRUPTED)
    assert row(at, job_id).state == "running", "told, not stored: its process may only be slow"
    wait(at, start(at, lambda _running: None, round_id), "done")
    assert row(at, job_id).state == "failed", "it gave way"


def test_a_busy_writer_does_not_leave_a_finished_job_told_as_broken_off(
    at: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job_threads, "RETRY_SECONDS", 0.01)
    write, refused = Running.write, []

    def busy(running: Trial, **values: object) -> bool | None:
        if "state" in values and len(refused) < 3:
            refused.append(values["state"])
            raise Busy
        return write(running, **values)

    monkeypatch.setattr(Running, "write", busy)
    assert wait(at, start(at, lambda _running: None), "done").error == ""
    assert refused == ["done"] * 3


def test_a_closed_database_ends_a_jobs_thread(place_on_sqlite: County, tmp_path: Path) -> None:
    """Nothing waits ten minutes for a writer that will never come back; the row stays as it was."""
    at = Workplace(place_on_sqlite.populate().draft().database, tmp_path)
    closed, held = threading.Event(), threading.Event()

    def work(_running: Trial) -> None:
        held.set()
        closed.wait(20)

    job_id = start(at, work)
    held.wait(20)
    at.database.close()
    closed.set()
    job_threads.finish()
    again = Workplace(Database(at.database.url), tmp_path)
    assert row(again, job_id).state == "running"
    again.database.close()


def test_a_job_of_this_process_is_never_taken_for_dead(at: Workplace) -> None:
    """A writer held for minutes keeps its beats from the row; no second thread may begin beside it."""
    go, ran = threading.Event(), []
    job_id = start(at, lambda _running: go.wait(20) and None)
    change(at, job_id, beat_at=now() - LONG_AGO)
    job = jobs.latest(at, kind(ran.append), None, Counting("票"))
    assert (job.id, job.state) == (job_id, "running")
    assert not jobs.resume(at, kind(ran.append), job)
    go.set()
    wait(at, job_id, "done")
    assert ran == []


STRATUM = Stratum("规模", "Size", ("大", "小"), ("large", "small"))
EXAMPLES = {
    "roster": (ReadingAsked("ab12", (STRATUM,), ByHand({"name": 2}, ("名录",))), Nothing()),
    "roster-import": (ImportAsked("ab12", "管理员"), RosterImport(1, 2, 3)),
    "issue": (Order("slip", "https://x.example", "管理员", "key", count=5), IssuedFile("ab12", 5)),
    "close": (Confirmed("ab12", 7), Nothing()),
    "open": (Opening(anew=True), Nothing()),
    "mail": (MailAsked("管理员"), Nothing()),
    "documents": (ById("ab12"), Nothing()),
    "composite": (ById("ab12"), Nothing()),
    "ratings-read": (ById("ab12"), Nothing()),
    "ratings-rank": (ById("ab12"), Nothing()),
}
SECRETS = ("private", "passphrase", "password", "secret", "code", "token", "key_file")


@pytest.mark.parametrize("one", worker.KINDS, ids=lambda one: one.name)
def test_a_row_keeps_what_was_asked_and_what_came_of_it_and_no_secret(one: JobKind) -> None:
    for example, wanted in zip(EXAMPLES[one.name], (one.asks, one.keeps), strict=True):
        assert msgspec.convert(json.loads(json.dumps(msgspec.to_builtins(example))), wanted) == example
        names = {field.name for field in fields(example)}
        assert not [name for name in names if any(secret in name for secret in SECRETS)]


def test_every_kind_of_work_is_taken_up_by_the_clock() -> None:
    """One that nobody listed would be left lying after a restart."""
    sources = (path.read_text() for path in Path(worker.__file__).parent.rglob("*.py"))
    assert sum(source.count("\nKIND = JobKind(") for source in sources) == len(worker.KINDS)
    assert len({one.name for one in worker.KINDS}) == len(worker.KINDS)
    assert {one.name for one in worker.KINDS} <= set(worker.DUTIES)


@pytest.mark.parametrize("one", [k for k in worker.KINDS if k.name != "open"], ids=lambda one: one.name)
def test_a_row_of_another_version_is_told_as_interrupted(at: Workplace, place: County, one: JobKind) -> None:
    round_id = place.round().id
    job_id = dead(at, round_id, kind=one.name, parameters={"of": "another version"})
    jobs.resume_all(at, one)
    told = jobs.latest(at, one, round_id)
    assert (told.id, told.state, told.error) == (job_id, "failed", jobs.INTERRUPTED)
    with at.database.read() as session:
        assert session.scalars(select(Job.state)).all() == ["running"]
