"""Text search in database columns."""

from __future__ import annotations

from sqlalchemy import ColumnElement
from sqlalchemy.orm import InstrumentedAttribute


def contains(column: InstrumentedAttribute[str], words: str) -> ColumnElement[bool]:
    """Condition that a column contains `words`, ignoring case; `%` and `_` are not wildcards."""
    return column.icontains(words.strip(), autoescape=True)
