"""Whether a test leaves a connection to PostgreSQL open, with which garbage collection would fail another."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import Any

from survey.database.engine import Database


class Watch:
    """Knows the PostgreSQL databases that the running test opened, and where."""

    def __init__(self) -> None:
        self._opened: list[tuple[Database, str]] = []
        self._lost: list[str] = []
        self.scopes: list[str] = []
        """Of the fixtures being set up, the innermost last: what a wider one opens, it closes later."""

    def install(self) -> None:
        """See every `Database` that is made or closed from now on."""
        make, close = Database.__init__, Database.close

        def made(database: Database, *given: Any, **named: Any) -> None:
            make(database, *given, **named)
            if database.kind.NAME != "sqlite" and set(self.scopes) <= {"function"}:
                self._opened.append((database, _place()))

        def closed(database: Database) -> None:
            pool: Any = database.engine.pool
            close(database)
            if database.kind.NAME != "sqlite" and pool.checkedout():
                self._lost.append(f"in use while closed at {_place()}")

        _replace(made, closed)

    def left_open(self) -> list[str]:
        """Where what is still open was opened, or was in use when it was closed; closes it and forgets."""
        found = self._lost
        for database, place in self._opened:
            pool: Any = database.engine.pool
            if pool.checkedin() + pool.checkedout():
                found.append(f"opened at {place}")
                database.engine.dispose()
        self._opened, self._lost = [], []
        return found


def _replace(made: Callable[..., None], closed: Callable[..., None]) -> None:
    Database.__init__ = made  # type: ignore[method-assign]
    Database.close = closed  # type: ignore[method-assign]


def _place() -> str:
    """The line of a test or fixture that led here."""
    frames = [f for f in traceback.extract_stack() if "/tests/" in f.filename and f.filename != __file__]
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "somewhere"
