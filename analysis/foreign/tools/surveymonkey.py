"""Responses of SurveyMonkey: a row of questions, empty beside the first column of each, and a row of rows or
options."""

from __future__ import annotations

import re
from typing import Final

from analysis.foreign.grid import Grid
from analysis.foreign.headings import clean, unnumbered
from analysis.foreign.layout import Layout, Question, folded, row_with

_SURE: Final = frozenset(("respondent id", "collector id", "respondentid", "collectorid"))
OWN: Final = _SURE | frozenset(
    (
        *("start date", "end date", "startdate", "enddate", "ip address", "email address", "first name"),
        *("last name", "custom data 1", "custom data", "date created", "date modified"),
    )
)
_WHOLE: Final = re.compile(
    r"|(open[- ]ended )?(response|comments?|answer)"
    r"|(开放式|开放题|開放式)?(问题|問題)?的?(回答|回复|回覆|回應|答复|答案|意见|評論|评论)"
)


def recognise(grid: Grid) -> Layout | None:
    """Layout of responses of SurveyMonkey, None for others."""
    at = row_with(grid.top[:2], _SURE, 1)
    if at is None or at + 1 >= len(grid.rows):
        return None
    names, parts = folded(grid.top[at]), grid.top[at + 1]
    ids = [i for i, name in enumerate(names) if name in ("respondent id", "respondentid")]
    two = not (ids and parts[ids[0]])
    whole, found = "", {}
    for i, text in enumerate(grid.top[at]):
        whole = text or whole
        part = parts[i] if two else ""
        if folded([whole])[0] in OWN or not (text or part):
            continue
        found[i] = Question(
            clean(unnumbered(whole)), "" if _WHOLE.fullmatch(part.casefold().strip()) else clean(part)
        )
    rows = (at, at + 1) if two else (at,)
    joined = not any(question.part for question in found.values())
    return Layout("surveymonkey", rows, rows[-1] + 1, found, {"rater": ids[0]} if ids else {}, joined=joined)
