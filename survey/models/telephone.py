"""Tables of calls: the check by telephone of a sample of those who collected; the call list of a round that
collects."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, Date, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import SchemaItem

from survey.models.base import Base


class Said(StrEnum):
    """What came of a call; nothing else is asked."""

    WAITS = "waits"
    TOOK_PART = "took_part"
    DID_NOT = "did_not"
    NOT_REACHED = "not_reached"


class TelephoneCheck(Base):
    """Draw of a round, made once: `word` became known after closing; `digest` is SHA-256 of the list that was
    drawn from."""

    __tablename__ = "telephone_check"

    round_id: Mapped[bytes] = mapped_column(ForeignKey("round.id", ondelete="CASCADE"), primary_key=True)
    word: Mapped[str] = mapped_column(String(80))
    seed: Mapped[str] = mapped_column(String(220))
    size: Mapped[int]
    population: Mapped[int]
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    drawn_on: Mapped[date] = mapped_column(Date)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (CheckConstraint("0 < size AND size <= population", name="size"),)


class TelephoneCall(Base):
    """Enterprise drawn for the telephone check: its place in the draw and its answer, whether it took
    part."""

    __tablename__ = "telephone_call"

    round_id: Mapped[bytes] = mapped_column(
        ForeignKey("telephone_check.round_id", ondelete="CASCADE"), primary_key=True
    )
    enterprise_id: Mapped[bytes] = mapped_column(ForeignKey("enterprise.id"), primary_key=True)
    place: Mapped[int]
    said: Mapped[str] = mapped_column(String(16), default=Said.WAITS)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        known = ", ".join(f"'{each.value}'" for each in Said)
        return (CheckConstraint(f"said IN ({known})", name="said"),)


class Outcome(StrEnum):
    """What came of a call.

    That an enterprise says it has taken part is none: it would be known before the daily batch.
    """

    WAITS = "waits"
    WILL = "will"
    NO_ANSWER = "no_answer"
    DECLINES = "declines"
    NEW_LINK = "new_link"


class CallNote(Base):
    """What the office noted of an enterprise on its call list, and on which day."""

    __tablename__ = "call_note"

    round_id: Mapped[bytes] = mapped_column(ForeignKey("round.id", ondelete="CASCADE"), primary_key=True)
    enterprise_id: Mapped[bytes] = mapped_column(ForeignKey("enterprise.id"), primary_key=True)
    outcome: Mapped[str] = mapped_column(String(16))
    note: Mapped[str] = mapped_column(String(120))
    noted_on: Mapped[date] = mapped_column(Date)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        known = ", ".join(f"'{each.value}'" for each in Outcome)
        return (CheckConstraint(f"outcome IN ({known})", name="outcome"),)
