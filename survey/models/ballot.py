"""Tables of ballots as cast (sealed), and of the results of opening, which share no key with them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, LargeBinary, String, Text
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column
from sqlalchemy.schema import SchemaItem

from survey.models.base import Base, RandomId


class Ballot(Base):
    """Sealed ballot, keyed by the SHA-256 of its credential's token; without time, order or origin."""

    __tablename__ = "ballot"

    round_id: Mapped[bytes] = mapped_column(ForeignKey("round.id", ondelete="CASCADE"), primary_key=True)
    spent: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    message: Mapped[bytes] = mapped_column(LargeBinary(137))
    signature: Mapped[bytes] = mapped_column(LargeBinary(384))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    # The one-time key in `message` signed `sealed`; rounds of version 1 have no such key.
    proof: Mapped[bytes | None] = mapped_column(LargeBinary(64))
    # The witness's signature on the token in `message`; rounds of one machine have none.
    stamp_message: Mapped[bytes | None] = mapped_column(LargeBinary(136))
    stamp: Mapped[bytes | None] = mapped_column(LargeBinary(384))

    # What a phone cast, in the order of the protocol's `CastBallot`.
    CAST = ("message", "signature", "sealed", "proof", "stamp_message", "stamp")

    @classmethod
    def cast_columns(cls) -> list[InstrumentedAttribute[bytes]]:
        """The columns of `CAST`."""
        return [getattr(cls, name) for name in cls.CAST]

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            CheckConstraint("length(spent) = 32", name="spent"),
            CheckConstraint(
                "(length(message) = 104 AND proof IS NULL) OR (length(message) = 137 AND proof IS NOT NULL"
                " AND length(proof) = 64)",
                name="message",
            ),
            CheckConstraint("length(signature) = 384", name="signature"),
            CheckConstraint(
                "(stamp IS NULL) = (stamp_message IS NULL) AND"
                " (stamp IS NULL OR (length(stamp) = 384 AND length(stamp_message) = 136))",
                name="stamp",
            ),
        )


class PostedBatch(Base):
    """A batch that the witness handed over: with its ballots by one commit, so that none is taken twice."""

    __tablename__ = "posted_batch"

    round_id: Mapped[bytes] = mapped_column(ForeignKey("round.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    kept: Mapped[int]
    refused: Mapped[int]


class OpenedBox(Base):
    """Score table of an opened round: packed rows in byte order, without comments and receipts."""

    __tablename__ = "opened_box"

    round_id: Mapped[bytes] = mapped_column(ForeignKey("round.id", ondelete="CASCADE"), primary_key=True)
    rows: Mapped[bytes] = mapped_column(LargeBinary)
    valid: Mapped[int]
    invalid: Mapped[list[dict[str, str]]] = mapped_column(JSON)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    # The version-1 ranking, computed once from `rows` when the round was opened.
    ranking: Mapped[dict[str, Any] | None] = mapped_column(JSON)


class Comment(Base):
    """Comment about one department; which comments came from the same ballot is not recorded."""

    __tablename__ = "comment"

    id: Mapped[RandomId]
    round_id: Mapped[bytes] = mapped_column(ForeignKey("round.id", ondelete="CASCADE"), index=True)
    department: Mapped[int]
    text: Mapped[str] = mapped_column(Text)


class Artifact(Base):
    """File made once from the opened round and handed out unchanged: chart, table, bulletin."""

    __tablename__ = "artifact"

    round_id: Mapped[bytes] = mapped_column(ForeignKey("round.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    media_type: Mapped[str] = mapped_column(String(100))
    content: Mapped[bytes] = mapped_column(LargeBinary)
