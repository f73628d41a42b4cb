"""Files of 问卷星 (wjx.cn), answers as texts or by number.

Headings (docs/formats-foreign.md): columns about the answer sheet; then `N、题干：—部分` for the first
part of a matrix and `N、部分` for its others; by number also `第N题(部分)`, `N、(部分)`. Not answered is
(空) or −3, skipped (跳过) or −2.
"""

from __future__ import annotations

import re
from typing import Final

from analysis.foreign.grid import Grid
from analysis.foreign.headings import clean
from analysis.foreign.layout import Layout, Question, folded, row_with

OWN: Final = frozenset(
    (
        *(
            "序号",
            "提交答卷时间",
            "所用时间",
            "来源",
            "来源详情",
            "来自ip",
            "总分",
            "总得分",
            "得分",
            "提交时间",
        ),
        *(
            "答题时间",
            "用户id",
            "用户名",
            "昵称",
            "姓名",
            "ip",
            "来自",
            "省份",
            "城市",
            "自定义参数",
            "答卷编号",
            "微信昵称",
        ),
    )
)
_SURE: Final = frozenset(("提交答卷时间", "所用时间", "来源", "来源详情", "来自ip"))
_NUMBERED: Final = re.compile(r"^(?:Q)?(\d{1,3})\s*[、.．:：]\s*(.*)$", re.DOTALL)
_OF: Final = re.compile(r"^第\s*(\d{1,3})\s*题\s*[(（](.*)[)）]\s*$", re.DOTALL)
_FIRST: Final = re.compile(r"^(.*?)\s*(?:[:：?？。]?\s*—{1,2}|[:：]\s*[-–]+)\s*(.+)$", re.DOTALL)
_COLON: Final = re.compile(r"^(.+?)[:：]\s*([^:：]+)$", re.DOTALL)
_ONLY_PART: Final = re.compile(r"^[(（](.*)[)）]$", re.DOTALL)


def recognise(grid: Grid) -> Layout | None:
    """Layout of a file of 问卷星, None for others."""
    at = row_with(grid.top, _SURE, 2)
    if at is None:
        return None
    headings = grid.top[at]
    names = folded(headings)
    asked = {i: text for i, text in enumerate(headings) if text and names[i] not in OWN}
    serial = {"rater": names.index("序号")} if "序号" in names else {}
    return Layout("wjx", (at,), at + 1, questions(asked), serial, missing=(-2.0, -3.0), positions=True)


def questions(headings: dict[int, str]) -> dict[int, Question]:
    """Question and part of numbered headings, by column; a heading whose number came before is a further
    part."""
    wholes: dict[str, str] = {}
    found: dict[int, Question] = {}
    for column, heading in headings.items():
        number, text = _number(heading)
        if not number:
            found[column] = Question(clean(heading))
            continue
        known = wholes.get(number)
        if only := _ONLY_PART.match(text):
            found[column] = Question(known or f"第{number}题", clean(only[1]))
        elif first := _FIRST.match(text):
            found[column] = Question(clean(first[1]) or known or f"第{number}题", clean(first[2]))
        elif known is not None:
            pair = _COLON.match(text)
            same = pair is not None and clean(pair[1]) == known
            found[column] = Question(known, clean(pair[2] if pair and same else text))
        elif pair := _COLON.match(text):
            found[column] = Question(clean(pair[1]), clean(pair[2]))
        else:
            found[column] = Question(clean(text))
        wholes.setdefault(number, found[column].whole)
    return found


def _number(heading: str) -> tuple[str, str]:
    if of := _OF.match(heading.strip()):
        return of[1], f"({of[2]})"
    found = _NUMBERED.match(heading.strip())
    return (found[1], found[2].strip()) if found else ("", heading)
