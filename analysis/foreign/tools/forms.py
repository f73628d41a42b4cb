"""Answers of Google Forms (`Timestamp`, `Question [Row]`) and Microsoft Forms (`ID`, `Start time`, …)."""

from __future__ import annotations

from typing import Final

from analysis.foreign.grid import Grid
from analysis.foreign.headings import bracketed, clean
from analysis.foreign.layout import Layout, Question, folded, row_with

_STAMP: Final = frozenset(("timestamp", "时间戳记", "时间戳", "時間戳記"))
_GOOGLE: Final = _STAMP | {"email address", "电子邮件地址", "电子邮件", "score", "得分", "username", "用户名"}
_MICROSOFT: Final = frozenset(
    (
        *(
            "id",
            "start time",
            "completion time",
            "email",
            "name",
            "last modified time",
            "total points",
            "quiz feedback",
        ),
        *("开始时间", "完成时间", "电子邮件", "名称", "姓名", "上次修改时间", "总分", "language", "语言"),
    )
)
_SURE: Final = frozenset(("start time", "completion time", "开始时间", "完成时间"))


def recognise_google(grid: Grid) -> Layout | None:
    """Layout of a table of answers of Google Forms, None for others."""
    at = row_with(grid.top[:3], _STAMP, 1)
    if at is None:
        return None
    headings, names = grid.top[at], folded(grid.top[at])
    asked = {i: text for i, text in enumerate(headings) if text and names[i] not in _GOOGLE}
    found = {i: bracketed(text) or Question(clean(text)) for i, text in asked.items()}
    return Layout("google", (at,), at + 1, found, joined=not any(pair.part for pair in found.values()))


def recognise_microsoft(grid: Grid) -> Layout | None:
    """Layout of a workbook of Microsoft Forms, None for others."""
    at = row_with(grid.top[:3], _SURE, 2)
    if at is None or not {"id", "编号"} & set(folded(grid.top[at])):
        return None
    names = folded(grid.top[at])
    asked = {i: text for i, text in enumerate(grid.top[at]) if text and names[i] not in _MICROSOFT}
    found = {i: Question(clean(text)) for i, text in asked.items()}
    keys = {"rater": names.index("id")} if "id" in names else {}
    return Layout("microsoft", (at,), at + 1, found, keys, joined=True)
