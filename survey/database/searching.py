"""Searching text as people type it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.orm import InstrumentedAttribute


def contains(column: InstrumentedAttribute[str], words: str) -> ColumnElement[Any]:
    """Whether the column contains `words`, whatever the case; `%` and `_` mean themselves."""
    return column.icontains(words.strip(), autoescape=True)
