"""What may leave the reviewers' desk of the comments, and the words that sort them into themes."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from survey.models.base import Base


class Decision(StrEnum):
    RELEASE = "release"
    WITHHOLD = "withhold"


class CommentRelease(Base):
    """One reviewer's decision about a comment; it holds once another reviewer has confirmed it.

    `text` is the comment with everything blacked out that could point at its writer.
    """

    __tablename__ = "comment_release"

    comment_id: Mapped[bytes] = mapped_column(ForeignKey("comment.id", ondelete="CASCADE"), primary_key=True)
    decision: Mapped[str] = mapped_column(String(16))
    text: Mapped[str] = mapped_column(Text, default="")
    proposed_by: Mapped[bytes] = mapped_column(ForeignKey("user_account.id"))
    confirmed_by: Mapped[bytes | None] = mapped_column(ForeignKey("user_account.id"))

    @classmethod
    def constraints(cls) -> tuple[Any, ...]:
        return (
            CheckConstraint("decision IN ('release', 'withhold')", name="decision"),
            CheckConstraint("(decision = 'release') = (text != '')", name="text"),
            CheckConstraint("confirmed_by != proposed_by", name="two_people"),
        )


class Theme(Base):
    """A theme of comments: a comment that contains one of its `words` belongs to it."""

    __tablename__ = "theme"

    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    position: Mapped[int]
    words: Mapped[str] = mapped_column(Text)
