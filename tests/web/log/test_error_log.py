"""The log of errors: its lines in an outage and on a full disk, and what none of them tells."""

from __future__ import annotations

import errno
import io
import json
import logging
import sys

import pytest
from county import County
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from survey import quiet_log
from survey.database.engine import Database
from survey.protocol.crypto.encoding import b64u

AWAY = OperationalError("SELECT of 丰云食品厂 from 203.0.113.77", {}, OSError("refused"))


class FullDisk(io.StringIO):
    """A file on a disk that is full."""

    def write(self, _text: str) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


@pytest.fixture(autouse=True)
def _log_of_its_own(site: Flask) -> None:
    """The lines of no other test count as those of the last minute."""
    for each in logging.getLogger("pingyi").filters:
        if isinstance(each, quiet_log.OnceAMinute):
            each._passed.clear()


def as_json(site: Flask) -> None:
    quiet_log.install(site.extensions["pingyi"].settings.data, as_json=True)


def test_an_outage_is_one_line_of_json_that_tells_of_nobody(
    place: County, site: Flask, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    as_json(site)
    monkeypatch.setattr(Database, "read", lambda _self: (_ for _ in ()).throw(AWAY))
    answers = {site.test_client().get("/public/2026-q4").status_code for _ in range(60)}
    assert answers == {503}
    (line,) = capsys.readouterr().err.splitlines()
    # Attack: a time, a thread or an address beside it would say who asked and when.
    assert json.loads(line) == {
        "level": "error",
        "logger": "pingyi",
        "message": "the database cannot be reached: OperationalError",
    }


def test_lines_of_two_moments_are_the_same_and_a_traceback_is_part_of_its_line() -> None:
    def written(error: Exception | None, moment: float) -> str:
        exc_info = (type(error), error, None) if error else None
        record = logging.LogRecord("pingyi", logging.ERROR, "x.py", 1, "two\nlines", (), exc_info)
        record.created, record.thread, record.process = moment, int(moment), int(moment)
        return quiet_log.JsonLine().format(record)

    assert written(None, 1.0) == written(None, 9e9)
    assert "\n" not in written(AWAY, 1.0)
    assert json.loads(written(KeyError("x"), 1.0))["traceback"] == "KeyError: 'x'"


def test_with_a_full_log_disk_ballots_are_cast_and_the_desk_says_so(
    place: County, site: Flask, administrator: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.draft(threshold=3).issue(4).start()
    monkeypatch.setattr(sys, "stderr", FullDisk())
    log = logging.getLogger("pingyi")
    log.error("something is wrong")
    phone = place.phone()
    phone.collect()
    ballot = {name: b64u(part) for name, part in phone.seal(None).ballot().parts().items()}
    assert site.test_client().post(f"/s/{place.slug}/ballot", json=ballot).status_code == 200
    assert "错误日志写不进去" in administrator.get("/admin/").text
    monkeypatch.undo()
    log.error("something else is wrong")
    assert "错误日志写不进去" not in administrator.get("/admin/").text
