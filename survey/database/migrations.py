"""Schema migrations by Alembic, run from a checkout or from an installed wheel."""

from __future__ import annotations

from collections.abc import Callable

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from survey.database.kinds import kind_of
from survey.paths import MIGRATIONS

# Number of the lock that makes a second server, starting at the same time, wait until the first has migrated.
LOCK = 7023849


def configuration(connection: Connection | None = None) -> Config:
    """Alembic configuration for the packaged migrations, with `connection` to work on."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def head() -> str:
    """Newest schema revision that this installation knows."""
    revision = ScriptDirectory.from_config(configuration()).get_current_head()
    assert revision is not None  # noqa: S101 - the first migration ships with the package
    return revision


def current(engine: Engine) -> str | None:
    """Schema revision of the database; None for an empty one."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Migrate the database up to `revision`, in one transaction."""
    if file := kind_of(engine).file(engine.url):
        file.touch(mode=0o600)  # for this user alone, whatever the umask; logs get the same mode
    _run(engine, command.upgrade, revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Migrate the database back to `revision`, in one transaction."""
    _run(engine, command.downgrade, revision)


def _run(engine: Engine, action: Callable[[Config, str], None], revision: str) -> None:
    writing = engine.execution_options(pingyi_write=True)
    with writing.connect() as connection, connection.begin():
        kind_of(connection).hold(connection, LOCK)
        action(configuration(connection), revision)
