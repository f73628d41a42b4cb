"""Analyses of files on both databases: read, asked, ranked, deleted, and nothing left behind."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pytest
from sqlalchemy import func, select

from survey.database.engine import Database
from survey.errors import NotFound
from survey.models import RatingAnalysis, RatingAnalysisFile
from survey.services.operations import job_threads, jobs, own_process
from survey.services.operations.job_kinds import ById, JobKind, Nothing, Workplace
from survey.services.ratings import analyses, ranking, reading
from survey.services.ratings.reading import Choices

ROWS = "编号,甲-乙,甲-丙,丁-乙,丁-丙\n" + "".join(f"{n},5,{3 + n % 2},3,{1 + n % 3}\n" for n in range(12))


def stored(database: Database, key: str) -> RatingAnalysis:
    with database.read() as session:
        return analyses.by_id(session, key)


def done(place: Workplace, kind: object, key: str) -> None:
    jobs.start(place, kind, ById(key))  # type: ignore[arg-type]
    job_threads.finish()
    job = jobs.latest(place, kind, None, ById(key))  # type: ignore[arg-type]
    assert job is not None
    assert (job.state, job.error) == ("done", "")


def test_from_file_to_files_and_away(database: Database, tmp_path: Path) -> None:
    place = Workplace(database, tmp_path)
    key = database.write(lambda s: analyses.add(s, "县直/评分.csv", "管理员"))
    assert stored(database, key).filename == "评分.csv"
    analyses.keep_upload(tmp_path, key, "县直/评分.csv", ROWS.encode())
    done(place, reading.KIND, key)
    asked = reading.question_of(stored(database, key))
    assert asked is not None
    assert asked.choices == (("departments", "甲\n丁"), ("departments", "乙\n丙"))
    wanted = reading.answered(Choices(), asked, 0)
    with pytest.raises(NotFound):
        reading.answered(wanted, asked, 2)

    def choose(session: object) -> None:
        analyses.by_id(session, key).choices = asdict(wanted)  # type: ignore[arg-type]

    database.write(choose)
    done(place, reading.KIND, key)
    found = stored(database, key)
    assert found.question is None
    assert found.understood is not None
    assert found.understood["n_ratings"] == 48
    for _again in range(2):
        done(place, ranking.KIND, key)
    found = stored(database, key)
    assert found.said is not None
    assert set(found.said) == {"zh", "en"}
    with database.read() as session:
        names = [name for name, _size in analyses.files_of(session, found)]
        report = analyses.file_of(session, found, "report.html")
        with pytest.raises(NotFound):
            analyses.file_of(session, found, "../ranking.json")
    assert len(names) == 7
    assert found.said["zh"][0] in report.content.decode()
    analyses.remove(database, tmp_path, key)
    with database.read() as session:
        for table in (RatingAnalysis, RatingAnalysisFile):
            assert session.scalar(select(func.count()).select_from(table)) == 0
    assert list((tmp_path / analyses.FOLDER).iterdir()) == []


def test_ratings_and_raters_are_nowhere_in_the_database(database: Database, tmp_path: Path) -> None:
    """What is understood names columns; who rated, and how, stays in the upload."""
    rows = "评议人,部门,得分\n" + "".join(f"王建国{n},{d},{60 + n}\n" for n in range(12) for d in "甲乙")
    place = Workplace(database, tmp_path)
    key = database.write(lambda s: analyses.add(s, "r.csv", "管理员"))
    analyses.keep_upload(tmp_path, key, "r.csv", rows.encode())
    done(place, reading.KIND, key)
    done(place, ranking.KIND, key)
    found = stored(database, key)
    with database.read() as session:
        kept = [analyses.file_of(session, found, n).content for n, _ in analyses.files_of(session, found)]
    told = repr((found.understood, found.said, found.choices, found.question)).encode()
    assert not [content for content in (*kept, told) if "王建国".encode() in content]


@pytest.mark.parametrize("kind", [reading.KIND, ranking.KIND])
def test_memory_that_is_short_ends_the_job_and_not_the_server(
    sqlite_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: JobKind[ById, Nothing]
) -> None:
    def short(*_given: object, **_named: object) -> object:
        raise own_process.TooLittleMemory(1024)

    monkeypatch.setattr(own_process, "call", short)
    place = Workplace(sqlite_database, tmp_path)
    key = sqlite_database.write(lambda s: analyses.add(s, "评分.csv", "管理员"))
    analyses.keep_upload(tmp_path, key, "评分.csv", ROWS.encode())
    jobs.start(place, kind, ById(key))
    job_threads.finish()
    job = jobs.latest(place, kind, None, ById(key))
    assert job is not None
    assert job.state == "failed"
    assert "PINGYI_ANALYSIS_MEMORY" in job.error
