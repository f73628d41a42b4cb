"""The field's words for problems, comments and outside indicators, and the sentences of their evidence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from survey.language import gettext as _
from survey.models import Decision, IndicatorKind, ProblemSource, Stage
from survey.services.followup.problem_candidates import Improvement
from survey.wording.document_numbers import signed


def stage(value: str) -> str:
    return {
        Stage.RECORDED: _("已记录"),
        Stage.ASSIGNED: _("已转办"),
        Stage.WORKING: _("办理中"),
        Stage.ANSWERED: _("已回复，待核实"),
        Stage.VERIFIED: _("已核实"),
        Stage.WITHDRAWN: _("已撤销"),
    }[Stage(value)]


def step(value: str) -> str:
    """What was done to get to a stage."""
    return {
        Stage.RECORDED: _("记录"),
        Stage.ASSIGNED: _("转办"),
        Stage.WORKING: _("办理"),
        Stage.ANSWERED: _("回复"),
        Stage.VERIFIED: _("回访核实"),
        Stage.WITHDRAWN: _("撤销"),
    }[Stage(value)]


def source(value: str) -> str:
    return {
        ProblemSource.LINE: _("警戒线"),
        ProblemSource.GAP: _("明显低于同类部门"),
        ProblemSource.COMMENTS: _("意见集中"),
        ProblemSource.INDICATOR: _("外部指标偏低"),
        ProblemSource.OTHER: _("其他"),
    }[ProblemSource(value)]


def decision(value: str) -> str:
    return {Decision.RELEASE: _("转给部门"), Decision.WITHHOLD: _("不转")}[Decision(value)]


def kind(value: str) -> str:
    return {IndicatorKind.ASSESSMENT: _("省市评估"), IndicatorKind.HOTLINE: _("12345 热线")}[
        IndicatorKind(value)
    ]


def withheld(reason: str) -> str:
    """Why a figure is not shown, beside its empty place."""
    known = {
        "threshold": _("不足门槛，不公布"),
        "unanimous": _("几乎一致，不公布"),
        "complementary": _("为防推算，不公布"),
        "none": _("没有"),
        "not_compared": _("信息不足，未比较"),
    }
    return known.get(reason, "")


def evidence(source_name: str, item: str, found: Mapping[str, Any]) -> str:
    """The sentence of what a problem was recorded on; empty when it was written by hand."""
    tell = {
        ProblemSource.LINE: _line,
        ProblemSource.GAP: _gap,
        ProblemSource.COMMENTS: _comments,
        ProblemSource.INDICATOR: _indicator,
    }.get(ProblemSource(source_name))
    return tell(item, found) if tell and found else ""


def improvement(found: Improvement) -> str:
    """One sentence on what became of it in a later round, with its uncertainty."""
    values = {
        "title": found.title,
        "change": signed(found.change),
        "low": signed(found.low),
        "high": signed(found.high),
    }
    if found.direction == "up":
        return _(
            "到“%(title)s”，相对各部门平均上升 %(change)s 分（联合区间 %(low)s 到 %(high)s），有改善。",
            **values,
        )
    if found.direction == "down":
        return _(
            "到“%(title)s”，相对各部门平均变化 %(change)s 分（联合区间 %(low)s 到 %(high)s），变差了。",
            **values,
        )
    return _(
        "到“%(title)s”，相对各部门平均变化 %(change)s 分（联合区间 %(low)s 到 %(high)s），"
        "分不出是改善还是偶然。",
        **values,
    )


def _line(item: str, found: Mapping[str, Any]) -> str:
    score, line = f"{found['score']:.1f}", f"{found['line']:g}"
    if item:
        return _(
            "“%(item)s”的 %(n)s 条评分平均 %(score)s 分，不到 %(line)s 分；没有检验是不是偶然。",
            item=item, score=score, line=line, n=found["n"],
        )  # fmt: skip
    low, high = (f"{bound:.1f}" for bound in found["ci"])
    return _(
        "校正得分 %(score)s 分，联合区间 %(low)s–%(high)s 整个低于 %(line)s 分警戒线。",
        score=score, low=low, high=high, line=line,
    )  # fmt: skip


def _gap(item: str, found: Mapping[str, Any]) -> str:
    low, high = (signed(bound) for bound in found["ci"])
    return _(
        "“%(item)s”与同类部门平均相差 %(difference)s 分（联合区间 %(low)s 到 %(high)s），不是偶然。",
        item=item, difference=signed(found["difference"]), low=low, high=high,
    )  # fmt: skip


def _comments(item: str, found: Mapping[str, Any]) -> str:
    return _(
        "%(total)s 条意见中有 %(count)s 条说到“%(item)s”。",
        total=found["total"], count=found["count"], item=item,
    )  # fmt: skip


def _indicator(item: str, found: Mapping[str, Any]) -> str:
    said = _(
        "%(period)s“%(item)s”得 %(value)s 分，低于 70 分警戒线。",
        period=found["period"], item=item, value=f"{found['value']:g}",
    )  # fmt: skip
    if found.get("province") is not None:
        said += _("全省平均 %(value)s 分。", value=f"{found['province']:g}")
    if found.get("city") is not None:
        said += _("全市平均 %(value)s 分。", value=f"{found['city']:g}")
    return said
