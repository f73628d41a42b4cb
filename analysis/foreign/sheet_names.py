"""What the names of sheets with one heading say of all ratings in them: the rater, the department or the
item."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from analysis.errors import InputError
from analysis.files.aliases import ALIASES
from analysis.foreign.answers import rating_like
from analysis.foreign.grid import LOOKED_AT, is_empty, line
from analysis.foreign.hints import Ambiguous, Hints
from analysis.foreign.layout import SERIAL, SHEET_NAMES, positions_of
from analysis.foreign.naming import department_share, is_rater, looks_like_department, looks_like_item
from analysis.foreign.questions.near_names import is_period
from analysis.foreign.sentences import listed
from analysis.tables.cells import TableSheet
from analysis.tables.rows import is_footnote, is_signed, is_summary

LABEL: Final = re.compile(
    r"(评议人|评价人|评分人|打分人|填表人|填报人|评委|评议员|评议企业|参评企业|企业名称|姓名|respondent|rater|name)"
    r"\s*[:：]\s*",
    re.IGNORECASE,
)
"""Label before the name of a rater, in a title."""
_BETWEEN: Final = re.compile(r"[-—–―_/:：|\s\[\]()（）【】、，]+")
_SHOWN: Final = 4
_MOST: Final = 0.5
_LEAST_ROWS: Final = 5
_SEVERAL_CELLS: Final = 3
_DIFFERENT: Final = 0.9


def said_by_names(file: str, sheets: Sequence[TableSheet], hints: Hints) -> str:
    """Role that the names of sheets with one heading fill: rater, department, item; "" for none. Raises
    `Ambiguous` where sheets may be forms of a rater each."""
    heads = [(sheet, at) for sheet in sheets if (at := head_of(sheet)) is not None]
    if len(heads) < 2:
        return ""
    top = texts_of(heads[0][0].rows[heads[0][1]])
    alike = [(sheet, at) for sheet, at in heads if texts_of(sheet.rows[at]) == top]
    names = [sheet.name for sheet, _ in alike]
    if len(alike) < 2 or len(set(names)) < len(names) or not all(names):
        return ""
    named = {role: bool(positions_of(top, ALIASES[role])) for role in ("rater", "department", "item")}
    if not named["item"] and (all(map(is_period, names)) or _mostly_items(names)):
        return "item"
    if said := _said_before(top, hints):
        return said
    if department_share(names) >= _MOST:
        return "" if named["department"] or _name_departments(top) else "department"
    column = next(iter(positions_of(top, ALIASES["department"])), None)
    if named["rater"] and column is None and _of_one(top) and "department" not in hints.keys:
        raise _which_sheets(file, names)
    other = "rater" in hints.keys and hints.keys["rater"] not in SHEET_NAMES
    if named["rater"] or column is None or other:
        return ""
    return "rater" if _forms(file, alike, column, names, hints) else ""


def _said_before(headings: Sequence[str], hints: Hints) -> str:
    """Role of the sheets' names as the user says it, or as a mapping does: a key column without a heading in
    the sheets; "" for none."""
    if hints.mapping is None:
        return "department" if hints.keys.get("department") in SHEET_NAMES else ""
    added = (key for key in hints.mapping.keys if key.heading == ALIASES[key.role][1])
    return next((key.role for key in added if key.heading not in headings), "")


def _name_departments(headings: Sequence[str]) -> bool:
    """Whether headings name several departments themselves, so that sheets are named after something else,
    such as the town that the raters are from."""
    parts = {part for text in headings for part in _BETWEEN.split(text)}
    glued = {part[:n] for part in parts for n in range(3, len(part))}
    return sum(map(looks_like_department, parts | glued)) > 1


def _mostly_items(names: Sequence[str]) -> bool:
    return sum(map(looks_like_item, names)) >= _MOST * len(names) and department_share(names) < _MOST


def _of_one(headings: Sequence[str]) -> bool:
    """Whether headings beside those of keys are items, or one is a score: a table of one department."""
    keys = {*positions_of(list(headings), (*ALIASES["rater"], *SERIAL, *ALIASES["item"]))}
    names = [text for i, text in enumerate(headings) if text and i not in keys]
    return bool(names) and (all(map(looks_like_item, names)) or bool(positions_of(names, ALIASES["score"])))


def _which_sheets(file: str, names: Sequence[str]) -> Ambiguous:
    """Question whether every sheet is of one department."""
    shown = listed(names, _SHOWN)
    return Ambiguous(
        (
            f"“{file}”没有部门列，各工作表（{shown[0]}）的表头一样。有两种读法：",
            f"{file} has no column of departments; its sheets ({shown[1]}) have the same headings:",
        ),
        (
            ("每个工作表是一个部门", "every sheet is of one department"),
            ("工作表不是部门，如乡镇、日期", "sheets are something else, such as towns or dates"),
        ),
        (
            f"第一种请用 --department {SHEET_NAMES[0]}；第二种请加一列部门。",
            f"For the first add --department {SHEET_NAMES[1]}; for the second add a column department.",
        ),
        [("department", SHEET_NAMES[0]), ("", "")],
    )


def _forms(
    file: str, sheets: Sequence[tuple[TableSheet, int]], column: int, names: Sequence[str], hints: Hints
) -> bool:
    """Whether every sheet is the form of one rater, with every department in one row; `Ambiguous` if only the
    user can know."""
    for sheet, at in sheets:
        texts = [line(row[column]) for row in sheet.rows[at + 1 :] if column < len(row)]
        rated = [text for text in texts if text]
        if len(set(rated)) < len(rated) or not rated:
            return False
    if "rater" in hints.keys or all(is_rater(name) or LABEL.match(name) for name in names):
        return True
    shown = listed(names, _SHOWN)
    raise Ambiguous(
        (
            f"“{file}”没有评议人列，每个工作表（{shown[0]}）里各部门一行。有两种读法：",
            f"{file} has no column of raters; in every sheet ({shown[1]}) a department has one row:",
        ),
        (
            ("每个工作表是一个评议人填的", "every sheet was filled in by one rater"),
            ("每个工作表是几个人的平均或合计", "every sheet holds means or sums of several raters"),
        ),
        (
            (
                f"第一种请用 --rater {SHEET_NAMES[0]}；第二种看不出哪些评分出自同一人，不能比较部门，"
                "请用每人一行的原始表。"
            ),
            (
                f"For the first add --rater {SHEET_NAMES[1]}; for the second departments cannot be compared: "
                "use the table with a row for each rater."
            ),
        ),
        [("rater", SHEET_NAMES[0]), ("", "")],
    )


def refuse_copies(file: str, sheets: Sequence[TableSheet]) -> None:
    """Raise InputError for two sheets of which one is a copy of the other, or an earlier state: more than
    half of the rows of the smaller one stand in the other, too, though rows hardly repeat in either."""
    bodies = [(sheet.name, _rows_of_several_cells(sheet)) for sheet in sheets if not _is_of_one(sheet.name)]
    for at, (name, rows) in enumerate(bodies):
        for other, others in bodies[:at]:
            fewer = min(len(rows), len(others))
            if fewer >= _LEAST_ROWS and 2 * len(set(rows) & set(others)) > fewer:
                raise InputError(
                    f"“{file}”的工作表“{other}”和“{name}”大半的行一样，像是同一份的两稿。请只留一个。",
                    f"{file}: most rows of the sheets {other!r} and {name!r} are the same, as of two "
                    "states of one table. Keep one of them.",
                )


def _is_of_one(name: str) -> bool:
    return looks_like_department(name) or looks_like_item(name) or is_rater(name)


def _rows_of_several_cells(sheet: TableSheet) -> list[tuple[str, ...]]:
    """Rows with at least three cells, if nearly all differ."""
    texts = (tuple(texts_of(row)) for row in sheet.rows)
    rows = [row for row in texts if sum(map(bool, row)) >= _SEVERAL_CELLS]
    return rows if len(set(rows)) >= _DIFFERENT * len(rows) else []


def with_column(sheet: TableSheet, role: str) -> TableSheet:
    """Sheet with one more column that holds its name beside every row of data."""
    at = head_of(sheet)
    if at is None:
        return sheet
    width = max(map(len, sheet.rows))
    rows = [
        [*row, *[None] * (width - len(row)), _further(sheet, role, n - at, row)]
        for n, row in enumerate(sheet.rows)
    ]
    return replace(sheet, rows=rows)


def _further(sheet: TableSheet, role: str, below: int, row: Sequence[Any]) -> str | None:
    if below == 0:
        return ALIASES[role][1]
    return LABEL.sub("", sheet.name) if below > 0 and sum(not is_empty(cell) for cell in row) > 1 else None


def head_of(sheet: TableSheet) -> int | None:
    """Index of the first row of headings; None if there is none."""
    rows = enumerate(sheet.rows[:LOOKED_AT])
    return next((at for at, row in rows if sum(map(bool, texts_of(row))) > 1 and is_heading(sheet, at)), None)


def is_heading(sheet: TableSheet, at: int) -> bool:
    """Whether a row holds headings: texts that are no ratings, above ratings."""
    row = sheet.rows[at]
    texts = [text for text in texts_of(row) if text]
    if any(not is_empty(c) and (not isinstance(c, str) or rating_like(c)) for c in row):
        return False
    if is_summary(texts[0]) or is_signed(row) or is_footnote(sheet.numbers[at], texts_of(row), ()):
        return False
    below = (row for row in sheet.rows[first_below(sheet, at) :] if any(not is_empty(c) for c in row))
    return any(map(rating_like, next(below, [])[1:]))


def first_below(sheet: TableSheet, at: int) -> int:
    """First row of data below headings, which may stand in two rows."""
    below = sheet.rows[at + 1] if at + 1 < len(sheet.rows) else []
    filled = [cell for cell in below if not is_empty(cell)]
    two = len(filled) > 1 and all(isinstance(c, str) and not rating_like(c) for c in filled)
    return at + 2 if two and is_empty(below[0]) else at + 1


def texts_of(row: Sequence[Any]) -> list[str]:
    texts = [line(cell) for cell in row]
    while texts and not texts[-1]:
        texts.pop()
    return texts
