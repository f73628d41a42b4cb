"""The zip of an edition as a job: whatever a restart leaves half done is made again from its beginning."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from county import County
from opened import open_by_hand, publish
from sqlalchemy import select, update

import survey.documents.edition.bundle
from survey.clock import now
from survey.errors import Conflict
from survey.models import EditionFile, Job, Publication
from survey.services.operations import job_threads, jobs
from survey.services.operations.job_kinds import ById, Workplace
from survey.services.publication import files as edition_files
from survey.services.rounds import editions

LONG_AGO = timedelta(minutes=5)


@pytest.fixture
def published(place: County) -> County:
    return publish(open_by_hand(place.collecting(threshold=10)))


@pytest.fixture(autouse=True)
def _no_drawing(monkeypatch: pytest.MonkeyPatch) -> None:
    def write(edition: Any, content: bytes, progress: Any, **_named: Any) -> bytes:
        progress("绘制图表", 1, 2)
        return f"PK {edition.number} ".encode() + content

    monkeypatch.setattr(survey.documents.edition.bundle, "write_bundle", write)


def edition(place: County) -> Publication:
    return place.look(editions.current)


def at(place: County) -> Workplace:
    return Workplace(place.database, Path())


def start(place: County) -> bytes:
    found = edition(place)
    asked = ById(found.id.hex())
    return jobs.start(at(place), edition_files.KIND, asked, found.round_id)


def latest(place: County) -> Job:
    return jobs.latest(at(place), edition_files.KIND, place.round().id)


def leave_a_dead_job(place: County) -> bytes:
    """What a server that was killed while making the files leaves behind."""
    job_id = start(place)
    job_threads.finish()
    dead = {"state": "running", "beat_at": now() - LONG_AGO}
    place.database.write(lambda s: s.execute(update(Job).where(Job.id == job_id).values(**dead)) and None)
    place.database.write(lambda s: s.query(EditionFile).delete() and None)
    return job_id


def kept(place: County) -> bytes:
    return place.look(lambda s, _r: edition_files.content(s, edition(place)))


def state(place: County, job_id: bytes) -> str:
    return place.look(lambda s, _r: s.get(Job, job_id).state)


def test_looking_takes_up_what_a_restart_interrupted(published: County) -> None:
    job_id = leave_a_dead_job(published)
    assert published.look(lambda s, _r: s.scalar(select(EditionFile.publication_id))) is None
    assert latest(published).id == job_id
    job_threads.finish()
    assert state(published, job_id) == "done"
    assert kept(published) == b"PK 1 " + edition(published).content.encode()


def test_so_does_the_clock(published: County) -> None:
    job_id = leave_a_dead_job(published)
    jobs.resume_all(at(published), edition_files.KIND)
    job_threads.finish()
    assert state(published, job_id) == "done"
    assert kept(published).startswith(b"PK 1 ")


def test_a_job_that_lives_is_left_alone(published: County) -> None:
    """The attack: two servers making the same files for one click."""
    job_id = leave_a_dead_job(published)
    alive = update(Job).where(Job.id == job_id).values(beat_at=now())
    published.database.write(lambda s: s.execute(alive) and None)
    jobs.resume_all(at(published), edition_files.KIND)
    assert latest(published).state == "running"
    job_threads.finish()
    assert state(published, job_id) == "running"
    with pytest.raises(Conflict):
        start(published)


def test_an_interrupted_job_that_was_started_anew_is_not_taken_up_beside_it(published: County) -> None:
    job_id = leave_a_dead_job(published)
    start(published)
    job_threads.finish()
    jobs.resume_all(at(published), edition_files.KIND)
    job_threads.finish()
    assert state(published, job_id) == "failed"
    assert latest(published).state == "done"


def test_one_of_an_older_version_is_told_as_interrupted(published: County) -> None:
    job_id = leave_a_dead_job(published)
    bare = update(Job).where(Job.id == job_id).values(parameters={})
    published.database.write(lambda s: s.execute(bare) and None)
    told = latest(published)
    assert (told.state, told.error) == ("failed", jobs.INTERRUPTED)


def test_what_is_not_published_is_not_written(published: County) -> None:
    proposal = Publication(state="proposed", content="{}", digest=bytes(32), edition=2)
    with pytest.raises(Conflict, match="确认之后"):
        edition_files.write(proposal, None)
