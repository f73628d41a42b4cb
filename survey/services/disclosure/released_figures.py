"""Rounding of all figures, the last step before publication: no number keeps more digits than its kind may
have.

Scores are in steps already (survey.services.disclosure.released_ranking). Every other number, whatever is
added later, is rounded to few digits here unless it is named below.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar, cast

from msgspec.structs import replace

from analysis.blurring import STEP, digits, p_class
from survey.facts.base import Fact
from survey.facts.whole import Facts

_POINTS = frozenset(
    [
        "mean",
        "adjusted",
        "corrected",
        "difference",
        "average_difference",
        "weighted",
        "plain",
        "standardised",
        "before",
        "after",
        "change",
        "performance",
        "average",
        "shift",
        "contribution",
    ]
)
_TESTS = frozenset(["p", "p_value", "p_equal", "p_adjusted", "p_additive", "p_latent"])
# Given with the round, or a ratio of two counts that are told.
_EXACT = frozenset(
    [
        "points",
        "weight",
        "warning_line",
        "level",
        "item_level",
        "step",
        "grade_lines",
        "threshold",
        "share",
        "roster_share",
        "gap",
        "satisfied",
        "satisfied_at_least",
        "satisfied_at_most",
        "at_least",
        "at_most",
        "value",
        "province",
        "city",
    ]
)
_FEW, _INTERVAL = 3, 4


T = TypeVar("T")


def cut(value: T, key: str = "") -> T:
    """Facts or JSON with every number rounded as its key allows; `key`: the name under which `value` stands.
    Applying it twice changes nothing more."""
    return cast("T", _cut(value, key))


def _cut(value: object, key: str) -> object:
    if isinstance(value, Fact):
        parts = {name: cut(getattr(value, name), _inner(name, key)) for name in value.__struct_fields__}
        return replace(value, **parts)
    if isinstance(value, Mapping):
        return {name: cut(part, _inner(name, key)) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(cut(part, key) for part in value)
    if not isinstance(value, float) or key in _EXACT:
        return value
    if key in _TESTS:
        return p_class(value)
    if key in _POINTS:
        return round(value, 1) + 0.0
    return digits(value, _INTERVAL if key.endswith("ci") else _FEW)


def _inner(name: str, outer: str) -> str:
    """Key that decides how the figures under `name` are rounded: `outer` where that is shares or
    critical_values, else `name`."""
    return outer if outer in ("shares", "critical_values") else name


def released(facts: Facts) -> Facts:
    """Facts with every number rounded, and marked as released (`method.step`)."""
    told: Facts = cut(facts)
    return replace(told, method=replace(told.method, step=STEP))


def is_released(facts: Facts) -> bool:
    """Whether the facts are marked as released; facts stored before there were steps are not."""
    return facts.method.step is not None
