"""Sentences on the figures that a problem was recorded on, and on the change
since, each with its interval."""

from __future__ import annotations

from survey.facts.base import Interval
from survey.facts.evidence import (
    ItemUnderLine,
    OftenSaid,
    OutsideUnderLine,
    ScoreUnderLine,
    UnderGroup,
    evidence_from,
)
from survey.facts.publication import Evidence
from survey.language import gettext as _
from survey.models import ProblemSource
from survey.wording.numbers import interval, points, signed, signed_interval


def evidence(source: str, item: str, kept: Evidence) -> str:
    """Sentence on the figures `kept` that a problem was recorded on; "" where it was written by hand."""
    match evidence_from(ProblemSource(source), item, kept):
        case ScoreUnderLine() as figures:
            return _line(figures)
        case ItemUnderLine() as figures:
            return _item_line(item, figures)
        case UnderGroup() as figures:
            return _gap(item, figures)
        case OftenSaid() as figures:
            return _comments(item, figures)
        case OutsideUnderLine() as figures:
            return _indicator(item, figures)
    return ""


def improvement(title: str, direction: str, change: float, bounds: Interval) -> str:
    """Sentence on whether the problem improved until the later round `title`; `change` and the joint `bounds`
    in points against the average change."""
    values = {"title": title, "change": signed(change), "interval": signed_interval(bounds)}
    if direction == "up":
        return _(
            "到“%(title)s”，相对各部门平均上升 %(change)s 分（联合区间 %(interval)s），有改善。", **values
        )
    if direction == "down":
        return _(
            "到“%(title)s”，相对各部门平均变化 %(change)s 分（联合区间 %(interval)s），变差了。", **values
        )
    return _(
        "到“%(title)s”，相对各部门平均变化 %(change)s 分（联合区间 %(interval)s），分不出是改善还是偶然。",
        **values,
    )


def _item_line(item: str, found: ItemUnderLine) -> str:
    return _(
        "“%(item)s”的 %(n)s 条评分平均 %(score)s 分，不到 %(line)s 分；没有检验是不是偶然。",
        item=item,
        n=found.n,
        score=points(found.score),
        line=f"{found.line:g}",
    )


def _line(found: ScoreUnderLine) -> str:
    return _(
        "校正得分 %(score)s 分，联合区间 %(interval)s 整个低于 %(line)s 分警戒线。",
        score=points(found.score),
        interval=interval(found.ci),
        line=f"{found.line:g}",
    )


def _gap(item: str, found: UnderGroup) -> str:
    return _(
        "“%(item)s”与同类部门平均相差 %(difference)s 分（联合区间 %(interval)s），不是偶然。",
        item=item,
        difference=signed(found.difference),
        interval=signed_interval(found.ci),
    )


def _comments(item: str, found: OftenSaid) -> str:
    return _(
        "%(total)s 条意见中有 %(count)s 条说到“%(item)s”。",
        total=found.total,
        count=found.count,
        item=item,
    )


def _indicator(item: str, found: OutsideUnderLine) -> str:
    said = _(
        "%(period)s“%(item)s”得 %(value)s 分，低于 70 分警戒线。",
        period=found.period,
        item=item,
        value=f"{found.value:g}",
    )
    if found.province is not None:
        said += _("全省平均 %(value)s 分。", value=f"{found.province:g}")
    if found.city is not None:
        said += _("全市平均 %(value)s 分。", value=f"{found.city:g}")
    return said
