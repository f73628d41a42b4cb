"""Values of JSON that somebody else wrote, held to their types."""

from __future__ import annotations

import json
import math
import re
from typing import Any

_KINDS: dict[str, tuple[type, ...]] = {"str": (str,), "float": (float, int), "int": (int,), "bool": (bool,)}


def strict_json(text: str | bytes) -> Any:
    """The one value of a JSON text in UTF-8; raises `ValueError` or `RecursionError`.

    Refused with what is no JSON at all: a byte order mark, NaN, and one name twice in an object, of which
    readers see the last and a mark could be the first.
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
    """`size` bytes written as lower-case hex digits; raises `TypeError` or `ValueError`."""
    if not re.fullmatch(f"[0-9a-f]{{{2 * size}}}", plain("str", value)):
        raise ValueError(f"{value!r}: hex")
    return bytes.fromhex(value)


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
