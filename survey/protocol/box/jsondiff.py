"""First difference between two JSON values, with a tolerance for floats."""

from __future__ import annotations

import math

_TOLERANCE = 1e-6


def first_difference(stated: object, found: object, place: str = "$") -> str:
    """Path of the first difference between two JSON values, such as "$.departments[2].mean"; "" if there is
    none.

    Numbers may differ by one part in a million, since another processor adds in another order.
    """
    if isinstance(stated, dict) and isinstance(found, dict):
        names = sorted(stated.keys() | found.keys())
        pairs = [(f"{place}.{name}", stated.get(name), found.get(name)) for name in names]
    elif isinstance(stated, list) and isinstance(found, list) and len(stated) == len(found):
        pairs = [(f"{place}[{i}]", *pair) for i, pair in enumerate(zip(stated, found, strict=True))]
    else:
        return "" if _same(stated, found) else place
    return next((path for where, a, b in pairs if (path := first_difference(a, b, where))), "")


def _same(stated: object, found: object) -> bool:
    numbers = (int, float)
    if isinstance(stated, numbers) and isinstance(found, numbers) and not isinstance(stated, bool):
        return math.isclose(stated, found, rel_tol=_TOLERANCE, abs_tol=_TOLERANCE)
    return stated == found
