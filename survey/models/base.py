"""What all tables share: names of constraints, random keys, and no row order to read anything from."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Annotated, Any

from sqlalchemy import DateTime, Dialect, LargeBinary, MetaData, TypeDecorator
from sqlalchemy.orm import DeclarativeBase, declared_attr, mapped_column

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


def random_id() -> bytes:
    """A key that says nothing about when its row was made."""
    return secrets.token_bytes(16)


# In the `info` of an index: the condition of the rows that it is of (survey/database/kinds.py).
WHERE = "where"

RandomId = Annotated[bytes, mapped_column(LargeBinary(16), primary_key=True, default=random_id)]


class Moment(TypeDecorator[datetime]):
    """An aware moment; SQLite, which knows no zones, keeps it in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    """Tables have no hidden row number (survey/database/sqlite.py): it would be a clock."""

    metadata = MetaData(naming_convention=NAMING)

    @declared_attr.directive
    def __table_args__(cls) -> Any:  # noqa: N805 - SQLAlchemy calls it on the class
        return (*cls.constraints(), {})

    @classmethod
    def constraints(cls) -> tuple[Any, ...]:
        """Table constraints; overridden by models that have some."""
        return ()
