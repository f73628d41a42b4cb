"""Tables of finished documents of published editions, which can be made again from the edition's content, and
of templates of the office's own."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Date, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from survey.models.base import Base


class EditionFile(Base):
    """Documents of a published edition as a zip, with released comments among them: for reviewers only."""

    __tablename__ = "edition_file"

    publication_id: Mapped[bytes] = mapped_column(ForeignKey("publication.id"), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class OfficeTemplate(Base):
    """Template that an office has uploaded for a document; `document`: "bulletin", the only one so far."""

    __tablename__ = "office_template"

    document: Mapped[str] = mapped_column(String(16), primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    uploaded_on: Mapped[date] = mapped_column(Date)
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
