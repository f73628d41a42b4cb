"""History of a problem: what was done, by whom, when; who has read it since it was handed over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from analysis.answers.spelling import clean_text
from survey.errors import N_, InvalidInput, Phrase
from survey.models import Problem, ProblemEvent, Round, Step, User
from survey.services.operations.audit import record as audit
from survey.texts import require_drawable

LONGEST_TEXT = 2000
STEP_NAMES = {
    Step.RECORD: N_("记录"),
    Step.ASSIGN: N_("转办"),
    Step.READ: N_("已读"),
    Step.DEADLINE: N_("改期限"),
    Step.RECALL: N_("撤回转办"),
    Step.REASSIGN: N_("改派"),
    Step.ACCEPT: N_("办理"),
    Step.ANSWER: N_("回复"),
    Step.SEND_BACK: N_("退回"),
    Step.VERIFY: N_("回访核实"),
    Step.WITHDRAW: N_("撤销"),
}
HANDED_OVER = (Step.ASSIGN, Step.REASSIGN)
TAKEN = (Step.RECALL, Step.REASSIGN)
_BY_STEP = (*TAKEN, Step.READ, Step.DEADLINE, Step.SEND_BACK)
"""Steps that the audit log names by themselves; the others it names by the stage that they lead to."""


def history(session: Session, problem: Problem) -> list[ProblemEvent]:
    """Steps of the problem, oldest first."""
    query = select(ProblemEvent).where(
        ProblemEvent.round_id == problem.round_id, ProblemEvent.problem == problem.number
    )
    return list(session.scalars(query.order_by(ProblemEvent.number)))


def first_reading(events: Sequence[ProblemEvent]) -> ProblemEvent | None:
    """Step by which the department first read what it was handed last; None before it did."""
    found = None
    for event in events:
        if event.done in HANDED_OVER:
            found = None
        elif event.done in (Step.READ, Step.ACCEPT):
            found = found or event
    return found


def last_step(events: Sequence[ProblemEvent]) -> ProblemEvent:
    """Last step that changed something; reading does not."""
    return next(event for event in reversed(events) if event.done != Step.READ)


def add_event(
    session: Session,
    problem: Problem,
    step: Step,
    user: User,
    today: date,
    text: str = "",
    *,
    taken_from: str = "",
    files: int = 0,
) -> int:
    """Append a step to the history and the audit log; returns its number.

    taken_from: see `ProblemEvent.taken_from`; files: how many are sent with it.
    """
    last = select(func.max(ProblemEvent.number)).where(
        ProblemEvent.round_id == problem.round_id, ProblemEvent.problem == problem.number
    )
    number = (session.scalar(last) or 0) + 1
    session.add(
        ProblemEvent(
            round_id=problem.round_id,
            problem=problem.number,
            number=number,
            on=today,
            actor=user.name,
            stage=problem.stage,
            text=text,
            step=step,
            taken_from=taken_from,
        )
    )
    session.flush()
    slug = session.get_one(Round, problem.round_id).slug
    action = f"problem.{step if step in _BY_STEP else problem.stage}"
    counted = {"files": files} if files else {}
    audit(session, actor=user, action=action, subject=slug, problem=problem.number, **counted)
    return number


def check_deadline(deadline: date, today: date) -> None:
    """Raise `InvalidInput` for a deadline that has passed."""
    if deadline < today:
        raise InvalidInput(N_("整改期限 %(day)s 已经过去。"), day=deadline.isoformat())


def checked_text(name: str, text: str, longest: int = LONGEST_TEXT) -> str:
    """`text` cleaned; raises `InvalidInput` naming the field `name` where it is empty or too long."""
    text = clean_text(text)
    if not 0 < len(text) <= longest:
        said = N_("“%(name)s”应为 1 到 %(longest)s 个字。")
        raise InvalidInput(said, name=Phrase(name), longest=longest)
    require_drawable([(name, text)])
    return text
