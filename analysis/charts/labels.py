"""Measuring and breaking of text, with widths taken from the font itself."""

import re
from collections.abc import Sequence
from functools import cache

from matplotlib.ft2font import LoadFlags

from analysis.charts import fonts

_POINTS_PER_INCH = 72.0
_EM = 100  # pixels; at 72 dots per inch one point is one pixel
_CJK = r"\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff"
# A line may break after any CJK character, a space and a hyphen; a word stays whole where it fits.
_UNITS = re.compile(rf"[{_CJK}]|\s|[^\s{_CJK}-]*-|[^\s{_CJK}-]+")
_LEAST_COLUMN, _WIDEST_COLUMN, _LONG_TABLE = 1.1, 3.8, 20
_NEVER_FIRST = "，。、；：！？）》】」』”’%)]},.;:!?"


@cache
def _em_width(character: str) -> float:
    code = ord(character)
    face = next((f for f in fonts.faces() if f.get_char_index(code)), None)
    if face is None:
        return 1.0
    face.set_size(_EM, 72)
    return face.load_char(code, flags=LoadFlags.NO_HINTING).linearHoriAdvance / 65536 / _EM


def text_width(text: str, size: float) -> float:
    """Width in inches of one line set at `size` points."""
    return sum(map(_em_width, text)) * size / _POINTS_PER_INCH


def column_width(names: Sequence[str], size: float, usual: float) -> float:
    """Width in inches of a column of names: that of the longest, at most `usual` (longer names break into
    lines).

    In a long table names stay on one line: broken ones would make it too tall for a printed page.
    """
    widest = max((text_width(name, size) for name in names), default=0.0) + 0.12
    return min(max(widest, _LEAST_COLUMN), _WIDEST_COLUMN if len(names) > _LONG_TABLE else usual)


def line_height(size: float) -> float:
    """Height in inches of one line of text at `size` points (less than Noto's own line height)."""
    return size * 1.45 / _POINTS_PER_INCH


def wrap(text: str, width: float, size: float) -> str:
    """Break `text` into lines no wider than `width` inches at `size` points.

    White space is collapsed; a word wider than a line is cut where the line ends.
    """
    lines = [""]
    for unit in _units(" ".join(text.split()), width, size):
        if _fits(lines[-1] + unit, width, size) or (lines[-1] and unit in _NEVER_FIRST):
            lines[-1] += unit
        else:
            lines.append(unit.lstrip())
    return "\n".join(line.rstrip() for line in lines if line.strip())


def _fits(line: str, width: float, size: float) -> bool:
    return text_width(line.rstrip(), size) <= width + 1e-9


def _units(text: str, width: float, size: float) -> list[str]:
    units = []
    for unit in _UNITS.findall(text):
        units.extend([unit] if _fits(unit, width, size) else list(unit))
    return units
