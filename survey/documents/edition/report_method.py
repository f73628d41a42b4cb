"""Method and limitations of the report in plain words."""

from typing import Final

from analysis.ranking.reading import reading
from survey.documents.edition.content import Edition

METHOD: Final = (
    (
        "企业只评打过交道的部门，打分又有宽有严。直接比平均分，等于奖励那些恰好被宽松的企业评到的部门。"
        "所以排名依据的是同一家企业对不同部门评价的差别：谁打分宽、谁打分严，在相减时抵消了。"
    ),
    "校正得分，是假如每家企业都评了每个部门时的平均分，满分 100 分。原始平均分也列在排名表里，供对照。",
    "区间是联合区间：全部部门的区间、名次范围和高低判断同时成立的把握不低于 {level}。",
    "没有一种算法能从有限的答卷里得到没有误差的名次。本报告只说区间允许说的话，不能区分的就说不能区分。",
    (
        "评议人数少于 {threshold} 的部门不参加排名，也不公布得分；任何一格数字背后少于 {threshold} 张选票、"
        "几乎全体一致，或者能从别的数字推算出来的，都不公布。"
        "得分取到 0.5 分，指标的平均分按答的人数取到 0.5 至 10 分；"
        "离满分或最低分太近的得分只公布界限，名次仍按实际得分。"
    ),
    "模拟次数 {draws}，随机种子 {seed}；同样的数据再算一遍，得到同样的数字。",
)
LIMITS: Final = (
    (
        "答卷的企业不一定代表全部企业。回收情况一章列出了答卷与名录的差别，按名录加权的试算也在那里；"
        "没有答卷的企业怎么想，答卷说不出来。"
    ),
    "部门只与参加本轮评议的部门相比。各部门服务的企业、承担的事项不同，得分高低不等于工作难易相同情况下的优劣。",
    "指标之间的重要性是评价之间的关联，不是因果，不等于改进某一项就一定提高总体评价。",
    "与以前各轮相比的变化，是相对于各部门平均变化而言的；整体升降与各轮打分宽严分不开。",
    "不同类别企业的总体分数高低，与打分宽严分不开；这里只比较它们对部门之间的相对评价。",
    "企业类别是答卷人自己填的，选票与名录无法对应，也不应当对应。",
)
READING: Final = (
    "引用名次时，请把名次范围一并引用。" + reading("ranges"),
    reading("pairs"),
    "说“最好”“最差”或者“后三名”，只限于本报告写明“确定”的；写“可能”的，不能当作结论。",
    "“不能区分”不等于一样好，只说明这一轮的答卷分不出来。",
)


def method(edition: Edition) -> list[str]:
    """The paragraphs with this edition's settings."""
    used = edition.facts["method"]
    values = {**used, "level": f"{100 * used['level']:g}%"}
    return [text.format(**values) for text in METHOD]
