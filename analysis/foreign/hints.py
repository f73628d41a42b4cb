"""`Hints`: what a person says about a file, and `Ambiguous`: the question when the file does not say it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from analysis.errors import InputError
from analysis.files.levels import KNOWN, level_key
from analysis.foreign.grid import Grid, is_empty, line
from analysis.foreign.layout import TOOLS
from analysis.foreign.sentences import listed
from analysis.foreign.understood import Best, Understood
from analysis.tables.rows import is_total

_FEW: Final = 4
_MOST_HEADINGS: Final = 40
BY_MAPPING: Final = (
    "，或用 --explain 写出对应表，改好后用 --map 给出",
    ", or edit what --explain writes and give it by --map",
)
LISTED_TOOLS: Final = (f"（{'、'.join(TOOLS)}）", f" ({', '.join(TOOLS)})")
"""Parts of messages that only the command line can offer."""
_FULL_MARKS: Final = re.compile(
    r"(?:满分|总分|out of)\s*[:：]?\s*([0-9]+)|[(（]\s*(?:共|计|最高)?\s*([0-9]+)\s*分制?\s*[)）]",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Hints:
    """Hints of the user on how to read a file.

    `tool`: one of `TOOLS`; `departments`: name or code in headings → name; `levels`: word → points, None for
    no rating; `mapping`: all that was understood, perhaps edited; `best`: whether the highest or the lowest
    number is the best; `keys`: role → heading of its column; `scale`: the worst and the best mark there is,
    for all raters alike; `items`: those that count, () for all.
    """

    tool: str | None = None
    departments: Mapping[str, str] = field(default_factory=dict)
    levels: Mapping[str, float | None] = field(default_factory=dict)
    mapping: Understood | None = None
    best: Best | None = None
    keys: Mapping[str, str] = field(default_factory=dict)
    missing: Collection[str] = ()
    scale: tuple[float, float] | None = None
    items: Collection[str] = ()


class Ambiguous(InputError):
    """A file that fits two readings, told by `readings` in Chinese and English; nothing of it was used.

    `why`: the question in both languages; `choices`: for each reading the name of the field of `Hints` that
    decides for it, and its value as text (departments one a line); () where a person must type it.
    """

    def __init__(
        self,
        why: tuple[str, str],
        readings: Sequence[tuple[str, str]],
        mend: tuple[str, str],
        choices: Sequence[tuple[str, str]] = (),
    ) -> None:
        self.why, self.readings, self.choices = why, tuple(readings), tuple(choices)
        zh = "".join(f"\n  {n}. {reading[0]}" for n, reading in enumerate(readings, 1))
        en = "".join(f"\n  {n}. {reading[1]}" for n, reading in enumerate(readings, 1))
        super().__init__(f"{why[0]}{zh}\n{mend[0]}", f"{why[1]}{en}\n{mend[1]}")


def not_recognised(file: str, headings: Sequence[str], words: Sequence[str] = ()) -> InputError:
    """Error for a file in which no layout was recognised; words: what several of its columns hold."""
    shown, shown_en = (text[:300] for text in listed(list(filter(None, headings)), _MOST_HEADINGS))
    if words:
        first = listed(words, _FEW)
        return InputError(
            f"“{file}”有几列都是 {first[0]}，不知道代表多少分。读到的表头：{shown}。"
            f"是评分的话，请用 --levels 写出每个词的分数，如 {words[0]}=分数。",
            f"{file}: several columns hold {first[1]}, of unknown points. Headings: {shown_en}. If these are "
            f"ratings, give the points of each by --levels, such as {words[0]}=POINTS.",
        )
    return InputError(
        f"“{file}”看不出哪些列是评分。读到的表头：{shown or '没有'}。长表要有评议人、部门、得分三列；"
        f"其他样子的表可用 --as 说明出自哪里{LISTED_TOOLS[0]}{BY_MAPPING[0]}。",
        f"{file}: it is not clear which columns hold ratings. Headings read: {shown_en or 'none'}. A "
        "long table has columns "
        "rater, department, score; for others say by --as where the file comes from"
        f"{LISTED_TOOLS[1]}{BY_MAPPING[1]}.",
    )


def no_raters(file: str) -> InputError:
    """Error for a table of departments and items that does not say who rated."""
    return InputError(
        f"“{file}”有部门列和指标列，却没有评议人列：看不出哪些评分出自同一人。请加一列评议人（编号即可）。",
        f"{file} has a column of departments and columns of items but none of raters: which "
        "ratings come from one person is "
        "unknown. Add a column rater; numbers will do.",
        column="rater",
    )


def which_is_department(file: str, outer: Sequence[str], inner: Sequence[str]) -> Ambiguous:
    """Question whether the names of `outer` or of `inner` are the departments."""
    first, second = listed(outer, _FEW), listed(inner, _FEW)
    return Ambiguous(
        (f"“{file}”的表头有两种读法：", f"{file}: its headings can be read in two ways:"),
        (
            (f"部门是 {first[0]}；指标是 {second[0]}", f"departments are {first[1]}; items are {second[1]}"),
            (f"部门是 {second[0]}；指标是 {first[0]}", f"departments are {second[1]}; items are {first[1]}"),
        ),
        (
            f"请用 --departments 给出部门名单（一行一个）{BY_MAPPING[0]}。",
            f"Give the list of departments by --departments (one a line){BY_MAPPING[1]}.",
        ),
        [("departments", "\n".join(outer)), ("departments", "\n".join(inner))],
    )


def which_columns(file: str, others: Sequence[str]) -> Ambiguous:
    """Question whether the column of scores or the columns `others` hold the ratings."""
    shown = listed(others, _FEW)
    return Ambiguous(
        (f"“{file}”有两种读法：", f"{file} can be read in two ways:"),
        (
            (
                f"一行一条评分，分数在得分列，不用 {shown[0]}",
                f"a row is a rating, its score in the column of scores; {shown[1]} are not used",
            ),
            (
                f"评分在 {shown[0]}，得分列是合计",
                f"the ratings are in {shown[1]}; the column of scores is their total",
            ),
        ),
        (
            "请说明：--as long（第一种）或 --as plain（第二种）。",
            "Say which: --as long (first) or --as plain (second).",
        ),
        [("tool", "long"), ("tool", "plain")],
    )


def which_are_departments(file: str, sure: Sequence[str], unsure: Sequence[str]) -> Ambiguous:
    """Question whether the columns `unsure` hold ratings of departments, as the columns `sure` do."""
    first, more = listed(sure, _FEW), listed(unsure, _FEW)
    return Ambiguous(
        (
            f"“{file}”看不出 {more[0]} 是不是部门。有两种读法：",
            f"{file}: whether {more[1]} is a department is unknown. Two readings fit:",
        ),
        (
            (f"部门是 {first[0]}，还有 {more[0]}", f"departments are {first[1]}, and {more[1]}"),
            (f"部门只有 {first[0]}", f"departments are only {first[1]}"),
        ),
        (
            "请用 --departments 给出部门名单（一行一个）。",
            "Give the list of departments by --departments (one a line).",
        ),
        [("departments", "\n".join([*sure, *unsure])), ("departments", "\n".join(sure))],
    )


def refuse_without_data(grids: Sequence[Grid]) -> None:
    """Raise InputError for a file that has headings and nothing below them."""
    rows = [row for grid in grids for row in grid.rows if any(not is_empty(cell) for cell in row)]
    data = [row for row in rows[1:] if not is_total(line(row[0] if row else ""))]
    if rows and not data:
        file = grids[0].file
        raise InputError(f"“{file}”只有表头，没有数据行。", f"{file} has a header but no rows of data.")


def which_way_round(file: str, heads: Sequence[str], names: Sequence[str]) -> Ambiguous:
    """Question whether departments stand in the headings or in the first column."""
    first, second = listed(heads, _FEW), listed(names, _FEW)
    return Ambiguous(
        (f"“{file}”有两种读法：", f"{file} can be read in two ways:"),
        (
            (
                f"表头是部门（{first[0]}），一行一个评议人",
                f"headings are departments ({first[1]}), a row is a rater",
            ),
            (
                f"第一列是部门（{second[0]}），一列一个评议人",
                f"the first column holds departments ({second[1]}), a column is a rater",
            ),
        ),
        (
            "请说明：--as plain（第一种）或 --as grid（第二种）；或给第一列写上表头“部门”或“评议人”。",
            "--as plain (first), --as grid (second); or head the first column by department or rater.",
        ),
        [("tool", "plain"), ("tool", "grid")],
    )


def which_is_best(file: str, low: str, high: str, why: tuple[str, str]) -> Ambiguous:
    """Question whether the lowest or the highest number is the best."""
    return Ambiguous(
        (f"“{file}”：{why[0]}", f"{file}: {why[1]}"),
        (
            (f"{high} 最好，{low} 最差", f"{high} is the best, {low} the worst"),
            (f"{low} 最好，{high} 最差", f"{low} is the best, {high} the worst"),
        ),
        (
            (
                "请说明：--best high（数大的好）或 --best low（数小的好）；也可用 --levels "
                "写出每个代表多少分，如 1=100,2=80。"
            ),
            "Say which: --best high or --best low; or give points by --levels, such as 1=100,2=80.",
        ),
        [("best", "high"), ("best", "low")],
    )


def which_tool(file: str, tools: Sequence[str]) -> Ambiguous:
    """Question which of several tools wrote a file."""
    readings = [(f"{TOOLS[tool][0]}（--as {tool}）", f"{TOOLS[tool][1]} (--as {tool})") for tool in tools]
    return Ambiguous(
        (f"“{file}”像是不止一种工具导出的：", f"{file} looks like the export of several tools:"),
        readings,
        ("请用 --as 说明。", "Say which by --as."),
        [("tool", tool) for tool in tools],
    )


def which_order(file: str, words: tuple[str, str], points: float) -> Ambiguous:
    """Question which of two words of one question is the better one."""
    a, b = words
    return Ambiguous(
        (
            f"“{file}”同一列里有“{a}”和“{b}”，都可能是 {points:g} 分，看不出哪个更好：",
            (
                f"{file}: one column holds {a!r} and {b!r}, each of which may stand for {points:g} "
                "points; which is better is unknown:"
            ),
        ),
        (
            (f"“{a}”好于“{b}”", f"{a!r} is better than {b!r}"),
            (f"“{b}”好于“{a}”", f"{b!r} is better than {a!r}"),
        ),
        (
            f"请用 --levels 写出分数，如 --levels {a}=…,{b}=…。",
            f"Give points by --levels, such as --levels {a!r}=…,{b!r}=….",
        ),
    )


def refuse_counts(file: str, headings: Sequence[str]) -> None:
    """Raise InputError for a table whose columns are levels: it counts ballots, and has none of them."""
    found = [heading for heading in headings if level_key(heading) in KNOWN]
    if len(found) > 1:
        shown, shown_en = "、".join(found), ", ".join(found)
        raise InputError(
            f"“{file}”是各等次的票数表（{shown}），没有一张一张的票：看不出哪些评分出自同一人，不能比较部门。"
            "请用每人一行的原始表。",
            f"{file} counts ballots by level ({shown_en}) and holds none of them: which ratings come from "
            "one person is unknown. Use the table with a row for each person.",
        )


def refuse_ticks(file: str, headings: Sequence[str]) -> None:
    """Raise InputError for a table whose columns are levels, of which one is ticked in every row."""
    found = [heading for heading in headings if level_key(heading) in KNOWN]
    if len(found) > 1:
        raise InputError(
            f"“{file}”的列名是等次（{'、'.join(found)}），格里打勾。请改成一列“得分”，每行写上打勾的等次。",
            f"{file}: its columns are levels ({', '.join(found)}) to be ticked. Put the ticked level into "
            "one column score.",
        )


def refuse_two_maxima(file: str, headings: Sequence[str]) -> None:
    """Raise InputError if headings state full marks that differ (满分100, 满分10)."""
    stated = dict.fromkeys(a or b for heading in headings for a, b in _FULL_MARKS.findall(heading))
    if len(stated) > 1:
        shown, shown_en = "、".join(stated), ", ".join(stated)
        raise InputError(
            f"“{file}”的表头写着不同的满分（{shown}），不能放在一起比较。请先换算成同一个满分。",
            f"{file}: headings state different full marks ({shown_en}), which cannot be compared. Bring all "
            "scores to one of them first.",
        )


def which_scale(file: str, first: Mapping[str, float], second: Mapping[str, float]) -> Ambiguous:
    """Question which of two scales the words of the answers belong to."""
    one, other = (",".join(f"{word}={points:g}" for word, points in way.items()) for way in (first, second))
    return Ambiguous(
        (f"“{file}”的文字有两种读法：", f"{file}: its words can be read in two ways:"),
        ((one, one), (other, other)),
        (f"请用 --levels 说明，如 --levels {one}。", f"Say which by --levels, such as --levels {one}."),
    )
