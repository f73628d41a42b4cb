"""Enterprises and departments: who is invited, and what is rated."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from survey.models.base import Base, RandomId


class Enterprise(Base):
    """A row of the roster. `strata` maps a stratum's name to its option, such as {"规模": "小"}."""

    __tablename__ = "enterprise"

    id: Mapped[RandomId]
    credit_code: Mapped[str] = mapped_column(String(18), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    contact: Mapped[str] = mapped_column(String(80), default="")
    phone: Mapped[str] = mapped_column(String(32), default="")
    strata: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)

    @classmethod
    def constraints(cls) -> tuple[Any, ...]:
        return (CheckConstraint("length(credit_code) = 18", name="credit_code"),)


class Department(Base):
    """A department that rounds can choose from; a round keeps its own copy in its questionnaire."""

    __tablename__ = "department"

    id: Mapped[RandomId]
    name: Mapped[str] = mapped_column(String(60), unique=True)
    group: Mapped[str] = mapped_column("department_group", String(30))
    position: Mapped[int]
    common: Mapped[bool] = mapped_column(default=False)
