"""Columns that say that the rows of a table are no ratings of one scale by one rater each, and columns of a
grid that are no ballots."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

from analysis.errors import InputError
from analysis.files.amounts import amount
from analysis.foreign.sentences import listed
from analysis.tables.headings import plain, simplified
from analysis.tables.rows import is_no_rater

_FULL: Final = frozenset(
    map(plain, ("满分", "指标满分", "项目满分", "满分值", "full mark", "max score", "out of"))
)
_VOTES: Final = frozenset(
    map(
        plain,
        (
            *("票数", "得票", "得票数", "人数", "份数", "频数", "频次", "投票人数", "评议人数", "评价人数"),
            *("count", "counts", "freq", "frequency", "votes", "number of votes", "responses", "n"),
        ),
    )
)
_NO_BALLOT: Final = re.compile(
    r"(附?加|奖励)分项?|.{0,4}系数|(考核)?等[次级第]|自[评测](得?分)?|[上去]年.*"
    r"|(bonus|penalt(y|ies)|coefficient|last year|previous|self)\b.*",
    re.IGNORECASE,
)
_SHOWN: Final = 3


def refuse_other_rows(file: str, columns: Iterable[tuple[str, Sequence[Any]]]) -> None:
    """Raise InputError for a column of full marks (满分) that differ, or of numbers of votes (票数) other
    than 1; columns: heading and cells of each."""
    for heading, cells in columns:
        name = plain(heading)
        if name in _FULL | _VOTES:
            marks = {mark for mark in map(amount, cells) if mark is not None}
            if name in _VOTES and marks - {1}:
                raise _several_votes(file, heading)
            if name in _FULL and len(marks) > 1:
                raise _full_marks(file, heading, sorted(marks))


def _several_votes(file: str, heading: str) -> InputError:
    return InputError(
        f"“{file}”有“{heading}”列，像是一行代表多张票。请改成一行一个评议人的评分；"
        "不是这个意思的，请删去这一列或改个列名。",
        f"{file}: column {heading!r} seems to say how many votes a row stands for. Give each rater rows of "
        "their own; if it means something else, delete or rename the column.",
    )


def _full_marks(file: str, heading: str, marks: Sequence[float]) -> InputError:
    zh, en = listed([f"{mark:g}" for mark in marks], _SHOWN)
    return InputError(
        f"“{file}”的“{heading}”列有不同的满分（{zh}），得分不能放在一起比较。请先换算成同一个满分。",
        f"{file}: column {heading!r} has full marks that differ ({en}), so that scores cannot "
        "be compared. Bring them to one full mark first.",
    )


def is_no_ballot(heading: str) -> bool:
    """Whether a column of a grid holds no rater's marks, by its heading: 上年得分, 加分, 系数, 自评."""
    return is_no_rater(heading) or _NO_BALLOT.fullmatch(simplified(heading).strip()) is not None
