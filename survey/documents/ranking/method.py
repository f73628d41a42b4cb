"""Rows of the sheet on how a ranking was worked out."""

from datetime import date

from analysis.ranking.reading import tiers_rule
from analysis.ranking.results import Ranking
from survey.language import gettext as _
from survey.wording import method
from survey.wording.numbers import confidence
from survey.wording.ranking import reading

Cell = str | float | date | None
"""What a cell of a workbook holds; None and NaN are empty."""


def method_rows(ranking: Ranking) -> list[tuple[str, Cell]]:
    """Rows (subject, value) with what a reader needs to repeat the computation."""
    test, source = ranking.global_test, ranking.source
    tiers = tiers_rule((d.component for d in ranking.departments), "letters")
    return [
        *([] if ranking.n_raters is None else [(_("评议人数"), ranking.n_raters)]),
        *([] if ranking.n_ratings is None else [(_("评分条数"), ranking.n_ratings)]),
        (_("联合置信水平"), confidence(ranking.level)),
        *([] if source == "estimate" else [(_("公布门槛（每部门评议数）"), ranking.threshold)]),
        (_("随机种子"), ranking.seed),
        (_("模拟次数"), ranking.draws),
        (_("整体检验统计量"), test.statistic),
        (_("整体检验 p 值"), test.p_value),
        (method.score_name(source), method.score_explained(source)),
        (_("名次范围"), method.rank_ranges(ranking.level)),
        (_("档次"), _("字母只在同一类别里看。%(rule)s", rule=reading(tiers))),
        *([(_("类内得分"), method.group_scores())] if source == "adjusted" else []),
        (_("怎样看高低"), reading("pairs")),
    ]
