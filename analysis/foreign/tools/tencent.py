"""Files of 腾讯问卷 (wj.qq.com): 编号, 开始答题时间 …, `N.题干` or `N.题干:行`, a nameless last column."""

from __future__ import annotations

from typing import Final

from analysis.foreign.grid import Grid
from analysis.foreign.headings import clean, unnumbered
from analysis.foreign.layout import Layout, Question, columns_with, folded, row_with

_SURE: Final = frozenset(("开始答题时间", "结束答题时间"))
OWN: Final = _SURE | frozenset(
    (
        *(
            "编号",
            "答题时长",
            "语言",
            "清洗数据结果",
            "智能清洗数据无效概率",
            "地理位置国家和地区",
            "地理位置省",
        ),
        *(
            "地理位置市",
            "用户类型",
            "用户标识",
            "昵称",
            "自定义字段",
            "ip",
            "ua",
            "referrer",
            "中奖时间",
            "中奖金额",
        ),
        *("审核状态", "得分", "总分"),
    )
)
_DROPPED: Final = {
    "清洗数据结果": frozenset(("无效", "无效数据", "无效答卷")),
    "审核状态": frozenset(("无效", "不通过", "未通过", "审核不通过", "审核未通过")),
}


def recognise(grid: Grid) -> Layout | None:
    """Layout of a file of 腾讯问卷, None for others."""
    at = row_with(grid.top[:3], _SURE, 1)
    if at is None or "编号" not in folded(grid.top[at]):
        return None
    names = folded(grid.top[at])
    asked = {
        i: Question(clean(unnumbered(text)))
        for i, text in enumerate(grid.top[at])
        if text and names[i] not in OWN
    }
    keys = {"rater": names.index("编号")}
    dropped = columns_with(names, _DROPPED)
    return Layout("tencent", (at,), at + 1, asked, keys, joined=True, dropped=dropped)
