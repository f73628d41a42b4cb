"""Tables of invitations: who may collect a credential, whether it was collected, imported lists of codes, and
what became of invitations that were sent by mail."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, TextClause, text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import SchemaItem

from survey.models.base import WHERE, Base

# An enterprise has one invitation that works, and at most one that was replaced.
_LIVE = text("enterprise_id IS NOT NULL AND NOT replaced")
_REPLACED = text("enterprise_id IS NOT NULL AND replaced")


def _one_an_enterprise(name: str, where: TextClause) -> Index:
    columns = ("round_id", "enterprise_id")
    return Index(name, *columns, unique=True, info={WHERE: where})


class ImportedList(Base):
    """Import of a list of invitation codes that was made on another machine (round with a witness), with the
    digest of the witness's list of the same codes."""

    __tablename__ = "code_list"

    round_id: Mapped[bytes] = mapped_column(ForeignKey("round.id", ondelete="CASCADE"), primary_key=True)
    other: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    codes: Mapped[int]
    replaced: Mapped[int]


class Invitation(Base):
    """One-time link, identified by the SHA-256 of its code only; without an enterprise it is an anonymous
    slip.

    `collected`: the credential was handed out. `collected_reported`: what the administrator sees; updated
    once a day for all at once, so that nobody can watch an enterprise live.
    """

    __tablename__ = "invitation"

    round_id: Mapped[bytes] = mapped_column(ForeignKey("round.id", ondelete="CASCADE"), primary_key=True)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    enterprise_id: Mapped[bytes | None] = mapped_column(ForeignKey("enterprise.id"), index=True)
    collected: Mapped[bool] = mapped_column(default=False)
    collected_reported: Mapped[bool] = mapped_column(default=False)
    replaced: Mapped[bool] = mapped_column(default=False)
    # Kept only while the round is open, to answer a phone that lost our reply; erased by closing.
    # Zeros before collecting, so that a row never changes its size.
    blinded_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    blind_signature: Mapped[bytes | None] = mapped_column(LargeBinary(384))

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            CheckConstraint("(blinded_hash IS NULL) = (blind_signature IS NULL)", name="answer"),
            CheckConstraint("length(blinded_hash) = 32 AND length(blind_signature) = 384", name="room"),
            CheckConstraint("length(code_hash) = 32", name="code_hash"),
            CheckConstraint("NOT replaced OR enterprise_id IS NOT NULL", name="slip"),
            _one_an_enterprise("uq_invitation_live", _LIVE),
            _one_an_enterprise("uq_invitation_replaced", _REPLACED),
        )


class MailState(StrEnum):
    """What became of an invitation sent by mail. `SENDING` is written down before the mail server is asked,
    so that a mail which may have gone out is never sent again unasked."""

    SENDING = "sending"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNSURE = "unsure"


class MailDelivery(Base):
    """Mail with an invitation; one that was not begun has no row.

    `answer`: code and words by which the mail server refused, without addresses of pages or codes. Erased
    when the round takes no ballots any more. Not tied to the invitation's row, which mixing writes anew.
    """

    __tablename__ = "mail_delivery"

    round_id: Mapped[bytes] = mapped_column(ForeignKey("round.id", ondelete="CASCADE"), primary_key=True)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    state: Mapped[str] = mapped_column(String(16))
    answer: Mapped[str] = mapped_column(String(200), default="")

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        known = ", ".join(f"'{each.value}'" for each in MailState)
        return (CheckConstraint(f"state IN ({known})", name="state"),)
