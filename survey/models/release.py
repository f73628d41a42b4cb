"""Tables of decisions to release comments, and of themes that group comments."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import SchemaItem

from survey.models.base import Base


class Decision(StrEnum):
    RELEASE = "release"
    WITHHOLD = "withhold"


class CommentRelease(Base):
    """Decision of a reviewer to release or withhold a comment; valid once another reviewer confirms it.

    `text`: the comment with everything blacked out that could point at its writer.
    """

    __tablename__ = "comment_release"

    comment_id: Mapped[bytes] = mapped_column(ForeignKey("comment.id", ondelete="CASCADE"), primary_key=True)
    decision: Mapped[str] = mapped_column(String(16))
    text: Mapped[str] = mapped_column(Text, default="")
    proposed_by: Mapped[bytes] = mapped_column(ForeignKey("user_account.id"))
    confirmed_by: Mapped[bytes | None] = mapped_column(ForeignKey("user_account.id"))

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            CheckConstraint("decision IN ('release', 'withhold')", name="decision"),
            CheckConstraint("(decision = 'release') = (text != '')", name="text"),
            CheckConstraint("confirmed_by != proposed_by", name="two_people"),
        )


class Theme(Base):
    """Theme of comments: a comment belongs to it if it contains one of its `words`."""

    __tablename__ = "theme"

    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    position: Mapped[int]
    words: Mapped[str] = mapped_column(Text)
