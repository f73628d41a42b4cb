"""Problems and their steps: 记录 → 转办 → 办理 → 回复 → 回访核实, each taken by the role in `STEPS`."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from analysis.answers.spelling import clean_text
from survey.database.locking import locked
from survey.errors import N_, Conflict, Forbidden, InvalidInput, NotFound, Phrase
from survey.facts.publication import Evidence
from survey.models import Problem, ProblemEvent, ProblemSource, Role, Round, Stage, State, User
from survey.services.operations.audit import record as audit
from survey.services.rounds.descriptions import describe
from survey.services.rounds.editions import current
from survey.texts import require_drawable

LONGEST_TASK, LONGEST_NAME, LONGEST_TEXT = 200, 80, 2000
# From → to, and whose step it is.
STEPS: dict[tuple[str, str], Role] = {
    (Stage.RECORDED, Stage.ASSIGNED): Role.REVIEWER,
    (Stage.RECORDED, Stage.WITHDRAWN): Role.REVIEWER,
    (Stage.ASSIGNED, Stage.WORKING): Role.LIAISON,
    (Stage.WORKING, Stage.ANSWERED): Role.LIAISON,
    (Stage.ANSWERED, Stage.VERIFIED): Role.REVIEWER,
    (Stage.ANSWERED, Stage.WORKING): Role.REVIEWER,
}
OPEN = (Stage.ASSIGNED, Stage.WORKING)
SEEN_BY_LIAISON = (Stage.ASSIGNED, Stage.WORKING, Stage.ANSWERED, Stage.VERIFIED)


@dataclass(frozen=True, slots=True)
class NewProblem:
    """Problem as a reviewer records it; `evidence` comes from
    `problem_candidates` and is stored unchanged."""

    department: str
    task: str
    deadline: date
    source: str = ProblemSource.OTHER
    item: str = ""
    evidence: Evidence = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ListedProblem:
    """Problem with its round, for lists over several rounds."""

    problem: Problem
    slug: str
    title: str
    overdue: bool


def record(session: Session, round: Round, new: NewProblem, user: User, today: date) -> Problem:
    """Record (记录) a problem of an opened round; raises `Forbidden`, `Conflict`, `InvalidInput`."""
    _require(user, Role.REVIEWER)
    round = locked(session, round)
    if round.state != State.OPENED:
        raise Conflict(N_("开箱之后才能记录问题。"))
    _check(session, round, new, today)
    last = session.scalar(select(func.max(Problem.number)).where(Problem.round_id == round.id))
    problem = Problem(
        round_id=round.id,
        number=(last or 0) + 1,
        department=new.department,
        source=new.source,
        item=new.item,
        evidence=dict(new.evidence),
        task=clean_text(new.task),
        deadline=new.deadline,
        stage=Stage.RECORDED,
        responsible="",
        measures="",
    )
    session.add(problem)
    session.flush()
    _add_event(session, problem, user, today, problem.task)
    return problem


def assign(session: Session, problem: Problem, user: User, today: date, deadline: date) -> Problem:
    """Hand (转办) a recorded problem to its department, once the round is published, with a deadline."""
    problem = _step(session, problem, Stage.ASSIGNED, user)
    if current(session, _round_of(session, problem)) is None:
        raise Conflict(N_("结果公布之后才能转办。"), remedy=N_("请先公布本轮结果。"))
    _check_deadline(deadline, today)
    problem.deadline = deadline
    _add_event(session, problem, user, today, "")
    return problem


def withdraw(session: Session, problem: Problem, user: User, today: date, reason: str) -> Problem:
    """Withdraw (撤销) a problem recorded by mistake; it stays in the list, struck out, with the reason."""
    problem = _step(session, problem, Stage.WITHDRAWN, user)
    _add_event(session, problem, user, today, _text(N_("撤销原因"), reason))
    return problem


def accept(
    session: Session, problem: Problem, user: User, today: date, *, responsible: str, measures: str
) -> Problem:
    """Accept (办理) a problem for the department, naming who is responsible and what will be done."""
    problem = _step(session, problem, Stage.WORKING, user)
    problem.responsible = _text(N_("责任人"), responsible, LONGEST_NAME)
    problem.measures = _text(N_("整改措施"), measures)
    _add_event(session, problem, user, today, problem.measures)
    return problem


def answer(session: Session, problem: Problem, user: User, today: date, text: str) -> Problem:
    """Answer (回复) a problem for the department, saying what was done."""
    problem = _step(session, problem, Stage.ANSWERED, user)
    _add_event(session, problem, user, today, _text(N_("回复"), text))
    return problem


def verify(session: Session, problem: Problem, user: User, today: date, text: str) -> Problem:
    """Verify (回访核实) a problem: a reviewer has asked, and it is put right."""
    problem = _step(session, problem, Stage.VERIFIED, user)
    _add_event(session, problem, user, today, _text(N_("核实情况"), text))
    return problem


def send_back(
    session: Session, problem: Problem, user: User, today: date, text: str, deadline: date
) -> Problem:
    """Send a problem back (退回) to the department with a new deadline: a reviewer has asked, and it is not
    put right."""
    problem = _step(session, problem, Stage.WORKING, user)
    _check_deadline(deadline, today)
    problem.deadline = deadline
    _add_event(session, problem, user, today, _text(N_("退回原因"), text))
    return problem


def get(session: Session, round: Round, number: int, user: User) -> Problem:
    """Problem with this number, if `user` may see it; raises `NotFound` otherwise."""
    problem = session.get(Problem, (round.id, number))
    if problem is None or not _may_see(user, problem):
        raise NotFound(N_("没有第 %(number)s 号问题。"), number=number)
    return problem


def of_round(session: Session, round: Round) -> list[Problem]:
    """Problems of the round by number, withdrawn ones included."""
    query = select(Problem).where(Problem.round_id == round.id)
    return list(session.scalars(query.order_by(Problem.number)))


def of_liaison(session: Session, user: User, today: date) -> list[ListedProblem]:
    """Problems handed to the liaison's department, in all rounds, newest round first."""
    if not user.department:
        return []
    query = (
        select(Problem, Round)
        .join(Round, Round.id == Problem.round_id)
        .where(Problem.department == user.department, Problem.stage.in_(SEEN_BY_LIAISON))
        .order_by(Round.opens_on.desc(), Problem.number)
    )
    rows = session.execute(query)
    return [ListedProblem(p, r.slug, r.title, is_overdue(p, today)) for p, r in rows]


def of_department(session: Session, department: str, before: Round) -> list[tuple[Round, Problem]]:
    """Pairs (round, problem) of a department in rounds earlier than `before`, without withdrawn ones; newest
    round first."""
    query = (
        select(Round, Problem)
        .join(Problem, Problem.round_id == Round.id)
        .where(Problem.department == department, Round.opens_on < before.opens_on)
        .where(Problem.stage != Stage.WITHDRAWN)
        .order_by(Round.opens_on.desc(), Problem.number)
    )
    return [(round, problem) for round, problem in session.execute(query)]


def history(session: Session, problem: Problem) -> list[ProblemEvent]:
    """Steps of the problem, oldest first."""
    query = select(ProblemEvent).where(
        ProblemEvent.round_id == problem.round_id, ProblemEvent.problem == problem.number
    )
    return list(session.scalars(query.order_by(ProblemEvent.number)))


def is_overdue(problem: Problem, today: date) -> bool:
    """Whether the deadline for the department's answer has passed."""
    return problem.stage in OPEN and problem.deadline < today


def _require(user: User, role: Role) -> None:
    if user.role != role:
        who = N_("这一步由评议员办理。") if role == Role.REVIEWER else N_("这一步由部门联络员办理。")
        raise Forbidden(who)


def _may_see(user: User, problem: Problem) -> bool:
    if user.role != Role.LIAISON:
        return user.role == Role.REVIEWER
    own = bool(user.department) and problem.department == user.department
    return own and problem.stage in SEEN_BY_LIAISON


def _step(session: Session, problem: Problem, to: Stage, user: User) -> Problem:
    """Problem locked and read anew, at stage `to`; raises `Forbidden`, `Conflict` or `NotFound` where the
    step is not allowed."""
    key = (problem.round_id, problem.number)
    fresh = session.get_one(Problem, key, with_for_update=True, populate_existing=True)
    if not _may_see(user, fresh):
        raise NotFound(N_("没有第 %(number)s 号问题。"), number=fresh.number)
    role = STEPS.get((fresh.stage, to))
    if role is None:
        raise Conflict(
            N_("这个问题现在不能走这一步，可能别人刚刚办过。"), remedy=N_("请刷新页面看现在的状态。")
        )
    _require(user, role)
    fresh.stage = to
    return fresh


def _add_event(session: Session, problem: Problem, user: User, today: date, text: str) -> None:
    number = len(history(session, problem)) + 1
    session.add(
        ProblemEvent(
            round_id=problem.round_id,
            problem=problem.number,
            number=number,
            on=today,
            actor=user.name,
            stage=problem.stage,
            text=text,
        )
    )
    session.flush()
    slug = _round_of(session, problem).slug
    audit(session, actor=user, action=f"problem.{problem.stage}", subject=slug, problem=problem.number)


def _round_of(session: Session, problem: Problem) -> Round:
    return session.get_one(Round, problem.round_id)


def _check(session: Session, round: Round, new: NewProblem, today: date) -> None:
    questionnaire = describe(session, round).questionnaire
    if new.department not in {d.name for d in questionnaire.departments}:
        raise InvalidInput(N_("本轮没有评议“%(name)s”。"), name=new.department)
    if new.source not in set(ProblemSource):
        raise InvalidInput(N_("问题的来源不在可选范围内。"))
    if (
        new.item
        and new.source in (ProblemSource.LINE, ProblemSource.GAP)
        and new.item not in {item.name for item in questionnaire.items}
    ):
        raise InvalidInput(N_("本轮没有指标“%(name)s”。"), name=new.item)
    _text(N_("问题"), new.task, LONGEST_TASK)
    _check_deadline(new.deadline, today)


def _check_deadline(deadline: date, today: date) -> None:
    if deadline < today:
        raise InvalidInput(N_("整改期限 %(day)s 已经过去。"), day=deadline.isoformat())


def _text(name: str, text: str, longest: int = LONGEST_TEXT) -> str:
    text = clean_text(text)
    if not 0 < len(text) <= longest:
        said = N_("“%(name)s”应为 1 到 %(longest)s 个字。")
        raise InvalidInput(said, name=Phrase(name), longest=longest)
    require_drawable([(name, text)])
    return text
