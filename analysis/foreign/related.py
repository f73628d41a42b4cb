"""Which columns of ratings belong to the review of departments, and which are other questions."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any, Final

from analysis.errors import InputError
from analysis.files.amounts import amount
from analysis.files.status import is_flag
from analysis.foreign.answers import Meaning, Profile, Vocabulary, profile, says_nothing
from analysis.foreign.grid import Grid, is_empty, line
from analysis.foreign.hints import Hints, which_are_departments
from analysis.foreign.layout import Layout, Question, positions_of
from analysis.foreign.naming import (
    bare_names,
    department_share,
    looks_like_department,
    looks_like_item,
    split_before_item,
)
from analysis.foreign.questions.near_names import of_periods
from analysis.foreign.sentences import listed
from analysis.tables.rows import is_total
from analysis.tables.worksheet_scan import column_letters

_NO_SCORES: Final = (
    *("总分", "总得分", "得分", "平均分", "最终得分", "最后得分", "综合得分", "最高分", "最低分", "加权得分"),
    *("手机", "手机号", "电话", "联系电话", "年龄", "邮编", "rank", "ranking", "year", "age", "phone", "zip"),
    *("total score", "average score", "final score", "overall rank", "sample size", "n"),
)
_NO_SCORE: Final = re.compile(
    r"((最高|最低|平均|最终|最后|综合|加权|累计|总|均)得?分|满意率|合格率|优秀率|占比|方差|标准差|中位数|满分|名次|排名|位次|排序|顺序|序号|年份|年度|件数|次数|人数|户数|份数|票数|有效票|金额|产值|年限|天数|时长)"
    r"([(（].*[)）])?$|_complete$|^(number|count|no\.?|rank) of |\b(rank|count|timestamp)$"
    r"|(^|提交|填写|填表|答题|作答|开始|结束|评议|登记|记录|创建|更新|录入)的?(时间|日期)([(（].*[)）])?$"
    r"|^((submission|submitted|start|end|completion|created?|response) )?(date|time)$",
    re.IGNORECASE,
)
_NAMELESS: Final = re.compile(
    r"(?:得分|分数|评分|打分|分值|满意度|评价|列|score|rating|mark|column)\s*[0-9A-Z一二三四五六七八九十]{1,3}",
    re.IGNORECASE,
)
_SPEAKS: Final = re.compile(r"部门|单位|机构|科室|department|agenc|bureau|office", re.IGNORECASE)
_LIKE: Final = 0.6
_FULL: Final = (5.0, 7.0, 10.0, 100.0)
_FEW_NAMES: Final = 4
_MANY: Final = 3
_MOST: Final = 0.5
_LEAST: Final = 8
_FEW: Final = 10
_SHORT: Final = 40
_SHOWN: Final = 30
_MARKED: Final = re.compile(r"[0-9]{1,3}(\.[0-9]+)?\s*分?\s*[(（,，;；:：、。]\s*\D")


def related(
    questions: dict[int, Question], profiles: Mapping[int, Profile], hints: Hints, file: str
) -> dict[int, Question]:
    """Questions, by column, that rate departments: the questions of a matrix if there is one, else those
    whose numbers fit one scale."""
    parts = {i: question for i, question in questions.items() if question.part}
    if len(parts) == 1:
        questions = {i: _as_name(question) for i, question in questions.items()}
    elif not parts and (cut := split_before_item([question.whole for question in questions.values()])):
        questions = dict(zip(questions, map(Question, cut), strict=True))
    if hints.departments:
        return _placed(questions, parts, hints.departments) if len(parts) > 1 else questions
    if len(parts) > 1:
        kept = _of_departments(parts)
        _ask_partless(questions, kept, profiles, file)
        _ask_further(parts, kept, profiles, file)
        return kept
    if questions and all(_NAMELESS.fullmatch(question.whole) for question in questions.values()):
        raise _nameless(file, [question.whole for question in questions.values()])
    bare = dict(zip(questions, bare_names([question.whole for question in questions.values()]), strict=True))
    named = [i for i, name in bare.items() if looks_like_department(name)]
    if len(named) > 1:
        return _beside(questions, bare, named, profiles, file)
    asked = [i for i, name in bare.items() if not looks_like_item(name)]
    top = sorted(max(profiles[i].numbers, default=0) for i in asked)
    limit = _MANY * top[len(top) // 2] if top else 0
    return {i: questions[i] for i in asked if max(profiles[i].numbers, default=0) <= limit}


def _as_name(question: Question) -> Question:
    """Question whose only part is a department, such as 请评价—税务局 before bare names, as that name."""
    is_name = question.part and not looks_like_item(question.part)
    return Question(question.part) if is_name and not looks_like_department(question.whole) else question


def _beside(
    questions: dict[int, Question],
    bare: Mapping[int, str],
    named: Sequence[int],
    profiles: Mapping[int, Profile],
    file: str,
) -> dict[int, Question]:
    """Questions named like departments, without those named like items beside them; `Ambiguous` for others
    with such answers, which may be departments."""
    alike = _answered_alike(named, profiles)
    others = [i for i in questions if i not in named and not looks_like_item(bare[i]) and alike(i)]
    if others:
        sure, unsure = ([bare[i] for i in part] for part in (named, others))
        raise which_are_departments(file, sure, unsure)
    return {i: questions[i] for i in named}


def _ask_partless(
    questions: dict[int, Question], kept: dict[int, Question], profiles: Mapping[int, Profile], file: str
) -> None:
    """Raise `Ambiguous` for columns without a part that may be one more department of the matrix: they begin
    like its question or are named like departments, and hold its answers."""
    stems = {question.whole for question in kept.values()}
    alike = _answered_alike(kept, profiles)
    others = [
        question.whole
        for i, question in questions.items()
        if not question.part
        and (looks_like_department(question.whole) or any(question.whole.startswith(s) for s in stems))
        and alike(i)
    ]
    names = list(dict.fromkeys(question.part for question in kept.values()))
    if others and department_share(names) >= department_share(sorted(stems)):
        raise which_are_departments(file, names, others)


def _ask_further(
    parts: Mapping[int, Question], kept: Mapping[int, Question], profiles: Mapping[int, Profile], file: str
) -> None:
    """Raise `Ambiguous` for the parts of a further matrix which may be departments: its question reads like
    that of the departments' matrix or speaks of departments, and its answers are such."""
    alike = _answered_alike(kept, profiles)
    stems = {question.whole for question in kept.values()}
    others = [
        question.part
        for i, question in parts.items()
        if i not in kept and not looks_like_item(question.part) and alike(i) and _asks_alike(question, stems)
    ]
    names = list(dict.fromkeys(question.part for question in kept.values()))
    if others and department_share(names) >= department_share(sorted(stems)):
        raise which_are_departments(file, names, list(dict.fromkeys(others)))


def _asks_alike(question: Question, stems: Collection[str]) -> bool:
    near = (SequenceMatcher(None, question.whole, stem).ratio() for stem in stems)
    return _SPEAKS.search(question.whole) is not None or max(near, default=0.0) > _LIKE


def _answered_alike(columns: Collection[int], profiles: Mapping[int, Profile]) -> Callable[[int], bool]:
    """Function that tells whether a column holds such answers as `columns` do: mostly their words, or numbers
    from their scale."""
    seen = {meaning for i in columns for meaning in profiles[i].meanings if meaning.kind != "none"}
    numbers = [value for i in columns for value in profiles[i].numbers]
    least = min(numbers, default=0.0)
    most = next((full for full in _FULL if full >= max(numbers, default=0.0)), max(numbers, default=0.0))

    def of_scale(meaning: Meaning) -> bool:
        number = meaning.kind in ("number", "stated")
        return meaning in seen or (number and bool(numbers) and min(least, 0) <= meaning.value <= most)

    def alike(column: int) -> bool:
        profile = profiles[column]
        return 2 * sum(n for meaning, n in profile.meanings.items() if of_scale(meaning)) > profile.rated

    return alike


def _placed(
    questions: dict[int, Question], parts: dict[int, Question], departments: Collection[str]
) -> dict[int, Question]:
    """Parts of matrices, with columns without a part that name a department of the list, as parts of the
    matrix whose parts do."""
    of = [q.whole for q in parts.values() if any(name in q.part for name in departments)]
    return {
        i: question if question.part else Question(of[0], question.whole)
        for i, question in questions.items()
        if question.part or (of and any(name in question.whole for name in departments))
    }


def _nameless(file: str, headings: Sequence[str]) -> InputError:
    zh, en = listed(headings, _FEW_NAMES)
    return InputError(
        f"“{file}”的表头（{zh}）没有写部门。请用 --departments 按各列的顺序给出部门名单（一行一个）。",
        f"{file}: its headings ({en}) name no departments. Give these by --departments, one a line, in the "
        "order of the columns.",
        column="departments",
    )


def _of_departments(parts: dict[int, Question]) -> dict[int, Question]:
    """Questions of matrices, without those that share no row with a matrix of departments and name none."""
    rows: dict[str, set[str]] = defaultdict(set)
    for question in parts.values():
        rows[question.whole].add(question.part)
    inside = {whole for whole, names in rows.items() if department_share(sorted(names)) >= _MOST}
    about = {whole for whole in rows if looks_like_department(whole)}
    if inside and not about:
        kept = {name for whole in inside for name in rows[whole]}
    elif len(about) > 1 and not inside:
        kept = {name for whole in about for name in rows[whole]}
    else:
        return parts
    return {i: question for i, question in parts.items() if rows[question.whole] & kept}


def profiles_of(
    grid: Grid, layout: Layout, keys: Collection[int], vocabulary: Vocabulary, items: Collection[str]
) -> tuple[dict[int, Profile], dict[int, str]]:
    """Profiles of the columns that hold ratings, among them those of `items`, which the user named; and why
    the others do not."""
    held, unused = {}, {}
    headings = grid.top[layout.rows[-1]]
    never = set(positions_of(headings, _NO_SCORES))
    for column in range(grid.width):
        if column in keys:
            continue
        cells = [grid.cell(row, column) for row in range(layout.first, len(grid.rows))]
        if column not in layout.questions:
            if headings[column] or any(not is_empty(cell) for cell in cells):
                unused[column] = "own"
            continue
        told = any(headings[column].endswith(item) for item in items)
        if not told and (column in never or _is_no_score(headings[column])):
            unused[column] = "other"
            continue
        found = profile(cells, vocabulary)
        if _is_numbering(cells) or (is_flag(headings[column]) and set(found.numbers) <= {0.0, 1.0}):
            unused[column] = "other"
        elif found.is_rating:
            held[column] = found
        else:
            unused[column] = "text" if found.filled else "empty"
            if looks_like_department(headings[column]):
                _refuse_marks_in_texts(grid, column, [cell for cell in cells if not is_empty(cell)])
    return held, unused


def _is_no_score(heading: str) -> bool:
    return is_total(heading) or of_periods(heading) or _NO_SCORE.search(heading) is not None


def _is_numbering(cells: Sequence[Any]) -> bool:
    """Whether a column numbers its rows 1, 2, 3 …, under whatever heading."""
    last = 0
    for last, cell in enumerate((cell for cell in cells if not is_empty(cell)), 1):
        if amount(cell) != last:
            return False
    return last >= _LEAST


def words_of_several(columns: Collection[Sequence[Any]]) -> list[str]:
    """Words that at least two columns hold, if these hold few others: perhaps levels of an unknown scale."""
    few = [
        words for cells in columns if 1 < len(words := {line(c) for c in cells if not is_empty(c)}) <= _FEW
    ]
    shared = {word for n, words in enumerate(few) for other in few[:n] for word in words & other}
    shared = {word for word in shared if not says_nothing(word)}
    return sorted(shared) if len(shared) > 1 and all(len(word) <= _SHORT for word in shared) else []


def numbers_in(codes: Collection[str]) -> set[float]:
    """Numbers among the codes for no answer."""
    return {value for code in codes if (value := amount(code)) is not None}


def _refuse_marks_in_texts(grid: Grid, column: int, cells: Sequence[Any]) -> None:
    """Raise InputError for a department's column whose texts mostly begin with a mark: 80（态度好）."""
    marked = [text for text in map(line, cells) if _MARKED.match(text)]
    if 2 * len(marked) > len(cells):
        letters, sample = column_letters(column + 1), marked[0][:_SHOWN]
        raise InputError(
            f"“{grid.file}”{letters} 列的评分后面还有文字（{sample}）。请把分数和评语分成两列。",
            f"{grid.file}: column {letters} holds marks with remarks ({sample}). Put marks and remarks "
            "into two columns.",
            column=letters,
        )


def refuse_one_column(grid: Grid, columns: Collection[int]) -> None:
    """Raise InputError for a table of departments with one column of marks, which names no rater."""
    if len(columns) == 1:
        zh, en = listed([text for text in map(line, grid.top[grid.first_heading]) if text])
        raise InputError(
            f"“{grid.file}”只有一列分数，看不出哪些评分出自同一人。读到的表头：{zh}。"
            "请用 --rater、--department、--score 指明评议人、部门、得分各是哪一列。",
            f"{grid.file} has one column of marks; which ratings come from one person is unknown. Headings: "
            f"{en}. Name the columns by --rater, --department and --score.",
        )
