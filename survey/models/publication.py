"""Table of publications: one frozen text per edition of a round, proposed by one person, confirmed by
another."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, Date, ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import SchemaItem

from survey.facts.publication import EditionContent
from survey.facts.wire import decode_edition
from survey.models.base import Base, RandomId


class PublicationState(StrEnum):
    PROPOSED = "proposed"
    PUBLISHED = "published"


class Publication(Base):
    """Edition of a round's published results; `content`: canonical JSON (docs/facts.md, docs/formats.md),
    `digest`: its SHA-256.

    Database triggers prevent the change of both, and any change of a published edition.
    """

    __tablename__ = "publication"

    id: Mapped[RandomId]
    round_id: Mapped[bytes] = mapped_column(ForeignKey("round.id"))
    edition: Mapped[int]
    state: Mapped[str] = mapped_column(String(16), default=PublicationState.PROPOSED)
    content: Mapped[str] = mapped_column(Text)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    # What this edition corrects in the one before; shown beside it.
    correction: Mapped[str] = mapped_column(Text, default="")
    proposed_by: Mapped[bytes] = mapped_column(ForeignKey("user_account.id"))
    confirmed_by: Mapped[bytes | None] = mapped_column(ForeignKey("user_account.id"))
    published_on: Mapped[date | None] = mapped_column(Date)
    # Number and hash of the audit log's newest entry when this was proposed.
    log_number: Mapped[int | None]
    log_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))

    @property
    def facts(self) -> EditionContent:
        """Published numbers and texts, decoded from `content`. Raises `UnreadableFacts`."""
        return decode_edition(self.content)

    @property
    def log(self) -> tuple[int, str] | None:
        """Number and hash (hex) of the audit log's newest entry when proposed; None in older editions."""
        known = self.log_number is not None and self.log_hash is not None
        return (self.log_number or 0, bytes(self.log_hash or b"").hex()) if known else None

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            UniqueConstraint("round_id", "edition"),
            CheckConstraint("state IN ('proposed', 'published')", name="state"),
            CheckConstraint("length(digest) = 32", name="digest"),
            CheckConstraint("edition >= 1 AND (edition = 1 OR correction != '')", name="edition"),
            CheckConstraint(
                "(state = 'published') = (confirmed_by IS NOT NULL)"
                " AND (state = 'published') = (published_on IS NOT NULL)",
                name="published",
            ),
            CheckConstraint("confirmed_by != proposed_by", name="two_people"),
        )
