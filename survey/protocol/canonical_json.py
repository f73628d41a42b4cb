"""Canonical JSON (RFC 8785, JCS): one text for a JSON value, the same in every programming language."""

from __future__ import annotations

import json
import math
from typing import Any

_EXACT = 2**53  # JavaScript's numbers cannot represent all integers beyond
_PLAIN_FROM, _PLAIN_TO = -6, 21  # powers of ten between which ECMAScript writes numbers without an exponent


def canonical_json(value: Any) -> bytes:
    """Canonical UTF-8 text of a JSON value; raises `ValueError` for numbers or texts without an exact
    form."""
    return _text(value).encode()


def _text(value: Any) -> str:
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        return "{" + ",".join(f"{_text(name)}:{_text(value[name])}" for name in names) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(map(_text, value)) + "]"
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > _EXACT:
        raise ValueError(f"{value} is no exact number")
    return json.dumps(value, ensure_ascii=False)


def _number(value: float) -> str:
    """Number as `Number.prototype.toString` of ECMAScript 2024 §6.1.6.1.20 writes it."""
    if not math.isfinite(value):
        raise ValueError(f"{value} is no JSON")
    if value == 0:
        return "0"
    sign, (mantissa, _, exponent) = "-" * (value < 0), f"{abs(value)!r}e".partition("e")
    whole, _, part = mantissa.partition(".")
    # Shortest digits, as in Python's repr, and position of the decimal point.
    point = int(exponent.rstrip("e") or 0) + len(whole)
    digits = (whole + part).lstrip("0")
    point -= len(whole + part) - len(digits)
    digits = digits.rstrip("0")
    if not _PLAIN_FROM < point <= _PLAIN_TO:
        power = point - 1
        tail = f".{digits[1:]}" if len(digits) > 1 else ""
        return f"{sign}{digits[0]}{tail}e{'+' if power > 0 else ''}{power}"
    if point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    if point >= len(digits):
        return sign + digits.ljust(point, "0")
    return f"{sign}{digits[:point]}.{digits[point:]}"
