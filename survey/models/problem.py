"""Tables of problems and their rectification (问题清单, 整改台账): task, department, deadline, outcome."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    LargeBinary,
    String,
    Text,
)
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import SchemaItem

from survey.models.base import Base


class Stage(StrEnum):
    """Stage of a problem: 记录 → 转办 → 办理 → 回复 → 回访核实; withdrawn if recorded by mistake."""

    RECORDED = "recorded"
    ASSIGNED = "assigned"
    WORKING = "working"
    ANSWERED = "answered"
    VERIFIED = "verified"
    WITHDRAWN = "withdrawn"


class Step(StrEnum):
    """What was done in a step of a problem's history; several of them leave its stage as it was."""

    RECORD = "record"
    ASSIGN = "assign"
    READ = "read"
    DEADLINE = "deadline"
    RECALL = "recall"
    REASSIGN = "reassign"
    ACCEPT = "accept"
    ANSWER = "answer"
    SEND_BACK = "send_back"
    VERIFY = "verify"
    WITHDRAW = "withdraw"


class ProblemSource(StrEnum):
    """Source by which a problem was found."""

    LINE = "line"
    GAP = "gap"
    COMMENTS = "comments"
    INDICATOR = "indicator"
    OTHER = "other"


_STAGES = "('recorded', 'assigned', 'working', 'answered', 'verified', 'withdrawn')"


_BY_STAGE = {
    Stage.RECORDED: Step.RECORD,
    Stage.ASSIGNED: Step.ASSIGN,
    Stage.WORKING: Step.ACCEPT,
    Stage.ANSWERED: Step.ANSWER,
    Stage.VERIFIED: Step.VERIFY,
    Stage.WITHDRAWN: Step.WITHDRAW,
}


class Problem(Base):
    """Problem on a round's list; `evidence`: the figures it was recorded on, as they were then."""

    __tablename__ = "problem"

    round_id: Mapped[bytes] = mapped_column(ForeignKey("round.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    department: Mapped[str] = mapped_column(String(60))
    source: Mapped[str] = mapped_column(String(16))
    item: Mapped[str] = mapped_column(String(60), default="")
    evidence: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    task: Mapped[str] = mapped_column(String(200))
    responsible: Mapped[str] = mapped_column(String(80), default="")
    measures: Mapped[str] = mapped_column(Text, default="")
    deadline: Mapped[date] = mapped_column(Date)
    stage: Mapped[str] = mapped_column(String(16), default=Stage.RECORDED)
    # Where the figures were found, once the problem was reassigned to another department; "" before.
    found_at: Mapped[str] = mapped_column(String(60), server_default="", default="")

    @property
    def origin(self) -> str:
        """Department on whose figures the problem was recorded."""
        return self.found_at or self.department

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            CheckConstraint(f"stage IN {_STAGES}", name="stage"),
            CheckConstraint("source IN ('line', 'gap', 'comments', 'indicator', 'other')", name="source"),
            CheckConstraint("number >= 1", name="number"),
        )


class ProblemEvent(Base):
    """Step in a problem's history; database triggers prevent its change and deletion."""

    __tablename__ = "problem_event"

    round_id: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    problem: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    on: Mapped[date] = mapped_column("happened_on", Date)
    actor: Mapped[str] = mapped_column(String(80))
    stage: Mapped[str] = mapped_column(String(16))
    text: Mapped[str] = mapped_column(Text, default="")
    # "" in steps from before they were told apart; `done` then goes by the stage.
    step: Mapped[str] = mapped_column(String(16), server_default="", default="")
    # Department that had read the problem and from which this step took it, which it may still see; else "".
    taken_from: Mapped[str] = mapped_column(String(60), server_default="", default="")

    @property
    def done(self) -> Step:
        """What was done in this step."""
        return Step(self.step) if self.step else _BY_STAGE[Stage(self.stage)]

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            CheckConstraint(f"stage IN {_STAGES}", name="stage"),
            ForeignKeyConstraint(
                ["round_id", "problem"],
                ["problem.round_id", "problem.number"],
                name="fk_problem_event_problem",
            ),
        )


class ProblemFile(Base):
    """File that a department attached to an answer; `event`: number of the step with which it was sent, from
    which on triggers prevent its change and deletion, None until then."""

    __tablename__ = "problem_file"

    round_id: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    problem: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    event: Mapped[int | None]
    name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(8))
    size: Mapped[int]
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            CheckConstraint("kind IN ('pdf', 'jpg', 'png', 'docx', 'xlsx')", name="kind"),
            ForeignKeyConstraint(
                ["round_id", "problem"],
                ["problem.round_id", "problem.number"],
                name="fk_problem_file_problem",
            ),
            ForeignKeyConstraint(
                ["round_id", "problem", "event"],
                ["problem_event.round_id", "problem_event.problem", "problem_event.number"],
                name="fk_problem_file_event",
            ),
        )
