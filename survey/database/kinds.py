"""What differs between the kinds of database, behind one interface; nobody else asks which kind it is.

A kind is a module with the functions of `Kind`: sqlite.py and postgresql.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import URL, Connection, Engine
from sqlalchemy.orm import Session

from survey.database import postgresql, sqlite
from survey.database.backup_parts import Backup
from survey.database.group_writer import GroupWriter
from survey.errors import N_, InvalidInput
from survey.models import Base
from survey.models.base import WHERE

if TYPE_CHECKING:
    from survey.database.engine import Database


class Kind(Protocol):
    NAME: str
    """SQLAlchemy's name, which a backup's manifest carries."""
    TITLE: str
    """Its name for people."""
    PREFIXES: tuple[str, ...]
    """What its addresses begin with."""
    MANY_PROCESSES: bool
    """Whether several processes may write; otherwise one thread writes for all."""

    def address(self, given: str) -> str:
        """`given` as SQLAlchemy wants it; `InvalidInput` when it keeps nothing or others can listen."""

    def file(self, url: str | URL) -> Path | None:
        """The file that the address names; None for a server."""

    def open_engine(self, url: str) -> Engine:
        """An engine whose commits are durable and whose errors carry no values."""

    def writer(self, engine: Engine) -> GroupWriter:
        """The thread that writes in groups."""

    def check(self, session: Session) -> str:
        """What to say of a database that is whole and durable; raises `PingyiError` for another."""

    def hold(self, connection: Session | Connection, number: int) -> None:
        """Let nobody else hold `number` until this transaction ends."""

    def insert(self, table: Any) -> Any:
        """An INSERT that knows `on_conflict_do_update` and `on_conflict_do_nothing`."""

    def insert_ballots(
        self, connection: Connection, round_id: bytes, rows: Sequence[tuple[bytes, ...]]
    ) -> Iterable[bytes]:
        """Insert those of `rows` that are new, if the round is open, by one statement; a proof may be empty.

        rows: (spent, message, signature, sealed, proof), sorted; a column has one length. Returns keys that
        are known to be new: all, or fewer where telling which would cost too much.
        """

    def insert_invitations(
        self, connection: Connection, round_id: bytes, rows: Sequence[tuple[bytes, bytes | None]]
    ) -> None:
        """Insert uncollected invitations (hash of the code, enterprise), with zeros for their answers."""

    def mix_rows(self, session: Session, round_id: bytes, tables: Sequence[str]) -> None:
        """Put the round's rows where nothing tells when they came, as far as a transaction can."""

    def rewrite(self, database: Database, tables: Sequence[str]) -> bool:
        """Write the files anew in the order of keys, without what was deleted; False: not now."""

    def fresh(self, session: Session, round_id: bytes, mixed: int) -> tuple[int, int]:
        """(ballots whose order would show, all ballots); mixed: how many this process mixed last."""

    def backup(self) -> Backup:
        """Saving and restoring."""


KINDS: dict[str, Kind] = {kind.NAME: kind for kind in (sqlite, postgresql)}

# SQLAlchemy wants the condition of an index once for each kind.
for _index in (index for table in Base.metadata.tables.values() for index in table.indexes):
    for _name in KINDS:
        _index.dialect_options[_name]["where"] = _index.info.get(WHERE)


def kind_at(url: str) -> Kind:
    """The kind of the database at an address."""
    return KINDS[url.partition(":")[0].partition("+")[0]]


def kind_of(used: Session | Connection | Engine) -> Kind:
    """The kind of the database that is being used."""
    return KINDS[(used.get_bind() if isinstance(used, Session) else used).dialect.name]


def address(given: str | None, folder: Path) -> str:
    """`PINGYI_DATABASE_URL` as SQLAlchemy wants it; without one, the address of a file in `folder`.

    Raises `InvalidInput`.
    """
    if not given:
        return sqlite.address_in(folder)
    for kind in KINDS.values():
        if given.startswith(kind.PREFIXES):
            return kind.address(given)
    raise InvalidInput(N_("%(name)s 只支持 sqlite:/// 和 postgresql://。"), name="PINGYI_DATABASE_URL")
