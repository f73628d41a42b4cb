"""Values of JSON that somebody else wrote, held to their types."""

from __future__ import annotations

import math
from typing import Any

_KINDS: dict[str, tuple[type, ...]] = {"str": (str,), "float": (float, int), "int": (int,), "bool": (bool,)}


def plain(kind: str, value: Any) -> Any:
    """`value` if it is a `kind`: "str", "float" (finite), "int" or "bool".

    Raises `TypeError` or `ValueError`.
    """
    fits: bool = isinstance(value, _KINDS[kind])
    if not fits or (isinstance(value, bool) and kind != "bool"):
        raise TypeError(f"{value!r}: {kind}")
    if kind != "float":
        return value
    if not math.isfinite(value):
        raise ValueError(f"{value!r}")
    return float(value)


def plain_texts(values: Any) -> tuple[str, ...]:
    """A JSON list of texts as a tuple; raises `TypeError`."""
    if isinstance(values, str):
        raise TypeError(f"{values!r}: list")
    return tuple(plain("str", value) for value in values)
