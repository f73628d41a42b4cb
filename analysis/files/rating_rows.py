"""Recognition of rows that are no ratings (totals, no answer), and of spellings of one name."""

import math
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from analysis.answers.spelling import clean_line, name_key, unwrapped
from analysis.files.status import marked_rows
from analysis.files.table import DataTable
from analysis.ranking.results import Note
from analysis.tables.headings import simplified
from analysis.tables.rows import is_heading_again, is_no_rater, is_sum_of, is_void

NO_ANSWER: Final = frozenset(
    (
        *("不了解", "不清楚", "不知道", "不熟悉", "未接触", "没有接触", "没打过交道", "未打交道", "不适用"),
        *("notused", "neverused", "havenotused", "didnotuse", "nevervisited", "notrated", "nocontact", "／"),
        *("弃权", "弃评", "跳过", "(跳过)", "(空)", "未评", "未作答", "/", "-", "—", "--"),
        *(
            "无接触",
            "没接触过",
            "未接触过",
            "无往来",
            "没有往来",
            "无业务往来",
            "没有业务往来",
            "无业务",
            "没去过",
        ),
        *(
            "没办过事",
            "没办过业务",
            "未办过业务",
            "未办理",
            "未办理过",
            "没有评价",
            "未评价",
            "不予评价",
            "未打分",
        ),
        *("未参与", "缺席", "不评", "不评价", "不作评价", "无法评价"),
        *("n/a", "na", "dk", "don'tknow", "notapplicable", "noanswer"),
    )
)
"""Texts that mean "no answer", in lower case without spaces."""
# Form in which Excel shows a whole number of more than eleven digits in a narrow column, and saves it as CSV.
_LOST: Final = re.compile(r"[0-9](\.[0-9]+)?E\+(1[1-9]|[2-9][0-9])", re.IGNORECASE)
_ROUNDED: Final = re.compile(r"[0-9]{15}000")
_PLAIN: Final = re.compile("[\u4e00-\u9fa5A-Za-z0-9]+")
_SHOWN: Final = 5
Floats = NDArray[np.float64]


def without(table: DataTable, rows: Collection[int]) -> DataTable:
    """Copy of the table without the data rows at these positions."""
    gone = set(rows)
    kept = [i for i in range(len(table)) if i not in gone]
    return replace(
        table,
        columns=[[column[i] for i in kept] for column in table.columns],
        numbers=[table.numbers[i] for i in kept],
        sheets=[table.sheets[i] for i in kept] if table.sheets else (),
    )


def totals(
    table: DataTable, columns: Sequence[Sequence[Any]], raters: Sequence[Any] = ()
) -> tuple[list[int], list[Note]]:
    """Positions of rows that repeat the headings, name 合计 (total) in one of `columns`, or whose rater is
    none: a remark, last year, a void answer; and rows that a column such as 状态 says to be void; notes about
    them, and about rows of unfinished answers."""
    words = {cell for column in columns for cell in set(column) if isinstance(cell, str) and is_sum_of(cell)}
    names = {cell for cell in set(raters) if isinstance(cell, str)}
    words |= {name for name in names if is_no_rater(name)}
    void = {name for name in names if is_void(name)}
    found = (
        {i for column in (*columns, raters) for i, cell in enumerate(column) if cell in words}
        if words
        else set()
    )
    first = table.columns[0]
    if table.header[0] in set(first):
        again = (i for i, cell in enumerate(first) if cell == table.header[0])
        found |= {i for i in again if is_heading_again([c[i] for c in table.columns], table.header)}
    notes = []
    if found:
        zh, en = (
            f"跳过了 {len(found)} 行合计、说明或重复的表头",
            "Rows of totals, notes or repeated headings that were skipped",
        )
        notes.append(_skipped("totals", table, sorted(found), zh, en))
    marked, unfinished = marked_rows(table.header, table.columns)
    marked |= {i for i, cell in enumerate(raters) if cell in void} if void else set()
    if gone := sorted(marked - found):
        notes.append(
            _skipped(
                "void",
                table,
                gone,
                f"没有计入 {len(gone)} 行作废、筛除或测试的",
                "Rows of void, rejected or trial answers, which do not count",
            )
        )
    if open_rows := sorted(unfinished - found - marked):
        zh = f"有 {len(open_rows)} 行是没有答完的，已给的评分计入；不该计入的，请先删去"
        en = "Rows of answers that were not finished, which count; delete them if they should not"
        notes.append(_skipped("unfinished", table, open_rows, zh, en))
    return sorted({*found, *gone}), notes


def _skipped(code: str, table: DataTable, rows: Sequence[int], zh: str, en: str) -> Note:
    listed = ", ".join(str(table.numbers[i]) for i in rows[:_SHOWN]) + (" …" if len(rows) > _SHOWN else "")
    return Note(code, f"{zh}（第 {listed} 行）。", f"{en}: {listed}.")


def unanswered(scores: Sequence[Any], missing: Collection[str]) -> tuple[list[int], list[Note]]:
    """Positions of rows whose score means "no answer", in words or as one of the codes `missing`; notes about
    them."""
    given = {_code(value) for value in missing if value.strip().casefold() != "none"}
    none = {cell for cell in set(scores) if _says_nothing(cell) or (given and _code(cell) in given)}
    rows = [i for i, cell in enumerate(scores) if cell in none] if none else []
    if not rows:
        return [], []
    shown = sorted(code_text(cell) for cell in none)[:_SHOWN]
    zh = f"有 {len(rows)} 行没有评分（“{'”“'.join(shown)}”），没有计入。"
    en = f"Rows without a score, which do not count: {len(rows)} ({', '.join(f'“{s}”' for s in shown)})."
    return rows, [Note("unanswered", zh, en)]


def one_spelling(texts: list[str], zh: str, en: str) -> tuple[list[str], list[Note]]:
    """Cleaned names, in which spellings that differ only by width or brackets are made equal; notes about
    that."""
    distinct = dict.fromkeys(texts)
    if all(map(_PLAIN.fullmatch, distinct)):
        return texts, []
    spelt: dict[str, str] = {}
    also: dict[str, dict[str, None]] = {}
    first: dict[str, str] = {}
    for text in distinct:
        clean = clean_line(unwrapped(text))
        key = name_key(clean)
        spelt[text] = first.setdefault(key, clean)
        also.setdefault(first[key], {})[clean] = None
    several = [names for names in also.values() if len(names) > 1]
    notes = [_one_name(several, zh, en)] if several else []
    return [spelt[text] for text in texts], notes


def lost_digits(texts: Sequence[str]) -> Callable[[str], bool] | None:
    """Function that recognises codes whose last digits Excel has lost; None if there are none in `texts`."""
    distinct = set(texts)
    if any(map(_LOST.fullmatch, distinct)):
        return lambda text: _LOST.fullmatch(text) is not None
    rounded = sum(_ROUNDED.fullmatch(text) is not None for text in distinct)
    if rounded >= 3 and 2 * rounded >= len(distinct):
        return lambda text: _ROUNDED.fullmatch(text) is not None
    return None


def _one_name(several: Sequence[Collection[str]], zh: str, en: str) -> Note:
    shown = ["”＝“".join(names) for names in several[:_SHOWN]]
    more = len(several) > _SHOWN
    return Note(
        "spellings",
        f"写法不同的{zh}按一个算：“{'”；“'.join(shown)}”{'等' if more else ''}。",
        f"Spellings of one {en} were joined: “{'”; “'.join(shown)}”{' and others' if more else ''}.",
    )


def _says_nothing(cell: Any) -> bool:
    return isinstance(cell, str) and answer_key(cell) in NO_ANSWER


def answer_key(text: str) -> str:
    """Text reduced for comparison with `NO_ANSWER`: without spaces, brackets half width, in lower case,
    traditional characters simplified."""
    return simplified(clean_line(text)).replace("（", "(").replace("）", ")").replace(" ", "").casefold()


def _code(cell: Any) -> float | str:
    try:
        value = float(cell)
    except (TypeError, ValueError):
        return str(cell).strip()
    return str(cell) if math.isnan(value) else value


def code_text(cell: Any) -> str:
    """Text of a score that means no answer, as a code for no answer is written."""
    return f"{cell:g}" if isinstance(cell, float) else str(cell).strip()
