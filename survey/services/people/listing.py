"""List of people, in pages."""

from __future__ import annotations

from sqlalchemy import ColumnElement, case, func, or_, select
from sqlalchemy.orm import Session

from survey.database.paging import Page, page_of
from survey.database.searching import contains
from survey.models import Role, User

PER_PAGE = 50
SORTS = ("role", "name", "place")


def list_people(
    session: Session, search: str = "", page: int = 1, per_page: int = PER_PAGE, sort: str = "role"
) -> Page[User]:
    """Page of accounts whose name, body or department contains `search`, sorted by one of `SORTS`; inactive
    ones last."""
    query, total = select(User), select(func.count()).select_from(User)
    if search.strip():
        wanted = or_(*(contains(column, search) for column in (User.name, User.body, User.department)))
        query, total = query.where(wanted), total.where(wanted)
    query = query.order_by(User.active.desc(), *_orders().get(sort, ()), User.name)
    return page_of(session, query, total=session.scalar(total) or 0, page=page, per_page=per_page)


def _orders() -> dict[str, tuple[ColumnElement[object], ...]]:
    """Columns to sort by before the name, by key of the order."""
    ranks = {role: place for place, role in enumerate(Role)}
    return {
        "role": (case(ranks, value=User.role),),
        "place": (func.coalesce(func.nullif(User.department, ""), User.body),),
    }
