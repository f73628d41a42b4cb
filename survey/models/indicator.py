"""Table of figures from outside, shown beside the survey's: 省市评估 scores and 12345 hotline figures."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import SchemaItem

from survey.models.base import Base


class IndicatorKind(StrEnum):
    ASSESSMENT = "assessment"
    HOTLINE = "hotline"


class Indicator(Base):
    """Figure of one department in one period, with province and city averages where the source has them."""

    __tablename__ = "indicator"

    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    period: Mapped[str] = mapped_column(String(40), primary_key=True)
    department: Mapped[str] = mapped_column(String(60), primary_key=True)
    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    position: Mapped[int]
    value: Mapped[float]
    province: Mapped[float | None]
    city: Mapped[float | None]
    unit: Mapped[str] = mapped_column(String(10))

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (CheckConstraint("kind IN ('assessment', 'hotline')", name="kind"),)
