"""Reading of a sheet: recognises the tool, chooses the columns of ratings, names departments and items."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Final

from analysis.errors import InputError
from analysis.files.aliases import ALIASES
from analysis.files.levels import KNOWN, level_key
from analysis.foreign.answers import Profile, Vocabulary
from analysis.foreign.grid import Grid
from analysis.foreign.headings import split_most
from analysis.foreign.hints import (
    Hints,
    no_raters,
    not_recognised,
    refuse_counts,
    refuse_ticks,
    refuse_two_maxima,
    which_is_department,
    which_tool,
)
from analysis.foreign.layout import Layout, Question, positions_of
from analysis.foreign.naming import (
    Named,
    Reading,
    looks_like_department,
    looks_like_item,
    readings,
    split_at_names,
    without_questions,
)
from analysis.foreign.questions.columns import is_no_ballot, refuse_other_rows
from analysis.foreign.questions.items import refuse_versions
from analysis.foreign.questions.ticks import leave_out_ticks
from analysis.foreign.related import (
    numbers_in,
    profiles_of,
    refuse_one_column,
    related,
    words_of_several,
)
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
_BETWEEN: Final = re.compile(r"[-–—_/：:\[\]【】|]")
_ALSO: Final = ("item", "rater_group", "group", "stratum", "weight", "cluster")


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


def written_by(grid: Grid, tool: str) -> Layout | None:
    """Layout of a sheet by the tool that a mapping names; None for tables of people."""
    return _OWN_TOOLS[tool](grid) if tool in _OWN_TOOLS else None


def columns_of(grid: Grid, layout: Layout, hints: Hints) -> Columns:
    """Columns of ratings of a sheet with their departments and items; raises InputError or `Ambiguous`."""
    vocabulary = Vocabulary(
        decimal_comma=grid.semicolons,
        points={word: points for word, points in hints.levels.items() if points is not None},
        none={*hints.missing, *(word for word, points in hints.levels.items() if points is None)},
        missing={*layout.missing, *numbers_in(hints.missing)},
    )
    keys = _keys(grid, layout, hints)
    profiles, unused = profiles_of(grid, layout, keys.values(), vocabulary, hints.items)
    questions = {i: layout.questions[i] for i in profiles}
    _refuse_other_rows(grid, layout, questions)
    if layout.heads == "rater":
        named = _ballots(grid, questions, unused)
    elif layout.heads == "item":
        if "rater" not in keys:
            raise no_raters(grid.file)
        named = _items(questions, alone="item" in keys and len(questions) == 1)
    else:
        questions = _split(layout, questions)
        named = _named(grid, related(questions, profiles, hints, grid.file), hints)
        if not named and _is_of_one_department(grid, questions):
            named = {i: Named("", question.whole) for i, question in questions.items()}
        unused |= {i: "other" for i in questions if i not in named}
    if not named:
        raise _nothing_rated(grid, layout)
    named = _without_levels(grid.file, named, profiles)
    if layout.heads != "rater":
        _ask_versions(grid, layout, "score" if "item" in keys else "items", named, unused, hints.items)
        leave_out_ticks(named, profiles, unused)
    return Columns(
        grid,
        layout,
        _key_columns(grid, layout, keys, named),
        tuple(_answer(grid, layout, i, name) for i, name in sorted(named.items())),
        tuple(profiles[i] for i in sorted(named)),
        _unused(grid, layout, unused),
        vocabulary,
    )


def _unused(grid: Grid, layout: Layout, why: Mapping[int, str]) -> tuple[Unused, ...]:
    headed = ((column_letters(i + 1), grid.heading(layout.rows, i), why[i]) for i in sorted(why))
    return tuple(Unused(*one) for one in headed)


def _refuse_other_rows(grid: Grid, layout: Layout, questions: Mapping[int, Question]) -> None:
    """Raise InputError for columns that are counts or have full marks of their own, and for rows of several
    votes; in a grid, whose rows are departments, numbers of votes are counts beside the ballots."""
    refuse_counts(grid.file, [question.whole for question in questions.values()])
    refuse_two_maxima(grid.file, [grid.heading(layout.rows, i) for i in questions])
    if layout.heads != "rater":
        body = range(layout.first, len(grid.rows))
        headings = enumerate(grid.top[layout.rows[-1]])
        refuse_other_rows(
            grid.file, ((head, [grid.cell(row, i) for row in body]) for i, head in headings if head)
        )


def _ask_versions(
    grid: Grid,
    layout: Layout,
    field: str,
    named: Mapping[int, Named],
    unused: Mapping[int, str],
    chosen: Collection[str],
) -> None:
    """Raise `Ambiguous` for columns that are several scores of one thing, such as 原始分 and 最终分, of which
    one may be no item by its name; field: the hint that chooses one, chosen: items that the user named."""
    if chosen:
        return
    columns = {*named, *(i for i, why in unused.items() if why == "other" and i in layout.questions)}
    asked = (layout.questions[i] for i in sorted(columns))
    texts = [_BETWEEN.split(question.part or question.whole) for question in asked]
    last = [text[-1].strip() for text in texts if len(text) > 1 or layout.heads == "item"]
    items = dict.fromkeys(name.item for name in named.values() if name.item)
    refuse_versions(grid.file, list(dict.fromkeys([*items, *last])), field)


def _without_levels(file: str, named: dict[int, Named], profiles: Mapping[int, Profile]) -> dict[int, Named]:
    """Columns of an option each, such as 满意, as columns without an item where they hold that option; raises
    InputError where they hold ticks."""
    items = list(dict.fromkeys(name.item for name in named.values()))
    if len(items) < 2 or not all(level_key(item) in KNOWN for item in items):
        return named
    if any(profiles[i].words != {level_key(name.item)} for i, name in named.items()):
        refuse_ticks(file, items)
    return {i: Named(name.department, "") for i, name in named.items()}


def _nothing_rated(grid: Grid, layout: Layout) -> InputError:
    """Error for a sheet without columns of ratings, as far as it can be said why."""
    refuse_ticks(grid.file, [question.whole for question in layout.questions.values()])
    cells = [[grid.cell(row, i) for row in range(layout.first, len(grid.rows))] for i in layout.questions]
    return not_recognised(grid.file, grid.top[layout.rows[-1]], words_of_several(cells))


def _is_of_one_department(grid: Grid, questions: Mapping[int, Question]) -> bool:
    """Whether a sheet is named like a department and its columns like items."""
    items = all(looks_like_item(question.whole) for question in questions.values())
    return bool(questions) and items and looks_like_department(grid.sheet)


def _key_columns(
    grid: Grid, layout: Layout, keys: Mapping[str, int], named: Mapping[int, Named]
) -> tuple[KeyColumn, ...]:
    """Key columns, and the sheet's name (without a column) where it is the department."""
    found = [KeyColumn(role, column_letters(i + 1), grid.heading(layout.rows, i)) for role, i in keys.items()]
    if layout.heads == "question" and not any(name.department for name in named.values()):
        found.append(KeyColumn("department", "", SHEET))
    return tuple(found)


def _answer(grid: Grid, layout: Layout, column: int, name: Named) -> AnswerColumn:
    at = AnswerColumn(column_letters(column + 1), grid.heading(layout.rows, column))
    if layout.heads == "rater":
        return replace(at, rater=name.item)
    return replace(at, department=name.department or None, item=name.item or None)


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


def _ballots(grid: Grid, questions: Mapping[int, Question], unused: dict[int, str]) -> dict[int, Named]:
    """Raters by column of a grid; headings such as 上年得分 name none."""
    refuse_one_column(grid, questions)
    gone = [i for i, asked in questions.items() if is_no_ballot(asked.whole)]
    unused |= dict.fromkeys(gone, "other")
    return {i: Named("", asked.whole) for i, asked in questions.items() if i not in gone}


def _items(questions: Mapping[int, Question], alone: bool) -> dict[int, Named]:
    """Items by column, whose heading is one; alone: the only column, beside a column that names the items."""
    return {i: Named("", "" if alone else asked.part or asked.whole) for i, asked in questions.items()}


def _split(layout: Layout, questions: dict[int, Question]) -> dict[int, Question]:
    """Questions with their parts, where the tool writes both as one text."""
    if not layout.joined:
        return questions
    texts = [question.whole for question in questions.values()]
    pairs = split_most(texts)
    if not any(pair.part for pair in pairs):
        pairs = split_at_names(texts) or pairs
    return dict(zip(questions, pairs, strict=True))


def _named(grid: Grid, questions: Mapping[int, Question], hints: Hints) -> dict[int, Named]:
    if not questions:
        return {}
    found = readings(list(questions.values()), hints.departments)
    if not found:
        raise InputError(
            f"“{grid.file}”的表头里找不到 --departments 给出的部门。表头有：{_some(questions)}。",
            f"{grid.file}: none of the departments given by --departments stands in its headings, "
            f"such as {_some(questions, ', ')}.",
            column="departments",
        )
    if len(found) > 1:
        raise which_is_department(grid.file, found[0].departments, found[1].departments)
    return _filled(questions, without_questions(found[0]))


def _filled(questions: Mapping[int, Question], reading: Reading) -> dict[int, Named]:
    return {i: name for i, name in zip(questions, reading.names, strict=True) if name.department}


def _some(questions: Mapping[int, Question], between: str = "、") -> str:
    texts = [" / ".join(filter(None, (q.whole, q.part))) for q in questions.values()]
    return between.join(texts[:6])
