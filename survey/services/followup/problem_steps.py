"""Steps of a problem: 转办 → 办理 → 回复 → 回访核实, each taken by the role in `STEPS`.

Every step takes `seen`, the number of the last step that the person's page showed: whoever comes second is
told what was done in between, and does nothing unknowingly. None is not compared.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy.orm import Session

from survey.errors import N_, Conflict, Forbidden, NotFound, Phrase
from survey.models import Problem, Role, Round, Stage, Step, User
from survey.services.followup import attachments, problems
from survey.services.followup.problem_history import (
    STEP_NAMES,
    add_event,
    check_deadline,
    checked_text,
    last_step,
)
from survey.services.followup.readers import require_readers
from survey.services.rounds.editions import current

LONGEST_NAME = 80
# Step → stages from which it may be taken, and whose step it is.
STEPS: dict[Step, tuple[Collection[str], Role]] = {
    Step.ASSIGN: ((Stage.RECORDED,), Role.REVIEWER),
    Step.WITHDRAW: ((Stage.RECORDED,), Role.REVIEWER),
    Step.ACCEPT: ((Stage.ASSIGNED,), Role.LIAISON),
    Step.ANSWER: ((Stage.WORKING,), Role.LIAISON),
    Step.VERIFY: ((Stage.ANSWERED,), Role.REVIEWER),
    Step.SEND_BACK: ((Stage.ANSWERED,), Role.REVIEWER),
    Step.RECALL: (problems.OPEN, Role.REVIEWER),
    Step.REASSIGN: ((Stage.RECORDED, *problems.OPEN), Role.REVIEWER),
    Step.DEADLINE: (problems.OPEN, Role.REVIEWER),
}


def assign(
    session: Session,
    problem: Problem,
    user: User,
    today: date,
    deadline: date,
    *,
    nobody: bool = False,
    seen: int | None = None,
) -> Problem:
    """Hand (转办) a recorded problem to its department, once the round is published, with a deadline.

    nobody: the reviewer knows that the department has no liaison who would read it.
    """
    problem = begin(session, problem, Step.ASSIGN, user, seen)
    if current(session, session.get_one(Round, problem.round_id)) is None:
        raise Conflict(N_("结果公布之后才能转办。"), remedy=N_("请先公布本轮结果。"))
    check_deadline(deadline, today)
    require_readers(session, problem.department, confirmed=nobody)
    problem.deadline, problem.stage = deadline, Stage.ASSIGNED
    add_event(session, problem, Step.ASSIGN, user, today)
    return problem


def withdraw(
    session: Session, problem: Problem, user: User, today: date, reason: str, *, seen: int | None = None
) -> Problem:
    """Withdraw (撤销) a problem recorded by mistake; it stays in the list, struck out, with the reason."""
    problem = begin(session, problem, Step.WITHDRAW, user, seen)
    problem.stage = Stage.WITHDRAWN
    add_event(session, problem, Step.WITHDRAW, user, today, checked_text(N_("撤销原因"), reason))
    return problem


def accept(
    session: Session,
    problem: Problem,
    user: User,
    today: date,
    *,
    responsible: str,
    measures: str,
    seen: int | None = None,
) -> Problem:
    """Accept (办理) a problem for the department, naming who is responsible and what will be done."""
    problem = begin(session, problem, Step.ACCEPT, user, seen)
    problem.responsible = checked_text(N_("责任人"), responsible, LONGEST_NAME)
    problem.measures = checked_text(N_("整改措施"), measures)
    problem.stage = Stage.WORKING
    add_event(session, problem, Step.ACCEPT, user, today, problem.measures)
    return problem


def answer(
    session: Session, problem: Problem, user: User, today: date, text: str, *, seen: int | None = None
) -> Problem:
    """Answer (回复) a problem for the department, saying what was done, with the files that were attached."""
    problem = begin(session, problem, Step.ANSWER, user, seen)
    text, files = checked_text(N_("回复"), text), len(attachments.waiting(session, problem, user))
    problem.stage = Stage.ANSWERED
    number = add_event(session, problem, Step.ANSWER, user, today, text, files=files)
    attachments.send(session, problem, number)
    return problem


def verify(
    session: Session, problem: Problem, user: User, today: date, text: str, *, seen: int | None = None
) -> Problem:
    """Verify (回访核实) a problem: a reviewer has asked, and it is put right."""
    problem = begin(session, problem, Step.VERIFY, user, seen)
    problem.stage = Stage.VERIFIED
    add_event(session, problem, Step.VERIFY, user, today, checked_text(N_("核实情况"), text))
    return problem


def send_back(
    session: Session,
    problem: Problem,
    user: User,
    today: date,
    text: str,
    deadline: date,
    *,
    seen: int | None = None,
) -> Problem:
    """Send a problem back (退回) to the department with a new deadline: a reviewer has asked, and it is not
    put right."""
    problem = begin(session, problem, Step.SEND_BACK, user, seen)
    check_deadline(deadline, today)
    problem.deadline, problem.stage = deadline, Stage.WORKING
    add_event(session, problem, Step.SEND_BACK, user, today, checked_text(N_("退回原因"), text))
    return problem


def begin(session: Session, problem: Problem, step: Step, user: User, seen: int | None) -> Problem:
    """Problem locked and read anew, if `user` may take this step now; raises `Forbidden`, `Conflict` or
    `NotFound`."""
    fresh = problems.fresh_one(session, problem)
    if not problems.may_see(session, user, fresh):
        raise NotFound(N_("没有第 %(number)s 号问题。"), number=fresh.number)
    _require_unchanged(session, fresh, user, seen)
    stages, role = STEPS[step]
    if fresh.stage not in stages:
        raise Conflict(
            N_("这个问题现在不能走这一步，可能别人刚刚办过。"), remedy=N_("请刷新页面看现在的状态。")
        )
    problems.require_role(user, role)
    if role == Role.LIAISON and not problems.holds(session, user, fresh):
        raise Forbidden(N_("这个问题已经撤回或改派，不再由贵部门办理。"))
    return fresh


def _require_unchanged(session: Session, problem: Problem, user: User, seen: int | None) -> None:
    """Raise `Conflict`, naming the last step, where there is one that the page of `user` did not show."""
    last = last_step(problems.shown_history(session, problem, user))
    if seen is not None and last.number > seen:
        raise Conflict(
            N_("您打开这一页以后，“%(who)s”已经办了“%(what)s”，您的这一步没有办。"),
            remedy=N_("请看清现在的状态再办。"),
            who=last.actor,
            what=Phrase(STEP_NAMES[last.done]),
        )
