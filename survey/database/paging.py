"""One page of a long list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select
from sqlalchemy.orm import Session

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Rows `items` of page `page` (from 1) of `pages`; `total` rows in all."""

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


def page_of(
    session: Session, query: Select[*tuple[Any, ...]], *, total: int, page: int, per_page: int
) -> Page[Any]:
    """The page of `query` nearest to `page`; whole rows when the query asks for several columns."""
    page = _nearest(page, total, per_page)
    result = session.execute(query.limit(per_page).offset((page - 1) * per_page))
    rows = result.scalars().all() if len(query.column_descriptions) == 1 else result.all()
    return Page(tuple(rows), page, per_page, total)


def page_of_rows(rows: Sequence[T], page: int, per_page: int) -> Page[T]:
    """The page nearest to `page` of rows that are already here."""
    page = _nearest(page, len(rows), per_page)
    return Page(tuple(rows[(page - 1) * per_page : page * per_page]), page, per_page, len(rows))


def _nearest(page: int, total: int, per_page: int) -> int:
    return min(max(page, 1), max(1, -(-total // per_page)))
