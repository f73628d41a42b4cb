"""Tables of rankings made from an uploaded file of ratings, which belong to no round."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from survey.models.base import Base, Moment, RandomId


class RatingAnalysis(Base):
    """Analysis of an uploaded file. One that is not `kept` is deleted a day after it was made.

    `choices`: what a person said about the file (`survey.services.ratings.reading.Choices`); `understood`:
    how it was read (`analysis.foreign.understood.Understood`), by the first of two readings where there is a
    `question`: the two readings that it fits
    (`reading.ReadingQuestion`); `said`: sentences that the ranking allows, by language, once there is one.
    """

    __tablename__ = "rating_analysis"

    id: Mapped[RandomId]
    title: Mapped[str] = mapped_column(String(60))
    # Departments with fewer raters are not ranked.
    threshold: Mapped[int]
    filename: Mapped[str] = mapped_column(String(60))
    made_by: Mapped[str] = mapped_column(String(80))
    made_at: Mapped[datetime] = mapped_column(Moment)
    kept: Mapped[bool]
    choices: Mapped[dict[str, Any]] = mapped_column(JSON)
    understood: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    question: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    said: Mapped[dict[str, list[str]] | None] = mapped_column(JSON(none_as_null=True))


class RatingAnalysisFile(Base):
    """File made from the ranking of an uploaded file."""

    __tablename__ = "rating_analysis_file"

    analysis_id: Mapped[bytes] = mapped_column(
        ForeignKey("rating_analysis.id", ondelete="CASCADE"), primary_key=True
    )
    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    media_type: Mapped[str] = mapped_column(String(100))
    content: Mapped[bytes] = mapped_column(LargeBinary)
