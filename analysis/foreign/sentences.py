"""What was understood of a file, in sentences for the person who ranks it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from analysis.explain import counted
from analysis.foreign.layout import TOOLS
from analysis.foreign.understood import Understood

Said = tuple[str, str]
_MOST: Final = 12
_WHY: Final = {
    "total": ("合计、平均", "totals"),
    "note": ("说明", "notes"),
    "heading": ("重复的表头", "repeated headings"),
    "preview": ("预览、测试、作废", "previews, tests, void"),
    "no_rating": ("没有一条评分", "without any rating"),
}
_UNUSED: Final = {
    "own": ("工具自带", "the tool's own"),
    "empty": ("没有内容", "empty"),
    "text": ("不是评分", "no ratings"),
    "ticks": ("全是 0 和 1，像是勾选", "all 0 and 1, as ticks are"),
    "other": ("不在评分表里", "not of the table of ratings"),
}


ROLE: Final = {
    "rater": ("评议人", "rater"),
    "department": ("部门", "department"),
    "item": ("指标", "item"),
    "group": ("部门类别", "group of departments"),
    "rater_group": ("评议人类别", "group of raters"),
    "stratum": ("分层", "stratum"),
    "weight": ("权重", "weight"),
    "cluster": ("集团", "cluster"),
}


def sentences(understood: Understood) -> list[Said]:
    """Sentences about the reading in Chinese and English, in the order in which a person checks them."""
    return [*_headings(understood), *_keys(understood), *_answers(understood), *_not_used(understood)]


def _headings(u: Understood) -> list[Said]:
    zh, en = TOOLS[u.tool]
    said = [
        (
            f"按{zh}读，{u.n_raters} 个评议人，{u.n_ratings} 条评分。",
            f"Read as {en}: {counted(u.n_raters, 'rater')}, {counted(u.n_ratings, 'rating')}.",
        )
    ]
    for headed, rated, zh, en in (
        (u.departments, u.rated, "部门", "Departments"),
        (u.items, u.rated_items, "指标", "Items"),
    ):
        if names := headed or rated:
            shown = listed(names)
            where_zh, where_en = ("，见于表头", " in the headings") if headed else ("", "")
            said.append(
                (
                    f"{zh} {len(names)} 个{where_zh}：{shown[0]}。",
                    f"{en}{where_en} ({len(names)}): {shown[1]}.",
                )
            )
    return said


def _keys(u: Understood) -> list[Said]:
    said = [
        (
            f"{ROLE[key.role][0]}看“{key.heading or key.role}”列。",
            f"The {ROLE[key.role][1]} is in column {key.heading or key.role!r}.",
        )
        for key in u.keys
    ]
    if any(column.rater for column in u.columns):
        said.append(("每一列是一个评议人。", "Every column is a rater."))
    elif all(key.role != "rater" for key in u.keys):
        said.append(("每一行是一个评议人。", "Every row is a rater."))
    return said


def _answers(u: Understood) -> list[Said]:
    said = []
    if u.levels:
        zh = "、".join(f"{v.word} {v.points:g} 分（{v.count} 次）" for v in u.levels)
        en = ", ".join(f"{v.word} {v.points:g} ({v.count}×)" for v in u.levels)
        said.append((f"文字换成分数：{zh}。", f"Words as points: {en}."))
    else:
        said.append(_numbers(u))
    if u.no_rating:
        zh = "、".join(f"“{none.word}”{none.count} 次" for none in u.no_rating[:_MOST])
        en = ", ".join(f"“{none.word}” {none.count}×" for none in u.no_rating[:_MOST])
        said.append((f"不算评分：{zh}。", f"No rating: {en}."))
    return said


def _numbers(u: Understood) -> Said:
    zh, en = (
        ("数字越小越好，已倒过来", "lower numbers are better; they were turned round")
        if u.best == "low"
        else ("数字越大越好", "higher numbers are better")
    )
    if u.lowest is None or u.highest is None:
        return f"{zh}。", f"{en[0].upper()}{en[1:]}."
    span = f"{u.lowest:g}", f"{u.highest:g}"
    return f"分数从 {span[0]} 到 {span[1]}，{zh}。", f"Scores from {span[0]} to {span[1]}; {en}."


def _not_used(u: Understood) -> list[Said]:
    said = []
    for left in u.left_out:
        (why_zh, why_en), rows = _WHY[left.why], listed(left.rows)
        zh = f"没有计入的行（{why_zh}）：第 {rows[0].replace(' 个', '')} 行。"
        said.append((zh, f"Rows left out ({why_en}): {rows[1]}."))
    for why, (why_zh, why_en) in _UNUSED.items():
        if names := [part.heading or part.column for part in u.unused if part.why == why]:
            shown = listed(names)
            zh = f"没有用的列（{why_zh}）：{shown[0]}。"
            said.append((zh, f"Columns not used ({why_en}): {shown[1]}."))
    return said


def listed(values: Sequence[object], most: int = _MOST) -> Said:
    """The first values in Chinese and English, with the number of all if these are more than `most`."""
    shown = list(map(str, values[:most]))
    more = len(values) > most
    zh, en = "、".join(shown), ", ".join(shown)
    return (f"{zh} 等 {len(values)} 个", f"{en} … ({len(values)})") if more else (zh, en)
