"""Tables of long-running jobs with their progress, and of the audit log of staff actions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import SchemaItem

from survey.models.base import Base, Moment, RandomId

RUNNING = ("waiting", "running")


class Job(Base):
    """Long-running job. `parameters` never hold a private key, a passphrase or a code."""

    __tablename__ = "job"

    id: Mapped[RandomId]
    kind: Mapped[str] = mapped_column(String(40))
    # None for jobs of the whole installation, such as an import of the roster.
    round_id: Mapped[bytes | None] = mapped_column(ForeignKey("round.id", ondelete="CASCADE"), index=True)
    state: Mapped[str] = mapped_column(String(16), default="waiting")
    step: Mapped[str] = mapped_column(String(80), default="")
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(Text, default="")
    parameters: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    cancel_requested: Mapped[bool] = mapped_column(server_default=false())
    created_at: Mapped[datetime] = mapped_column(Moment)
    # Updated while its thread lives; it stands still when the process has died.
    beat_at: Mapped[datetime] = mapped_column(Moment)

    @property
    def is_running(self) -> bool:
        """As its row says; its process may be dead (survey/services/operations/jobs.py)."""
        return self.state in RUNNING

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        states = "'waiting', 'running', 'done', 'failed', 'cancelled'"
        return (CheckConstraint(f"state IN ({states})", name="state"),)


class AuditEvent(Base):
    """Entry of the audit log: who did what to which round, with the hash of the entry before.

    It never names an enterprise that took part, nor says anything about ballots.
    """

    __tablename__ = "audit_event"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(Moment)
    actor: Mapped[str] = mapped_column(String(80))
    action: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(80), default="")
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    previous_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (Index("ix_audit_event_action_subject", "action", "subject"),)
