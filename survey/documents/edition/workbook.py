"""Workbook (排名表) with all tables of an edition: native numbers, not rounded for display."""

import io
from collections.abc import Iterator
from datetime import date
from typing import Final

import xlsxwriter

from analysis.ranking.results import Ranking
from survey.documents.edition.content import Edition
from survey.documents.layout.inert import CREATED, WORKBOOK_OPTIONS
from survey.documents.ranking.electorates_xlsx import write_moves
from survey.documents.ranking.meeting_xlsx import write_meeting
from survey.documents.ranking.method import Cell
from survey.documents.ranking.workbook import RankingWriter, WorkbookColumn, score_cell
from survey.errors import N_
from survey.facts.analysed import as_analysed
from survey.facts.ranking import RankingFacts
from survey.language import current_language
from survey.language import gettext as _
from survey.wording import cells
from survey.wording.correction import sentences as corrections
from survey.wording.numbers import NONE, bound_words, department_satisfaction, satisfaction

Row = tuple[Cell, ...]
_DEPARTMENT: Final = WorkbookColumn(N_("部门"), 34, "text")
_GROUP: Final = WorkbookColumn(N_("类别"), 16, "text")
_LOW, _HIGH = WorkbookColumn(N_("区间下限"), 11, "score"), WorkbookColumn(N_("区间上限"), 11, "score")
_VERDICT: Final = WorkbookColumn(N_("结论"), 18, "text")
_ITEMS: Final = (
    _DEPARTMENT, _GROUP, WorkbookColumn(N_("指标"), 16, "text"), WorkbookColumn(N_("评分数"), 9, "whole"),
    WorkbookColumn(N_("平均分"), 10, "score"), WorkbookColumn(N_("满意率"), 10, "share"),
    WorkbookColumn(N_("与同类平均之差"), 12, "score"), _LOW, _HIGH, _VERDICT,
    WorkbookColumn(N_("比上轮"), 10, "score"), WorkbookColumn(N_("比上轮区间下限"), 11, "score"),
    WorkbookColumn(N_("比上轮区间上限"), 11, "score"), WorkbookColumn(N_("比上轮结论"), 18, "text"),
)  # fmt: skip
_CHANGES: Final = (
    WorkbookColumn(N_("以前的轮次"), 34, "text"), _DEPARTMENT, WorkbookColumn(N_("以前得分"), 10, "score"),
    WorkbookColumn(N_("本轮得分"), 10, "score"), WorkbookColumn(N_("相对变化"), 10, "score"), _LOW, _HIGH,
    WorkbookColumn(N_("校正 p 值"), 11, "probability"), _VERDICT,
)  # fmt: skip
_TREATMENT: Final = (
    WorkbookColumn(N_("分类"), 12, "text"), _DEPARTMENT, WorkbookColumn(N_("甲类"), 14, "text"),
    WorkbookColumn(N_("乙类"), 14, "text"), WorkbookColumn(N_("甲减乙"), 10, "score"), _LOW, _HIGH,
    WorkbookColumn(N_("校正 p 值"), 11, "probability"), _VERDICT,
)  # fmt: skip
_PROBLEMS: Final = (
    WorkbookColumn(N_("编号"), 8, "whole"), _DEPARTMENT, WorkbookColumn(N_("指标"), 16, "text"),
    WorkbookColumn(N_("要解决的问题"), 50, "text"), WorkbookColumn(N_("期限"), 13, "date"),
)  # fmt: skip
_DEPARTMENTS: Final = (
    _DEPARTMENT, _GROUP, WorkbookColumn(N_("名次"), 7, "whole"),
    WorkbookColumn(N_("名次范围·高"), 11, "whole"), WorkbookColumn(N_("名次范围·低"), 11, "whole"),
    WorkbookColumn(N_("校正得分"), 10, "score"), WorkbookColumn(N_("比平均"), 11, "text"),
    WorkbookColumn(N_("比警戒线"), 11, "text"), WorkbookColumn(N_("满意率"), 10, "share"),
    WorkbookColumn(N_("评议数"), 9, "whole"), WorkbookColumn(N_("不参加排名的原因"), 40, "text"),
)  # fmt: skip
_OTHERS: Final = (
    WorkbookColumn(N_("来源"), 12, "text"), WorkbookColumn(N_("时期"), 16, "text"), _DEPARTMENT,
    WorkbookColumn(N_("指标"), 30, "text"), WorkbookColumn(N_("数值"), 10, "score"),
    WorkbookColumn(N_("全省"), 10, "score"), WorkbookColumn(N_("全市"), 10, "score"),
    WorkbookColumn(N_("单位"), 8, "text"),
)  # fmt: skip
_CORRECTED: Final = (
    WorkbookColumn(N_("哪一部分"), 30, "text"), WorkbookColumn(N_("哪一项"), 40, "text"),
    WorkbookColumn(N_("内容"), 20, "text"), WorkbookColumn(N_("上一版"), 24, "text"),
    WorkbookColumn(N_("这一版"), 24, "text"),
)  # fmt: skip


def publication_workbook(edition: Edition) -> bytes:
    """Workbook (.xlsx) in the current language with the sheets 排名, 类别内排名, 两两比较, 部门, 指标, 变化,
    合并总排名, 企业类别, 问题清单, 其他数据, 与上一版的不同, 样本不足与说明, 方法; sheets without a row are
    left out. Tables that other documents shorten are complete here."""
    buffer = io.BytesIO()
    title = _("%(round)s排名表", round=edition.title)
    with xlsxwriter.Workbook(buffer, WORKBOOK_OPTIONS) as book:
        book.set_properties({"title": title, "author": edition.body, "created": CREATED})
        _write(RankingWriter(book, title), edition)
    return buffer.getvalue()


def _write(writer: RankingWriter, edition: Edition) -> None:
    overall = [("", edition.ranking)]
    parts = [*edition.groups, *overall]
    if edition.ranked:
        writer.ranking(overall)
        if edition.groups:
            writer.ranking(edition.groups, _("类别内排名"))
        writer.pairs(parts)
    if meeting := edition.facts.ranking.meeting:
        write_meeting(writer, meeting)
    for number, entry in enumerate(edition.composites, start=1):
        mark = str(number) if len(edition.composites) > 1 else ""
        writer.ranking([_overall(entry.ranking)], _("综合得分%(number)s", number=mark))
        write_moves(writer, entry, _("各方影响%(number)s", number=mark))
    writer.sheet(_("部门"), _DEPARTMENTS, _departments(edition))
    writer.sheet(_("指标"), _ITEMS, _items(edition))
    if edition.facts.compared_rounds:
        writer.sheet(_("变化"), _CHANGES, _changes(edition))
    if combined := edition.combined:
        writer.ranking([_overall(combined.ranking)], _("合并总排名"))
    if edition.facts.compared_strata:
        writer.sheet(_("企业类别"), _TREATMENT, _treatment(edition))
    if edition.content.problems:
        writer.sheet(_("问题清单"), _PROBLEMS, _problems(edition))
    if edition.content.indicators:
        writer.sheet(_("其他数据"), _OTHERS, _others(edition))
    _write_corrected(writer, edition)
    writer.notes(parts)
    writer.method(edition.ranking, _proof(edition))


def _overall(ranking: RankingFacts) -> tuple[str, Ranking]:
    return "", as_analysed(ranking)


def _departments(edition: Edition) -> Iterator[Row]:
    for p in edition.profiles:
        place = p.overall
        ranked: Row = (None,) * 4
        if place is not None:
            score = score_cell(place.adjusted, place.bound)
            ranked = (place.rank, *place.rank_set, score)
        against = "—" if place is None else cells.against_average(place.vs_average)
        told = (
            against,
            cells.against_line(p.line),
            _satisfied(p.satisfied.share, department_satisfaction(p)),
            p.n,
            p.reason(current_language()),
        )
        yield (p.name, p.group, *ranked, *told)


def _satisfied(share: float | None, text: str) -> float | str | None:
    """Share as a number, else the bound as text; None where neither is told."""
    return share if share is not None or text == NONE else text


def _items(edition: Edition) -> Iterator[Row]:
    for profile in edition.profiles:
        for item in profile.items:
            group, change = item.group, item.change
            share = _satisfied(item.satisfied, satisfaction(item))
            against = (group.difference, *group.ci) if group else (None,) * 3
            verdict = cells.against_group(group.direction if group else None)
            since: Row = (*(None,) * 3, "")
            if change:
                since = (change.change, *change.ci, cells.moved(change.direction))
            figures = (item.n, item.mean, share, *against, verdict, *since)
            yield (profile.name, profile.group, item.name, *figures)


def _changes(edition: Edition) -> Iterator[Row]:
    for part in edition.facts.compared_rounds:
        for c in part.changes:
            figures = (c.before, c.after, c.change, *c.ci, c.p)
            yield (part.title, c.department, *figures, cells.moved(c.direction))


def _treatment(edition: Edition) -> Iterator[Row]:
    verdicts = {"above": _("甲类评价较高"), "below": _("乙类评价较高"), "same": _("不能区分")}
    for part in edition.facts.compared_strata:
        for d in part.differences:
            figures = (d.difference, *d.ci, d.p)
            yield (
                part.stratum,
                d.department,
                d.first,
                d.second,
                *figures,
                verdicts[d.direction],
            )


def _problems(edition: Edition) -> Iterator[Row]:
    for p in edition.content.problems:
        yield p.number, p.department, p.item, p.task, date.fromisoformat(p.deadline)


def _others(edition: Edition) -> Iterator[Row]:
    for f in edition.content.indicators:
        figures = (f.value, f.province, f.city)
        yield (cells.source(f.kind), f.period, f.department, f.name, *figures, f.unit)


def _write_corrected(writer: RankingWriter, edition: Edition) -> None:
    if edition.before:
        writer.sheet(_("与上一版的不同"), _CORRECTED, _corrected(edition))


def _corrected(edition: Edition) -> Iterator[Row]:
    for c in corrections.changes(edition.differences):
        yield c.part, c.subject, c.figure, c.before, c.after
    for said in corrections.comments(edition.differences):
        yield said, "", "", "", ""


def _proof(edition: Edition) -> list[tuple[str, Cell]]:
    counts = edition.facts.counts
    return [
        (_("满意率前的“≥”“≤”"), bound_words()),
        (_("发出邀请"), counts.invited),
        (_("投出选票"), counts.cast),
        (_("有效选票"), counts.valid),
        (_("无效选票"), counts.invalid),
        (_("版次"), edition.number),
        (_("公布内容 SHA-256"), edition.digest),
        (_("校验根"), counts.merkle_root or ""),
        (_("评分摘要"), edition.round.digest),
        *([(_("操作日志"), edition.log_line)] if edition.log_line else []),
        *((_("增发邀请"), line) for line in edition.added_lines),
        *((_("从备份恢复"), line) for line in edition.restored_lines),
        *((_("电话核对"), line) for line in edition.telephone_lines),
        *((_("纸质评议表"), line) for line in edition.paper_lines),
    ]
