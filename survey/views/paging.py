"""Page numbers and search words from the address."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request

LAST_PAGE = 1_000_000
SEARCH_CHARS = 60


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which part of a list was asked for."""

    search: str
    page: int


def wanted() -> Wanted:
    """What `?search=` and `?page=` ask for; nonsense means the first page."""
    text = request.args.get("page", "1")
    page = int(text) if text.isascii() and text.isdecimal() and len(text) < len(str(LAST_PAGE)) else 1
    return Wanted(search=request.args.get("search", "").strip()[:SEARCH_CHARS], page=max(page, 1))
