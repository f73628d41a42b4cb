"""A database of any kind for a program with tables of its own, the witness."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine, MetaData
from sqlalchemy.orm import Session

from survey.database import postgresql_engine, sqlite_engine
from survey.database.group_writer import GroupWriter
from survey.errors import N_, InvalidInput

_KINDS = (sqlite_engine, postgresql_engine)


def open_store(given: str | None, folder: Path, name: str, metadata: MetaData) -> tuple[Engine, GroupWriter]:
    """The database at the address `given`, or in a file `name` of `folder`, and the thread that writes.

    Its tables are made where they are missing. Commits are durable; a result of the writing thread is given
    after its commit. Raises `InvalidInput` for an address of no known kind.
    """
    given = given or sqlite_engine.address_in(folder, f"{name}.sqlite3")
    for kind in _KINDS:
        if given.startswith(kind.PREFIXES):
            sqlite_engine.without_row_numbers(metadata)
            engine = kind.open_engine(kind.address(given))
            metadata.create_all(engine)
            return engine, kind.writer(engine)
    raise InvalidInput(N_("%(name)s 只支持 sqlite:/// 和 postgresql://。"), name="PINGYI_DATABASE_URL")


def check_store(engine: Engine) -> str:
    """What to say of a database that is whole and durable; raises `PingyiError` for another."""
    kind = next(kind for kind in _KINDS if kind.PREFIXES[-1].startswith(engine.dialect.name[:8]))
    with Session(engine) as session:
        said: str = kind.check(session)
        return said
