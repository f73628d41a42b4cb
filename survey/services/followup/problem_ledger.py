"""Ledger of problems (整改台账): every problem that a user may see, with its history, for a file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.models import Problem, ProblemEvent, ProblemFile, Round, Stage, Step, User
from survey.services.followup import attachments, problems
from survey.services.followup.problem_history import HANDED_OVER, TAKEN, first_reading
from survey.services.followup.problem_list import Asked
from survey.services.followup.problems import ListedProblem

Key = tuple[bytes, int]


@dataclass(frozen=True, slots=True)
class Line:
    """Problem with every step that was taken, oldest first."""

    entry: ListedProblem
    events: tuple[ProblemEvent, ...]
    files: Mapping[int, Sequence[ProblemFile]]
    """Files that were sent with a step, by its number."""

    def newest(self, *steps: Step) -> ProblemEvent | None:
        """Last step of these kinds by or towards the department of this line; None before there is one."""
        return next((event for event in reversed(self._own) if event.done in steps), None)

    @property
    def handing_over(self) -> ProblemEvent | None:
        """Step by which the department got the problem; None while it has not got it."""
        kept = self.entry.taken is None and self.entry.problem.stage in (Stage.RECORDED, Stage.WITHDRAWN)
        return None if kept else self.newest(*HANDED_OVER)

    @property
    def reading(self) -> ProblemEvent | None:
        """Step by which the department first read the problem since it was handed over."""
        return first_reading(self._own)

    @property
    def _own(self) -> Sequence[ProblemEvent]:
        """Steps since the problem was taken from another department, and until it was taken from this one."""
        events = self.events[:-1] if self.entry.taken else self.events
        return events[max((n for n, event in enumerate(events) if event.done in TAKEN), default=0) :]


def of_round(session: Session, round: Round, today: date, asked: Asked) -> list[Line]:
    """Lines of the round's problems by number, withdrawn ones included,
    filtered by `asked`; for reviewers."""
    query = select(Problem).where(Problem.round_id == round.id, *asked.conditions(today))
    listed = session.scalars(query.order_by(Problem.number))
    return _lines(
        session, [ListedProblem(p, round.slug, round.title, problems.is_overdue(p, today)) for p in listed]
    )


def of_liaison(session: Session, user: User, today: date) -> list[Line]:
    """Lines of the problems handed to the liaison's department, in all rounds, newest round first."""
    return _lines(session, problems.of_liaison(session, user, today))


def _lines(session: Session, entries: Sequence[ListedProblem]) -> list[Line]:
    rounds = {entry.problem.round_id for entry in entries}
    known, files = _histories(session, rounds), attachments.by_step(session, rounds)
    return [Line(entry, tuple(_shown(entry, known)), files.get(_key(entry.problem), {})) for entry in entries]


def _key(problem: Problem) -> Key:
    return problem.round_id, problem.number


def _shown(entry: ListedProblem, known: Mapping[Key, list[ProblemEvent]]) -> list[ProblemEvent]:
    """Steps of the problem; where it was taken from the department that asks, up to that step."""
    events = known.get(_key(entry.problem), [])
    return [event for event in events if entry.taken is None or event.number <= entry.taken.number]


def _histories(session: Session, rounds: Iterable[bytes]) -> dict[Key, list[ProblemEvent]]:
    query = select(ProblemEvent).where(ProblemEvent.round_id.in_(list(rounds)))
    found: dict[Key, list[ProblemEvent]] = {}
    for event in session.scalars(query.order_by(ProblemEvent.number)):
        found.setdefault((event.round_id, event.problem), []).append(event)
    return found
