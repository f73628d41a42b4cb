"""Small lists that a person gives beside a file: departments, items, and points of level words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from analysis.errors import InputError
from analysis.files.amounts import amount
from analysis.files.levels import level_key
from analysis.files.reading import open_tables
from analysis.foreign.answers import says_nothing
from analysis.foreign.grid import line
from analysis.tables.headings import plain

_PAIR: Final = re.compile(r"\s*(.+?)\s*[=＝]\s*(\S+)\s*")
_HEADINGS: Final = frozenset(
    map(plain, ("部门", "部门名称", "单位", "单位名称", "名称", "代码", "编号", "department", "name", "code"))
)


def read_departments(path: Path) -> dict[str, str]:
    """Departments of a list: name in headings → name; with two columns the first is the code in headings."""
    rows = [[line(cell) for cell in row] for sheet in open_tables(path).sheets for row in sheet.rows]
    rows = [[text for text in row if text] for row in rows]
    rows = [row for row in rows if row and not all(plain(text) in _HEADINGS for text in row)]
    found = dict(_named(row[0]) if len(row) == 1 else (row[0], row[1]) for row in rows)
    if len(found) < 2:
        raise InputError(
            f"“{path.name}”里没有部门名单：应一行一个部门，或一行一个代码和部门名。",
            f"{path.name} holds no list of departments: give one a line, or a code and a name a line.",
        )
    return found


def departments_from(lines: Iterable[str]) -> dict[str, str]:
    """Departments typed one a line: name in headings → name; `县税务局=税务局` joins the first to the
    second."""
    return dict(_named(line.strip()) for line in lines if line.strip())


def _named(text: str) -> tuple[str, str]:
    code, equal, name = (part.strip() for part in text.replace("＝", "=").partition("="))
    return (code, name) if equal and code and name else (text, text)


def items_from(text: str) -> tuple[str, ...]:
    """Items from a file with one a line, from lines, or from text with commas between them."""
    if text.strip() and "\n" not in text and Path(text).is_file():
        rows = (row for sheet in open_tables(Path(text)).sheets for row in sheet.rows)
        return tuple(filter(None, (line(row[0]) for row in rows if row)))
    return tuple(filter(None, map(str.strip, re.split(r"\n" if "\n" in text else "[,，]", text))))


def read_levels(path: Path) -> dict[str, float | None]:
    """Points of words from a table of two columns (word, points; none or 不算 for no rating)."""
    found: dict[str, float | None] = {}
    for sheet in open_tables(path).sheets:
        for at, row in enumerate(sheet.rows):
            texts = [line(cell) for cell in row[:2]]
            if len(texts) < 2 or not texts[0]:
                continue
            if at == 0 and amount(texts[1]) is None and not _no_points(texts[1]):
                continue
            found |= _level(texts[0], texts[1], path.name)
    return found


def levels_from(text: str) -> dict[str, float | None]:
    """Points of words from text such as `很好=100,好=80,没去过=none`."""
    found: dict[str, float | None] = {}
    for part in filter(None, map(str.strip, re.split(r"[,，;；]", text))):
        pair = _PAIR.fullmatch(part)
        if pair is None:
            raise InputError(
                f"--levels 中的“{part}”看不懂，请写成 很好=100,好=80，或给出文件。",
                f"Cannot read {part!r} in --levels; write it like good=80,fair=60, or name a file.",
                column="levels",
            )
        found |= _level(pair[1], pair[2], "--levels")
    return found


def _no_points(text: str) -> bool:
    return says_nothing(text) or text in ("不算", "不计", "-")


def _level(word: str, points: str, where: str) -> dict[str, float | None]:
    value = amount(points)
    if value is None and not _no_points(points):
        raise InputError(
            f"{where}：“{word}”的分数“{points}”不是数字；不算评分的写 none。",
            f"{where}: the points {points!r} of {word!r} are no number; write none if it is no rating.",
            column="levels",
        )
    return {word: value, level_key(word): value}
