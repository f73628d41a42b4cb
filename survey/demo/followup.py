"""Follow-up of a round in the demonstration: problems recorded, results published, tasks assigned."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy.orm import Session

from survey.clock import today
from survey.database.engine import Database
from survey.models import ProblemSource, Round, User
from survey.services.followup import problem_steps, problems
from survey.services.followup.problem_candidates import Candidate, candidates
from survey.services.people import accounts
from survey.services.publication import publishing
from survey.services.rounds import editions
from survey.services.rounds.lifecycle import get_round

PROBLEMS = 4
WEEKS = 8


def follow_up(database: Database, slug: str, reviewers: Sequence[str]) -> None:
    """Record the first findings of an opened round as problems, publish it by two reviewers, assign the
    tasks."""

    def people(session: Session) -> tuple[Round, list[User]]:
        users = {user.name: user for user in accounts.list_users(session)}
        return get_round(session, slug), [users[name] for name in reviewers]

    def record_and_propose(session: Session) -> None:
        round, (first, *_) = people(session)
        for found in _spread(candidates(session, round)):
            problems.record(session, round, _task(found), first, today())
        publishing.propose(session, round, first)

    def confirm_and_assign(session: Session) -> None:
        round, (first, second, *_) = people(session)
        waiting = editions.waiting(session, round)
        if waiting is not None:
            publishing.confirm(session, waiting, second, today())
        for problem in problems.of_round(session, round):
            day = today() + timedelta(weeks=WEEKS)
            problem_steps.assign(session, problem, first, today(), day, nobody=True)

    database.write(record_and_propose)
    database.write(confirm_and_assign)


def _spread(found: Sequence[Candidate]) -> list[Candidate]:
    """At most one finding per department, so that the list shows several departments."""
    by_department = {candidate.department: candidate for candidate in reversed(found)}
    return list(by_department.values())[-PROBLEMS:]


def _task(found: Candidate) -> problems.NewProblem:
    what = f"“{found.item}”" if found.item else "企业反映的问题"
    return problems.NewProblem(
        department=found.department,
        task=f"改进{what}，向评议办公室报告措施和效果",
        deadline=today() + timedelta(weeks=WEEKS),
        source=ProblemSource(found.source),
        item=found.item,
        evidence=found.evidence,
    )
