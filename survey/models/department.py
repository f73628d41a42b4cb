"""Table of successions of departments (沿革): by which a department of one round is joined to that of
another."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, Date, String, Text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import SchemaItem

from survey.models.base import Base


class SuccessionKind(StrEnum):
    """更名 (the same department goes on), 合并 (into another one), 拆分 (another one comes out of it)."""

    RENAMED = "renamed"
    MERGED = "merged"
    SPLIT = "split"


class Succession(Base):
    """Step in the life of departments: what `before` did is continued by `after` from the day `on`.

    Names are identities inside a round, which stays as it was frozen; only this table joins two names.
    """

    __tablename__ = "department_succession"

    before: Mapped[str] = mapped_column("predecessor", String(60), primary_key=True)
    after: Mapped[str] = mapped_column("successor", String(60), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    on: Mapped[date] = mapped_column("happened_on", Date)
    reason: Mapped[str] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(String(80))

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            CheckConstraint("kind IN ('renamed', 'merged', 'split')", name="kind"),
            CheckConstraint("predecessor != successor", name="two_names"),
        )
