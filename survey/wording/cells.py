"""Words for verdicts in table cells, the same on pages, in documents and in workbooks."""

from __future__ import annotations

from survey.facts.items import ItemChange
from survey.language import gettext as _
from survey.wording.numbers import NONE, signed_interval, size


def against_average(side: str) -> str:
    """Words for a score against the average, from "above" or "below"; anything else is 不能区分 (cannot be
    told apart)."""
    return {"above": _("高于平均"), "below": _("低于平均")}.get(side, _("不能区分"))


def marked(side: str) -> str:
    """Short words for a score against the average in a narrow column; empty where it cannot be told apart, as
    `blank` explains."""
    return {"above": _("高于"), "below": _("低于")}.get(side, "")


def blank() -> str:
    return _("比平均一栏，“高于”“低于”是确定的，空白是与平均不能区分。")


def against_line(side: str | None) -> str:
    """Words for a department's score against the warning line; a dash for None."""
    known = {"above": _("确定高于"), "below": _("确定低于"), "undecided": _("说不准")}
    return known[side] if side else NONE


def against_group(direction: str | None) -> str:
    """Words for an item of a department against the average of its group; None: cannot be compared."""
    known = {"above": _("确定高"), "below": _("确定低"), "same": _("不能区分")}
    return known[direction] if direction else _("不能比较")


def moved(direction: str) -> str:
    """Words for the direction of a change between rounds, measured against the average change."""
    return {"up": _("确有上升"), "down": _("确有下降"), "same": _("未超出偶然")}[direction]


def changed(change: ItemChange | None) -> str:
    """Words for a change since the latest round, with the interval; a dash for None (nothing to compare).

    No number without its interval, and none where the change is within chance.
    """
    if change is None:
        return NONE
    bounds = signed_interval(change.ci)
    if change.direction == "same" or bounds == NONE:
        return moved(change.direction)
    values = {"size": size(change.change), "interval": bounds}
    if change.direction == "up":
        return _("上升 %(size)s（%(interval)s）", **values)
    return _("下降 %(size)s（%(interval)s）", **values)


def source(kind: str) -> str:
    """Words for the source of an outside figure: the provincial assessment or the hotline."""
    return {"assessment": _("省市评估"), "hotline": _("12345 热线")}.get(kind, kind)


def withheld(reason: str) -> str:
    """Reason why a figure is not shown, in words; "" where it is shown."""
    return {
        "": "",
        "threshold": _("少于公布门槛"),
        "unanimous": _("答案几乎一致，不公布"),
        "complementary": _("防止推算，不公布"),
        "none": _("没有评价"),
    }.get(reason, _("不能比较"))
