"""Tables that stand below one another in a sheet, and what names of sheets, or titles of such tables, say of
all ratings below them: the rater, the department, the item or the period."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Final

from analysis.errors import InputError
from analysis.files.aliases import ALIASES
from analysis.foreign.answers import rating_like
from analysis.foreign.grid import LOOKED_AT, is_empty, line
from analysis.foreign.headings import clean, unnumbered
from analysis.foreign.hints import Ambiguous, Hints
from analysis.foreign.layout import SERIAL, SHEET_NAMES, positions_of
from analysis.foreign.naming import (
    common_start,
    department_share,
    is_rater,
    looks_like_department,
    looks_like_item,
)
from analysis.foreign.questions.near_names import is_period
from analysis.foreign.sentences import listed
from analysis.tables.cells import TableFile, TableSheet
from analysis.tables.rows import is_footnote, is_heading_again, is_signed, is_summary

_KEYS: Final = (*ALIASES["rater"], *ALIASES["department"], *ALIASES["item"], *SERIAL, "姓名", "名称")
_SHOWN: Final = 4
_MOST: Final = 0.5
_LABEL: Final = re.compile(
    r"(评议人|评价人|评分人|打分人|填表人|填报人|评委|评议员|评议企业|参评企业|企业名称|姓名|respondent|rater|name)"
    r"\s*[:：]\s*",
    re.IGNORECASE,
)
_NUMBER: Final = re.compile(
    r"^(附?表|第)?\s*([0-9]{1,3}|[一二三四五六七八九十]{1,3})\s*[、.．:：)）]?\s*(?=\D)"
)
_BETWEEN: Final = re.compile(r"[-—–―_/:：|\s\[\]()（）【】、，]+")
_FORM: Final = re.compile(
    r"(的?(民主)?(满意度)?(测评|评分|评议|评价|打分|调查)(情况|结果)?(汇总)?(表|单|问卷)?)$"
)


@dataclass(frozen=True)
class _Table:
    """Table in a sheet: its title, and its rows (indices): headings from `head`, data from `first` to before
    `end`."""

    title: str
    head: int
    first: int
    end: int


def unstacked(file: str, source: TableFile, hints: Hints) -> TableFile:
    """File with a sheet a table, and with a column for what the sheets' names or the titles say. Raises
    InputError, naming the rows, for tables in one sheet that do not belong together."""
    sheets = [part for sheet in source.sheets for part in _parts(file, sheet)]
    if sheets == list(source.sheets) and len(sheets) < 2:
        return source
    role = _said_by_names(file, sheets, hints)
    if not role and len(sheets) > len(source.sheets):
        _refuse_again(file, source, sheets)
    return replace(source, sheets=tuple(_with_column(sheet, role) if role else sheet for sheet in sheets))


def _parts(file: str, sheet: TableSheet) -> list[TableSheet]:
    """Tables of a sheet as sheets named by their titles; the sheet itself if it holds one table, perhaps
    printed in parts."""
    tables = _tables(sheet)
    if len(tables) < 2:
        return [sheet]
    heads = [_texts(sheet.rows[table.head]) for table in tables]
    titles = [table.title for table in tables]
    if any(head != heads[0] for head in heads):
        raise _several(file, sheet, tables, heads)
    if len(set(titles)) < len(titles):
        return [sheet]
    names = _bare(titles)
    return [_cut(sheet, tables[0], table, name) for table, name in zip(tables, names, strict=True)]


def _tables(sheet: TableSheet) -> list[_Table]:
    """Tables of a sheet, each with headings above at least one row of ratings."""
    starts: list[tuple[int, int, str]] = []
    title, gap = "", True
    own: list[str] = []
    for at, row in enumerate(sheet.rows):
        texts = list(islice(filter(None, map(line, row)), 2))  # as many as are looked at: rows may be long
        if len(texts) < 2:
            title, gap = (texts[0], True) if texts else (title, True)
            continue
        again = bool(own) and is_heading_again(row, own)
        if (gap or again) and _heads(sheet, at) and (not own or _begins_alike(row, own)):
            starts.append((at, _first_below(sheet, at), title))
            own = own or _texts(row)
        title, gap = ("", False) if own else (texts[0], True)
    ends = [*(start[0] for start in starts[1:]), len(sheet.rows)]
    return [_Table(t, at, first, end) for (at, first, t), end in zip(starts, ends, strict=False)]


def _begins_alike(row: Sequence[Any], own: Sequence[str]) -> bool:
    """Whether a row begins like the headings of the first table, or with the heading of a key column."""
    first = line(row[0]) if row else ""
    return first == own[0] or bool(positions_of([first], _KEYS))


def _heads(sheet: TableSheet, at: int) -> bool:
    """Whether a row holds headings: texts that are no ratings, above ratings."""
    row = sheet.rows[at]
    texts = [text for text in _texts(row) if text]
    if any(not is_empty(c) and (not isinstance(c, str) or rating_like(c)) for c in row):
        return False
    if is_summary(texts[0]) or is_signed(row) or is_footnote(sheet.numbers[at], _texts(row), ()):
        return False
    below = (row for row in sheet.rows[_first_below(sheet, at) :] if any(not is_empty(c) for c in row))
    return any(map(rating_like, next(below, [])[1:]))


def _first_below(sheet: TableSheet, at: int) -> int:
    """First row of data below headings, which may stand in two rows."""
    below = sheet.rows[at + 1] if at + 1 < len(sheet.rows) else []
    filled = [cell for cell in below if not is_empty(cell)]
    two = len(filled) > 1 and all(isinstance(c, str) and not rating_like(c) for c in filled)
    return at + 2 if two and is_empty(below[0]) else at + 1


def _cut(sheet: TableSheet, first: _Table, table: _Table, name: str) -> TableSheet:
    """Table as a sheet with its headings where those of the first table stand and its data in their own
    rows."""
    rows: list[list[Any]] = [[] for _ in range(table.end)]
    rows[first.head : first.first] = sheet.rows[first.head : first.first]
    body = sheet.rows[table.first : table.end]
    if table.end < len(sheet.rows):  # the title of the next table
        while body and sum(not is_empty(cell) for cell in body[-1]) < 2:
            body.pop()
    rows[table.first : table.first + len(body)] = body
    merged = [region for region in sheet.merged if region[0] > table.first or region[0] <= first.first]
    starts = list(sheet.numbers)[: table.end] if sheet.starts else ()
    return replace(sheet, name=name, rows=rows, merged=merged, starts=starts)


def _several(
    file: str, sheet: TableSheet, tables: Sequence[_Table], heads: Sequence[Sequence[str]]
) -> InputError:
    numbers = sheet.numbers
    spans = [(numbers[table.head], numbers[_last(sheet, table)], table.title) for table in tables]
    zh = "、".join(f"第 {a}–{b} 行{f'（{title}）' if title else ''}" for a, b, title in spans[:_SHOWN])
    en = ", ".join(f"rows {a}–{b}{f' ({title})' if title else ''}" for a, b, title in spans[:_SHOWN])
    second = next(i for i, head in enumerate(heads) if head != heads[0])
    shown = [text for text in _texts(sheet.rows[tables[second].head]) if text][:_SHOWN]
    row = numbers[tables[second].head]
    where = (f"工作表“{sheet.name}”", f"sheet {sheet.name!r}, ") if sheet.name else ("", "")
    return InputError(
        f"“{file}”{where[0]}第 {row} 行（{'、'.join(shown)}）像是另一个表的表头。"
        f"这里有 {len(tables)} 个表：{zh}。一个工作表只放一个表：请把其余的删去，或各移到一个文件。",
        f"{file}: {where[1]}row {row} ({', '.join(shown)}) looks like the headings of another table. Tables "
        f"here: {len(tables)} ({en}). Keep one table a sheet: delete the others or move each to a file.",
        row=row,
    )


def _refuse_again(file: str, source: TableFile, sheets: Sequence[TableSheet]) -> None:
    """Raise InputError for tables below one another whose raters are the same, so that the tables differ in
    something that their titles do not say."""
    seen: set[str] = set()
    for sheet in sheets:
        at = _head(sheet) or 0
        column = next(iter(positions_of(_texts(sheet.rows[at]), ALIASES["rater"])), None)
        below = [] if column is None else [row[column : column + 1] for row in sheet.rows[at + 1 :]]
        names = {line(cell) for cells in below for cell in cells} - {""}
        if seen & names:
            whole = next(s for s in source.sheets if len(_tables(s)) > 1)
            tables = _tables(whole)
            raise _several(file, whole, tables, [[str(i)] for i in range(len(tables))])
        seen |= names


def _last(sheet: TableSheet, table: _Table) -> int:
    rows = range(table.first, table.end)
    return max((at for at in rows if sum(not is_empty(c) for c in sheet.rows[at]) > 1), default=table.head)


def _texts(row: Sequence[Any]) -> list[str]:
    texts = [line(cell) for cell in row]
    while texts and not texts[-1]:
        texts.pop()
    return texts


def _bare(titles: Sequence[str]) -> list[str]:
    """Titles without numbers and what forms are called: 表1 税务局, 税务局测评表; whole with labels."""
    if all(map(_LABEL.match, titles)):
        return list(titles)
    alike = re.match(r".*[:：]\s*", common_start(titles))
    own = [title[alike.end() if alike else 0 :] for title in titles]
    names = [_FORM.sub("", clean(unnumbered(_NUMBER.sub("", title)))) for title in own]
    whole = all(names) and len(set(names)) == len(names)
    return [name.strip() for name in names] if whole else list(titles)


def _said_by_names(file: str, sheets: Sequence[TableSheet], hints: Hints) -> str:
    """Role that the names of sheets with one heading fill: rater, department, item; "" for none. Raises
    `Ambiguous` where sheets may be forms of a rater each."""
    heads = [(sheet, at) for sheet in sheets if (at := _head(sheet)) is not None]
    if len(heads) < 2:
        return ""
    top = _texts(heads[0][0].rows[heads[0][1]])
    alike = [(sheet, at) for sheet, at in heads if _texts(sheet.rows[at]) == top]
    names = [sheet.name for sheet, _ in alike]
    if len(alike) < 2 or len(set(names)) < len(names) or not all(names):
        return ""
    named = {role: bool(positions_of(top, ALIASES[role])) for role in ("rater", "department", "item")}
    if not named["item"] and (all(map(is_period, names)) or _mostly_items(names)):
        return "item"
    if department_share(names) >= _MOST:
        return "" if named["department"] or _name_departments(top) else "department"
    column = next(iter(positions_of(top, ALIASES["department"])), None)
    other = "rater" in hints.keys and hints.keys["rater"] not in SHEET_NAMES
    if named["rater"] or column is None or other:
        return ""
    return "rater" if _forms(file, alike, column, names, hints) else ""


def _name_departments(headings: Sequence[str]) -> bool:
    """Whether headings name several departments themselves, so that sheets are named after something else,
    such as the town that the raters are from."""
    parts = {part for text in headings for part in _BETWEEN.split(text)}
    glued = {part[:n] for part in parts for n in range(3, len(part))}
    return sum(map(looks_like_department, parts | glued)) > 1


def _mostly_items(names: Sequence[str]) -> bool:
    return sum(map(looks_like_item, names)) >= _MOST * len(names) and department_share(names) < _MOST


def _head(sheet: TableSheet) -> int | None:
    """Index of the first row of headings; None if there is none."""
    rows = enumerate(sheet.rows[:LOOKED_AT])
    return next((at for at, row in rows if sum(map(bool, _texts(row))) > 1 and _heads(sheet, at)), None)


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
    if "rater" in hints.keys or all(is_rater(name) or _LABEL.match(name) for name in names):
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


def _with_column(sheet: TableSheet, role: str) -> TableSheet:
    """Sheet with one more column that holds its name beside every row of data."""
    at = _head(sheet)
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
    return _LABEL.sub("", sheet.name) if below > 0 and sum(not is_empty(cell) for cell in row) > 1 else None
