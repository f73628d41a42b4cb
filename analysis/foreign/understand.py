"""Reading of a sheet: recognises the tool, chooses the columns of ratings, names departments and items."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from analysis.errors import InputError
from analysis.files.columns import ALIASES
from analysis.foreign.answers import Profile, Vocabulary, profile
from analysis.foreign.grid import Grid, is_empty
from analysis.foreign.headings import split_most
from analysis.foreign.hints import (
    Hints,
    no_raters,
    not_recognised,
    refuse_counts,
    refuse_two_maxima,
    which_is_department,
    which_tool,
)
from analysis.foreign.layout import Layout, Question, positions_of
from analysis.foreign.naming import Named, Reading, looks_like_department, looks_like_item, readings
from analysis.foreign.tools import (
    forms,
    kobo,
    limesurvey,
    plain,
    qualtrics,
    spss,
    surveymonkey,
    tencent,
    wenjuan,
    wjx,
)
from analysis.foreign.understood import AnswerColumn, KeyColumn, Unused
from analysis.tables.rows import is_total
from analysis.tables.worksheet_scan import column_letters

_OWN_TOOLS: Final[Mapping[str, Callable[[Grid], Layout | None]]] = {
    "spss": spss.recognise,
    "wjx": wjx.recognise,
    "tencent": tencent.recognise,
    "wenjuan": wenjuan.recognise,
    "limesurvey": limesurvey.recognise,
    "qualtrics": qualtrics.recognise,
    "kobo": kobo.recognise,
    "surveymonkey": surveymonkey.recognise,
    "google": forms.recognise_google,
    "microsoft": forms.recognise_microsoft,
}
SHEET: Final = "工作表 / sheet"
_NO_SCORES: Final = (
    "总分",
    "总得分",
    "得分",
    "平均分",
    *("最终得分", "最后得分", "综合得分", "最高分", "最低分"),
    *("名次", "排名", "位次", "有效票", "有效票数", "票数", "rank", "ranking"),
    "手机",
    "手机号",
    "电话",
    "联系电话",
    "年龄",
    "员工人数",
    "人数",
    "成立年份",
    "邮编",
)
_MANY: Final = 3
_ONE_IS_BEST: Final = re.compile(
    r"(?<![0-9])1\s*(?:分|[=＝:：\-—–]|为|是|表示|代表|指)+\s*['\"“]?"
    r"(?:(?:非常|很|最|十分|完全)?(?:满意|好|优|同意)|best|very satisfied|excellent|strongly agree)",
    re.IGNORECASE,
)
_ALSO: Final = ("rater_group", "group", "stratum", "weight", "cluster")


@dataclass(frozen=True)
class Columns:
    """Sheet with its layout and columns named."""

    grid: Grid
    layout: Layout
    keys: tuple[KeyColumn, ...]
    answers: tuple[AnswerColumn, ...]
    profiles: tuple[Profile, ...]
    unused: tuple[Unused, ...]
    vocabulary: Vocabulary


def recognised(grid: Grid, tool: str | None) -> Layout | None:
    """Layout of a sheet by the tool that wrote it (`tool` if given); None if there is none.

    Raises `Ambiguous` if two tools claim it.
    """
    if tool is not None and tool in _OWN_TOOLS:
        return _OWN_TOOLS[tool](grid)
    if tool is None:
        found = [layout for recognise in _OWN_TOOLS.values() if (layout := recognise(grid)) is not None]
        if len(found) > 1:
            raise which_tool(grid.file, [layout.tool for layout in found])
        if found:
            return found[0]
    return plain.recognise(grid, tool)


def columns_of(grid: Grid, layout: Layout, hints: Hints) -> Columns:
    """Columns of ratings of a sheet with their departments and items; raises InputError or `Ambiguous`."""
    vocabulary = Vocabulary(
        decimal_comma=grid.semicolons,
        points={word: points for word, points in hints.levels.items() if points is not None},
        none={word for word, points in hints.levels.items() if points is None},
        missing=layout.missing,
    )
    keys = _keys(grid, layout, hints)
    profiles, unused = _profiles(grid, layout, keys, vocabulary)
    questions = {i: layout.questions[i] for i in profiles}
    refuse_counts(grid.file, [question.whole for question in questions.values()])
    refuse_two_maxima(grid.file, [_heading(grid, layout, i) for i in questions])
    if layout.heads == "rater":
        named = {i: Named("", question.whole) for i, question in questions.items()}
    elif layout.heads == "item":
        if "rater" not in keys:
            raise no_raters(grid.file)
        named = {i: Named("", question.part or question.whole) for i, question in questions.items()}
    else:
        questions = _split(layout, questions)
        kept = _related(questions, profiles, hints)
        named = _named(grid, kept, hints)
        if not named and _is_of_one_department(grid, questions):
            named = {i: Named("", question.whole) for i, question in questions.items()}
        unused |= {i: "other" for i in questions if i not in named}
    if not named:
        raise not_recognised(grid.file, [grid.top[layout.rows[-1]][i] for i in range(grid.width)])
    return Columns(
        grid,
        layout,
        _key_columns(grid, layout, keys, named),
        tuple(_answer(grid, layout, i, name) for i, name in sorted(named.items())),
        tuple(profiles[i] for i in sorted(named)),
        tuple(
            Unused(column_letters(i + 1), _heading(grid, layout, i), why) for i, why in sorted(unused.items())
        ),
        vocabulary,
    )


def _is_of_one_department(grid: Grid, questions: Mapping[int, Question]) -> bool:
    """Whether a sheet is named like a department and its columns like items."""
    items = all(looks_like_item(question.whole) for question in questions.values())
    return bool(questions) and items and looks_like_department(grid.sheet)


def _key_columns(
    grid: Grid, layout: Layout, keys: Mapping[str, int], named: Mapping[int, Named]
) -> tuple[KeyColumn, ...]:
    """Key columns, and the sheet's name (without a column) where it is the department."""
    found = [KeyColumn(role, column_letters(i + 1), _heading(grid, layout, i)) for role, i in keys.items()]
    if layout.heads == "question" and not any(name.department for name in named.values()):
        found.append(KeyColumn("department", "", SHEET))
    return tuple(found)


def _answer(grid: Grid, layout: Layout, column: int, name: Named) -> AnswerColumn:
    at = AnswerColumn(column_letters(column + 1), _heading(grid, layout, column))
    if layout.heads == "rater":
        return replace(at, rater=name.item)
    return replace(at, department=name.department or None, item=name.item or None)


def _heading(grid: Grid, layout: Layout, column: int) -> str:
    texts = dict.fromkeys(grid.top[row][column] for row in layout.rows)
    return " / ".join(filter(None, texts))


def _keys(grid: Grid, layout: Layout, hints: Hints) -> dict[str, int]:
    """Key columns, role → column index: of the layout, with usual headings, or named by the user, who has the
    last word. Raises InputError where a name fits no column or several."""
    headings = grid.top[layout.rows[-1]] if len(layout.rows) == 1 else grid.top[layout.rows[0]]
    keys = dict(layout.keys)
    for role in _ALSO:
        found = [i for i in positions_of(headings, ALIASES[role]) if i not in keys.values()]
        if len(found) == 1 and layout.heads != "rater":
            keys[role] = found[0]
    for role, name in hints.keys.items():
        found = positions_of(headings, (name,))
        if len(found) != 1:
            raise InputError(
                f"“{grid.file}”里“{name}”列有 {len(found)} 个，应正好一个。",
                f"{grid.file} has {len(found)} columns {name!r}; one is needed.",
                column=role,
            )
        keys[role] = found[0]
    return keys


def _profiles(
    grid: Grid, layout: Layout, keys: Mapping[str, int], vocabulary: Vocabulary
) -> tuple[dict[int, Profile], dict[int, str]]:
    """Profiles of the columns that hold ratings; and why the others do not."""
    held, unused = {}, {}
    headings = grid.top[layout.rows[-1]]
    never = set(positions_of(headings, _NO_SCORES))
    for column in range(grid.width):
        if column in keys.values():
            continue
        cells = [grid.cell(row, column) for row in range(layout.first, len(grid.rows))]
        if column not in layout.questions:
            if headings[column] or any(not is_empty(cell) for cell in cells):
                unused[column] = "own"
            continue
        if column in never or is_total(headings[column]):
            unused[column] = "other"
            continue
        found = profile(cells, vocabulary)
        if found.is_rating:
            held[column] = found
        else:
            unused[column] = "text" if found.filled else "empty"
    return held, unused


def _split(layout: Layout, questions: dict[int, Question]) -> dict[int, Question]:
    """Questions with their parts, where the tool writes both as one text."""
    if not layout.joined:
        return questions
    pairs = split_most([question.whole for question in questions.values()])
    return dict(zip(questions, pairs, strict=True))


def _related(
    questions: dict[int, Question], profiles: Mapping[int, Profile], hints: Hints
) -> dict[int, Question]:
    """Questions, by column, that rate departments: the questions of a matrix if there is one, else those
    whose numbers fit one scale."""
    parts = {i: question for i, question in questions.items() if question.part}
    if len(parts) > 1:
        return parts
    if hints.departments:
        return questions
    named = [i for i, question in questions.items() if looks_like_department(question.whole)]
    asked = named if len(named) > 1 else [i for i, q in questions.items() if not looks_like_item(q.whole)]
    if len(named) > 1:
        seen = {meaning for i in named for meaning in profiles[i].meanings}
        return {i: q for i, q in questions.items() if i in named or profiles[i].meanings.keys() <= seen}
    top = sorted(max(profiles[i].numbers, default=0) for i in asked)
    limit = _MANY * top[len(top) // 2] if top else 0
    return {i: questions[i] for i in asked if max(profiles[i].numbers, default=0) <= limit}


def _named(grid: Grid, questions: Mapping[int, Question], hints: Hints) -> dict[int, Named]:
    if not questions:
        return {}
    found = readings(list(questions.values()), hints.departments)
    if not found:
        raise InputError(
            f"“{grid.file}”的表头里找不到 --departments 给出的部门。表头有：{_some(questions)}。",
            f"{grid.file}: none of the departments given by --departments stands in its headings, "
            f"such as {_some(questions)}.",
            column="departments",
        )
    if len(found) > 1:
        raise which_is_department(grid.file, found[0].departments, found[1].departments)
    return _filled(questions, found[0])


def _filled(questions: Mapping[int, Question], reading: Reading) -> dict[int, Named]:
    return {i: name for i, name in zip(questions, reading.names, strict=True) if name.department}


def _some(questions: Mapping[int, Question]) -> str:
    texts = [" / ".join(filter(None, (q.whole, q.part))) for q in questions.values()]
    return "、".join(texts[:6])


def reversed_heading(headings: Sequence[str]) -> str | None:
    """Heading that says that 1 is the best, such as （1=非常满意，5=非常不满意）; None if none does."""
    return next((text for text in headings if _ONE_IS_BEST.search(text)), None)
