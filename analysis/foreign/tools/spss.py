"""Files of SPSS (.sav): labels of variables as headings, labels of values as answers."""

from __future__ import annotations

import re
from typing import Final

from analysis.foreign.grid import Grid
from analysis.foreign.headings import clean
from analysis.foreign.layout import SERIAL, Layout, Question, positions_of
from analysis.foreign.tools import wjx

_NUMBERED: Final = re.compile(r"^(第\d+题|Q?\d{1,3}\s*[、.．])")


def recognise(grid: Grid) -> Layout | None:
    """Layout of a file of SPSS, None for others."""
    if grid.source.kind != "sav":
        return None
    headings = grid.top[0]
    ids = positions_of(headings, (*SERIAL, "respondent", "caseid", "case id"))
    asked = {i: text for i, text in enumerate(headings) if text and i not in ids}
    numbered = sum(_NUMBERED.match(text) is not None for text in asked.values())
    if 2 * numbered >= len(asked):
        found = wjx.questions(asked)
    else:
        found = {i: Question(clean(text)) for i, text in asked.items()}
    joined = not any(question.part for question in found.values())
    return Layout("spss", (0,), 1, found, {"rater": ids[0]} if ids else {}, joined=joined)
