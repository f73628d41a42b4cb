"""Numbers as people write them: `60分`, `80%`, full-width digits, `1,250`, `87,5`, apostrophes, stars."""

from __future__ import annotations

import math
import re
import unicodedata
from typing import Any, Final

from analysis.answers.signs import without_invisible
from analysis.answers.spelling import unwrapped

_UNIT: Final = re.compile(r"\s*(分|%|个?星级?|颗星|stars?|points?|pts?\.?)$", re.IGNORECASE)
_PLAIN: Final = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)(e[+-]?[0-9]{1,3})?", re.IGNORECASE)
_THOUSANDS: Final = re.compile(r"[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")
_THOUSANDS_BY_POINT: Final = re.compile(r"[+-]?[0-9]{1,3}(\.[0-9]{3})+(,[0-9]+)?")
_DECIMAL_COMMA: Final = re.compile(r"[+-]?[0-9]+,[0-9]+")
_STARS: Final = re.compile(r"([★⭐🌟✭✮✰]+)[☆✩\s]*")
_SPACED: Final = re.compile(r"(?<=[0-9])[\u00a0\u202f ](?=[0-9]{3}(\D|$))")
_CHINESE: Final = {word: i for i, word in enumerate("零一二三四五六七八九十")} | {"两": 2}


def amount(cell: Any, *, decimal_comma: bool = False) -> float | None:
    """Number in a cell, None if it is not one.

    decimal_comma: whether the file separates its cells by semicolons, so that `1,234` is less than two; else
    a comma before exactly three digits parts thousands.

    >>> amount("＇８０分"), amount("87,5"), amount("1,250"), amount("★★★☆☆")
    (80.0, 87.5, 1250.0, 3.0)
    """
    if isinstance(cell, bool) or cell is None:
        return None
    if isinstance(cell, int | float):
        return float(cell) if math.isfinite(cell) else None
    if not isinstance(cell, str) or "_" in cell:
        return None
    text = unwrapped(unicodedata.normalize("NFKC", without_invisible(cell))).replace("−", "-")
    if stars := _STARS.fullmatch(text):
        return float(len(stars[1]))
    bare = _SPACED.sub("", _UNIT.sub("", text).strip())
    if bare != text and bare in _CHINESE:  # 五星, not 五
        return float(_CHINESE[bare])
    return _value(bare, decimal_comma)


def _value(text: str, decimal_comma: bool) -> float | None:
    if decimal_comma and (
        _DECIMAL_COMMA.fullmatch(text) or (_THOUSANDS_BY_POINT.fullmatch(text) and "," in text)
    ):
        return float(text.replace(".", "").replace(",", "."))
    if _THOUSANDS.fullmatch(text):
        return float(text.replace(",", ""))
    if _DECIMAL_COMMA.fullmatch(text):
        return float(text.replace(",", "."))
    if _PLAIN.fullmatch(text):
        value = float(text)
        return value if math.isfinite(value) else None
    return None
