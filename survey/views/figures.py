"""Numbers of the facts as pages write them; a dash where there is none."""

from __future__ import annotations

from collections.abc import Sequence

from survey.documents.numerals import department_satisfaction, satisfaction
from survey.views.translating import gettext as _

__all__ = ["department_satisfaction", "satisfaction"]

NONE = "—"


def points(value: float | None) -> str:
    return NONE if value is None else _minus(f"{value:.1f}")


def signed(value: float | None) -> str:
    """A difference in points with its sign."""
    return NONE if value is None else _minus(f"{value:+.1f}")


def percent(value: float | None) -> str:
    return NONE if value is None else f"{100 * value:.1f}%"


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


def size(value: float) -> str:
    """A difference without its sign, for "higher by …"."""
    return f"{abs(value):.1f}"


def whole(value: float | None) -> str:
    return NONE if value is None else f"{value:.0f}"


def _minus(text: str) -> str:
    return text.replace("-", "−")
