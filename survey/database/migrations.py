"""Schema migrations by Alembic, run from a checkout or from an installed wheel."""

from __future__ import annotations

from collections.abc import Callable

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from survey.database.kinds import kind_of
from survey.errors import N_, Conflict
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


def require_known(revision: str | None) -> None:
    """Raise `Conflict` for the schema of a newer program, which this one must not touch."""
    if revision is None or any(
        known.revision == revision for known in ScriptDirectory.from_config(configuration()).walk_revisions()
    ):
        return
    raise Conflict(
        N_("数据是由更新版本的程序建立或升级的（版本 %(found)s，本程序只认到 %(head)s），没有动它。"),
        remedy=N_("请安装更新的版本再打开；要退回旧版本，请先用新版本 pingyi backup，再问技术人员。"),
        found=revision,
        head=head(),
    )


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Migrate the database up to `revision`, in one transaction; raises `Conflict` for a newer program's."""
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
        require_known(MigrationContext.configure(connection).get_current_revision())
        action(configuration(connection), revision)
