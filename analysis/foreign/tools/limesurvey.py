"""Results of LimeSurvey: headings by code `Q1[SQ001]`, by text `Question [Row]`, or both `Q1[SQ001]. Question
[Row]`; answers by code (`A1`) or in full."""

from __future__ import annotations

import re
from typing import Final

from analysis.foreign.grid import Grid
from analysis.foreign.headings import bracketed, clean
from analysis.foreign.layout import Layout, Question, columns_with, folded, row_with

_BY_CODE: Final = frozenset(("submitdate", "lastpage", "startlanguage", "startdate", "datestamp"))
_BY_TEXT: Final = frozenset(
    ("response id", "date submitted", "last page", "start language", "date last action")
)
OWN: Final = (
    _BY_CODE
    | _BY_TEXT
    | frozenset(
        (
            *(
                "id",
                "seed",
                "token",
                "ipaddr",
                "refurl",
                "interviewtime",
                "date started",
                "access code",
                "ip address",
            ),
            *("referrer url", "total time", "firstname", "lastname", "email"),
        )
    )
)
_BOTH: Final = re.compile(r"^([A-Za-z]\w*(?:\[[^\[\]]+\])?)\.\s+(.+)$", re.DOTALL)
_UNFINISHED: Final = {"submitdate": ("",), "date submitted": ("",)}
_OTHER: Final = re.compile(r"(time\d*$|\[other\]$|\[comment\]$|_other$|Time$)", re.IGNORECASE)


def recognise(grid: Grid) -> Layout | None:
    """Layout of results of LimeSurvey, None for others."""
    top = [list(map(_code, row)) for row in grid.top[:3]]
    rows = (row_with(top, known, 2) for known in (_BY_CODE, _BY_TEXT))
    at = next((row for row in rows if row is not None), None)
    if at is None:
        return None
    names = folded(top[at])
    asked = {
        i: text
        for i, text in enumerate(grid.top[at])
        if text and names[i] not in OWN and not _OTHER.search(text)
    }
    found = {i: _question(text) for i, text in asked.items()}
    ids = [i for i, name in enumerate(names) if name in ("id", "response id")]
    keys = {"rater": ids[0]} if ids else {}
    unfinished = columns_with(names, _UNFINISHED)
    joined = not any(question.part for question in found.values())
    return Layout("limesurvey", (at,), at + 1, found, keys, joined=joined, unfinished=unfinished)


def _code(heading: str) -> str:
    """Code of a column of the tool's own that is headed by code and text: `submitdate. 提交日期`."""
    code = heading.partition(".")[0].strip()
    return code if code.casefold() in OWN else heading


def _question(heading: str) -> Question:
    both = _BOTH.match(heading)
    text = both[2] if both else heading
    return bracketed(text) or Question(clean(text))
