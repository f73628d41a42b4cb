"""Tables of proposals, which one person makes and another confirms, and of the bodies that people act for."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TypedDict

from sqlalchemy import JSON, CheckConstraint, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import SchemaItem

from survey.models.base import Base, Moment, RandomId


class ProposalKind(StrEnum):
    """Kind of a proposal: about people (`person_…`), the list of bodies (`body_…`), or a round's
    invitations."""

    PERSON_ADD = "person_add"
    PERSON_LINK = "person_link"
    PERSON_RESET = "person_reset"
    PERSON_PLACE = "person_place"
    PERSON_ACTIVATE = "person_activate"
    BODY_ADD = "body_add"
    BODY_REMOVE = "body_remove"
    INVITATIONS = "invitations"
    REISSUE = "reissue"
    CANCEL = "cancel"


class ProposalDetail(TypedDict, total=False):
    """Content of a proposal, as far as its kind has it: of a person `role`, `body` and the body `before`; of
    invitations `kind`, `reason`, `count` and the names of `enterprises` by credit code."""

    role: str
    body: str
    before: str
    kind: str
    reason: str
    count: int
    enterprises: dict[str, str]


class Proposal(Base):
    """Change proposed by an administrator; deleted when it is confirmed, refused or withdrawn.

    Confirmed invitations and reissues stay until they are issued. `code_hash`: hash of the code that the
    administrator hands to the person, while the link goes through the reviewer, so that neither can enrol in
    the person's place.
    """

    __tablename__ = "proposal"

    id: Mapped[RandomId]
    kind: Mapped[str] = mapped_column(String(16))
    # A person's name, a body's name or a round's slug.
    subject: Mapped[str] = mapped_column(String(80))
    detail: Mapped[ProposalDetail] = mapped_column(JSON)
    user_id: Mapped[bytes | None] = mapped_column(ForeignKey("user_account.id"))
    round_id: Mapped[bytes | None] = mapped_column(ForeignKey("round.id", ondelete="CASCADE"), index=True)
    code_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    proposed_by: Mapped[bytes] = mapped_column(ForeignKey("user_account.id"))
    proposed_at: Mapped[datetime] = mapped_column(Moment)
    confirmed_by: Mapped[bytes | None] = mapped_column(ForeignKey("user_account.id"))

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (CheckConstraint("confirmed_by != proposed_by", name="two_people"),)


class Body(Base):
    """Body that people act for and that holds rounds: chosen from this list, never typed."""

    __tablename__ = "body"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
