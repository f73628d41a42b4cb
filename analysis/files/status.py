"""Columns that say of each answer whether it is void or unfinished: 状态, 是否有效, Status, Finished."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Any, Final

from analysis.tables.cells import cell_text
from analysis.tables.headings import plain, simplified

Values = Collection[str]
_STATUS: Final = re.compile(
    r"(答卷|问卷|答题|作答|填写|填报|提交|审核|完成|数据|样本|回收|记录|清洗数据|甄别|质检|质控|复核|核查|有效性?)?(状态|结果|情况|标记|标识|意见)|(数据|答卷|问卷|样本)?质量(等级|评级)?|质检|质控|甄别|有效性"
    r"|(survey|response|interview|completion|submission|review|validation|record|case)?_?(status|type|state|disposition|outcome)"
    r"|(data|response|sample)?_?quality|validation|distributionchannel|flag"
)
_VALID: Final = re.compile(
    r"(是否|答卷|问卷|样本)?(有效|合格|通过|采用|采纳|纳入|计入|审核通过)|(is)?_?(valid|approved|included?)"
)
_VOID: Final = re.compile(
    r"是?否?(测试|作废|无效|删除|剔除|重复|废卷|废票|筛除)(数据|答卷|问卷|样本)?|(is)?_?(test|spam|deleted|void|invalid|duplicate|excluded?)(_?(data|response|entry))?"
)
_FINISHED: Final = re.compile(
    r"(是否)?(完成|提交|答完|填完|完整)(问卷)?|(is)?_?(finished|completed?|submitted)"
)
_REMARK: Final = re.compile(r"备注|说明|标注|附注|remarks?|notes?|comments?|tags?|labels?")
_NO: Final = frozenset(("否", "不是", "no", "n", "false", "0", "×", "x"))
_YES: Final = frozenset(("是", "yes", "y", "true", "1", "√", "✓", "✔"))
_VOID_WORDS: Final = frozenset(
    (
        *(
            "无效",
            "无效答卷",
            "无效问卷",
            "筛除",
            "被筛除",
            "已筛除",
            "甄别筛除",
            "系统筛除",
            "人工筛除",
            "作废",
        ),
        *(
            "已作废",
            "废卷",
            "废票",
            "废弃",
            "剔除",
            "已剔除",
            "删除",
            "已删除",
            "重复",
            "重复提交",
            "重复答卷",
        ),
        *(
            "不通过",
            "未通过",
            "审核不通过",
            "审核未通过",
            "驳回",
            "已驳回",
            "退回",
            "不合格",
            "配额满",
            "配额已满",
        ),
        *("测试", "测试数据", "测试答卷", "预览", "试填", "内部测试", "垃圾", "垃圾数据"),
        *(
            "void",
            "invalid",
            "rejected",
            "not approved",
            "disqualified",
            "screened out",
            "screenout",
            "screen-out",
        ),
        *(
            "screened",
            "terminated",
            "over quota",
            "overquota",
            "quota full",
            "quotafull",
            "spam",
            "possible spam",
        ),
        *(
            "test",
            "test data",
            "testing",
            "survey test",
            "survey preview",
            "preview",
            "offline survey preview",
        ),
        *("deleted", "removed", "excluded", "duplicate", "bad", "fraud"),
    )
)
_UNFINISHED_WORDS: Final = frozenset(
    (
        *(
            "未完成",
            "未提交",
            "部分完成",
            "部分",
            "未答完",
            "中途退出",
            "进行中",
            "填写中",
            "答题中",
            "草稿",
            "暂存",
            "不完整",
        ),
        *(
            "partial",
            "partially complete",
            "partially completed",
            "partial complete",
            "incomplete",
            "not finished",
        ),
        *(
            "unfinished",
            "in progress",
            "started",
            "draft",
            "abandoned",
            "not complete",
            "not completed",
            "break off",
        ),
    )
)


def void_values(heading: str) -> Values:
    """Values (in lower case) by which a column with this heading says that an answer is void, rejected or a
    trial; () if it says no such thing."""
    name = plain(heading)
    if _STATUS.fullmatch(name) or _REMARK.fullmatch(name):
        return _VOID_WORDS
    if _VALID.fullmatch(name):
        return _VOID_WORDS | _NO
    return _VOID_WORDS | _YES if _VOID.fullmatch(name) else ()


def unfinished_values(heading: str) -> Values:
    """Values by which a column says that a rater did not come to the end; () if it says no such thing."""
    name = plain(heading)
    if _FINISHED.fullmatch(name):
        return _UNFINISHED_WORDS | _NO
    return _UNFINISHED_WORDS if _STATUS.fullmatch(name) else ()


def is_flag(heading: str) -> bool:
    """Whether a heading asks a question of yes and no about the answer itself: 是否有效, deleted."""
    name = plain(heading)
    return any(words.fullmatch(name) for words in (_VALID, _VOID, _FINISHED))


def says(cell: Any, values: Values) -> bool:
    """Whether a cell holds one of the values."""
    return simplified(cell_text(cell)).strip().casefold() in values


def marked_rows(headings: Sequence[str], columns: Sequence[Sequence[Any]]) -> tuple[set[int], set[int]]:
    """Positions of the rows of void answers, and of unfinished ones, as columns with such headings say."""
    void: set[int] = set()
    unfinished: set[int] = set()
    for heading, column in zip(headings, columns, strict=True):
        for rows, values in ((void, void_values(heading)), (unfinished, unfinished_values(heading))):
            found = {cell for cell in set(column) if says(cell, values)} if values else set()
            rows |= {i for i, cell in enumerate(column) if cell in found} if found else set()
    return void, unfinished - void
