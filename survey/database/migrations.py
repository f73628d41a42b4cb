"""The schema's version: Alembic's migrations, run from a checkout or from an installed wheel."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from survey.paths import MIGRATIONS


def configuration(connection: Connection | None = None) -> Config:
    """Alembic's configuration for the packaged migrations, working on `connection`."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def head() -> str:
    """The newest revision that this installation knows."""
    revision = ScriptDirectory.from_config(configuration()).get_current_head()
    assert revision is not None  # noqa: S101 - the first migration ships with the package
    return revision


def current(engine: Engine) -> str | None:
    """The revision the database is at; None for an empty one."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the database to `revision`, in one transaction."""
    _make_private(engine)
    _run(engine, command.upgrade, revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Take the database back to `revision`, in one transaction."""
    _run(engine, command.downgrade, revision)


def _make_private(engine: Engine) -> None:
    """A new SQLite file is for this user alone, whatever the umask; its logs get the same mode."""
    if engine.dialect.name == "sqlite" and engine.url.database:
        Path(engine.url.database).touch(mode=0o600)


def _run(engine: Engine, action: Callable[[Config, str], None], revision: str) -> None:
    writing = engine.execution_options(pingyi_write=True)
    with writing.connect() as connection, connection.begin():
        if engine.dialect.name == "postgresql":
            # Two servers may start together; the second waits here and then finds nothing to do.
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7023849)")
        action(configuration(connection), revision)
