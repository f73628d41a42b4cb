"""Tables that people made: a row a rater (`部门-指标` headings), a row a rater and department, a row a
department with a column a ballot."""

from __future__ import annotations

import re
from typing import Final

from analysis.errors import InputError
from analysis.files.aliases import ALIASES
from analysis.foreign.answers import rating_like
from analysis.foreign.grid import Grid, is_empty, line
from analysis.foreign.headings import clean, split_most
from analysis.foreign.hints import which_way_round
from analysis.foreign.layout import SERIAL, Heads, Layout, Question, positions_of
from analysis.foreign.naming import department_share, looks_like_item
from analysis.foreign.sentences import listed
from analysis.tables.rows import is_summary, is_total
from analysis.tables.worksheet_scan import column_letters

_RATERS: Final = (*ALIASES["rater"], *SERIAL, "姓名", "企业代码")
_DEPARTMENTS: Final = (*ALIASES["department"], "参评单位", "unit")
_ITEMS: Final = (*ALIASES["item"], "项目", "测评内容")
_SENDERS: Final = ("提交者（自动）", "提交者", "提交人", "填写人", "填表人", "用户名", "昵称", "微信昵称")
_RATED: Final = re.compile(r"部门|单位|科室|机构|窗口|对象|department|agency|bureau|office", re.IGNORECASE)
_OWN: Final = re.compile(r"所在|所属|隶属|[您你]的|本人|提交人|填[表报写]|联系|行业|\byour\b", re.IGNORECASE)
_FEW: Final = 4
_CLEAR: Final = 0.34
_KEYS: Final = (*_RATERS, *_DEPARTMENTS, *_ITEMS)


def recognise(grid: Grid, forced: str | None = None) -> Layout | None:
    """Layout of a table that no tool made; None if it has no headings or no data.

    forced: "grid" if the first column holds departments, "plain" if it does not. Raises `Ambiguous` if that
    cannot be told.
    """
    at = _upper_row(grid, _heading_row(grid))
    if at is None:
        return None
    rows = _heading_rows(grid, at)
    headings = grid.top[at]
    department = positions_of(headings, _DEPARTMENTS)
    raters = [i for i in positions_of(headings, _RATERS) if not _is_serial(headings[i])]
    if not department and not raters:
        _refuse_joined(grid, rows[-1] + 1)
    if not department and forced != "plain" and not positions_of(headings, _KEYS):
        department = [0] if forced == "grid" or _departments_below(grid, rows[-1] + 1) else []
    if department and raters and _names_departments(headings, department[0]):
        department = []  # the department in which the rater works
    if not department and forced != "grid":
        department = _departments_in_column(grid, rows)
    keys = _keys(grid.file, headings, department)
    if department and "rater" not in keys and (senders := _senders(grid, rows)):
        keys["rater"] = senders[0]
    asked, heads = _asked(grid, rows, keys)
    return Layout(
        "grid" if heads == "rater" else "plain",
        rows,
        rows[-1] + 1,
        asked,
        keys,
        joined=heads == "question" and len(rows) == 1,
        heads=heads,
    )


def _asked(grid: Grid, rows: tuple[int, ...], keys: dict[str, int]) -> tuple[dict[int, Question], Heads]:
    """Questions by column, and what their headings name; where that is raters, `keys` loses its rater."""
    asked = _questions(grid, rows, set(keys.values()))
    if "department" not in keys:
        return asked, "question"
    headings = grid.top[rows[0]]
    names = [question.part or question.whole for question in asked.values()]
    items = sum(map(looks_like_item, names)) * 2 >= len(names)
    if items or ("rater" in keys and not _is_serial(headings[keys["rater"]])):
        return asked, "item"
    keys.pop("rater", None)
    serial = positions_of(headings, SERIAL)
    return {i: question for i, question in asked.items() if i not in serial}, "rater"


def _names_departments(headings: list[str], but: int) -> bool:
    """Whether most headings of a table name departments."""
    keys = {but, *positions_of(headings, _KEYS)}
    names = [text for i, text in enumerate(headings) if text and i not in keys and not is_total(text)]
    parts = split_most(names)
    wholes = [part.whole for part in parts]
    return len(set(wholes)) > 1 and department_share(wholes) > 0.5


def _upper_row(grid: Grid, at: int | None) -> int | None:
    """Row of the upper headings, if those of row `at` repeat below several others; else `at`."""
    if not at:
        return at
    names, above = (list(filter(None, grid.top[row])) for row in (at, at - 1))
    return at - 1 if len(set(names)) < len(names) and len(set(above)) > 1 else at


def _is_serial(heading: str) -> bool:
    return bool(positions_of([heading], SERIAL))


def _heading_row(grid: Grid) -> int | None:
    """Index of the row of headings: one with a known key, else the last before data begin."""
    for at, row in enumerate(grid.top):
        if sum(map(bool, row)) >= 2 and positions_of(row, _KEYS) and at + 1 < len(grid.rows):
            return at
    for at, row in enumerate(grid.rows[: len(grid.top)]):
        filled = [cell for cell in row if not is_empty(cell)]
        if len(filled) >= 2 and 2 * sum(map(rating_like, filled)) >= len(filled):
            return at - 1 if at else None
    return None


def _heading_rows(grid: Grid, at: int) -> tuple[int, ...]:
    """Rows of headings from `at`: two if departments stand above items."""
    if at + 1 >= len(grid.top):
        return (at,)
    below = grid.rows[at + 1]
    top = grid.top[at]
    filled = [i for i, cell in enumerate(below) if not is_empty(cell)]
    keys = positions_of(top, _KEYS)
    words = [i for i in filled if isinstance(below[i], str) and not rating_like(below[i])]
    if len(words) >= 2 and len(words) == len(filled) and not set(words) & set(keys):
        return (at, at + 1)
    return (at,)


def _departments_below(grid: Grid, first: int) -> bool:
    """Whether departments stand in the first column and not in the headings; raises `Ambiguous` if both, or
    neither, could be departments."""
    column = [grid.cell(row, 0) for row in range(first, len(grid.rows))]
    filled = [cell for cell in column if not is_empty(cell)]
    names = [line(c) for c in filled if isinstance(c, str) and not rating_like(c) and not is_summary(line(c))]
    if len(names) < 2 or 2 * len(names) < len(filled) or any(any(map(str.isdigit, name)) for name in names):
        return False
    heads = [text for text in grid.top[first - 1][1:] if text]
    if any(question.part for question in split_most(heads)):
        return False
    below, above = department_share(names), department_share(heads)
    if abs(below - above) < _CLEAR:
        raise which_way_round(grid.file, heads, names)
    return below > above


def _departments_in_column(grid: Grid, rows: tuple[int, ...]) -> list[int]:
    """Column that repeats names of departments below a heading that says so, where headings name none. Raises
    InputError if its heading does not say so."""
    headings = grid.top[rows[0]]
    taken = {*positions_of(headings, (*_RATERS, *_ITEMS)), *_senders(grid, rows)}
    if department_share([q.whole for q in split_most(list(filter(None, headings)))]) >= _CLEAR:
        return []
    for i in (i for i in range(grid.width) if i not in taken and headings[i]):
        cells = [grid.cell(row, i) for row in range(rows[-1] + 1, len(grid.rows))]
        texts = [line(cell) for cell in cells if not is_empty(cell)]
        names = list(dict.fromkeys(texts))
        if (
            1 < len(names) < len(texts)
            and department_share(names) > _CLEAR
            and not any(map(rating_like, names))
        ):
            if _RATED.search(headings[i]) and not _OWN.search(headings[i]):
                return [i]
            if _OWN.search(headings[i]):
                continue
            raise _unnamed(grid.file, headings[i], names)
    return []


def _unnamed(file: str, heading: str, names: list[str]) -> InputError:
    shown, shown_en = listed(names, _FEW)
    return InputError(
        f"“{file}”的“{heading}”列里像是部门（{shown}）。是的话，请把这一列的表头改成“部门”，"
        "评议人一列的改成“评议人”，分数一列的改成“得分”。",
        f"{file}: column {heading!r} holds what may be departments ({shown_en}). If so, head it by "
        "department, the raters by rater, and the scores by score.",
    )


def _senders(grid: Grid, rows: tuple[int, ...]) -> list[int]:
    """Columns of those who sent a form, if they have names."""
    found = positions_of(grid.top[rows[0]], _SENDERS)
    body = range(rows[-1] + 1, len(grid.rows))
    return [i for i in found if len({line(grid.cell(row, i)) for row in body} - {"", "匿名"}) > 1]


def _refuse_joined(grid: Grid, first: int) -> None:
    """Raise InputError for a table with department and item in one text of its first column."""
    cells = (grid.cell(row, 0) for row in range(first, len(grid.rows)))
    names = [line(cell) for cell in cells if isinstance(cell, str) and not is_summary(line(cell))]
    parts = split_most(names) if len(names) > 2 and not any(map(rating_like, names)) else []
    wholes = list(dict.fromkeys(part.whole for part in parts if part.part))
    items = list(dict.fromkeys(part.part for part in parts if part.part))
    if min(len(wholes), len(items)) > 1 and max(map(department_share, (wholes, items))) > 0.5:
        raise InputError(
            f"“{grid.file}”第一列是部门加指标（{names[0]} 等）：请分成“部门”“指标”两列。",
            f"{grid.file}: its first column holds department and item in one text ({names[0]} …): split it "
            "into the columns department and item.",
        )


def _keys(file: str, headings: list[str], department: list[int]) -> dict[str, int]:
    found = {"department": department[0]} if department else {}
    named = {"rater": (_RATERS, SERIAL)} | ({"item": (_ITEMS, ())} if department else {})
    for role, (names, serial) in named.items():
        places = [i for i in positions_of(headings, names) if i not in found.values()]
        own = [i for i in places if not positions_of([headings[i]], serial)]
        _refuse_beside(file, headings, own or places)
        if places:
            found[role] = (own or places)[0]
    return found


def _refuse_beside(file: str, headings: list[str], own: list[int]) -> None:
    """Raise InputError for two key columns of one heading, as two tables side by side have them."""
    if len(own) > 1 and headings[own[0]] == headings[own[1]]:
        first, second = (column_letters(i + 1) for i in own[:2])
        name = headings[own[0]]
        raise InputError(
            f"“{file}”的 {first} 列和 {second} 列都是“{name}”，像是并排的两个表。"
            "请放到两个文件，或上下接成一个。",
            f"{file}: columns {first} and {second} are both {name!r}, as of two tables side by side. Put "
            "them into two files, or into one table.",
        )


def _questions(grid: Grid, rows: tuple[int, ...], keys: set[int]) -> dict[int, Question]:
    lower = grid.top[rows[-1]]
    if len(rows) == 1:
        return {i: Question(clean(text)) for i, text in enumerate(lower) if text and i not in keys}
    upper, found = "", {}
    for i, text in enumerate(lower):
        upper = grid.top[rows[0]][i] or upper
        if i not in keys and (text or grid.top[rows[0]][i]):
            found[i] = Question(clean(upper), clean(text) if text != upper else "")
    return found
