"""Strict reading of JSON from others: no duplicate names, no NaN, exact types."""

from __future__ import annotations

import json
import math
import re
from typing import Any

_KINDS: dict[str, tuple[type, ...]] = {"str": (str,), "float": (float, int), "int": (int,), "bool": (bool,)}


def strict_json(text: str | bytes) -> Any:
    """Parse a JSON text; raises `ValueError` or `RecursionError`.

    Also refused: a byte order mark, NaN, and a name that occurs twice in an object (readers see only the
    last, so the first could carry a mark).
    """
    plain_text = text if isinstance(text, str) else text.decode()
    return json.loads(plain_text, object_pairs_hook=_distinct, parse_constant=_refuse)


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("one name twice")
    return found


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def hex_bytes(value: Any, size: int) -> bytes:
    """Bytes from lower-case hex digits, exactly `size` of them; raises `TypeError` or `ValueError`."""
    if not re.fullmatch(f"[0-9a-f]{{{2 * size}}}", plain("str", value)):
        raise ValueError(f"{value!r}: hex")
    return bytes.fromhex(value)


def plain(kind: str, value: Any) -> Any:
    """Return `value` if it is of the kind "str", "float" (finite), "int" or "bool"; else `TypeError` or
    `ValueError`."""
    fits: bool = isinstance(value, _KINDS[kind])
    if not fits or (isinstance(value, bool) and kind != "bool"):
        raise TypeError(f"{value!r}: {kind}")
    if kind != "float":
        return value
    if not math.isfinite(value):
        raise ValueError(f"{value!r}")
    return float(value)


def plain_texts(values: Any) -> tuple[str, ...]:
    """JSON list of texts as a tuple; raises `TypeError` for anything else."""
    if isinstance(values, str):
        raise TypeError(f"{values!r}: list")
    return tuple(plain("str", value) for value in values)
