"""Backup of SQLite: an online copy of one moment, rewritten in key order."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from survey.database.backups.parts import Compare, Compared, Saved, put_in_place
from survey.database.backups.table_digests import TableDigest, table_digests
from survey.errors import N_, Conflict, InvalidInput, PingyiError

MEMBERS = "database.sqlite3"


def save(url: str, folder: Path) -> Saved:
    """Copy the running database at an address into `folder`; writers wait only while pages are copied."""
    source, copy, clean = file_of(url), folder / "copy.sqlite3", folder / MEMBERS
    if not source.exists():
        raise InvalidInput(N_("没有数据库“%(file)s”。"), remedy=N_("请先运行 pingyi migrate。"), file=source)
    with closing(sqlite3.connect(source, timeout=15)) as running, closing(sqlite3.connect(copy)) as taken:
        running.backup(taken)
    with closing(sqlite3.connect(copy)) as taken:
        # A copy of pages would keep the place of each row, which reveals its order of arrival.
        taken.execute("PRAGMA journal_mode=DELETE")
        taken.execute("VACUUM INTO ?", (str(clean),))
    copy.unlink()
    clean.chmod(0o600)
    revision, tables = _look(clean)
    return Saved((clean,), revision, tables)


def require_empty(url: str) -> None:
    """Raise `Conflict`, so that a restore overwrites nothing, when the database file at this address, or its
    -wal or -shm file, exists."""
    path = file_of(url)
    left = [f"{path}{ending}" for ending in ("", "-wal", "-shm") if Path(f"{path}{ending}").exists()]
    if left:
        raise Conflict(
            N_("这里已经有数据库“%(file)s”，没有恢复。"),
            remedy=N_("请恢复到一个空的数据目录（--data），核对后再替换。"),
            file=left[0],
        )


def restore(url: str, folder: Path, compare: Compare) -> list[Compared]:
    """Check and compare the file of the backup, and put it in place if all tables are equal."""
    part = folder / MEMBERS
    if not part.exists():
        raise InvalidInput(N_("备份里没有数据库，文件已经损坏。"))
    try:
        _revision, found = _look(part)
    except Exception as error:
        raise PingyiError(
            N_("备份里的数据库读不出来，没有恢复。"), remedy=N_("请改用另一份备份。")
        ) from error
    result = compare(found)
    if all(entry.equal for entry in result):
        put_in_place(part, file_of(url))
    return result


def file_of(url: str) -> Path:
    """Path of the database file at an address."""
    return Path(make_url(url).database or "")


def _look(path: Path) -> tuple[str, dict[str, TableDigest]]:
    engine = create_engine(f"sqlite:///{path}")
    try:
        with engine.connect() as connection:
            state = connection.execute(text("PRAGMA integrity_check")).scalar()
            if state != "ok":
                raise InvalidInput(N_("数据库文件已损坏：%(why)s"), why=str(state)[:200])
            revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
            return str(revision), table_digests(connection)
    finally:
        engine.dispose()
