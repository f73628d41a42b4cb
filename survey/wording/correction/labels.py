"""Names of everything that can differ between two editions: the part of an edition that holds a value, and
the value by its field."""

from __future__ import annotations

from typing import Final

from survey.errors import N_

# The longest beginning of a difference's place that stands here names its part.
PARTS: Final[dict[tuple[str, ...], str]] = {
    (): N_("公布内容的格式"),
    ("round",): N_("轮次"),
    ("departments",): N_("部门名单"),
    ("facts",): N_("公布内容的格式"),
    ("facts", "round"): N_("轮次"),
    ("facts", "counts"): N_("邀请和选票数"),
    ("facts", "scale"): N_("评分标准"),
    ("facts", "items"): N_("各指标的总体得分"),
    ("facts", "ranking"): N_("排名的方法"),
    ("facts", "ranking", "global_test"): N_("各部门是否有差别的检验"),
    ("facts", "ranking", "departments"): N_("排名"),
    ("facts", "ranking", "pairs"): N_("两两比较"),
    ("facts", "ranking", "groups"): N_("类别内排名"),
    ("facts", "ranking", "groups", "pairs"): N_("类别内两两比较"),
    ("facts", "ranking", "insufficient"): N_("没有参加排名的部门"),
    ("facts", "ranking", "notes"): N_("排名的说明"),
    ("facts", "ranking", "notes_en"): N_("排名的说明"),
    ("facts", "ranking", "note_codes"): N_("排名的说明"),
    ("facts", "ranking", "meeting"): N_("首尾位次、等次和结论靠多少票"),
    ("facts", "response"): N_("答卷与名录的比较"),
    ("facts", "weighting"): N_("按名录加权的试算"),
    ("facts", "resolution"): N_("能分辨到什么程度"),
    ("facts", "quality"): N_("答卷的认真程度"),
    ("facts", "reliability"): N_("指标的一致程度"),
    ("facts", "drivers"): N_("各指标的重要程度"),
    ("facts", "treatment"): N_("不同企业的评价"),
    ("facts", "assumptions"): N_("排名前提的检验"),
    ("facts", "changes"): N_("与以前轮次的比较"),
    ("facts", "combined"): N_("合并总排名"),
    ("facts", "profiles"): N_("各部门情况"),
    ("facts", "profiles", "overall"): N_("排名"),
    ("facts", "profiles", "n"): N_("排名"),
    ("facts", "profiles", "in_group"): N_("类别内排名"),
    ("facts", "profiles", "satisfied"): N_("各部门的满意率"),
    ("facts", "profiles", "items"): N_("各部门的指标"),
    ("facts", "profiles", "importance"): N_("各指标的重要程度"),
    ("facts", "profiles", "changes"): N_("与以前轮次的比较"),
    ("facts", "profiles", "treatment"): N_("不同企业的评价"),
    ("facts", "profiles", "predecessors"): N_("部门沿革"),
    ("facts", "method"): N_("分析的设置"),
    ("themes",): N_("意见的主题"),
    ("comments",): N_("转给部门的意见"),
    ("problems",): N_("问题清单"),
    ("indicators",): N_("其他数据"),
    ("added",): N_("增发的邀请"),
    ("composites",): N_("综合得分"),
    ("telephone",): N_("电话核对"),
    ("paper",): N_("纸质评议表"),
    ("mended",): N_("以前问题的整改"),
    ("restored",): N_("从备份恢复"),
}

_GROUPS: Final[dict[str, str]] = {
    N_("校正得分"): "adjusted bound standardised",
    N_("平均分"): "mean performance plain average",
    N_("得分"): "before after corrected corrected_bound weighted value",
    N_("区间"): "ci low high",
    N_("与平均之差的区间"): "average_ci",
    N_("误差"): "se se_cr0 margin median_margin sd_within",
    N_("名次"): "rank rank_without order_changes of",
    N_("名次范围"): "rank_set rank_set_width",
    N_("档次"): "tier",
    N_("与平均的比较"): "vs_average",
    N_("与平均之差"): "average_difference",
    N_("相差"): "difference gap spread largest shift contribution change trimmed",
    N_("分不分得出高低"): "significant",
    N_("评议数"): "n n_raters n_ratings raters ratings ratings_per_rater factor enterprises effective_n",
    N_("与警戒线的比较"): "line below",
    N_("警戒线"): "warning_line",
    N_("满意率"): "share satisfied satisfied_at_least satisfied_at_most at_least at_most",
    N_("回答不了解的"): "not_known",
    N_("各等级的回答数"): "classes",
    N_("结论"): (
        "direction verdict up down moved not_compared not_combined rejected resolvable pairs_resolved"
        " different quadrant code ranked by_roster independent"
    ),
    N_("首尾位次"): "meeting first last certain possible excluded observed count end",
    N_("等次"): "grade grade_zh grade_en best worst grade_lines",
    N_("结论靠多少票"): (
        "carried carried_line removed falsified falsified_verified fragile fragile_pairs least omitted large"
    ),
    N_("说明的文字"): (
        "notes notes_en note_codes note_zh note_en summary_zh summary_en zh en text gap_option merged options"
    ),
    N_("原因"): "reason reason_zh reason_en",
    N_("检验的结果"): (
        "global_test additivity p p_value p_adjusted p_additive p_latent p_equal statistic df df1 df2"
        " method correlation"
    ),
    N_("重要程度"): "importance raw r_squared",
    N_("一致程度"): "alpha omega k",
    N_("名录企业数"): "roster roster_share",
    N_("选票数"): "ballots not_said",
    N_("发出的邀请"): "invited",
    N_("领走的凭证"): "collected",
    N_("投出的选票"): "cast",
    N_("补发的邀请"): "replaced reissued",
    N_("有效选票"): "valid",
    N_("无效选票"): "invalid",
    N_("不认真的答卷"): "flagged n_flagged one_mark straight inconsistent outlying contrary sensitivity",
    N_("权重"): "weight shares design_effect",
    N_("把握"): "level item_level",
    N_("公布门槛"): "threshold",
    N_("答案的名称"): "label label_en option option_en groups strata",
    N_("分值"): "points",
    N_("标题"): "title",
    N_("举办单位"): "body",
    N_("日期"): "opens_on closes_on planned_closes_on day fixed_on on",
    N_("名称"): (
        "name name_en stratum stratum_en slug round group kind electorate department departments a b second"
        " item outcome id index number"
    ),
    N_("名单"): (
        "insufficient profiles problems indicators added composites mended items predecessors needed"
        " treatment changes differences pairs parts rounds scores levels electorates moves"
    ),
    N_("时期"): "period",
    N_("任务"): "task",
    N_("期限"): "deadline",
    N_("依据的数字"): "evidence source",
    N_("全省平均"): "province",
    N_("全市平均"): "city",
    N_("单位"): "unit",
    N_("摘要"): "digest merkle_root event",
    N_("联系的企业数"): "population",
    N_("说投过的"): "took_part",
    N_("说没投的"): "did_not",
    N_("没有联系上的"): "not_reached",
    N_("发出的表"): "handed_out",
    N_("收回的表"): "returned",
    N_("票箱没有收的"): "refused",
    N_("没有填写的"): "empty",
    N_("认定无法计入的"): "not_counted",
    N_("阅表点"): "stations confirmed",
    N_("整改完成率"): "rate listed verified",
    N_("多出的选票"): "restored",
    N_("是不是总体评价"): "overall",
    N_("主题"): "themes",
    N_("计算的设置"): (
        "seed draws step stepdown latent_guard n_components critical_values scale method_version version"
        " format component pairs_left_out composite"
    ),
}  # fmt: skip

FIGURES: Final = {field: label for label, fields in _GROUPS.items() for field in fields.split()}
_PLACES: Final[dict[tuple[str, ...], str]] = {
    ("facts", "profiles", "overall"): N_("名次"),
    ("facts", "profiles", "in_group"): N_("名次"),
    ("facts", "ranking", "scale"): N_("计算的设置"),
}


def part_of(place: tuple[str, ...]) -> str:
    """Message id of the name of the part of an edition that holds this place."""
    return next(PARTS[place[:n]] for n in range(len(place), -1, -1) if place[:n] in PARTS)


def figure_of(place: tuple[str, ...]) -> str:
    """Message id of the name of the value at this place; "" where an entry is there or not as a whole, as in
    the list of problems."""
    return _PLACES.get(place) or FIGURES.get(place[-1], "")
