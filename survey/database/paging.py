"""Paging of long lists."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar, TypeVarTuple

from sqlalchemy import Row, Select
from sqlalchemy.orm import Session

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list: rows `items` of page `page` (from 1) of `pages`, `total` rows in all."""

    items: tuple[T, ...]
    page: int
    per_page: int
    total: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.per_page))

    @property
    def has_previous(self) -> bool:
        return self.page > 1

    @property
    def has_next(self) -> bool:
        return self.page < self.pages

    def __iter__(self) -> Iterator[T]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)


def page_of(session: Session, query: Select[T], *, total: int, page: int, per_page: int) -> Page[T]:
    """Page of the result of a query for one column or entity; a page number out of range becomes the nearest
    one."""
    rows = page_of_results(session, query, total=total, page=page, per_page=per_page)
    return Page(tuple(value for (value,) in rows), rows.page, per_page, total)


def page_of_results(
    session: Session, query: Select[*Ts], *, total: int, page: int, per_page: int
) -> Page[Row[*Ts]]:
    """Page of the rows of a query, likewise."""
    page = _nearest(page, total, per_page)
    rows = session.execute(query.limit(per_page).offset((page - 1) * per_page)).all()
    return Page(tuple(rows), page, per_page, total)


def page_of_rows(rows: Sequence[T], page: int, per_page: int) -> Page[T]:
    """Page of a sequence of rows; a page number out of range becomes the nearest one."""
    page = _nearest(page, len(rows), per_page)
    return Page(tuple(rows[(page - 1) * per_page : page * per_page]), page, per_page, len(rows))


def _nearest(page: int, total: int, per_page: int) -> int:
    return min(max(page, 1), max(1, -(-total // per_page)))
