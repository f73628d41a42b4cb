"""Tables of composites: several rounds as one index, with weights fixed before any of them was closed."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NotRequired, TypedDict

from sqlalchemy import JSON, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from survey.models.base import Base, Moment, RandomId


class PartDefinition(TypedDict):
    """Part as it was fixed: a round (id and slug), or an outside figure (kind, period, name) with its points
    by department."""

    name: str
    weight: float
    round: NotRequired[str]
    slug: NotRequired[str]
    figure: NotRequired[list[str]]
    points: NotRequired[dict[str, float]]


class Definition(TypedDict):
    """Parts and weights of a composite, and whether its electorates have no rater in common."""

    parts: list[PartDefinition]
    different_raters: bool


class Composite(Base):
    """Composite of several rounds.

    `definition`: its parts and weights, whose digest the audit log holds since they were fixed. `result`:
    output of the analysis, once all its rounds are opened.
    """

    __tablename__ = "composite"

    id: Mapped[RandomId]
    name: Mapped[str] = mapped_column(String(60), unique=True)
    definition: Mapped[Definition] = mapped_column(JSON)
    # Number of the audit log's entry by which it was fixed.
    event: Mapped[int]
    fixed_at: Mapped[datetime] = mapped_column(Moment)
    result: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class CompositeFile(Base):
    """File made from a composite's result."""

    __tablename__ = "composite_file"

    composite_id: Mapped[bytes] = mapped_column(
        ForeignKey("composite.id", ondelete="CASCADE"), primary_key=True
    )
    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    media_type: Mapped[str] = mapped_column(String(100))
    content: Mapped[bytes] = mapped_column(LargeBinary)
