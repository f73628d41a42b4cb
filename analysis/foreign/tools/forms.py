"""Answers of Google Forms (`Timestamp`, `Question [Row]`) and Microsoft Forms (`ID`, `Start time`, …)."""

from __future__ import annotations

import re
from collections.abc import Mapping
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
_AGAIN: Final = re.compile(r"^(.*\D)[1-9][0-9]?$")
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
    found = repeated_statements(asked)
    keys = {"rater": names.index("id")} if "id" in names else {}
    joined = not any(question.part for question in found.values())
    return Layout("microsoft", (at,), at + 1, found, keys, joined=joined)


def repeated_statements(headings: Mapping[int, str]) -> dict[int, Question]:
    """Questions by column. Several Likert questions with the same statements have no text of their own in the
    headings: the statements come again with a number, such as 税务局, 公安局, 税务局2, 公安局2."""
    texts = {i: clean(text) for i, text in headings.items()}
    bare = set(texts.values())
    again = {i: m[1] for i, text in texts.items() if (m := _AGAIN.match(text)) and m[1] in bare}
    places: dict[str, list[int]] = {}
    for i, text in texts.items():
        if text in again.values() or i in again:
            places.setdefault(again.get(i, text), []).append(i)
    times = {len(columns) for columns in places.values()}
    if len(places) < 2 or len(times) != 1:
        return {i: Question(text) for i, text in texts.items()}
    asked = {i: Question(f"Q{n}", text) for text, at in places.items() for n, i in enumerate(at, 1)}
    return {i: asked.get(i, Question(text)) for i, text in texts.items()}
