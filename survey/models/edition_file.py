"""The finished documents of a published edition; they can be made again from its content at any time."""

from __future__ import annotations

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from survey.models.base import Base


class EditionFile(Base):
    """`content` is the zip of everything, letters with released comments among it: for reviewers only."""

    __tablename__ = "edition_file"

    publication_id: Mapped[bytes] = mapped_column(ForeignKey("publication.id"), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
