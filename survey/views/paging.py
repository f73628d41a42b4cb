"""Page numbers, search words and the order of a list from the address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import request

LAST_PAGE = 1_000_000
SEARCH_CHARS = 60


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which part of a list was asked for, in which order; `sort` is empty where a list has but one."""

    search: str
    page: int
    sort: str = ""


def wanted(sorts: Sequence[str] = ()) -> Wanted:
    """What `?search=`, `?page=` and `?sort=` ask for; nonsense means page 1 and the first of `sorts`."""
    text = request.args.get("page", "1")
    page = int(text) if text.isascii() and text.isdecimal() and len(text) < len(str(LAST_PAGE)) else 1
    sort = request.args.get("sort", "")
    return Wanted(
        search=request.args.get("search", "").strip()[:SEARCH_CHARS],
        page=max(page, 1),
        sort=sort if sort in sorts else next(iter(sorts), ""),
    )
