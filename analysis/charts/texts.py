"""Texts of the charts in Chinese and English."""

from collections.abc import Sequence
from typing import Final, Literal

Language = Literal["zh", "en"]

_WORDS: Final[dict[str, tuple[str, str]]] = {
    "rank": ("名次", "Rank"),
    "rank_set": ("名次\n范围", "Rank\nrange"),
    "department": ("部门", "Department"),
    "unit": ("单位", "Unit"),
    "tiers": ("档次", "Tiers"),
    "n": ("评议数", "Raters"),
    "adjusted": ("校正\n得分", "Adjusted\nscore"),
    "estimate": ("估计值", "Estimate"),
    "axis_estimate": ("估计值与联合 %(level)s 区间", "Estimate with simultaneous %(level)s interval"),
    "composite": ("综合\n得分", "Composite\nscore"),
    "axis_composite": (
        "综合得分与联合 %(level)s 区间",
        "Composite score with simultaneous %(level)s interval",
    ),
    "combined": ("合并\n得分", "Combined\nscore"),
    "axis_combined": (
        "合并得分与联合 %(level)s 区间",
        "Combined score with simultaneous %(level)s interval",
    ),
    "axis_adjusted": (
        "校正得分与联合 %(level)s 区间",
        "Adjusted score with simultaneous %(level)s interval",
    ),
    "above": ("高于平均", "above average"),
    "below": ("低于平均", "below average"),
    "same": ("与平均不能区分", "not distinguishable from average"),
    "raw_mean": ("未校正的平均分", "raw mean"),
    "average": ("平均", "average"),
    "warning_line": ("警戒线 %(value)s", "warning line %(value)s"),
    "estimates_title": ("排名", "Ranking"),
    "ranking_title": ("部门评议排名", "Ranking of departments"),
    "rank_axis": ("名次范围（横条）和名次（竖线）", "Rank range (bar) and rank (stroke)"),
    "group_scores": (
        "各类的得分只按对本类部门的评分算出，和“全部部门”的得分不能互比。",
        "Scores within a group rest on its ratings alone and cannot be compared with the overall ones.",
    ),
    "against_average": (
        "与平均相比，看的是与平均之差的检验，不看得分区间是否碰到平均线。",
        "Against the average, the test of the difference decides, not whether an interval meets the line.",
    ),
    "how_sure": (
        "名次范围同时成立的把握不低于 %(level)s。",
        "All rank ranges hold together with at least %(level)s confidence.",
    ),
    "insufficient": ("没有参加排名：", "Not ranked: "),
    "insufficient_entry": ("%(name)s（%(n)s 家）", "%(name)s (n = %(n)s)"),
    "component": (
        "第 %(number)s 组（各组之间不能比较）",
        "Set %(number)s (not comparable between sets)",
    ),
    "overall": ("全部部门", "All departments"),
    "matrix_title": ("两两比较：哪些部门的差别超出偶然", "Which departments differ beyond chance"),
    "matrix_higher": ("行部门确定高于列部门", "row is certainly above column"),
    "matrix_lower": ("行部门确定低于列部门", "row is certainly below column"),
    "matrix_same": ("不能区分", "cannot be told apart"),
    "matrix_none": ("不能比较（共同评议人太少）", "not comparable (too few common raters)"),
    "matrix_count": (
        "%(total)s 对部门中，有 %(told)s 对可以分出高低，其余 %(rest)s 对不能。",
        "Of %(total)s pairs %(told)s can be ordered; %(rest)s cannot.",
    ),
    "matrix_note": (
        "列号即部门名次顺序号；联合置信水平 %(level)s。",
        "Column numbers are the row numbers; joint level %(level)s.",
    ),
    "heatmap_title": ("各部门分项得分", "Scores by item"),
    "heatmap_blank": ("— 不公布", "— not shown"),
    "importance_title": ("分项重要性与得分", "Importance and performance of items"),
    "importance_note": (
        "竖线是重要性的区间。虚线是平均，在哪一边只看点估计，差别没有检验。",
        "Bars are intervals of importance. On which side of a dashed mean an item lies is not tested.",
    ),
    "importance_alike": (
        "竖线是重要性的区间，都跨过平均：分不出哪项更重要，不分区。横向高低只看点估计。",
        "Bars are intervals of importance; all reach across the mean: none is told to weigh more.",
    ),
    "heatmap_note": (
        "各格是收到的评分直接平均，深浅只表示数值；差别是不是偶然没有检验。",
        "Plain means of the ratings received; shades show the value only, and differences are not tested.",
    ),
    "importance_x": ("得分", "Performance (score)"),
    "importance_y": ("对总体评价的重要性（%）", "Importance for the overall rating (%)"),
    "importance_fix": ("较重要、较低", "Weightier, lower"),
    "importance_keep": ("较重要、较高", "Weightier, higher"),
    "importance_low": ("较次要、较低", "Lighter, lower"),
    "importance_high": ("较次要、较高", "Lighter, higher"),
    "electorate": ("%(name)s（权重 %(weight)s%%）", "%(name)s (weight %(weight)s %%)"),
    "electorates_title": ("各方对综合得分的影响", "What each electorate moved"),
    "electorates_axis": (
        "有这一方与没有这一方的综合得分之差，%(level)s 同时区间",
        "Composite with less composite without, simultaneous %(level)s interval",
    ),
    "electorates_note": (
        "差是相对于各部门平均而言的；名次为点估计：没有这一方时 → 有这一方时。",
        "Differences are relative to the average department; ranks are point estimates, without → with.",
    ),
    "lifts": ("使其升高", "lifts it"),
    "lowers": ("使其降低", "lowers it"),
    "no_shift": ("影响未超出偶然", "no more than chance"),
    "shift": ("影响", "Shift"),
    "ranks": ("名次", "Rank"),
    "change_title": ("与上一轮相比的变化", "Change since the previous round"),
    "change_axis": (
        "相对变化与联合 %(level)s 区间",
        "Relative change with simultaneous %(level)s interval",
    ),
    "change_note": (
        "变化是相对于各部门平均变化的；只有标为上升或下降的，变化才超出偶然。",
        (
            "Change is relative to the average change of all departments; "
            "only what is marked up or down is more than chance."
        ),
    ),
    "up": ("上升", "up"),
    "down": ("下降", "down"),
    "unchanged": ("变化未超出偶然", "no more than chance"),
    "change": ("变化", "Change"),
    "difference": ("差", "Difference"),
    "groups_title": ("不同企业群体的评价差别", "Differences between groups of raters"),
    "groups_axis": ("差与联合 %(level)s 区间", "Difference with simultaneous %(level)s interval"),
    "groups_pair": ("%(first)s − %(second)s", "%(first)s − %(second)s"),
    "rest": ("其他企业", "the rest"),
    "not_compared": ("样本不足，未比较：%(names)s", "Too few ratings to compare: %(names)s"),
    "groups_note": (
        "差别是相对于各部门平均差别的（打分宽严不同，不计在内）；只有标为显著的，差别才超出偶然。",
        (
            "Differences are relative to their average over departments (leniency is left out); "
            "only those marked significant are more than chance."
        ),
    ),
    "importance_blank": (
        "样本不足，不画出：%(names)s",
        "Too few ratings, not drawn: %(names)s",
    ),
    "higher": ("第一类显著更高", "first group significantly higher"),
    "lower": ("第一类显著更低", "first group significantly lower"),
    "equal": ("差别未超出偶然", "no more than chance"),
}


def term(language: Language, key: str, **values: object) -> str:
    """Text of `key` in `language`, with `values` filled in."""
    text = _WORDS[key][0 if language == "zh" else 1]
    return text % values if values else text


def percent(level: float) -> str:
    """Level as a percentage without superfluous digits: 0.95 → 95%; 0.999 → 99.9%."""
    return f"{100 * level:.10g}%"


def not_compared(language: Language, names: Sequence[str]) -> tuple[str, ...]:
    """Note that names the departments left out of a comparison; () if there are none."""
    return (term(language, "not_compared", names=listing(language, names)),) if names else ()


def listing(language: Language, names: Sequence[str]) -> str:
    """Names joined by "、" or ", ", as the language has it."""
    return ("、" if language == "zh" else ", ").join(names)
