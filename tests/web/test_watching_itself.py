"""What the site says of itself: to machines that check it, in its log, and on the desk."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from county import BASE_URL, SECRET, County
from flask import Flask
from flask.testing import FlaskClient

from survey import quiet_log
from survey.app import create_app
from survey.config import Settings
from survey.database.engine import Database
from survey.errors import PingyiError
from survey.services.opening import box_files, receipts_file
from survey.services.operations import upkeep


@pytest.fixture
def data(site: Flask) -> Path:
    folder: Path = site.extensions["pingyi"].settings.data
    (folder / "backups").mkdir(parents=True, exist_ok=True)
    return folder


def test_ready_only_while_the_database_answers(
    place: County, site: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = site.test_client()
    assert client.get("/health/live").data == client.get("/health/ready").data == b"ok\n"
    site.extensions.pop("pingyi.readiness")
    asked: list[int] = []

    def away(_database: Database) -> bool:
        asked.append(1)
        return False

    monkeypatch.setattr(Database, "answers", away)
    assert [client.get("/health/ready").status_code for _ in range(20)] == [503] * 20
    assert len(asked) == 1, "a crowd of checks asks a database that is away once"
    assert client.get("/health/live").status_code == 200
    assert set(client.get("/health/ready").headers.keys()).isdisjoint({"Set-Cookie"})


def test_checks_wait_for_nobody_elses(site: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Attack: each check holds a thread of the desk for as long as the database hangs."""
    begun, go = threading.Event(), threading.Event()

    def hangs(_database: Database) -> bool:
        begun.set()
        return go.wait(20)

    monkeypatch.setattr(Database, "answers", hangs)
    first = threading.Thread(target=lambda: site.test_client().get("/health/ready"))
    first.start()
    begun.wait(20)
    began = time.monotonic()
    assert site.test_client().get("/health/ready").status_code == 503
    assert time.monotonic() - began < 5
    go.set()
    first.join()


def test_a_line_comes_once_a_minute_and_says_how_often(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr(quiet_log.time, "monotonic", lambda: clock[0])
    filter_ = quiet_log.OnceAMinute()

    def line(text: str) -> str | None:
        record = logging.LogRecord("pingyi", logging.ERROR, "", 0, "%s", (text,), None)
        return record.getMessage() if filter_.filter(record) else None

    assert [line("away") for _ in range(3600)] == ["away", *[None] * 3599]
    assert line("another") == "another"
    clock[0] = 61.0
    assert line("away") == "away (and 3599 more like it)"
    for number in range(5000):
        line(str(number))
    assert len(filter_._passed) <= quiet_log.MOST_LINES


@pytest.mark.parametrize("as_json", [False, True])
def test_a_full_log_disk_stops_nothing(tmp_path: Path, as_json: bool) -> None:
    """Standard error is /dev/full: every write to it fails."""
    code = "import logging, pathlib, survey.quiet_log as q; log = logging.getLogger('pingyi')\n"
    code += f"q.install(pathlib.Path({str(tmp_path)!r}), as_json={as_json})\n"
    code += "for n in range(100): log.error('line %s', n)\nprint('done')"
    with open("/dev/full", "w") as full:  # noqa: PTH123
        done = subprocess.run([sys.executable, "-c", code], stderr=full, stdout=subprocess.PIPE, check=False)
    assert done.stdout == b"done\n"
    assert (tmp_path / quiet_log.LOST).exists()


def test_the_desk_is_told_of_backups(administrator: FlaskClient, data: Path) -> None:
    assert "备份" not in administrator.get("/admin/").text
    made, then = data / upkeep.BACKUP, datetime.now(UTC) - timedelta(days=3)
    made.write_bytes(b"")
    assert "最近一次备份" not in administrator.get("/admin/").text
    os.utime(made, (then.timestamp(), then.timestamp()))
    assert "最近一次备份" in administrator.get("/admin/").text
    (data / upkeep.FAILED).write_bytes(b"")
    assert "夜间备份没有做成" in administrator.get("/admin/").text


def test_a_damaged_database_is_found_by_the_clock(
    place: County, administrator: FlaskClient, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checks: list[int] = []

    def damaged(_session: object) -> str:
        checks.append(1)
        raise PingyiError("malformed")

    upkeep.check_daily(place.database, data)
    assert "pingyi doctor" not in administrator.get("/admin/").text
    monkeypatch.setattr(place.database.kind, "check", damaged)
    upkeep.check_daily(place.database, data)
    assert checks == [], "once a day"
    (data / upkeep.CHECKED).write_text("2026-01-01", encoding="utf-8")
    upkeep.check_daily(place.database, data)
    assert checks == [1]
    assert "pingyi doctor" in administrator.get("/admin/").text
    monkeypatch.undo()
    (data / upkeep.CHECKED).unlink()
    upkeep.check_daily(place.database, data)
    assert "pingyi doctor" not in administrator.get("/admin/").text


def test_receipts_are_made_once(
    place: County, site: Flask, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.draft(threshold=3).issue(4).start()
    place.cast_all([None] * 3)
    address = f"/public/{place.slug}/receipts.txt"
    assert site.test_client().get(address).status_code == 409
    place.close()
    made: list[int] = []
    receipts = box_files.receipts
    monkeypatch.setattr(box_files, "receipts", lambda s, r: (made.append(1), receipts(s, r))[1])
    receipts_file.make_missing(place.database, data)
    answers = {site.test_client().get(address).data for _ in range(5)}
    assert len(made) == 1
    assert [len(answer.splitlines()) for answer in answers] == [3]
    with monkeypatch.context() as reading:  # what is there is not even read again
        reading.delattr(receipts_file, "text_of")
        receipts_file.make_missing(place.database, data)
    for file in (data / receipts_file.FOLDER).iterdir():
        file.unlink()
    assert site.test_client().get(address).data in answers
    assert len(made) == 2


def test_a_disk_that_is_full_keeps_no_receipts_back(place: County, site: Flask, data: Path) -> None:
    place.draft(threshold=3).issue(4).start()
    place.cast_all([None] * 3)
    place.close()
    (data / receipts_file.FOLDER).write_text("no folder")
    assert site.test_client().get(f"/public/{place.slug}/receipts.txt").status_code == 200


def test_the_application_needs_no_folder_of_backups(place: County, tmp_path: Path) -> None:
    settings = Settings(tmp_path / "none", place.database.url, BASE_URL, SECRET)
    create_app(settings, place.database)
    assert upkeep.troubles(settings.data) == []
