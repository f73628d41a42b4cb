"""Tables of rounds: a review with its questionnaire, signing key and state; its reviewers and key holders."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import SchemaItem

from survey.models.base import Base, RandomId


class State(StrEnum):
    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"
    OPENED = "opened"
    CANCELLED = "cancelled"


class Period(StrEnum):
    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half_year"
    YEAR = "year"


class Mode(StrEnum):
    """Kinds of invitation that a round may issue."""

    ATTRIBUTED = "attributed"
    SLIP = "slip"
    BOTH = "both"


class Mixing(StrEnum):
    """What remains to be done so that the files of an open round show no order of arrival."""

    DONE = ""
    DUE = "due"


class Round(Base):
    __tablename__ = "round"

    id: Mapped[RandomId]
    slug: Mapped[str] = mapped_column(String(40), unique=True)
    title: Mapped[str] = mapped_column(String(120))
    body: Mapped[str] = mapped_column(String(120))
    period: Mapped[str] = mapped_column(String(16))
    mode: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16), default=State.DRAFT)
    # For practice: marked in title and slug, never public, deleted whole. Set with the first row for good.
    trial: Mapped[bool] = mapped_column(server_default=false())
    opens_on: Mapped[date] = mapped_column(Date)
    closes_on: Mapped[date] = mapped_column(Date)
    threshold: Mapped[int] = mapped_column(default=10)
    # k of the score table: what a firm says of itself stays where so many said the same. 1 keeps all.
    at_least: Mapped[int] = mapped_column(server_default=text("1"))
    quorum: Mapped[int] = mapped_column(default=2)
    # True from the first invitation on: what is frozen then is listed in docs/formats.md.
    frozen: Mapped[bool] = mapped_column(default=False)
    # Version of description, credentials and files (docs/formats.md); 1 in rounds frozen by an older program.
    format_version: Mapped[int] = mapped_column(server_default=text("2"))
    questionnaire: Mapped[str] = mapped_column(Text)
    # The private half is encrypted under the installation's secret and erased when the round closes.
    blind_key_public: Mapped[bytes] = mapped_column(LargeBinary)
    blind_key_private: Mapped[bytes | None] = mapped_column(LargeBinary)
    # witness.json of the second machine; NULL in a round of one machine. The post key is the box's, for the
    # ballots that come through the witness: locked like the signing key, and erased with it.
    witness: Mapped[str | None] = mapped_column(Text)
    post_key_public: Mapped[bytes | None] = mapped_column(LargeBinary)
    post_key_private: Mapped[bytes | None] = mapped_column(LargeBinary)
    # The newest statement of the witness; whether two people close although it is gone.
    witness_statement: Mapped[str] = mapped_column(Text, server_default="")
    close_without_witness: Mapped[bool] = mapped_column(server_default=false())
    close_proposed_by: Mapped[bytes | None] = mapped_column(ForeignKey("user_account.id"))
    # The next four are set by closing.
    merkle_root: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    invited_count: Mapped[int | None]
    collected_count: Mapped[int | None]
    cast_count: Mapped[int | None]
    # Day and counts of the last daily participation report; before closing nobody sees newer ones.
    participation_on: Mapped[date | None] = mapped_column(Date)
    reported_collected: Mapped[int] = mapped_column(default=0)
    reported_cast: Mapped[int] = mapped_column(default=0)
    # True once the tables of ballots and invitations were rewritten without any trace of their order.
    reordered: Mapped[bool] = mapped_column(default=False)
    # What mixing is due while the round is open, and how many ballots there were at the last one.
    mixing: Mapped[str] = mapped_column(String(8), server_default="")
    mixed_cast: Mapped[int] = mapped_column(server_default=text("0"))
    # Number and hash of the audit log's entry that says that the round was closed.
    log_number: Mapped[int | None]
    log_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    # Shown on the public page of a cancelled or extended round.
    notice: Mapped[str] = mapped_column(Text, default="")
    # Announced last day, if the round was closed earlier; `closes_on` then is the actual one.
    planned_closes_on: Mapped[date | None] = mapped_column(Date)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            CheckConstraint("state IN ('draft', 'open', 'closed', 'opened', 'cancelled')", name="state"),
            CheckConstraint("quorum BETWEEN 1 AND 4", name="quorum"),
            CheckConstraint("threshold >= 3", name="threshold"),
            CheckConstraint("opens_on <= closes_on", name="dates"),
            CheckConstraint("mode IN ('attributed', 'slip', 'both')", name="mode"),
            CheckConstraint("period IN ('month', 'quarter', 'half_year', 'year')", name="period"),
            CheckConstraint("state IN ('draft', 'cancelled') OR frozen", name="frozen"),
            CheckConstraint("state IN ('draft', 'open') OR blind_key_private IS NULL", name="key_erased"),
            CheckConstraint("state IN ('draft', 'open') OR post_key_private IS NULL", name="post_key"),
            CheckConstraint(
                "state NOT IN ('closed', 'opened') OR (merkle_root IS NOT NULL AND invited_count IS NOT NULL"
                " AND collected_count IS NOT NULL AND cast_count IS NOT NULL)",
                name="closed",
            ),
            CheckConstraint(
                "invited_count >= collected_count AND collected_count >= cast_count", name="counts"
            ),
        )


class RoundReviewer(Base):
    """Reviewer of a round, fixed at the first invitation; only they may close, open and publish it."""

    __tablename__ = "round_reviewer"

    round_id: Mapped[bytes] = mapped_column(ForeignKey("round.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[bytes] = mapped_column(ForeignKey("user_account.id"), primary_key=True)


class KeyHolder(Base):
    """Reviewer who holds one of a round's keys; counts only once possession of the key is proven."""

    __tablename__ = "key_holder"

    round_id: Mapped[bytes] = mapped_column(ForeignKey("round.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    user_id: Mapped[bytes] = mapped_column(ForeignKey("user_account.id"))
    name: Mapped[str] = mapped_column(String(80))
    public_key: Mapped[bytes | None] = mapped_column(LargeBinary(65))
    challenge_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    proven: Mapped[bool] = mapped_column(default=False)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            UniqueConstraint("round_id", "user_id"),
            CheckConstraint("position BETWEEN 0 AND 3", name="position"),
            CheckConstraint("NOT proven OR public_key IS NOT NULL", name="proven"),
        )
