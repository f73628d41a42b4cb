"""Interface of the kinds of database (SQLite, PostgreSQL); only they know which kind is used.

A kind is a module with the functions of `Kind`: sqlite.py and postgresql.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import URL, Connection, Engine
from sqlalchemy.orm import Session

from survey.database import postgresql, sqlite
from survey.database.backups.parts import Backup
from survey.database.kinds_of_store import StoreKind, kind_for
from survey.models import Base
from survey.models.base import WHERE

if TYPE_CHECKING:
    from survey.database.engine import Database


class Kind(StoreKind, Protocol):
    """Functions that the site needs of every kind of database, beside those of `StoreKind`."""

    TITLE: str
    """Name of the kind in messages."""
    MANY_PROCESSES: bool
    """Whether several processes may write; otherwise one thread writes for all."""

    def file(self, url: str | URL) -> Path | None:
        """Path of the database file at an address; None for a server."""

    def hold(self, connection: Session | Connection, number: int) -> None:
        """Lock `number` (an advisory lock) until the transaction ends."""

    def claim(self, session: Session, number: int) -> bool:
        """Lock `number` like `hold`, but return False at once where another process holds it."""

    def insert(self, table: Any) -> Any:
        """INSERT statement that supports `on_conflict_do_update` and `on_conflict_do_nothing`."""

    def insert_ballots(
        self, connection: Connection, round_id: bytes, rows: Sequence[tuple[bytes, ...]]
    ) -> Iterable[bytes]:
        """Insert new ballots of an open round by one statement, skipping those already there; an empty proof
        becomes NULL.

        rows: (spent, message, signature, sealed, proof), sorted; all values of a column have one length.
        Returns the keys (`spent`) known to be new: all of them, or fewer where finding out would cost too
        much.
        """

    def insert_invitations(
        self, connection: Connection, round_id: bytes, rows: Sequence[tuple[bytes, bytes | None]]
    ) -> None:
        """Insert uncollected invitations (hash of the code, enterprise), with zeros in the columns for the
        phone's answer."""

    def rewrite(self, database: Database, tables: Sequence[str], rounds: Sequence[bytes]) -> bool:
        """Rewrite at least the rows of the rounds so that their place does not reveal when they came, and
        leave no deleted content, while phones go on writing; returns False if not possible now."""

    def forget_old_rows(self, database: Database, table: str) -> None:
        """Leave no bytes of what rows of a table held before they were changed; not while phones use it."""

    def backup(self) -> Backup:
        """Module that saves and restores this kind of database."""


KINDS: dict[str, Kind] = {kind.NAME: kind for kind in (sqlite, postgresql)}

# SQLAlchemy needs the condition of a partial index once for each dialect.
for _index in (index for table in Base.metadata.tables.values() for index in table.indexes):
    for _name in KINDS:
        _index.dialect_options[_name]["where"] = _index.info.get(WHERE)


def kind_at(url: str) -> Kind:
    """Kind of database that a SQLAlchemy address from `address` names; raises `KeyError` for any other."""
    return KINDS[url.partition(":")[0].partition("+")[0]]


def kind_of(used: Session | Connection | Engine) -> Kind:
    """Kind of the database behind a session, connection or engine."""
    return KINDS[(used.get_bind() if isinstance(used, Session) else used).dialect.name]


def address(given: str | None, folder: Path) -> str:
    """Database address for SQLAlchemy from `PINGYI_DATABASE_URL`; without one, a file in `folder`.

    Raises `InvalidInput`.
    """
    if not given:
        return sqlite.address_in(folder)
    return kind_for(given, KINDS.values()).address(given)
