"""Page number, search text and order of a list, from the query string."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import request

from survey.database.paging import Page, page_of_rows
from survey.models import Round

LAST_PAGE = 1_000_000
SEARCH_CHARS = 60
ROUNDS = 50


@dataclass(frozen=True, slots=True)
class ListQuery:
    """Part of a list that was asked for, and the order; `sort` is empty where a list has only one order."""

    search: str
    page: int
    sort: str = ""


def list_query(sorts: Sequence[str] = ()) -> ListQuery:
    """Query from `?search=`, `?page=` and `?sort=`; nonsense gives page 1 and the first of `sorts`."""
    text = request.args.get("page", "1")
    page = int(text) if text.isascii() and text.isdecimal() and len(text) < len(str(LAST_PAGE)) else 1
    sort = request.args.get("sort", "")
    return ListQuery(
        search=request.args.get("search", "").strip()[:SEARCH_CHARS],
        page=max(page, 1),
        sort=sort if sort in sorts else next(iter(sorts), ""),
    )


def page_of_rounds(rounds: Sequence[Round], want: ListQuery) -> Page[Round]:
    """Page that `want` asks for, of those of `rounds` whose title, body or slug contains its search text."""
    words = want.search.casefold()
    found = [r for r in rounds if words in f"{r.title}\n{r.body}\n{r.slug}".casefold()]
    return page_of_rows(found, want.page, ROUNDS)
