"""A PostgreSQL that is frozen, replaced or behind a pooler: nobody waits for ever."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from county import County
from postgres import PostgreSQL
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from survey.config import Settings
from survey.database import postgresql_connections
from survey.database.backups.postgresql import connection_arguments
from survey.database.engine import Database
from survey.database.postgresql_engine import address
from survey.errors import Busy, InvalidInput, PingyiError
from survey.services.operations.backup import make_backup, restore_backup

pytestmark = pytest.mark.postgresql
ON_POSTGRESQL = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
BOUND = 12.0


def processes(server: PostgreSQL) -> list[int]:
    """The server's own process and its children."""
    first = int((Path(server._folder) / "data" / "postmaster.pid").read_text().split()[0])
    children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
    return [first, *map(int, children)]


@contextlib.contextmanager
def frozen(server: PostgreSQL) -> Iterator[None]:
    stopped = processes(server)
    for process in stopped:
        os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in stopped:
            os.kill(process, signal.SIGCONT)


@ON_POSTGRESQL
def test_a_frozen_server_is_given_up_and_taken_again(
    place: County, postgresql: PostgreSQL, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kernel goes on answering for it, so that no time-out of TCP ends the wait."""
    monkeypatch.setattr(postgresql_connections, "PATIENCE_SECONDS", 0.5)
    look = text("SELECT count(*) FROM round")
    with place.database.read() as session:
        session.execute(look)
        began = time.monotonic()
        with frozen(postgresql):
            with pytest.raises(OperationalError):
                session.execute(look)
            with pytest.raises(Busy):
                place.database.write(lambda s: s.execute(look) and None)
            assert time.monotonic() - began < BOUND
    with place.database.read() as session:
        assert session.scalar(look) == 0


@ON_POSTGRESQL
def test_a_long_statement_of_a_living_server_is_waited_for(
    place: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql_connections, "PATIENCE_SECONDS", 0.2)
    with place.database.read() as session:
        assert session.execute(text("SELECT pg_sleep(1)")).all()


@ON_POSTGRESQL
def test_a_pooler_that_drops_what_is_asked_for_is_noticed(place: County) -> None:
    """PgBouncer with `ignore_startup_parameters = options` serves the database's own setting."""
    url = make_url(place.database.url)
    asked = {"user": "pingyi", "dbname": url.database, "host": url.query["host"]}
    with psycopg.connect(**asked, autocommit=True) as connection:
        name = psycopg.sql.Identifier(str(url.database))
        connection.execute(psycopg.sql.SQL("ALTER DATABASE {} SET synchronous_commit = off").format(name))
    try:
        with pytest.raises(PingyiError, match="synchronous_commit"):
            postgresql_connections.connect(**asked)
        postgresql_connections.connect(**asked, options="-c synchronous_commit=on").close()
    finally:
        with psycopg.connect(**asked, autocommit=True) as connection:
            connection.execute(psycopg.sql.SQL("ALTER DATABASE {} RESET synchronous_commit").format(name))


@pytest.fixture
def port(postgresql: PostgreSQL) -> Iterator[int]:
    """A port of this machine that leads to the server's socket."""
    listening = socket.create_server(("127.0.0.1", 0))
    socket_file = str(next(Path(postgresql._folder).glob(".s.PGSQL.*[0-9]")))

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = listening.accept()
                far = socket.socket(socket.AF_UNIX)
                far.connect(socket_file)
                threading.Thread(target=carry, args=(near, far), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    yield listening.getsockname()[1]
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()


def carry(near: socket.socket, far: socket.socket) -> None:
    with near, far, selectors.DefaultSelector() as ready, contextlib.suppress(OSError):
        ready.register(near, selectors.EVENT_READ, far)
        ready.register(far, selectors.EVENT_READ, near)
        while True:
            for key, _ in ready.select():
                if not (content := key.fileobj.recv(1 << 16)):  # type: ignore[union-attr]
                    return
                key.data.sendall(content)


@ON_POSTGRESQL
def test_a_backup_of_one_server_among_several(
    place: County, postgresql: PostgreSQL, port: int, tmp_path: Path
) -> None:
    """The first is away: rows, schema and snapshot are of the one that answered."""
    place.collecting(slips=2)
    hosts = f"host=127.0.0.1:1&host=127.0.0.1:{port}"
    name, empty = make_url(place.database.url).database, postgresql.create("several_restored")

    def settings(database: str | None) -> Settings:
        url = address(f"postgresql://pingyi@/{database}?{hosts}")
        return Settings(
            data=tmp_path, database_url=url, base_url="https://pingyi.example", secret_key="s" * 40
        )

    make_backup(settings(name), tmp_path / "backup")
    compared = restore_backup(settings(make_url(empty).database), tmp_path / "backup")
    assert compared
    assert all(entry.equal for entry in compared)


def test_several_hosts_for_the_programs_of_postgresql() -> None:
    def arguments(url: str) -> list[str]:
        return connection_arguments(make_url(address(url)))[0]

    wanted = ["--host=127.0.0.1,localhost", "--port=5432,5433", "--username=u", "--dbname=d"]
    assert arguments("postgresql://u@/d?host=127.0.0.1:5432&host=localhost:5433") == wanted
    assert arguments("postgresql://u@127.0.0.1:5432,localhost:5433/d") == wanted
    assert arguments("postgresql://u@localhost:5433/d")[:2] == ["--host=localhost", "--port=5433"]
    assert arguments("postgresql://u@/d?host=/run/postgresql")[0] == "--host=/run/postgresql"


@pytest.mark.parametrize(
    "where",
    [
        "u@/d?host=db.example&host=127.0.0.1",
        "u@/d?host=127.0.0.1&host=db.example",
        "u@/d?host=127.0.0.1,db.example",
        "u@db.example:5432,127.0.0.1:5433/d",
        "u@/d?host=db.example&sslmode=disable&sslmode=verify-full",
        "u@/d?service=elsewhere",
    ],
)
def test_no_host_of_several_may_be_listened_to(where: str) -> None:
    with pytest.raises(InvalidInput, match="没有要求加密"):
        address(f"postgresql://{where}")


def test_a_database_with_several_hosts_opens(port: int, place_on_postgresql: str) -> None:
    name = make_url(place_on_postgresql).database
    database = Database(address(f"postgresql://pingyi@127.0.0.1:1,127.0.0.1:{port}/{name}"))
    try:
        with database.read() as session:
            assert session.scalar(text("SELECT 1")) == 1
    finally:
        database.close()


@pytest.fixture
def place_on_postgresql(postgresql: PostgreSQL, postgresql_template: str) -> str:
    return postgresql.copy(postgresql_template)


@ON_POSTGRESQL
def test_the_doctor_names_a_standby_that_keeps_old_rows(
    place: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stands for a standby: a slot that holds rows back counts the same and needs no second server."""
    from survey.database import postgresql_engine

    with place.database.read() as session:
        assert "落盘" in place.database.kind.check(session)
        monkeypatch.setattr(postgresql_engine, "_HELD_BY_STANDBYS", text("SELECT 1"))
        with pytest.raises(PingyiError, match="hot_standby_feedback"):
            place.database.kind.check(session)
