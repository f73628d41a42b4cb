"""`Layout`: what a tool's headings say about each column, before departments are told from items."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from analysis.tables.headings import plain

SERIAL: Final = (
    "编号",
    "序号",
    "ID",
    "No",
    "No.",
    "#",
    "票号",
    "选票编号",
    "问卷编号",
    "答卷编号",
    "代码",
    "评议人编号",
)
"""Headings of columns that number the answers."""
SHEET_NAMES: Final = ("工作表", "sheet")
"""Heading that stands for the name of the sheet."""
Heads = Literal["question", "item", "rater"]


@dataclass(frozen=True)
class Question:
    """Heading of a column as question and part of it; either may be "" if the tool does not write it."""

    whole: str
    part: str = ""


@dataclass(frozen=True)
class Layout:
    """Reading of a sheet's headings by one tool.

    `rows`: indices of the heading rows, `first`: index of the first row of data; `questions`: by column, only
    those that may hold answers; `keys`: role (rater, department, item, …) → column; `missing`: numbers that
    are no answer; `positions`: whether numbers are positions of options, so that 1 may be the best; `joined`:
    whether question and part may still be one text; `dropped`: column → its values by which a row is no
    real answer; `unfinished`: column → its values by which a rater did not come to the end; `heads`: what
    headings of answers name.
    """

    tool: str
    rows: tuple[int, ...]
    first: int
    questions: Mapping[int, Question]
    keys: Mapping[str, int] = field(default_factory=dict)
    missing: Collection[float] = ()
    positions: bool = False
    joined: bool = False
    heads: Heads = "question"
    dropped: Mapping[int, Collection[str]] = field(default_factory=dict)
    unfinished: Mapping[int, Collection[str]] = field(default_factory=dict)


TOOLS: Final = {
    "wjx": ("问卷星", "wjx.cn"),
    "tencent": ("腾讯问卷", "Tencent Survey"),
    "wenjuan": ("问卷网", "wenjuan.com"),
    "limesurvey": ("LimeSurvey", "LimeSurvey"),
    "qualtrics": ("Qualtrics", "Qualtrics"),
    "google": ("谷歌表单", "Google Forms"),
    "microsoft": ("微软 Forms", "Microsoft Forms"),
    "kobo": ("KoboToolbox", "KoboToolbox"),
    "surveymonkey": ("SurveyMonkey", "SurveyMonkey"),
    "spss": ("SPSS", "SPSS"),
    "plain": ("一行一个评议人的表", "table with a row a rater"),
    "grid": ("一行一个部门的表", "table with a row a department"),
    "long": ("长表", "long table"),
}
"""Name of each tool or layout for `--as`, in Chinese and English."""


def folded(headings: list[str]) -> list[str]:
    """Headings reduced for comparison with a tool's own column names."""
    return [" ".join(text.casefold().split()) for text in headings]


def positions_of(headings: list[str], names: Collection[str]) -> list[int]:
    """Columns whose heading is one of `names`, both reduced; signs alone, such as #, as they are."""
    known = {plain(name) or name for name in names}
    return [i for i, text in enumerate(headings) if text and (plain(text) or text) in known]


def columns_with(names: list[str], values: Mapping[str, Collection[str]]) -> dict[int, Collection[str]]:
    """Values by column of those reduced headings that are keys of `values`."""
    return {names.index(name): found for name, found in values.items() if name in names}


def row_with(top: list[list[str]], names: Collection[str], least: int) -> int | None:
    """Index of the first row that has at least `least` of the column names; None if there is none."""
    known = {name.casefold() for name in names}
    for at, row in enumerate(top):
        if len(known & set(folded(row))) >= least:
            return at
    return None
