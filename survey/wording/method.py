"""Explanations of how a ranking is made, how to read it and what it cannot
tell, for all documents and pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from survey.facts.round import MethodFacts
from survey.language import gettext as _
from survey.wording.names import class_name
from survey.wording.numbers import confidence
from survey.wording.ranking import reading

if TYPE_CHECKING:
    from analysis.ranking.results import Source


def why_differences() -> str:
    """Explanation of why scores are not plain means."""
    return _(
        "企业只评打过交道的部门，打分又有宽有严。直接比平均分，等于奖励那些恰好被宽松的企业评到的部门。"
        "所以排名依据的是同一家企业对不同部门评价的差别：谁打分宽、谁打分严，在相减时抵消了。"
    )


def adjusted_score() -> str:
    return _("校正得分，是假如每个评议人都评了每个部门时的平均分；评议人打分的宽严已经扣除。")


def score_name(source: Source) -> str:
    """Name of a ranking's score, by where it comes from."""
    return {
        "adjusted": _("校正得分"),
        "estimate": _("估计值"),
        "composite": _("综合得分"),
        "combined": _("合并得分"),
    }[source]


def score_explained(source: Source) -> str:
    """Explanation of a ranking's score, by where it comes from."""
    return {
        "adjusted": adjusted_score(),
        "estimate": _("文件里给定的数。"),
        "composite": _("各方校正得分（已扣除打分宽严）和外部指标按权重相加。"),
        "combined": _("各轮校正得分（已扣除打分宽严）合并得到的得分。"),
    }[source]


def rank_ranges(level: float) -> str:
    """Sentence on the joint confidence of the rank ranges of a table."""
    return _("所有部门的名次范围同时成立的把握不低于 %(level)s。", level=confidence(level))


def certainty(level: float) -> str:
    """Sentence that defines 确定 ("certainly") and gives the joint confidence."""
    return _(
        "“确定”的意思是：一张排名表里，全部部门的区间、名次范围和高低判断同时成立的把握不低于 %(level)s。"
        "几张表各算各的，放在一起看，其中有一处说错的机会更大。",
        level=confidence(level),
    )


def several(families: int, level: float) -> str:
    """Sentence on several sets of statements, each with an error of its own: rankings within groups,
    comparisons of kinds, changes, sets tested by themselves. The bound is Bonferroni's."""
    return _(
        "类别内的排名、分类比较、前后变化和单独检验的前几名后几名各算各的：连同总的排名共 %(count)s 组，"
        "每组说错的机会不超过 %(error)s，其中有一处说错的机会合起来不超过 %(most)s。",
        count=families,
        error=confidence(1 - level),
        most=confidence(min(1.0, families * (1 - level))),
    )


def counted(ranked: int, raters: int | None, ratings: int | None, level: float) -> str:
    """Sentence on how much was rated by how many (None: from estimates), and how sure the statements of the
    ranking are."""
    sure = confidence(level)
    if raters is None:
        return _(
            "%(ranked)s 个部门参加排名；排名的全部说法同时成立的把握不低于 %(sure)s。",
            ranked=ranked,
            sure=sure,
        )
    return _(
        "%(raters)s 个评议人，%(ratings)s 条评分，%(ranked)s 个部门参加排名；"
        "排名的全部说法同时成立的把握不低于 %(sure)s。",
        raters=raters,
        ratings=ratings,
        ranked=ranked,
        sure=sure,
    )


def left_out(threshold: int) -> str:
    """Sentence on departments that too few rated."""
    return _("评议人数少于 %(threshold)s 的部门不参加排名。", threshold=threshold)


def alike() -> str:
    """Sentence that 不能区分 (cannot be told apart) does not mean equally good."""
    return _("“不能区分”不等于一样好，只说明这一轮的答卷分不出来。")


def how_to_read() -> list[str]:
    """Sentences on how the ranking may be quoted."""
    return [
        _("引用名次时，请把名次范围一并引用。%(rule)s", rule=reading("ranges")),
        _("名次先后不等于真有高低。%(rule)s", rule=reading("pairs")),
        _("说“最好”“最差”或者“后三名”，只限于写明“确定”的；写“可能”的，不能当作结论。"),
        alike(),
        _("部门只与参加本轮评议的部门相比，得分高低不代表与其他地区、其他轮次的比较。"),
    ]


def paragraphs(used: MethodFacts) -> list[str]:
    """Paragraphs on the method in plain words; `used`: `method` of the facts (docs/facts.md)."""
    return [
        why_differences(),
        _("%(score)s原始平均分也列在排名表里，供对照。", score=adjusted_score()),
        certainty(used.level),
        _(
            "没有一种算法能从有限的答卷里得到没有误差的名次。本报告只说区间允许说的话，不能区分的就说不能区分。"
        ),
        _(
            "评议人数少于 %(threshold)s 的部门不参加排名，也不公布得分；"
            "任何一格数字背后少于 %(threshold)s 张选票、几乎全体一致，或者能从别的数字推算出来的，"
            "都不公布。%(steps)s",
            threshold=used.threshold,
            steps=steps(),
        ),
        _(
            "模拟次数 %(draws)s，随机种子 %(seed)s；同样的数据再算一遍，得到同样的数字。",
            draws=used.draws,
            seed=used.seed,
        ),
    ]


def steps() -> str:
    """Sentence on how coarsely figures are rounded for publication."""
    return _(
        "得分取到 0.5 分，指标的平均分按答的人数取到 0.5 至 10 分；"
        "离满分或最低分太近的得分只公布界限，名次仍按实际得分。"
    )


def limits() -> list[str]:
    """Sentences on what the results do not say."""
    return [
        _(
            "答卷的企业不一定代表全部企业。回收情况一章列出了答卷与名录的差别，按名录加权的试算也在那里；"
            "没有答卷的企业怎么想，答卷说不出来。"
        ),
        _("各部门服务的企业、承担的事项不同，得分高低不等于工作难易相同情况下的优劣。"),
        associations(),
        relative_change(),
        relative_treatment(),
        _("企业类别是答卷人自己填的，选票与名录无法对应，也不应当对应。"),
    ]


def associations() -> str:
    """Sentence that importance is association and not cause."""
    return _("指标的分量是评价之间的关联，不是因果；改进某一项，不一定就提高总体评价。")


def relative_change() -> str:
    """Sentence that changes between rounds are relative to the average change."""
    return _("变化是相对于各部门的平均变化说的；整体升降与各轮打分宽严分不开，得分不能直接相减。")


def relative_treatment() -> str:
    """Sentence that differences between kinds of enterprises are relative to
    what each kind gives on average."""
    return _(
        "比的是一类企业对各部门的相对评价；一类企业整体打分偏严或偏宽，与它们受到的对待分不开，不算在内。"
    )


def levelled() -> str:
    """Sentence on the comparisons of an item's score: leniency is taken out, intervals are joint."""
    return _(
        "与同类、与上一轮的比较都已扣除评议人打分宽严，所以不等于平均分相减；括号里是联合区间，"
        "高低和升降以“确定高”“确定低”“确有上升”“确有下降”这些字为准。"
    )


def drawn(line: float) -> str:
    """Caption that explains a chart of scores on a page."""
    return _("横线是校正得分可能的范围，虚线是 %(line)s 分警戒线。", line=f"{line:g}")


def compared_together(count: int, *, several: bool) -> str:
    """Caption on a table of all `count` departments; several: whether there are also tables by class."""
    if several:
        return _("%(count)s 个部门一起比较；职责不同，宜先看类内排名", count=count)
    return _("%(count)s 个部门一起比较", count=count)


def compared_within(name: str, count: int) -> str:
    """Caption on a table of one class of `count` departments."""
    return _("%(name)s %(count)s 个部门，只在类内比较", name=class_name(name), count=count)


def compared_items(group: str, level: float) -> str:
    """Caption on the comparison of a department's items with the averages of the group."""
    return _(
        "与同类比：和%(group)s各部门这一项的平均相比，评价宽严已经拉平；"
        "全部指标、全部部门同时成立的把握不低于 %(level)s",
        group=class_name(group),
        level=confidence(level),
    )


def weights_drawn(line: float) -> str:
    """Caption that explains the chart of importance against score."""
    return _(
        "横的虚线是各项平均的分量，竖的虚线是 %(line)s 分警戒线；竖线段是分量的区间，跨过横线的分不出轻重。"
        "分量来自全部部门的评价。“全部部门”一列是公布了该项的部门合计。",
        line=f"{line:g}",
    )


def surely_above() -> str:
    """Caption that explains the list of certainly lower departments below the matrix of pairs."""
    return _("编号是部门在排名表里的次序。没有列出的，要么不能区分，要么反过来确定高于它，要么不能比较。")


def plain_answers() -> str:
    """Sentence that the means and distributions beside a verdict are answers as
    received, without adjustment."""
    return _("平均分和分布是收到的回答，没有拉平评价宽严；高低以上面那句话为准。")


def two_orders() -> str:
    """Sentence on why the order within a class can differ from the order among all."""
    return _(
        "类内名次只比较企业对本类部门的评分，总名次比较对全部部门的评分，先后可以不同；"
        "得分只按全部部门计算，列在“全部部门”的表里。"
    )


def group_scores() -> str:
    """Sentence that scores within a class and scores among all are on different scales."""
    return _("类内得分只按对本类部门的评分算出，和全部部门一起比较的校正得分不是一把尺子，两处不能互比。")
