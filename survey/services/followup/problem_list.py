"""List of a round's problems (问题清单) in pages: searched, filtered by department or stage, sorted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, case, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from survey.database.paging import Page, page_of
from survey.database.searching import contains
from survey.models import Problem, Round, Stage
from survey.services.followup.problems import OPEN

PER_PAGE = 50
SORTS = ("number", "department", "deadline", "stage")
OVERDUE = "overdue"
"""Stands among the stages when asking for what should have been answered by now."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Filter of the list; an empty field filters nothing. `stage` is a `Stage` or `OVERDUE`."""

    search: str = ""
    department: str = ""
    stage: str = ""

    def conditions(self, today: date) -> list[ColumnElement[bool]]:
        chosen: list[ColumnElement[bool]] = []
        if self.search.strip():
            columns = (Problem.task, Problem.responsible, Problem.item)
            chosen.append(or_(*(contains(column, self.search) for column in columns)))
        if self.department:
            chosen.append(Problem.department == self.department)
        if self.stage == OVERDUE:
            chosen += [Problem.stage.in_(OPEN), Problem.deadline < today]
        elif self.stage:
            chosen.append(Problem.stage == self.stage)
        return chosen


def list_problems(
    session: Session,
    round: Round,
    today: date,
    asked: Asked = Asked(),
    page: int = 1,
    per_page: int = PER_PAGE,
    sort: str = "number",
) -> Page[Problem]:
    """Page of the round's problems, sorted by one of `SORTS`, then by number; withdrawn ones included."""
    where = [Problem.round_id == round.id, *asked.conditions(today)]
    query = select(Problem).where(*where).order_by(_order(sort), Problem.number)
    total = session.scalar(select(func.count()).select_from(Problem).where(*where)) or 0
    return page_of(session, query, total=total, page=page, per_page=per_page)


def departments(session: Session, round: Round) -> list[str]:
    """Departments that answer for the round's problems, by name."""
    query = select(Problem.department).where(Problem.round_id == round.id).distinct()
    return sorted(session.scalars(query))


def _order(sort: str) -> InstrumentedAttribute[object] | ColumnElement[int]:
    if sort == "stage":
        return case({stage: place for place, stage in enumerate(Stage)}, value=Problem.stage)
    return getattr(Problem, sort) if sort in SORTS else Problem.number
