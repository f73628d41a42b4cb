"""Problems: recording them, who may see which, lists of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import and_, func, or_, select, tuple_
from sqlalchemy.orm import Session

from analysis.answers.spelling import clean_text
from survey.database.locking import locked
from survey.errors import N_, Conflict, Forbidden, InvalidInput, NotFound
from survey.facts.publication import Evidence
from survey.models import Problem, ProblemEvent, ProblemSource, Role, Round, Stage, State, Step, User
from survey.services.departments.lineage import read_lineage
from survey.services.followup.problem_history import add_event, check_deadline, checked_text, history
from survey.services.rounds.descriptions import describe

LONGEST_TASK = 200
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
    taken: ProblemEvent | None = None
    """Step by which it was taken from the department that asks."""


def record(session: Session, round: Round, new: NewProblem, user: User, today: date) -> Problem:
    """Record (记录) a problem of an opened round; raises `Forbidden`, `Conflict`, `InvalidInput`."""
    require_role(user, Role.REVIEWER)
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
    add_event(session, problem, Step.RECORD, user, today, problem.task)
    return problem


def get(session: Session, round: Round, number: int, user: User) -> Problem:
    """Problem with this number, if `user` may see it; raises `NotFound` otherwise."""
    problem = session.get(Problem, (round.id, number))
    if problem is None or not may_see(session, user, problem):
        raise NotFound(N_("没有第 %(number)s 号问题。"), number=number)
    return problem


def of_round(session: Session, round: Round) -> list[Problem]:
    """Problems of the round by number, withdrawn ones included."""
    query = select(Problem).where(Problem.round_id == round.id)
    return list(session.scalars(query.order_by(Problem.number)))


def of_liaison(session: Session, user: User, today: date) -> list[ListedProblem]:
    """Problems handed to the liaison's department, in all rounds, newest round first; also those that were
    taken from it after it had read them."""
    names = _answers_for(session, user)
    events = select(ProblemEvent).where(ProblemEvent.taken_from.in_(names)).order_by(ProblemEvent.number)
    last = {(event.round_id, event.problem): event for event in session.scalars(events)}
    has = and_(Problem.department.in_(names), Problem.stage.in_(SEEN_BY_LIAISON))
    query = (
        select(Problem, Round)
        .join(Round, Round.id == Problem.round_id)
        .where(~Round.trial, or_(has, tuple_(Problem.round_id, Problem.number).in_(last)))
        .order_by(Round.opens_on.desc(), Problem.number)
    )
    found = []
    for problem, round in session.execute(query):
        step = None if _has(names, problem) else last.get((problem.round_id, problem.number))
        late = step is None and is_overdue(problem, today)
        found.append(ListedProblem(problem, round.slug, round.title, late, step))
    return found


def of_departments(
    session: Session, departments: Iterable[str], before: Round
) -> list[tuple[Round, Problem]]:
    """Pairs (round, problem) of each department, and of those that it came from, in rounds earlier than
    `before`, without withdrawn ones; department by department, newest round first, each once."""
    lineage = read_lineage(session)
    answered_for = [lineage.inherited(department) for department in departments]
    query = (
        select(Round, Problem)
        .join(Problem, Problem.round_id == Round.id)
        .where(Problem.department.in_(frozenset[str]().union(*answered_for)))
        .where(
            Round.trial == before.trial, Round.opens_on < before.opens_on, Problem.stage != Stage.WITHDRAWN
        )
        .order_by(Round.opens_on.desc(), Problem.number)
    )
    rows = session.execute(query).all()
    found = [row for names in answered_for for row in rows if row.Problem.department in names]
    return [(row.Round, row.Problem) for row in dict.fromkeys(found)]


def is_overdue(problem: Problem, today: date) -> bool:
    """Whether the deadline for the department's answer has passed."""
    return problem.stage in OPEN and problem.deadline < today


def require_role(user: User, role: Role) -> None:
    """Raise `Forbidden`, saying whose step it is, for anybody else."""
    if user.role != role:
        who = N_("这一步由评议员办理。") if role == Role.REVIEWER else N_("这一步由部门联络员办理。")
        raise Forbidden(who)


def fresh_one(session: Session, problem: Problem) -> Problem:
    """Problem read anew, locked until the end of the transaction."""
    key = (problem.round_id, problem.number)
    return session.get_one(Problem, key, with_for_update=True, populate_existing=True)


def may_see(session: Session, user: User, problem: Problem) -> bool:
    """Whether `user` may see this problem, be it only that it was taken from the department."""
    if user.role != Role.LIAISON:
        return user.role == Role.REVIEWER
    names = _answers_for(session, user)
    return _has(names, problem) or _taken(session, names, problem) is not None


def holds(session: Session, user: User, problem: Problem) -> bool:
    """Whether the liaison's department has this problem now."""
    return _has(_answers_for(session, user), problem)


def taken(session: Session, user: User, problem: Problem) -> ProblemEvent | None:
    """Last step by which the problem was taken from the liaison's department, which had read it; None where
    there is none, or it has the problem now."""
    return _taken(session, _answers_for(session, user), problem) if user.role == Role.LIAISON else None


def _has(names: Collection[str], problem: Problem) -> bool:
    return problem.stage in SEEN_BY_LIAISON and problem.department in names


def _taken(session: Session, names: Collection[str], problem: Problem) -> ProblemEvent | None:
    if _has(names, problem):
        return None
    return next((e for e in reversed(history(session, problem)) if e.taken_from in names), None)


def shown_history(session: Session, problem: Problem, user: User) -> list[ProblemEvent]:
    """Steps of the problem that `user` may see, oldest first: for a department that it was taken from, up to
    that step."""
    last, events = taken(session, user, problem), history(session, problem)
    return [event for event in events if last is None or event.number <= last.number]


def _answers_for(session: Session, user: User) -> frozenset[str]:
    return read_lineage(session).inherited(user.department) if user.department else frozenset()


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
    checked_text(N_("问题"), new.task, LONGEST_TASK)
    check_deadline(new.deadline, today)
