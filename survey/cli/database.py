"""Opening of the database for commands: named by the settings, required to be migrated, closed at the end."""

from __future__ import annotations

import contextlib
import getpass
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import click

from survey.config import Settings, load_settings
from survey.database.engine import Database, open_database
from survey.errors import N_, InvalidInput

F = TypeVar("F", bound=Callable[..., Any])


def data_option(command: F) -> F:
    """Decorator that adds `--data DIR`, which overrides PINGYI_DATA."""
    folder = click.Path(path_type=Path, file_okay=False)
    return click.option("--data", type=folder, help="数据目录 / data directory")(command)


@contextlib.contextmanager
def opened(data: Path | None) -> Iterator[tuple[Database, Settings]]:
    """Context with database and settings; raises `InvalidInput` unless the schema is at the newest
    revision."""
    from survey.database.migrations import current, head, require_known

    settings = load_settings(data=data)
    database = open_database(settings)
    try:
        found = current(database.engine)
        require_known(found)
        if found != head():
            raise InvalidInput(N_("数据库还没有建立，或者版本不同。"), remedy=N_("请先运行 pingyi migrate。"))
        yield database, settings
    finally:
        database.close()


def operator() -> str:
    """Name of the person who runs the command, for the audit log."""
    try:
        return f"命令行（{getpass.getuser()}）"
    except (KeyError, OSError):  # a container's user may have no name
        return "命令行"
