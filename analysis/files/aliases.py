"""Headings under which the columns of long tables are known."""

from typing import Final

ALIASES: Final[dict[str, tuple[str, ...]]] = {
    "rater": (
        *("rater", "评议人", "企业", "企业名称", "评议企业", "评价人", "评议员", "评委", "打分人", "评分人"),
        *(
            "受访者",
            "受访企业",
            "参评企业",
            "测评人",
            "respondent",
            "respondent_id",
            "rater_id",
            "participant",
        ),
    ),
    "department": (
        *("department", "部门", "部门名称", "单位", "被评议部门", "被评单位", "被评部门", "被评对象"),
        *(
            "评议对象",
            "评价对象",
            "受评部门",
            "受评单位",
            "参评部门",
            "测评对象",
            "单位名称",
            "agency",
        ),
    ),
    "score": ("score", "分数", "得分", "评分", "打分", "分值", "评价得分", "rating", "mark", "points"),
    "item": (
        *("item", "指标", "评议指标", "评价指标", "评议项目", "评价项目", "评议内容", "评价内容", "测评项目"),
        *("criterion", "indicator", "question"),
    ),
    "group": ("group", "类别", "部门类别"),
    "rater_group": ("rater_group", "评议人类别", "企业类别"),
    "stratum": ("stratum", "分层", "层"),
    "weight": ("weight", "权重"),
    "cluster": ("cluster", "owner", "群", "集团", "所属集团", "所有人"),
    "unit": ("unit", "单位", "部门", "名称"),
    "estimate": ("estimate", "估计值", "得分"),
    "se": ("se", "标准误"),
    "population": ("population", "总体数", "总数"),
}
