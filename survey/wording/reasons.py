"""Reasons why a part of a round's facts could not be worked out, as message ids, since facts are stored in
both languages."""

from typing import Final

from survey.errors import N_

TOO_LITTLE: Final = N_("这一轮的数据不足以作这项分析。")
TOO_FEW_BALLOTS: Final = N_("本轮有效选票不足 %(threshold)s 张，不作分析。")
NOTHING_RANKED: Final = N_("没有可以排名的部门。")
NOTHING_RECEIVED: Final = N_("没有收到可以计入的评分。")
NOTHING_VARIES: Final = N_("各家打分没有高低之分，看不出要多少家企业才分得出部门。")
SINGLE_DEPARTMENT: Final = N_("有的评议人只评了一个部门，他们的评分不能用于部门之间的比较。")

KINDS_NOT_ASKED: Final = N_("问卷没有问企业的类别，各类企业看法是否一样无从检验。")
KINDS_TOO_FEW: Final = N_("问了企业的类别，但各类票数太少，各类企业看法是否一样无从检验。")
ONE_KIND: Final = N_("各类企业的票数不够分开比较。")
NO_ROSTER: Final = N_("名录里没有可以与问卷对照的分层。")
STRATA_TOO_FEW: Final = N_("名录有分层，但填了的选票太少，分不出两类够门槛的企业。")

NO_OVERALL_ITEM: Final = N_("问卷没有总体评价指标。")
FEW_COMPLETE: Final = N_(
    "把所有指标都答全、且评了两个以上部门的企业太少，或者某个指标人人打分都相同，不能分析影响因素。"
)

OTHER_SCALE: Final = N_("两轮的评价等级或分值不同，不能直接比较。")
OTHER_SCALES: Final = N_("各轮的评价等级或分值不同，不能合成。")
NO_EARLIER: Final = N_("同一年里还没有可以合并的其他轮次。")
