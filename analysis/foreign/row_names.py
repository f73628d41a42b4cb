"""Texts of a sheet's key columns by row: raters, departments, items; and those that stand in several rows."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final

from analysis.answers.spelling import clean_line
from analysis.errors import InputError
from analysis.files.rating_rows import lost_digits
from analysis.files.status import unfinished_values, void_values
from analysis.foreign.grid import Grid, line
from analysis.foreign.layout import SERIAL, Layout, positions_of
from analysis.foreign.questions.raters import is_masked, is_nobody
from analysis.foreign.sentences import listed
from analysis.foreign.understood import Understood
from analysis.ranking.results import Note
from analysis.tables.worksheet_scan import column_letters

_FEW: Final = 4
_ROWS: Final = {
    "rater": (
        "这些评议人各占几行，按同一个人算，评分都计入：{zh}。",
        "Raters with several rows are one person each, all of whose ratings count: {en}.",
    ),
    "number": (
        "这些编号或名称各占几行，每一行按不同的人算：{zh}。",
        "Numbers or names that stand in several rows are taken for different raters: {en}.",
    ),
    "department": (
        "这些部门各占几行，按同一个部门算，评分都计入：{zh}。",
        "Departments with several rows are one each, all of whose ratings count: {en}.",
    ),
}


def row_names(
    grid: Grid, rows: Sequence[int], keys: Mapping[str, int], understood: Understood
) -> dict[int, dict[str, str]]:
    """Texts of the key columns (or the sheet's name) by row, then by role; a rater without a column is named
    by its row."""
    found: dict[int, dict[str, str]] = {row: {} for row in rows}
    in_headings = any(column.rater for column in understood.columns)
    for role, column in keys.items():
        if role == "rater" and in_headings:
            continue
        for row, text in zip(rows, _key_texts(grid, rows, column, role, keys), strict=True):
            found[row][role] = clean_line(text)
    by_sheet = any(not key.column for key in understood.keys)
    anew = len(understood.sheets) > 1 and _serial(understood)
    for row in rows:
        if by_sheet:
            found[row]["department"] = grid.sheet
        elif anew and "rater" in found[row]:
            found[row]["rater"] = f"{grid.sheet} {found[row]['rater']}"
        if "rater" not in keys and not in_headings:
            found[row]["rater"] = f"{grid.sheet} {grid.source.numbers[row]}".strip()
    return found


def rows_of_one_name(
    grid: Grid,
    rows: Sequence[int],
    keys: Mapping[str, int],
    names: Mapping[int, Mapping[str, str]],
    understood: Understood,
) -> list[tuple[str, str, int]]:
    """Kind, name and row (number of the file) of what should stand in one row of a sheet and stands in
    several: a department of a grid, or a rater; `number` if the rows of a rater count as several raters."""
    if any(column.rater for column in understood.columns):
        kind, found = "department", [(names[r].get("department", ""), names[r].get("item", "")) for r in rows]
    elif "rater" in keys and "department" not in keys:
        texts = [line(grid.cell(row, keys["rater"])) for row in rows]
        found = [(text, "") for text in texts]
        again = {text for text, n in Counter(texts).items() if n > 1}
        apart = any(
            text in again and not names[row]["rater"].endswith(text)
            for row, text in zip(rows, texts, strict=True)
        )
        kind = "number" if apart else "rater"
    else:
        return []
    counts = Counter(found)
    return [
        (kind, " ".join(filter(None, name)), grid.source.numbers[row])
        for row, name in zip(rows, found, strict=True)
        if counts[name] > 1 and name[0]
    ]


def said_by_columns(
    grid: Grid, understood: Understood, layout: Layout | None
) -> tuple[dict[int, Collection[str]], dict[int, Collection[str]]]:
    """Values by column by which a row is void, and by which it is unfinished: as the tool has them, or by
    headings such as 状态 and Finished."""
    used = {key.column for key in understood.keys} | {column.column for column in understood.columns}
    numbers = grid.source.numbers[: len(grid.top)]
    rows = [at for at, number in enumerate(numbers) if number in understood.headings]
    free = [i for i in range(grid.width) if column_letters(i + 1) not in used]

    def said(values: Callable[[str], Collection[str]]) -> dict[int, Collection[str]]:
        return {i: found for i in free if (found := {v for at in rows for v in values(grid.top[at][i])})}

    void, unfinished = said(void_values), said(unfinished_values)
    return (void | {**layout.dropped}, unfinished | {**layout.unfinished}) if layout else (void, unfinished)


def _key_texts(
    grid: Grid, rows: Sequence[int], column: int, role: str, keys: Mapping[str, int]
) -> Sequence[str]:
    """Texts of a key column; InputError for an empty cell where none may be."""
    texts = [line(grid.cell(row, column)) for row in rows]
    if role == "rater":
        return _raters(grid, rows, column, texts, "department" in keys)
    if role in ("department", "item"):
        texts = _down(texts)
    if role != "cluster":
        _refuse_empty(grid, rows, column, texts)
    return texts


def _serial(understood: Understood) -> bool:
    """Whether raters are named by numbers that begin anew on every sheet, rather than by their names."""
    heading = next((key.heading for key in understood.keys if key.role == "rater"), "")
    return bool(positions_of([heading], SERIAL))


def _raters(grid: Grid, rows: Sequence[int], column: int, texts: list[str], several_rows: bool) -> list[str]:
    """Names of raters: by the column, or by the row where every row is a rater and the column repeats, has
    gaps or names nobody (匿名)."""
    if is_lost := lost_digits(texts):
        at = next(i for i, text in enumerate(texts) if is_lost(text))
        zh, en = grid.place(rows[at], column)
        raise InputError(
            f"“{grid.file}”{zh}：Excel 已经把长代码当成数字，后几位丢失了；请把这一列设为“文本”后重新填写。",
            f"{grid.file}: {en}: Excel has taken long codes for numbers and lost their last "
            "digits; format the column as text.",
        )
    if several_rows:
        texts = _down(texts)
        _refuse_empty(grid, rows, column, texts)
        return texts
    counts = Counter(texts)
    texts = ["" if is_nobody(t) or (counts[t] > 1 and is_masked(t)) else t for t in texts]
    whole = [text if text and counts[text] == 1 else "" for text in texts]
    if all(text.replace(".", "").isdigit() or not text for text in texts) or "" in texts:
        numbers = grid.source.numbers
        return [
            text or f"{texts[i]} ({numbers[row]})".strip()
            for i, (row, text) in enumerate(zip(rows, whole, strict=True))
        ]
    return texts


def _down(texts: list[str]) -> list[str]:
    """Texts filled downwards, as merged cells leave them."""
    found, last = [], ""
    for text in texts:
        last = text or last
        found.append(last)
    return found


def _refuse_empty(grid: Grid, rows: Sequence[int], column: int, texts: Sequence[str]) -> None:
    for row, text in zip(rows, texts, strict=True):
        if not text:
            zh, en = grid.place(row, column)
            raise InputError(
                f"“{grid.file}”{zh}：这一格是空的，请补上，或删去这一行。",
                f"{grid.file}: {en}: the cell is empty; fill it or delete the row.",
                row=grid.source.numbers[row],
            )


def repeated_rows(repeats: Mapping[str, Mapping[str, Sequence[int]]]) -> list[Note]:
    """Notes on raters and departments that stand in several rows; `repeats`: kind → name → rows."""
    return [
        Note(f"repeated_{kind}", *_said(*_ROWS[kind], names, ("第", "行"), "rows"))
        for kind, names in repeats.items()
        if names
    ]


def unfinished_rows(rows: Sequence[int]) -> list[Note]:
    """Note on raters who, as the tool says, did not come to the end of the questions."""
    if not rows:
        return []
    zh, en = listed(rows, _FEW)
    return [
        Note(
            "unfinished",
            f"{len(rows)} 个评议人没有答完就退出（第 {zh.replace(' 个', '')} 行），已给的评分计入；"
            "不该计入的，请先删去这些行。",
            f"Raters who did not finish: {len(rows)} (rows {en}). What they rated counts; delete these rows "
            "if it should not.",
        )
    ]


def repeated_columns(understood: Understood) -> list[Note]:
    """Note on departments (with the same item) and raters whose heading stands above several columns."""
    places: dict[str, list[str]] = defaultdict(list)
    for column in understood.columns:
        name = (column.department, column.item, column.rater)
        if column.department or column.rater:
            places[" ".join(filter(None, name))].append(column.column)
    several = {name: columns for name, columns in places.items() if len(columns) > 1}
    if not several:
        return []
    zh = "这些表头各出现几次，按同一个算，评分都计入：{zh}。不是同一个，请改表头。"
    en = (
        "Headings that occur several times are one each, all of whose ratings count: {en}. If they are not "
        "the same, change the headings."
    )
    return [Note("repeated_headings", *_said(zh, en, several, ("", "列"), "columns"))]


def _said(
    zh: str, en: str, places: Mapping[str, Sequence[object]], unit: tuple[str, str], units: str
) -> tuple[str, str]:
    before, after = unit
    zh_all, en_all = [], []
    for name, at in places.items():
        rows = listed(at, _FEW)
        number = rows[0].replace(" 个", "")
        zh_all.append(f"“{name}”（{f'{before} {number} {after}'.strip()}）")
        en_all.append(f"{name!r} ({units} {rows[1]})")
    return zh.format(zh=listed(zh_all, _FEW)[0]), en.format(en=listed(en_all, _FEW)[1])
