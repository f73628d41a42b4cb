"""Names that may mean one department: with a place before it (县税务局 beside 税务局), with a qualifier in
brackets behind it (税务局(2025)), or spelt otherwise (税务, 1.税务局, 稅務局; Tax office); and items that are
periods, so that columns may be one department's of several years."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np

from analysis.answers.spelling import name_key
from analysis.errors import InputError
from analysis.explain import counted
from analysis.files.ratings import RatingsTable
from analysis.foreign.hints import Ambiguous
from analysis.foreign.questions.rows import rows_at
from analysis.foreign.sentences import listed
from analysis.foreign.understood import Remark, Understood
from analysis.ranking.results import Note
from analysis.tables.cells import TableSheet, cell_text
from analysis.tables.headings import simplified

Pair = tuple[str, str]
_QUALIFIED: Final = re.compile(
    r"(.*[^\s(])\s*\([^()]+\)|(.*[^\s\d(])\s*(?:19|20)[0-9]{2}年?度?|(?:19|20)[0-9]{2}年?度?的?\s*(\D.+)"
    r"|(.+?[局委办厅署处所院队站司会府镇乡])(?:的)?(?:得分|分数|评分|打分|评价|等[次级第]|档次|(?:原始|折算|换算|加权|标准|百分)分|[初复自]评分?)"
)
_PLACE: Final = re.compile(
    r".{0,12}(?<!城)(?<!上)(?<!都)(省|市|县|区|州|盟|旗|镇|乡|街道)"
    r"|(.{1,30} )?(county|city|town|township|district|municipal|provincial|state|national|local|regional)"
    r"( of)? "
)
_PERIOD: Final = re.compile(
    r"(19|20)[0-9]{2}(年度?)?([-./]?(0?[1-9]|1[0-2])月?|[上下]半年|第?[一二三四1-4]季度?|q[1-4])?|fy[0-9]{2,4}"
    r"|第?[一二三四1-4]季度?|[上下]半年|([0-9]{1,2}|[一二三四五六七八九十]{1,2})月份?"
    r"|[本今去上前]一?[年季月轮次期](度)?|第[一二三四1-4][轮次期]|(this|last|previous) (year|round|quarter)",
    re.IGNORECASE,
)
_OF_PERIODS: Final = re.compile(
    r"(评议|测评|评价|考核|调查|问卷)?(年度|年份|季度|月份|轮次|期次|期数|期别)"
    r"|(survey |review |rating )?(year|quarter|round|wave|period)",
    re.IGNORECASE,
)
_ORDINAL: Final = re.compile(r"((wave|round|period)\s*)?[1-9][0-9]?", re.IGNORECASE)
_MOST_PERIODS: Final = 12
_NUMBER: Final = re.compile(r"^([0-9]{1,2}|[一二三四五六七八九十]{1,2})[.、)．]\s*(?=\D)|^the\s+")
_SIGNS: Final = re.compile(r"[\s.,;:*'\"“”‘’《》、，。；：·_-]+")
_KINDS: Final = "局委办厅署处院队站司"
_SHOWN: Final = 4
_LOOKED_AT: Final = 20


def is_period(name: str) -> bool:
    """Whether a name is a year, quarter, month or round: 2025, 一季度, 上半年."""
    return _PERIOD.fullmatch(name_key(name)) is not None


def is_near(name: str, other: str) -> bool:
    """Whether `name` may mean the department `other`, and is not it."""
    return (other, name) in near_pairs([other, name])


def near_pairs(names: Collection[str]) -> list[Pair]:
    """Pairs of names of which the second is the first with a place before it or a qualifier behind it,
    differs from it by its qualifier, or is another spelling of it."""
    spellings: dict[str, list[str]] = defaultdict(list)
    for name in names:
        spellings[_spelling(name)].append(name)
    spelt = {key: min(group, key=len) for key, group in spellings.items()}
    pairs = [(spelt[key], name) for key in spelt for name in spellings[key] if name != spelt[key]]
    whole = {key: spelt[key + kind] for key in spelt for kind in _KINDS if key + kind in spelt}
    pairs += [(whole[key], name) for key, name in spelt.items() if key in whole]
    keys = {name_key(name).casefold(): name for name in spelt.values()}
    bases: dict[str, str] = {}
    for key, name in keys.items():
        found = _QUALIFIED.fullmatch(key)
        base = next(filter(None, found.groups()), "") if found else ""
        first = keys.get(base, bases.setdefault(base, name)) if found else name
        if first != name:
            pairs.append((first, name))
            continue
        cuts = ((key[:at], key[at:]) for at in range(1, len(key) - 1))
        if base := next((rest for place, rest in cuts if rest in keys and _PLACE.fullmatch(place)), None):
            pairs.append((keys[base], name))
    return pairs


def _spelling(name: str) -> str:
    """Name without numbering, article, signs and spaces, in lower case and simplified characters."""
    plain = simplified(name_key(name)).casefold()
    return _SIGNS.sub("", _NUMBER.sub("", plain)) or plain


def ask_near_names(file: str, table: RatingsTable) -> None:
    """Raise `Ambiguous` if two departments may be one, or if the items are periods."""
    names = _names(table.department)
    if pairs := near_pairs(names):
        raise _one_or_two(file, names, pairs)
    items = _names(table.item) if table.item is not None else []
    if len(items) > 1 and all(map(is_period, items)):
        raise _which_period(file, names, items)


def of_periods(heading: str) -> bool:
    """Whether a heading is that of a column of periods: 年度, 轮次, wave."""
    return _OF_PERIODS.fullmatch(simplified(heading).strip()) is not None


def ask_periods(file: str, table: RatingsTable, sheets: Sequence[TableSheet]) -> None:
    """Raise `Ambiguous` for a column of periods (年度, 季度, wave) of which there are several."""
    for sheet in sheets:
        rows = enumerate(sheet.rows[:_LOOKED_AT])
        at = next((at for at, row in rows if sum(cell not in (None, "") for cell in row) > 1), 0)
        for i, cell in enumerate(sheet.rows[at] if sheet.rows else ()):
            if not of_periods(cell_text(cell)):
                continue
            found = (cell_text(row[i]).strip() for row in sheet.rows[at + 1 :] if i < len(row))
            periods = sorted(set(found) - {""})
            numbered = re.search("年|year", cell_text(cell), re.IGNORECASE) is None
            told = all(is_period(name) or (numbered and _ORDINAL.fullmatch(name)) for name in periods)
            if told and 1 < len(periods) <= _MOST_PERIODS:
                raise _which_period(file, _names(table.department), periods)


def _names(labels: Any) -> list[str]:
    return list(labels.names) if hasattr(labels, "names") else list(dict.fromkeys(labels))


def _one_or_two(file: str, names: Sequence[str], pairs: Sequence[Pair]) -> Ambiguous:
    shown = listed([f"“{a}”和“{b}”" for a, b in pairs], _SHOWN)[0]
    shown_en = listed([f"{a!r} and {b!r}" for a, b in pairs], _SHOWN)[1]
    joined = {second: first for first, second in pairs}
    one = [f"{name}={joined[name]}" if name in joined else name for name in names]
    example = f"{pairs[0][1]}={pairs[0][0]}"
    return Ambiguous(
        (
            f"“{file}”里的{shown}看不出是不是同一个部门。有两种读法：",
            f"{file}: whether {shown_en} are one department is unknown. Two readings fit:",
        ),
        (
            ("是不同的部门，分别排名", "they are different departments, each ranked"),
            ("是同一个部门，评分合在一起", "they are one department, whose ratings are put together"),
        ),
        (
            (
                f"请用 --departments 给出部门名单（一行一个）：不同的都写上；同一个写成 {example}；"
                "只用其中一个的，另一个不写。"
            ),
            (
                f"Give the list of departments by --departments, one a line: both if they differ; {example} "
                "if they are one; only one of them if the other does not count."
            ),
        ),
        [("departments", "\n".join(names)), ("departments", "\n".join(one))],
    )


def _which_period(file: str, names: Sequence[str], items: Sequence[str]) -> Ambiguous:
    shown = listed(items, _SHOWN)
    return Ambiguous(
        (
            f"“{file}”里同一个部门有几期的评分（{shown[0]}）。有两种读法：",
            f"{file} holds ratings of each department in several periods ({shown[1]}). Two readings fit:",
        ),
        (
            ("各期放在一起排一次", "all periods are ranked together"),
            ("各期分开，不能相加", "each period is a round of its own, not to be added up"),
        ),
        (
            "第一种请用 --departments 给出部门名单（一行一个）；第二种请每期存一个文件，用 --previous 比较。",
            (
                "For the first give the list of departments by --departments, one a line; for the second "
                "save a file a period and compare them by --previous."
            ),
        ),
        [("departments", "\n".join(names)), ("", "")],
    )


def by_list(
    table: RatingsTable, understood: Understood, departments: Mapping[str, str]
) -> tuple[RatingsTable, Understood]:
    """Table and reading of a file whose rows name departments, with those of the list alone, under the names
    that it gives. Raises InputError if the file has none of them."""
    known = {name_key(name): name for name in departments.values()}
    known |= {name_key(code): name for code, name in departments.items()}
    found = [known.get(name_key(name), "") for name in table.department]
    kept = np.flatnonzero([bool(name) for name in found])
    if not kept.size:
        shown = listed(_names(table.department), _SHOWN)
        raise InputError(
            f"“{understood.file}”里没有 --departments 给出的部门。文件里有：{shown[0]}。",
            f"{understood.file} has none of the departments given by --departments, but {shown[1]}.",
            column="departments",
        )
    gone = [name for name, new in zip(table.department, found, strict=True) if not new]
    table = replace(table, department=found)
    if not gone:
        return table, replace(understood, rated=tuple(dict.fromkeys(found)))
    note = _left_out(gone)
    rest = rows_at(table, kept)
    rest = replace(rest, notes=(*table.notes, note))
    return rest, replace(
        understood,
        n_ratings=len(rest.score),
        n_raters=len(set(rest.rater)),
        rated=tuple(dict.fromkeys(rest.department)),
        remarks=(*understood.remarks, Remark(note.zh, note.en)),
    )


def _left_out(names: Sequence[str]) -> Note:
    shown = listed(list(dict.fromkeys(names)), _SHOWN)
    return Note(
        "unlisted",
        f"名单里没有的部门没有计入，共 {len(names)} 条评分：{shown[0]}。",
        f"Departments not in the list do not count ({counted(len(names), 'rating')}): {shown[1]}.",
    )
