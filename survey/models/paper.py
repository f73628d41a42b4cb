"""Table of the counts of paper forms."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, Date, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import SchemaItem

from survey.models.base import Base


class PaperForms(Base):
    """Count of one reading station as its two people, `first` and `second`, signed it; numbers as in
    `PaperCount`, their keys and signatures one after the other, null where there were none yet."""

    __tablename__ = "paper_count"

    round_id: Mapped[bytes] = mapped_column(ForeignKey("round.id", ondelete="CASCADE"), primary_key=True)
    station: Mapped[str] = mapped_column(String(64), primary_key=True)
    first: Mapped[str] = mapped_column(String(64))
    second: Mapped[str] = mapped_column(String(64))
    counted_on: Mapped[date] = mapped_column(Date)
    handed_out: Mapped[int]
    returned: Mapped[int]
    cast: Mapped[int]
    refused: Mapped[int]
    empty: Mapped[int]
    not_counted: Mapped[int]
    keys: Mapped[bytes | None] = mapped_column(LargeBinary(130))
    signatures: Mapped[bytes | None] = mapped_column(LargeBinary(128))

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        sums = 'handed_out >= returned AND returned = "cast" + refused + empty + not_counted'
        return (CheckConstraint(sums, name="sums"),)
