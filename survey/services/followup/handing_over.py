"""What may be undone or changed after a problem was handed over: recalled, reassigned, its deadline moved;
and that the department has read it."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from survey.errors import N_, Conflict, InvalidInput
from survey.models import Problem, Role, Round, Stage, Step, User
from survey.services.departments.lineage import read_lineage
from survey.services.followup import attachments, problems
from survey.services.followup.problem_history import (
    add_event,
    check_deadline,
    checked_text,
    first_reading,
    history,
)
from survey.services.followup.problem_steps import begin
from survey.services.followup.readers import require_readers
from survey.services.rounds.descriptions import questionnaire_of

LONGEST_REASON = 200


def recall(
    session: Session,
    problem: Problem,
    user: User,
    today: date,
    reason: str = "",
    *,
    seen: int | None = None,
) -> Problem:
    """Recall (撤回转办) a problem from its department; once read, with a reason that it sees."""
    problem = begin(session, problem, Step.RECALL, user, seen)
    reader = _reader(session, problem)
    if reader and not reason.strip():
        raise Conflict(
            N_("“%(who)s”已经读了这个问题，撤回要写明原因。"),
            remedy=N_("原因部门看得到。"),
            who=reader,
        )
    text = checked_text(N_("撤回原因"), reason, LONGEST_REASON) if reason.strip() else ""
    taken_from = problem.department if reader else ""
    _clear(session, problem, Stage.RECORDED)
    add_event(session, problem, Step.RECALL, user, today, text, taken_from=taken_from)
    return problem


def reassign(
    session: Session,
    problem: Problem,
    user: User,
    today: date,
    *,
    department: str,
    reason: str,
    deadline: date,
    nobody: bool = False,
    seen: int | None = None,
) -> Problem:
    """Reassign (改派) a problem to another of its `targets`, which begins anew; nobody: as in `assign`."""
    problem = begin(session, problem, Step.REASSIGN, user, seen)
    if department not in targets(session, problem):
        raise InvalidInput(
            N_("不能改派给“%(name)s”。"),
            remedy=N_("请选本轮的另一个部门，或者由原部门更名、合并、拆分而来的部门。"),
            name=department,
        )
    check_deadline(deadline, today)
    text = checked_text(N_("改派原因"), reason, LONGEST_REASON)
    handed = problem.stage in problems.OPEN
    if handed:
        require_readers(session, department, confirmed=nobody)
    taken_from = problem.department if _reader(session, problem) else ""
    problem.found_at = problem.origin
    problem.department, problem.deadline = department, deadline
    _clear(session, problem, Stage.ASSIGNED if handed else Stage.RECORDED)
    # An arrow is read in either language; the history keeps texts as they were written.
    said = f"→ {department}\n{text}"
    add_event(session, problem, Step.REASSIGN, user, today, said, taken_from=taken_from)
    return problem


def move_deadline(
    session: Session,
    problem: Problem,
    user: User,
    today: date,
    *,
    deadline: date,
    reason: str,
    seen: int | None = None,
) -> Problem:
    """Move the deadline of a problem that a department has in hand."""
    problem = begin(session, problem, Step.DEADLINE, user, seen)
    check_deadline(deadline, today)
    if deadline == problem.deadline:
        raise InvalidInput(N_("期限本来就是 %(day)s，没有改。"), day=deadline.isoformat())
    text = checked_text(N_("改期限的原因"), reason, LONGEST_REASON)
    said = f"{problem.deadline.isoformat()} → {deadline.isoformat()}\n{text}"
    problem.deadline = deadline
    add_event(session, problem, Step.DEADLINE, user, today, said)
    return problem


def targets(session: Session, problem: Problem) -> list[str]:
    """Departments that a problem may be reassigned to: those of its round, and successors of its own."""
    round = session.get_one(Round, problem.round_id)
    of_round = [department.name for department in questionnaire_of(round).departments]
    successors = sorted(read_lineage(session).successors(problem.department))
    return [name for name in dict.fromkeys((*successors, *of_round)) if name != problem.department]


def is_unread(session: Session, problem: Problem, user: User) -> bool:
    """Whether `user` would be the first of the department to read what it was handed."""
    return (
        user.role == Role.LIAISON
        and problem.stage == Stage.ASSIGNED
        and problems.holds(session, user, problem)
        and not _reader(session, problem)
    )


def mark_read(session: Session, problem: Problem, user: User, today: date) -> None:
    """Note that the department has read the problem, unless it was noted before."""
    fresh = problems.fresh_one(session, problem)
    if is_unread(session, fresh, user):
        add_event(session, fresh, Step.READ, user, today)


def _reader(session: Session, problem: Problem) -> str:
    """Name of who first read the problem since it was handed over; "" while nobody did, or it is not handed
    over."""
    if problem.stage not in problems.OPEN:
        return ""
    found = first_reading(history(session, problem))
    return found.actor if found else ""


def _clear(session: Session, problem: Problem, stage: Stage) -> None:
    """Begin anew at `stage`: what the department before had entered stays in the history alone."""
    problem.stage, problem.responsible, problem.measures = stage, "", ""
    attachments.discard(session, problem)
