"""How a ranking was worked out, as the rows of a sheet."""

from collections.abc import Callable
from typing import Any, Final

from analysis.charts.texts import percent
from analysis.ranking.reading import RULES, Rule, tiers_rule
from analysis.ranking.results import Ranking, Source

SCORES: Final[dict[Source, tuple[str, str]]] = {
    "adjusted": ("校正得分", "Adjusted score"),
    "estimate": ("估计值", "Estimate"),
    "composite": ("综合得分", "Composite score"),
    "combined": ("合并得分", "Combined score"),
}


def _tiers(ranking: Ranking) -> Rule:
    return tiers_rule((d.component for d in ranking.departments), "letters")


def method_rows(ranking: Ranking, say: Callable[[str, str], str]) -> list[tuple[str, Any]]:
    """What a reader needs to repeat the computation, as (subject, value)."""
    level = percent(ranking.level)
    test = ranking.global_test
    rows: list[tuple[str, Any]] = [
        *([] if ranking.n_raters is None else [(say("评议人数", "Raters"), ranking.n_raters)]),
        *([] if ranking.n_ratings is None else [(say("评分条数", "Ratings"), ranking.n_ratings)]),
        (say("联合置信水平", "Joint confidence level"), level),
        *([] if ranking.source == "estimate" else [(say(*_THRESHOLD), ranking.threshold)]),
        (say("随机种子", "Random seed"), ranking.seed),
        (say("模拟次数", "Draws"), ranking.draws),
        (say("整体检验统计量", "Omnibus statistic"), test.statistic),
        (say("整体检验 p 值", "Omnibus p"), test.p_value),
        (say(*SCORES[ranking.source]), say(*_EXPLAINED[ranking.source])),
        (say("名次范围", "Rank range"), say(*_RANK_SET).replace("{level}", level)),
        (say("档次", "Tiers"), say(*_WITHIN) + say(*RULES[_tiers(ranking)])),
        *(
            [(say("类内得分", "Scores within a group"), say(*_GROUP_SCORES))]
            if ranking.source == "adjusted"
            else []
        ),
        (say("怎样看高低", "Who is above whom"), say(*RULES["pairs"])),
    ]
    return rows


_THRESHOLD: Final = ("公布门槛（每部门评议数）", "Publication threshold (raters)")
_EXPLAINED: Final[dict[Source, tuple[str, str]]] = {
    "adjusted": (
        "扣除评议人打分宽严后的得分：假如每个评议人都评了每个部门，平均会是多少。",
        "Score with the leniency of raters removed: the mean had every rater rated every department.",
    ),
    "estimate": ("文件里给定的数。", "The numbers of the file."),
    "composite": (
        "各方校正得分（已扣除打分宽严）和外部指标按权重相加。",
        "The weighted sum of each electorate's adjusted score (leniency removed) and of outside figures.",
    ),
    "combined": (
        "各轮校正得分（已扣除打分宽严）合并得到的得分。",
        "Adjusted scores (leniency removed) of all rounds taken together.",
    ),
}
_GROUP_SCORES: Final = (
    "类别内排名的得分只按对本类部门的评分算出，和全部部门一起比较的得分不能互比。",
    "They rest on ratings of that group alone and cannot be compared with the overall scores.",
)
_WITHIN: Final = ("字母只在同一类别里看。", "Letters are read within one group. ")
_RANK_SET: Final = (
    "所有部门的名次范围同时成立的把握不低于 {level}。",
    "The rank ranges of all departments hold together with at least {level} confidence.",
)
