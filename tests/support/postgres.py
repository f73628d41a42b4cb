"""A real PostgreSQL server for the tests: its own data directory, its own socket, gone afterwards."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg

PATIENCE = 60.0
# As a replica's session no trigger fires: even the audit log can be emptied.
_EMPTY = """
DO $$ DECLARE t text; BEGIN
  SET LOCAL lock_timeout = '5s';
  SET LOCAL session_replication_role = replica;
  FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename != 'alembic_version' LOOP
    EXECUTE format('DELETE FROM %I', t);
  END LOOP;
END $$
"""


def find_binaries() -> Path | None:
    """The folder of the newest server's programs, also where Debian hides it."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name), reverse=True)
    for folder in found:
        if (folder / "initdb").exists():
            return folder
    here = shutil.which("initdb")
    return Path(here).resolve().parent if here and shutil.which("postgres") else None


def other_user() -> str | None:
    """Who to be instead of root, as whom PostgreSQL refuses to run; None when no change is needed."""
    if os.geteuid() != 0:
        return None
    names = {line.split(":", 1)[0] for line in Path("/etc/passwd").read_text().splitlines()}
    return "postgres" if "postgres" in names else "nobody"


@contextlib.contextmanager
def server(binaries: Path) -> Iterator[PostgreSQL]:
    """Start a server on an empty cluster; durability settings are the defaults, fsync included."""
    with tempfile.TemporaryDirectory(prefix="pingyi-pg-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        user = other_user()
        if user:
            shutil.chown(folder, user)
        run = PostgreSQL(binaries, folder, user)
        run.start()
        try:
            yield run
        finally:
            run.stop()


class PostgreSQL:
    """One running cluster with a template database to copy from."""

    def __init__(self, binaries: Path, folder: Path, user: str | None) -> None:
        self._binaries = binaries
        self._folder = folder
        self._user = user
        self._number = 0
        self._clean: list[str] = []
        # A worker of autovacuum that comes by still sees old rows, and their rewriting is put off.
        self._options = "-c autovacuum=off -c max_connections=200"
        self._options += f" -c listen_addresses='' -c unix_socket_directories='{folder}'"

    def start(self) -> None:
        data, log = self._folder / "data", self._folder / "log"
        self._call(
            "initdb", "-D", data, "-U", "pingyi", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"
        )
        self._call(
            "pg_ctl", "-D", data, "-l", log, "-o", self._options, "-w", "-t", str(int(PATIENCE)), "start"
        )

    def stop(self) -> None:
        self._call("pg_ctl", "-D", self._folder / "data", "-m", "immediate", "-w", "stop")

    def kill(self) -> None:
        """As a power cut would: every process of the server ends at once."""
        self.stop()

    def restart(self) -> None:
        """Come back after `kill`, through crash recovery."""
        log = self._folder / "log"
        self._call("pg_ctl", "-D", self._folder / "data", "-l", log, "-o", self._options, "-w", "start")

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://pingyi@/{name}?host={self._folder}"

    def create(self, name: str, template: str = "template1") -> str:
        """A new database copied from `template`; returns its URL."""
        self._sql(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.url(name)

    def copy(self, template: str) -> str:
        """A fresh copy under a name of its own."""
        self._number += 1
        return self.create(f"test_{self._number}", template)

    def take(self, template: str) -> str:
        """A clean database like `template`: one that was given back, or a fresh copy."""
        return self._clean.pop() if self._clean else self.copy(template)

    def give_back(self, url: str) -> None:
        """Empty a database for the next test; dropping it would cost a checkpoint of the whole cluster.

        One that somebody still holds a lock on is left alone and not used again.
        """
        with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
            try:
                connection.execute(_EMPTY.encode())
            except psycopg.errors.LockNotAvailable:
                return
        self._clean.append(url)

    def _sql(self, statement: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not self._try(statement):
            if time.monotonic() > deadline:
                raise TimeoutError(statement)
            time.sleep(0.05)

    def _try(self, statement: str) -> bool:
        with psycopg.connect(
            f"user=pingyi dbname=postgres host={self._folder}", autocommit=True
        ) as connection:
            try:
                connection.execute(statement.encode())
            except psycopg.errors.ObjectInUse:  # a template's last visitor is still leaving
                return False
        return True

    def _call(self, program: str, *arguments: str | Path) -> None:
        command = [str(self._binaries / program), *map(str, arguments)]
        if self._user:
            command = ["runuser", "-u", self._user, "--", *command]
        done = subprocess.run(
            command,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=2 * PATIENCE,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stderr.decode(errors='replace')}")
