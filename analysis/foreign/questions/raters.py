"""Names of raters that say nobody (匿名) or may be several people's (张*): whose ratings belong together is
unknown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from analysis.answers.labels import factorise
from analysis.errors import InputError
from analysis.files.ratings import RatingsTable
from analysis.foreign.sentences import listed
from analysis.tables.headings import simplified

_NOBODY: Final = re.compile(
    r"[-—–/／.?？_*＊]{1,4}|无|无名氏?|空|\(空\)|（空）|未知|不详|不明|未填写?|未署名|不署名|保密|游客|网友|路人"
    r"|匿名(用户|者|人|评议人|评价人|企业|单位|网友|填写|提交)?|(微信|手机|普通|访客)用户|不愿透露(姓名|身份)?"
    r"|anon(ymous)?( (user|respondent|rater))?|unknown|guest|nobody|none|null|nan|n/?a"
    r"|not (given|stated|provided)"
)
_MASKED: Final = re.compile(
    r"[\u4e00-\u9fff]{1,2}[*＊×xX○某]{1,3}[\u4e00-\u9fff]?|[*＊]{1,3}[\u4e00-\u9fff]{1,2}"
)
_SHOWN: Final = 3


def is_nobody(name: str) -> bool:
    """Whether a rater's name says that it is not told: 匿名, anonymous, 未填."""
    return _NOBODY.fullmatch(simplified(name).strip().casefold()) is not None


def is_masked(name: str) -> bool:
    """Whether a name is one that several people may have after masking: 张*, 李某某."""
    return _MASKED.fullmatch(name.strip()) is not None


def refuse_nobody(file: str, table: RatingsTable) -> None:
    """Raise InputError for ratings of raters who are not told, and for masked names with two ratings of one
    department and item."""
    codes, names = factorise(table.rater, "rater")
    unclear = [i for i, name in enumerate(names) if is_nobody(name)]
    if masked := [i for i, name in enumerate(names) if is_masked(name)]:
        unclear += _several(table, codes, masked)
    if unclear:
        n = int(np.isin(codes, unclear).sum())
        zh, en = listed([names[i] for i in unclear], _SHOWN)
        raise InputError(
            f"“{file}”有 {n} 条评分的评议人写的是{zh}，看不出哪些出自同一人。请给每个人一个编号。",
            f"{file}: the rater of {n} ratings is {en}; which of them come from one person is unknown. Give "
            "each person a number.",
            column="rater",
        )


def _several(table: RatingsTable, codes: Any, masked: Sequence[int]) -> list[int]:
    """Those of the raters `masked` who have two ratings of one department and item."""
    rows = np.flatnonzero(np.isin(codes, masked))
    parts = [codes[rows], factorise(table.department, "department")[0][rows]]
    if table.item is not None:
        parts.append(factorise(table.item, "item")[0][rows])
    found, counts = np.unique(np.column_stack(parts), axis=0, return_counts=True)
    return sorted(set(found[counts > 1, 0].tolist()))
