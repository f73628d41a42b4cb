"""Table of finished documents of published editions; they can be made again from the edition's content."""

from __future__ import annotations

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from survey.models.base import Base


class EditionFile(Base):
    """Documents of a published edition as a zip, with released comments among them: for reviewers only."""

    __tablename__ = "edition_file"

    publication_id: Mapped[bytes] = mapped_column(ForeignKey("publication.id"), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
