"""Files of 问卷网 (wenjuan.com): answers as texts, or as numbers of options with `code.csv`.

Headings are `题干_行` in `All_Data_Readable.csv`, `Qn` and `Qn_Rk` in `All_Data_Original.csv`. `code.csv` has
a row (Qn, question, kind), and below it a row ("", number, text) for each option.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from analysis.files.reading import open_tables
from analysis.foreign.grid import Grid, is_empty, line
from analysis.foreign.headings import clean, unnumbered
from analysis.foreign.layout import Layout, Question, folded, row_with
from analysis.tables.cells import TableFile, TableSheet

_CODES: Final = "code.csv"
_TIMES: Final = (
    frozenset(("start", "finish")),
    frozenset(("开始时间", "结束时间")),
    frozenset(("答题时长",)),
)
OWN: Final = frozenset(
    (
        *(
            "start",
            "finish",
            "开始时间",
            "结束时间",
            "答题时长",
            "序号",
            "答题序号",
            "编号",
            "ip",
            "ip地址",
            "来源",
            "渠道",
        ),
        *("来源渠道", "用户id", "seq", "status", "状态", "省", "市", "地区", "浏览器", "操作系统", "设备"),
    )
)
_NOT: Final = frozenset(("开始答题时间", "提交答卷时间", "完成时间"))
_CODE: Final = re.compile(r"^(Q[0-9]+)(?:_(R[0-9]+))?$")


def recognise(grid: Grid) -> Layout | None:
    """Layout of a file of 问卷网, None for others."""
    at = next((at for names in _TIMES if (at := row_with(grid.top[:3], names, len(names))) is not None), None)
    if at is None or _NOT & set(folded(grid.top[at])):
        return None
    names = folded(grid.top[at])
    below = [i for row in grid.rows[at + 1 : at + 2] for i, cell in enumerate(row) if not is_empty(cell)]
    if below and not any(
        names[i] in OWN for i in below
    ):  # names of rows: another tool's two rows of headings
        return None
    asked = {i: text for i, text in enumerate(grid.top[at]) if text and names[i] not in OWN}
    coded = {i: code for i, text in asked.items() if (code := _CODE.match(text))}
    if coded and len(coded) == len(asked):
        pairs = {i: Question(code[1], code[2] or "") for i, code in coded.items()}
        return Layout("wenjuan", (at,), at + 1, pairs, positions=True)
    found = {i: Question(clean(unnumbered(text))) for i, text in asked.items()}
    return Layout("wenjuan", (at,), at + 1, found, joined=True)


def is_coded(sheet: TableSheet) -> bool:
    """Whether a sheet has the headings `Qn_Rk` and times of a file by option numbers."""
    head = [line(cell) for cell in sheet.rows[0]] if sheet.rows else []
    return {"start", "finish"} <= set(folded(head)) and any(map(_CODE.match, head))


def decoded(sheet: TableSheet, codes: TableSheet) -> TableSheet:
    """Sheet of option numbers with the texts of `code.csv` in their place, and questions in the headings."""
    asked, options = _codes(codes)
    head = [line(cell) for cell in sheet.rows[0]]
    found = [_CODE.match(text) for text in head]
    rows = [
        [
            _text(cell, options.get(code[1], {})) if code else cell
            for cell, code in zip(row, found, strict=False)
        ]
        for row in sheet.rows[1:]
    ]
    top = [
        f"{asked.get(c[1], c[1])}_{c[2]}" if c and c[2] else asked.get(c[1], t) if c else t
        for c, t in zip(found, head, strict=True)
    ]
    return TableSheet(sheet.name, [top, *rows], starts=sheet.starts, delimiter=sheet.delimiter)


def _codes(codes: TableSheet) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    asked: dict[str, str] = {}
    options: dict[str, dict[str, str]] = {}
    key = ""
    for row in codes.rows:
        first, second, third = ([line(cell) for cell in row] + ["", "", ""])[:3]
        if first:
            key = first
            asked[key], options[key] = second, {}
        elif key and third:
            options[key][second] = third
    return asked, options


def _text(cell: object, options: Mapping[str, str]) -> object:
    return options.get(line(cell), cell)


def with_codes(path: Path, source: TableFile) -> TableFile:
    """File by option numbers with the texts of the `code.csv` beside it; others as they are."""
    codes = path.with_name(_CODES)
    if path.name == _CODES or not is_coded(source.sheets[0]) or not codes.is_file():
        return source
    return replace(source, sheets=(decoded(source.sheets[0], open_tables(codes).sheets[0]),))
