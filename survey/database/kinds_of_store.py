"""Opening and checking a database of any kind, for a program whose tables are not the site's: the witness."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Protocol, TypeVar

from sqlalchemy import Engine, MetaData
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from survey.database import postgresql_engine, sqlite_engine
from survey.database.group_writer import GroupWriter
from survey.errors import N_, InvalidInput


class StoreKind(Protocol):
    """Functions that every program needs of a kind of database, whatever its tables."""

    NAME: str
    """SQLAlchemy's name of the kind, also written into the manifest of a backup."""
    PREFIXES: tuple[str, ...]
    """Beginnings of its addresses."""

    def address(self, given: str) -> str:
        """Address for SQLAlchemy from the configured one; `InvalidInput` if it stores nothing or is not
        encrypted."""

    def open_engine(self, url: str) -> Engine:
        """Open an engine with durable commits whose error messages contain no values."""

    def writer(self, engine: Engine) -> GroupWriter:
        """Make the thread that writes in groups."""

    def check(self, session: Session) -> str:
        """Check that the database is undamaged and durable: returns a sentence, or raises `PingyiError`."""


_KINDS: dict[str, StoreKind] = {kind.NAME: kind for kind in (sqlite_engine, postgresql_engine)}
K = TypeVar("K", bound=StoreKind)


def kind_for(given: str, kinds: Iterable[K]) -> K:
    """Kind, among `kinds`, that the scheme of the address `given` names; raises `InvalidInput` for others."""
    for kind in kinds:
        if given.startswith(kind.PREFIXES):
            return kind
    raise InvalidInput(N_("%(name)s 只支持 sqlite:/// 和 postgresql://。"), name="PINGYI_DATABASE_URL")


def open_store(given: str | None, folder: Path, name: str, metadata: MetaData) -> tuple[Engine, GroupWriter]:
    """The database at the address `given`, or in a file `name` of `folder`, and the thread that writes.

    Its tables are made where they are missing. Commits are durable; a result of the writing thread is given
    after its commit. Raises `InvalidInput` for an address of no known kind, or where no database opens.
    """
    if not given:
        given = sqlite_engine.address_in(folder, f"{name}.sqlite3")
        (folder / f"{name}.sqlite3").touch(mode=0o600)  # for this user alone; its log gets the same mode
    kind = kind_for(given, _KINDS.values())
    sqlite_engine.without_row_numbers(metadata)
    engine = kind.open_engine(kind.address(given))
    try:
        metadata.create_all(engine)
    except DBAPIError as error:
        raise InvalidInput(
            N_("数据库 %(url)s 打不开：%(why)s"),
            remedy=N_("请看磁盘、权限和地址；文件坏了就从备份放回。"),
            url=engine.url.render_as_string(hide_password=True),
            why=error.orig,
        ) from error
    return engine, kind.writer(engine)


def check_store(engine: Engine) -> str:
    """Sentence stating that the database is undamaged and durable; raises `PingyiError` if it is not."""
    with Session(engine) as session:
        return _KINDS[engine.dialect.name].check(session)


def words_of(error: Exception) -> str | None:
    """What a database or its driver said of an error, without values; None for other errors.

    Only the first line: those after it may hold what was sent.
    """
    drivers = {kind.__module__.partition(".")[0] for kind in type(error).__mro__ if kind.__name__ == "Error"}
    if not isinstance(error, DBAPIError) and drivers.isdisjoint(("sqlite3", "psycopg")):
        return None
    return str(getattr(error, "orig", None) or error).strip().partition("\n")[0][:200]
