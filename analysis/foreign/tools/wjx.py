"""Files of 问卷星 (wjx.cn), answers as texts or by number.

Headings (docs/formats-foreign.md): columns about the answer sheet; then `N、题干：—部分` for the first
part of a matrix and `N、部分` for its others; those who copy headings write `N、题干（部分）` and the like;
by number also `第N题(部分)`, `N、(部分)`. Not answered is
(空) or −3, skipped (跳过) or −2.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Final

from analysis.foreign.grid import Grid
from analysis.foreign.headings import clean
from analysis.foreign.layout import Layout, Question, folded, row_with
from analysis.foreign.naming import (
    common_start,
    looks_like_department,
    looks_like_item,
    split_before_item,
)

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
_STEM: Final = re.compile(r"^(.*[^\s(（\[【_:：–—－-])\s*[(（\[【_:：–—－-]", re.DOTALL)
_AROUND: Final = re.compile(r"^[(（\[【](.*)[)）\]】]$", re.DOTALL)
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
    """Question and part of numbered headings, by column; headings with one number are parts of one
    question."""
    found: dict[int, Question] = {}
    groups: dict[str, dict[int, str]] = defaultdict(dict)
    for column, heading in headings.items():
        number, text = _number(heading)
        if number:
            groups[number][column] = text
        else:
            found[column] = Question(clean(heading))
    for number, group in groups.items():
        parts = _of_number(number, list(group.values()))
        found |= dict(zip(group, parts, strict=True))
    return {column: found[column] for column in headings}


def _of_number(number: str, texts: list[str]) -> list[Question]:
    """Question and part of the headings with one number: with a common beginning; with the question above
    the first column only; or bare names of parts."""
    if len(texts) > 1 and not _FIRST.match(texts[0]):
        if pairs := _after_stem(texts):
            return pairs
        others = [clean(_unbracketed(text)) for text in texts[1:]]
        if above := _stem_above_first(texts[0], others, all(map(_ONLY_PART.match, texts[1:]))):
            return [above, *(Question(above.whole, name) for name in others)]
        if _kind(texts[0]) == _kind(*others) != "":
            named = split_before_item(list(map(clean, texts))) or list(map(clean, texts))
            return [Question(f"第{number}题", name) for name in named]
    first = _one(number, texts[0], None)
    stem = first.part == "" and _STEM.match(texts[0])
    whole = clean(stem[1]) if stem else first.whole
    return [first, *(_one(number, text, whole) for text in texts[1:])]


def _one(number: str, text: str, known: str | None) -> Question:
    """Question and part of a heading; `known`: the question of its number, None for the first heading."""
    if only := _ONLY_PART.match(text):
        return Question(known or f"第{number}题", clean(only[1]))
    if first := _FIRST.match(text):
        return Question(clean(first[1]) or known or f"第{number}题", clean(first[2]))
    pair = _COLON.match(text)
    if known is not None:
        same = pair is not None and clean(pair[1]) == known
        return Question(known, clean(pair[2] if pair and same else text))
    return Question(clean(pair[1]), clean(pair[2])) if pair else Question(clean(text))


def _after_stem(texts: list[str]) -> list[Question]:
    """Question and part of headings that begin alike up to a bracket, dash, underscore or colon; [] for
    others."""
    stem = _STEM.match(common_start([text.replace("（", "(").replace("）", ")") for text in texts]))
    if stem is None:
        return []
    parts = [clean(_unbracketed(text[stem.end() - 1 :])) for text in texts]
    return [Question(clean(stem[1]), part) for part in parts] if all(parts) else []


def _stem_above_first(text: str, others: list[str], bracketed: bool) -> Question | None:
    """Question and part of the first heading if its part is of the kind of the `others` and its question is
    not, or if the others stand in brackets; None if it is one name."""
    stem = _STEM.match(text)
    if stem is None:
        return None
    part, kind = clean(_unbracketed(text[stem.end(1) :])), _kind(*others)
    alike = kind != "" and _kind(part) == kind != _kind(clean(stem[1]))
    return Question(clean(stem[1]), part) if part and (bracketed or alike) else None


def _unbracketed(text: str) -> str:
    """Part without the sign before it, or the brackets around it."""
    found = _AROUND.match(text.strip())
    return found[1] if found else text.strip().lstrip("-–—－_:：")


def _kind(*names: str) -> str:
    """Whether most names look like departments or like items; "" if neither."""
    for kind, looks in (("department", looks_like_department), ("item", looks_like_item)):
        if sum(map(looks, names)) * 2 > len(names):
            return kind
    return ""


def _number(heading: str) -> tuple[str, str]:
    if of := _OF.match(heading.strip()):
        return of[1], f"({of[2]})"
    found = _NUMBERED.match(heading.strip())
    return (found[1], found[2].strip()) if found else ("", heading)
