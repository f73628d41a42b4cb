"""Backup of PostgreSQL: schema by pg_dump, rows by COPY in key order, all of one snapshot.

pg_dump writes rows in the order on disk, which would reveal the order in which ballots came.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import Connection, Engine, create_engine, inspect, text
from sqlalchemy.engine import URL, make_url

from survey.database.backups.parts import Compare, Compared, Saved
from survey.database.backups.table_digests import table_digests
from survey.errors import N_, Conflict, InvalidInput, PingyiError

MEMBERS = "*.pg"
SECTIONS = ("pre-data", "post-data")
TABLE_FILE = "table-{name}.pg"


def save(url: str, folder: Path) -> Saved:
    """Write schema and rows of one snapshot into `folder`, without blocking anybody."""
    engine = create_engine(url, isolation_level="REPEATABLE READ")
    try:
        with engine.begin() as connection:
            connection.execute(text("SET TRANSACTION READ ONLY"))
            revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
            snapshot = str(connection.execute(text("SELECT pg_export_snapshot()")).scalar())
            server = _driver(connection).info  # the snapshot is known there alone
            files = [_dump(url, server, section, snapshot, folder) for section in SECTIONS]
            files += [_copy_out(connection, name, folder) for name in _tables(connection)]
            return Saved(tuple(files), str(revision), table_digests(connection))
    finally:
        engine.dispose()


def require_empty(url: str) -> None:
    """Raise `Conflict` unless the database has no table."""
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            tables = _tables(connection)
    finally:
        engine.dispose()
    if tables:
        raise Conflict(
            N_("数据库不是空的（有表 %(table)s），没有恢复。"),
            remedy=N_("请用 createdb 新建一个空数据库，把 PINGYI_DATABASE_URL 指向它。"),
            table=tables[0],
        )


def restore(url: str, folder: Path, compare: Compare) -> list[Compared]:
    """Restore tables, rows, then constraints and triggers, and compare; if anything differs, remove all
    again."""
    engine = create_engine(url)
    try:
        _load(url, SECTIONS[0], folder)
        with engine.begin() as connection:
            for name in _tables(connection):
                _copy_in(connection, name, folder)
        _load(url, SECTIONS[1], folder)
        with engine.connect() as connection:
            result = compare(table_digests(connection))
    except BaseException:
        _clear(engine)
        raise
    else:
        if not all(entry.equal for entry in result):
            _clear(engine)
        return result
    finally:
        engine.dispose()


def _tables(connection: Connection) -> list[str]:
    return sorted(inspect(connection).get_table_names())


def _copy_out(connection: Connection, table: str, folder: Path) -> Path:
    path = folder / TABLE_FILE.format(name=table)
    keys = inspect(connection).get_pk_constraint(table)["constrained_columns"]
    query = sql.SQL("COPY (SELECT {columns} FROM {table} ORDER BY {keys}) TO STDOUT").format(
        columns=_columns(connection, table),
        table=sql.Identifier(table),
        keys=sql.SQL(", ").join(map(sql.Identifier, keys)),
    )
    with path.open("wb") as file, _cursor(connection) as cursor, cursor.copy(query) as rows:
        for block in rows:
            file.write(block)
    return path


def _copy_in(connection: Connection, table: str, folder: Path) -> None:
    path = folder / TABLE_FILE.format(name=table)
    if not path.exists():
        raise InvalidInput(N_("备份里缺少表 %(table)s，文件已经损坏。"), table=table)
    query = sql.SQL("COPY {table} ({columns}) FROM STDIN").format(
        table=sql.Identifier(table), columns=_columns(connection, table)
    )
    with path.open("rb") as file, _cursor(connection) as cursor, cursor.copy(query) as rows:
        while block := file.read(1 << 20):
            rows.write(block)


def _columns(connection: Connection, table: str) -> sql.Composed:
    names = sorted(column["name"] for column in inspect(connection).get_columns(table))
    return sql.SQL(", ").join(map(sql.Identifier, names))


def _cursor(connection: Connection) -> psycopg.Cursor[Any]:
    return _driver(connection).cursor()


def _driver(connection: Connection) -> psycopg.Connection[Any]:
    driver: psycopg.Connection[Any] = connection.connection.driver_connection  # type: ignore[assignment]
    return driver


def _dump(url: str, server: psycopg.ConnectionInfo, section: str, snapshot: str, folder: Path) -> Path:
    path = folder / f"{section}.pg"
    options = ["--format=custom", f"--section={section}", f"--snapshot={snapshot}", f"--file={path}"]
    _run("pg_dump", url, [*options, "--no-owner", "--no-privileges"], server=server)
    return path


def _load(url: str, section: str, folder: Path) -> None:
    path = folder / f"{section}.pg"
    if not path.exists():
        raise InvalidInput(N_("备份里没有数据库，文件已经损坏。"))
    options = ["--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges"]
    _run("pg_restore", url, options, str(path))


def _run(
    program: str, url: str, options: list[str], *files: str, server: psycopg.ConnectionInfo | None = None
) -> None:
    where, environment = connection_arguments(make_url(url), server)
    command = [_find(program), *options, "--no-password", *where, *files]
    done = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise PingyiError(
            N_("%(program)s 没有成功：%(why)s"),
            remedy=N_("请核对 PINGYI_DATABASE_URL，并安装与服务器同版本或更新的 PostgreSQL 客户端。"),
            program=program,
            why=done.stderr.strip()[-500:],
        )


def connection_arguments(
    url: URL, server: psycopg.ConnectionInfo | None = None
) -> tuple[list[str], dict[str, str]]:
    """Command-line options and environment for PostgreSQL's programs; the password only in the environment.

    With `server`, the one of several servers with which that connection was made.
    """
    query = {name: values[-1] for name, values in url.normalized_query.items()}
    given = ",".join(url.normalized_query.get("host", ()))
    hosts = [_host_and_port(value) for value in given.split(",") if value]
    if url.host:
        hosts = [(url.host, str(url.port or ""))]
    if server is not None:
        hosts = [(server.host, str(server.port))]
    ports = [port or query.get("port", "") for _host, port in hosts]
    values = {
        "--host": ",".join(host for host, _port in hosts),
        "--port": ",".join(ports) if any(ports) else query.get("port"),
        "--username": url.username or query.get("user"),
        "--dbname": url.database,
    }
    environment = {"PGPASSWORD": url.password} if url.password else {}
    environment |= {f"PG{name.upper()}": value for name, value in query.items() if name.startswith("ssl")}
    environment |= {variable: query[name] for name, variable in _VARIABLES.items() if name in query}
    return [f"{name}={value}" for name, value in values.items() if value], environment


# Options of an address that decide which server is meant, as the programs read them (libpq, 34.15).
_VARIABLES = {"target_session_attrs": "PGTARGETSESSIONATTRS", "connect_timeout": "PGCONNECT_TIMEOUT"}


def _host_and_port(value: str) -> tuple[str, str]:
    """Host and port of one value of `host`; a socket's folder has no port in it."""
    host, colon, port = value.rpartition(":")
    return (host, port) if colon and port.isdigit() and not value.startswith("/") else (value, "")


def _find(program: str) -> str:
    """Path of the newest installed version of a PostgreSQL program, also in Debian's versioned folders."""
    hidden = sorted(
        Path("/usr/lib/postgresql").glob(f"*/bin/{program}"),
        key=lambda path: int(path.parts[-3]),
        reverse=True,
    )
    found = str(hidden[0]) if hidden else shutil.which(program)
    if found is None:
        raise PingyiError(
            N_("没有找到 %(program)s。"),
            remedy=N_("请安装 PostgreSQL 客户端：apt-get install postgresql-client。"),
            program=program,
        )
    return found


def _clear(engine: Engine) -> None:
    """Remove everything in the database again."""
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
