"""Numbers of the facts as pages write them; a dash where there is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from analysis.explain import bounded
from survey.language import gettext as _
from survey.wording import document_numbers
from survey.wording.document_numbers import (
    NONE,
    department_satisfaction,
    percent,
    points,
    satisfaction,
    score,
    signed,
    size,
)

__all__ = [
    "bounded",
    "department_satisfaction",
    "percent",
    "points",
    "satisfaction",
    "score",
    "signed",
    "size",
]


def bound_note(parts: Sequence[Mapping[str, Any]]) -> str:
    """What ≥ and ≤ mean, where one of these items, profiles or totals has a bound."""
    return _(document_numbers.BOUND) if document_numbers.bound_note(*parts) else ""


def interval(bounds: Sequence[float | None] | None) -> str:
    """Joint bounds of a score."""
    low, high = bounds or (None, None)
    return NONE if low is None or high is None else f"{points(low)}–{points(high)}"


def signed_interval(bounds: Sequence[float | None] | None) -> str:
    """Joint bounds of a difference; "to" instead of a dash, which would look like a minus."""
    low, high = bounds or (None, None)
    if low is None or high is None:
        return NONE
    return _("%(low)s 至 %(high)s", low=signed(low), high=signed(high))


def whole(value: float | None) -> str:
    return NONE if value is None else f"{value:.0f}"
