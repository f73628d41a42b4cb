"""Base class of the tables: constraint names, random keys, moments in UTC."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Annotated

from sqlalchemy import DateTime, Dialect, LargeBinary, MetaData, TypeDecorator
from sqlalchemy.orm import DeclarativeBase, declared_attr, mapped_column
from sqlalchemy.schema import SchemaItem

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


def random_id() -> bytes:
    """New random key of 16 bytes, which does not reveal when its row was made."""
    return secrets.token_bytes(16)


# Key in the `info` of an index that holds the condition of a partial index (survey/database/kinds.py).
WHERE = "where"

RandomId = Annotated[bytes, mapped_column(LargeBinary(16), primary_key=True, default=random_id)]


class Moment(TypeDecorator[datetime]):
    """Column type for moments with a time zone; SQLite, which knows no zones, stores them in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    """Base class of all tables. They have no hidden row number, which would reveal the order of insertion
    (survey/database/sqlite.py)."""

    metadata = MetaData(naming_convention=NAMING)

    @declared_attr.directive
    def __table_args__(cls) -> tuple[SchemaItem | dict[str, object], ...]:  # noqa: N805 - SQLAlchemy calls it on the class
        return (*cls.constraints(), {})

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        """Table constraints; overridden by models that have some."""
        return ()
