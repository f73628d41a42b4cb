"""Tables of telephones: of the office, for everybody; of key holders, for administrators."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import SchemaItem

from survey.models.base import Base


class OfficeContact(Base):
    """Contact of the office for a round, or for all that have no own.

    `id` is the round's, or `EVERY_ROUND`.
    """

    __tablename__ = "office_contact"

    EVERY_ROUND = bytes(16)

    id: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    round_id: Mapped[bytes | None] = mapped_column(ForeignKey("round.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(30))
    telephone: Mapped[str] = mapped_column(String(40))
    hours: Mapped[str] = mapped_column(String(40))

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            CheckConstraint("name != '' AND telephone != ''", name="given"),
            CheckConstraint("round_id IS NULL OR round_id = id", name="own"),
        )


class HolderContact(Base):
    """Person who comes with a body's key, and the telephone; changes with people, unlike the key."""

    __tablename__ = "holder_contact"

    round_id: Mapped[bytes] = mapped_column(ForeignKey("round.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[bytes] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    person: Mapped[str] = mapped_column(String(30))
    telephone: Mapped[str] = mapped_column(String(40))
