"""Chapters of the evaluation report on single departments, problems, method, limitations and proof."""

from collections.abc import Iterator

from survey.documents.edition.content import Edition
from survey.documents.edition.report_blocks import Block, card, code, heading, items, note, paragraphs, table
from survey.documents.edition.report_chapters import is_many, name_share
from survey.documents.edition.report_premises import premise_blocks
from survey.facts.profiles import Profile, Standing
from survey.facts.publication import OutsideFigure
from survey.language import gettext as _
from survey.wording import cells, editions, method
from survey.wording.correction import sentences as corrections
from survey.wording.department import card as card_words
from survey.wording.names import in_a_row
from survey.wording.numbers import (
    bound_note,
    department_satisfaction,
    points,
    rank_set,
    satisfaction,
    whole,
)
from survey.wording.respondents import quality
from survey.wording.round import no_problems, summary

MOST_PROBLEMS, MOST_INDICATORS = 30, 20


def departments(edition: Edition) -> Iterator[Block]:
    """Blocks of the chapter with a card for each department; with very many departments a row each."""
    yield heading(_("九、各部门情况"))
    if is_many(edition):
        yield note(_("部门较多，这里每个部门列一行；各项指标、变化和意见在给各部门的反馈函里。"))
        if said := _bounds(edition):
            yield note(said)
        yield _rows(edition)
        return
    yield note(in_a_row(method.levelled(), _("“—”为不公布或没有比较。"), _bounds(edition)))
    for profile in edition.profiles:
        name = _named(profile)
        said = card_words(profile, edition.warning_line, edition.digits)
        yield card(name, [*paragraphs([said]), _items(profile)])


def _named(profile: Profile) -> str:
    if not profile.group:
        return profile.name
    return _("%(name)s（%(group)s）", name=profile.name, group=profile.group)


def _place(place: Standing) -> str:
    return _("%(rank)s（%(range)s）", rank=place.rank, range=rank_set(place.rank_set))


def _bounds(edition: Edition) -> str:
    return bound_note([*edition.profiles, *(item for profile in edition.profiles for item in profile.items)])


def _items(profile: Profile) -> Block:
    rows = []
    for item in profile.items:
        against = item.group.direction if item.group else None
        verdict = cells.against_group(against) if item.mean is not None else "—"
        figures = (whole(item.n), points(item.mean), satisfaction(item))
        change = cells.changed(item.change) if item.mean is not None else "—"
        rows.append((item.name, *figures, verdict, change))
    head = (_("指标"), _("评分数"), _("平均分"), _("满意率"), _("与同类平均"), _("比上轮"))
    return table(head, rows, (2, 0.8, 0.8, 0.8, 1.6, 2.4), aligns="lrrrcc", size=8, inset=0.95)


def _rows(edition: Edition) -> Block:
    """Table with a row for each department in place of its card: group, rank with range, warning line and
    satisfaction."""
    rows = [
        (
            p.name,
            p.group,
            "—" if p.overall is None else _place(p.overall),
            cells.against_line(p.line),
            department_satisfaction(p),
        )
        for p in edition.profiles
    ]
    head = (_("部门"), _("类别"), _("名次（范围）"), _("比警戒线"), _("满意率"))
    widths = (name_share([p.name for p in edition.profiles]), 20, 26, 15, 13.5)
    return table(head, rows, widths, aligns="llccr", size=8, inset=0.95, side=1.0)


def problems(edition: Edition) -> Iterator[Block]:
    """Blocks of the chapter with the list of problems and the outside indicators."""
    yield heading(_("十、问题清单和其他数据"))
    listed = edition.content.problems
    shown = listed[:MOST_PROBLEMS]
    if not listed:
        yield from paragraphs([no_problems()])
    else:
        entries = [(str(p.number), p.department, p.item, p.task, p.deadline) for p in shown]
        head = (_("编号"), _("部门"), _("指标"), _("要解决的问题"), _("期限"))
        yield table(head, entries, (0.7, 2, 1.2, 3, 1.4), aligns="cllll")
        yield from _rest(len(listed) - len(shown), _("问题清单"))
    yield heading(_("省市评估和 12345"), 2)
    figures = edition.content.indicators
    if not figures:
        yield from paragraphs([_("没有导入其他来源的数据。")])
        return
    measured = [
        (cells.source(f.kind), f.period, f.department, f.name, *_compared(f), f.unit)
        for f in figures[:MOST_INDICATORS]
    ]
    columns = (
        _("来源"), _("时期"), _("部门"), _("指标"), _("数值"), _("全省"), _("全市"), _("单位"),
    )  # fmt: skip
    yield table(columns, measured, (1.2, 1.2, 2, 2, 0.9, 0.9, 0.9, 0.7), aligns="llllrrrc", size=8)
    yield from _rest(len(figures) - MOST_INDICATORS, _("其他数据"))


def _rest(count: int, sheet: str) -> Iterator[Block]:
    if count > 0:
        yield note(_("其余 %(count)s 条见排名表的“%(sheet)s”。", count=count, sheet=sheet))


def _compared(figure: OutsideFigure) -> tuple[str, ...]:
    values = (figure.value, figure.province, figure.city)
    return tuple("—" if value is None else f"{value:g}" for value in values)


def closing(edition: Edition) -> Iterator[Block]:
    """Blocks of the chapter on method, limitations and digests."""
    yield heading(_("十一、方法、局限和核对"))
    yield heading(_("方法"), 2)
    yield from paragraphs(method.paragraphs(edition.facts.method))
    if edition.facts.reliability.possible:
        yield from paragraphs([summary(edition.facts.reliability)])
    yield from premise_blocks(edition)
    yield heading(_("局限"), 2)
    yield from items(method.limits())
    yield from paragraphs(quality(edition.facts))
    yield heading(_("核对"), 2)
    yield from paragraphs([in_a_row(editions.receipts(), editions.digests(edition.number))])
    yield code(_("公布内容（第 %(number)s 版）的 SHA-256", number=edition.number), edition.digest)
    yield code(_("校验根"), edition.facts.counts.merkle_root or "")
    yield code(_("评分摘要"), edition.round.digest)
    if edition.log is not None:
        yield code(_("操作日志第 %(number)s 条的摘要", number=edition.log[0]), edition.log[1])
    yield from paragraphs(edition.collecting_sentences)
    if edition.before:
        yield heading(corrections.heading(), 2)
        yield from items(edition.correction_lines)
