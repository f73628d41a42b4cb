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
from analysis.foreign.grid import is_empty, line
from analysis.foreign.headings import clean, unnumbered
from analysis.foreign.hints import Hints
from analysis.foreign.layout import SERIAL, positions_of
from analysis.foreign.naming import common_start
from analysis.foreign.sheet_names import (
    LABEL,
    first_below,
    head_of,
    is_heading,
    said_by_names,
    texts_of,
    with_column,
)
from analysis.tables.cells import TableFile, TableSheet
from analysis.tables.rows import is_heading_again

_KEYS: Final = (*ALIASES["rater"], *ALIASES["department"], *ALIASES["item"], *SERIAL, "姓名", "名称")
_SHOWN: Final = 4
_NUMBER: Final = re.compile(
    r"^(附?表|第)?\s*([0-9]{1,3}|[一二三四五六七八九十]{1,3})\s*[、.．:：)）]?\s*(?=\D)"
)
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
    role = said_by_names(file, sheets, hints)
    if not role and len(sheets) > len(source.sheets):
        _refuse_again(file, source, sheets)
    return replace(source, sheets=tuple(with_column(sheet, role) if role else sheet for sheet in sheets))


def _parts(file: str, sheet: TableSheet) -> list[TableSheet]:
    """Tables of a sheet as sheets named by their titles; the sheet itself if it holds one table, perhaps
    printed in parts."""
    tables = _tables(sheet)
    if len(tables) < 2:
        return [sheet]
    heads = [texts_of(sheet.rows[table.head]) for table in tables]
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
        if (gap or again) and is_heading(sheet, at) and (not own or _begins_alike(row, own)):
            starts.append((at, first_below(sheet, at), title))
            own = own or texts_of(row)
        title, gap = ("", False) if own else (texts[0], True)
    ends = [*(start[0] for start in starts[1:]), len(sheet.rows)]
    return [_Table(t, at, first, end) for (at, first, t), end in zip(starts, ends, strict=False)]


def _begins_alike(row: Sequence[Any], own: Sequence[str]) -> bool:
    """Whether a row begins like the headings of the first table, or with the heading of a key column."""
    first = line(row[0]) if row else ""
    return first == own[0] or bool(positions_of([first], _KEYS))


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
    shown = [text for text in texts_of(sheet.rows[tables[second].head]) if text][:_SHOWN]
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
        at = head_of(sheet) or 0
        column = next(iter(positions_of(texts_of(sheet.rows[at]), ALIASES["rater"])), None)
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


def _bare(titles: Sequence[str]) -> list[str]:
    """Titles without numbers and what forms are called: 表1 税务局, 税务局测评表; whole with labels."""
    if all(map(LABEL.match, titles)):
        return list(titles)
    alike = re.match(r".*[:：]\s*", common_start(titles))
    own = [title[alike.end() if alike else 0 :] for title in titles]
    names = [_FORM.sub("", clean(unnumbered(_NUMBER.sub("", title)))) for title in own]
    whole = all(names) and len(set(names)) == len(names)
    return [name.strip() for name in names] if whole else list(titles)
