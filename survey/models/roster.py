"""Tables of enterprises on the roster and of samples drawn for a round."""

from __future__ import annotations

from datetime import date
from typing import TypedDict

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, LargeBinary, String, false
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import SchemaItem

from survey.models.base import Base, RandomId


class Enterprise(Base):
    """Enterprise on the roster; `strata`: name of a stratum → option, such as {"规模": "小"}.

    A retired one is kept for the rounds that it was invited to, and not invited any more.
    """

    __tablename__ = "enterprise"

    id: Mapped[RandomId]
    credit_code: Mapped[str] = mapped_column(String(18), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    contact: Mapped[str] = mapped_column(String(80), default="")
    phone: Mapped[str] = mapped_column(String(32), default="")
    email: Mapped[str] = mapped_column(String(254), server_default="")
    strata: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    retired: Mapped[bool] = mapped_column(server_default=false())

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (CheckConstraint("length(credit_code) = 18", name="credit_code"),)


class DrawnDesign(TypedDict):
    """Design by which a sample was drawn, with the response rate and the ratings that its plan assumed."""

    strata: list[str]
    method: str
    size: int
    seed: str
    minimum: int
    power: float
    response_rate: float
    ratings: float
    cells: list[tuple[str, int, int]]
    """Name, enterprises and number drawn of each cell of the strata."""


class Sample(Base):
    """Sample drawn for a round: the frame with the draw as packed CSV, and all that is needed to draw it
    again."""

    __tablename__ = "sample"

    round_id: Mapped[bytes] = mapped_column(ForeignKey("round.id", ondelete="CASCADE"), primary_key=True)
    design: Mapped[DrawnDesign] = mapped_column(JSON)
    seed: Mapped[str] = mapped_column(String(64))
    drawn_on: Mapped[date] = mapped_column(Date)
    frame_size: Mapped[int]
    drawn: Mapped[int]
    # Gzip of the table; the digest is of the table itself.
    frame: Mapped[bytes] = mapped_column(LargeBinary)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (CheckConstraint("0 < drawn AND drawn <= frame_size", name="drawn"),)
