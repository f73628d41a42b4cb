"""Disk full, file damaged, database away: words for whoever runs a command or opens a page, no traceback."""

from __future__ import annotations

import errno
import os
import sqlite3
from pathlib import Path

import cheap
import pytest
from click.testing import CliRunner
from county import SECRET, County
from sqlalchemy import text

from survey.app import create_app
from survey.cli import main
from survey.config import Settings
from survey.database import sqlite, sqlite_engine, storage_order
from survey.database.engine import Database
from survey.errors import Busy
from survey.services.operations import backup
from survey.web.site import error_pages


@pytest.fixture
def here(place_on_sqlite: County, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PINGYI_DATA", str(tmp_path))
    monkeypatch.setenv("PINGYI_DATABASE_URL", place_on_sqlite.database.url)
    monkeypatch.setenv("PINGYI_SECRET_KEY", SECRET)
    return tmp_path


def said(*arguments: str) -> str:
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 2, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.output


def damage(url: str) -> None:
    path = url.partition("///")[2]
    content = bytearray(Path(path).read_bytes())
    content[4096:] = b"\xa5" * (len(content) - 4096)
    Path(path).write_bytes(content)


def test_a_backup_onto_a_full_disk(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(backup.os, "fsync", full)
    assert "No space left" in said("backup", str(here / "x.backup"))
    assert not (here / "x.backup").exists()
    assert [path for path in here.iterdir() if path.name.startswith(".pingyi-")] == []


def test_a_backup_of_a_damaged_file(here: Path, place_on_sqlite: County) -> None:
    place_on_sqlite.collecting(slips=3)
    place_on_sqlite.database.close()
    damage(place_on_sqlite.database.url)
    assert "malformed" in said("backup", str(here / "x.backup"))
    assert not (here / "x.backup").exists()
    assert "malformed" in said("user", "list")


def test_a_newer_programs_data_is_left_alone_by_backup(here: Path, place_on_sqlite: County) -> None:
    place_on_sqlite.database.write(
        lambda s: s.execute(text("UPDATE alembic_version SET version_num='9999'")) and None
    )
    for command in (("backup", str(here / "x.backup")), ("user", "list"), ("migrate",)):
        assert "9999" in said(*command)


def test_a_rewriting_that_finds_the_file_locked_is_busy(place_on_sqlite: County) -> None:
    """VACUUM runs on the driver's own connection, whose errors SQLAlchemy does not wrap."""
    database = place_on_sqlite.database
    place_on_sqlite.collecting(slips=1)
    other = sqlite3.connect(database.url.partition("///")[2], isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        with pytest.MonkeyPatch.context() as quick:
            quick.setattr(sqlite, "_REWRITE", ("PRAGMA busy_timeout=50", *sqlite._REWRITE))
            with pytest.raises(Busy):
                database.kind.rewrite(database, storage_order.TABLES, [place_on_sqlite.round().id])
    finally:
        other.close()


def test_a_commit_reaches_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite calls 2 FULL: the log is flushed at every commit."""
    monkeypatch.setattr(sqlite_engine, "PRAGMAS", cheap.PRAGMAS)
    engine = sqlite_engine.open_engine(sqlite_engine.address_in(tmp_path))
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2
    engine.dispose()


def test_the_error_page_writes_nothing(
    place_on_sqlite: County, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the writer stuck, the page that says so must not wait for it once more."""
    place_on_sqlite.populate()
    settings = Settings(
        tmp_path, place_on_sqlite.database.url, "http://localhost", SECRET, insecure_http=True
    )
    app = create_app(settings, place_on_sqlite.database)
    app.testing = True
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["token"] = "somebody's"
    writes: list[object] = []

    def stuck(work: object) -> None:
        writes.append(work)
        raise Busy

    monkeypatch.setattr(place_on_sqlite.database, "write", stuck)
    assert client.get("/admin/").status_code == 503
    assert len(writes) == 1
    assert client.get("/nowhere").status_code == 404
    assert len(writes) == 1, error_pages.__name__


def test_a_phone_gets_its_page_from_memory(place_on_sqlite: County, tmp_path: Path) -> None:
    place = place_on_sqlite.collecting(slips=1)
    settings = Settings(tmp_path, place.database.url, "http://localhost", SECRET, insecure_http=True)
    own = Database(place.database.url, secret_key=SECRET)
    client = create_app(settings, own).test_client()
    assert client.get(f"/s/{place.slug}").status_code == 200
    place.database.close()
    own.engine.dispose()
    damage(place.database.url)
    assert client.get(f"/s/{place.slug}").status_code == 200
    assert client.get(f"/public/{place.slug}").status_code == 503
    own.close()
