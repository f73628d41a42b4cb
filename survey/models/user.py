"""Tables of staff accounts and sign-ins: administrators, reviewers (key holders) and liaisons."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import SchemaItem

from survey.models.base import Base, Moment, RandomId


class Role(StrEnum):
    ADMINISTRATOR = "administrator"
    REVIEWER = "reviewer"
    LIAISON = "liaison"


class User(Base):
    __tablename__ = "user_account"

    id: Mapped[RandomId]
    name: Mapped[str] = mapped_column(String(80), unique=True)
    body: Mapped[str] = mapped_column(String(80), default="")
    role: Mapped[str] = mapped_column(String(16))
    # "!" (which no password matches) until the person sets a password through an enrolment link.
    password_hash: Mapped[str] = mapped_column(Text)
    # Encrypted under the installation's secret; pending until one code of it was typed.
    totp_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    totp_pending: Mapped[bytes | None] = mapped_column(LargeBinary)
    # Last time step whose code was accepted; by RFC 6238 section 5.2 each may be used only once.
    totp_step: Mapped[int | None]
    active: Mapped[bool] = mapped_column(default=True)
    # Name of the department for which a liaison answers.
    department: Mapped[str] = mapped_column(String(60), server_default="")
    # Hash of the enrolment link used last, part of the enrolment fingerprint written on paper.
    enrolment: Mapped[bytes | None] = mapped_column(LargeBinary(32))

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (CheckConstraint("role IN ('administrator', 'reviewer', 'liaison')", name="role"),)


class LoginSession(Base):
    """Signed-in browser; the cookie holds the token, the table only its SHA-256."""

    __tablename__ = "login_session"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    user_id: Mapped[bytes] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    started_at: Mapped[datetime] = mapped_column(Moment)
    seen_at: Mapped[datetime] = mapped_column(Moment)
    # When password or second factor was last entered; critical actions require this to be recent.
    proved_at: Mapped[datetime | None] = mapped_column(Moment)
    # The password was right and the second factor is still to come.
    pending: Mapped[bool] = mapped_column(server_default=false())
    # Names of browser and system, so that its owner recognises the session.
    browser: Mapped[str] = mapped_column(String(40), server_default="")


class RecoveryCode(Base):
    """Code for one sign-in without the telephone; deleted when used."""

    __tablename__ = "recovery_code"

    user_id: Mapped[bytes] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True
    )
    code_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)


class Enrolment(Base):
    """One-time link to set a password; the link holds the token, the table only its SHA-256."""

    __tablename__ = "enrolment"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    user_id: Mapped[bytes] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    # Hash of the code that reaches the person separately from the link; None where the link alone suffices.
    code_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))


class Throttle(Base):
    """Count of failed sign-ins of one bucket; its name is a keyed hash, so that no address is stored."""

    __tablename__ = "throttle"

    bucket: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    failures: Mapped[int]
    failed_at: Mapped[datetime] = mapped_column(Moment, index=True)


class FailedAttempt(Base):
    """Count of failed attempts by account, kind and hour, waiting to be written to the audit log."""

    __tablename__ = "failed_attempt"

    # Name of the account; empty for unknown names, which are not stored.
    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    hour: Mapped[datetime] = mapped_column(Moment, primary_key=True)
    count: Mapped[int]
