"""Chapters of the evaluation report on single departments, problems, method, limitations and proof."""

from collections.abc import Iterator

from survey.documents.edition.content import Edition
from survey.documents.edition.report_blocks import Block, card, code, heading, items, note, paragraphs, table
from survey.documents.edition.report_chapters import is_many, name_share
from survey.documents.edition.report_premises import premise_blocks
from survey.facts.profiles import Profile
from survey.facts.publication import OutsideFigure
from survey.wording import cells, editions, method
from survey.wording.correction import sentences as corrections
from survey.wording.department import card as card_words
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
    yield heading("九、各部门情况")
    if is_many(edition):
        yield note("部门较多，这里每个部门列一行；各项指标、变化和意见在给各部门的反馈函里。")
        if said := _bounds(edition):
            yield note(said)
        yield _rows(edition)
        return
    yield note(method.levelled() + "“—”为不公布或没有比较。" + _bounds(edition))
    for profile in edition.profiles:
        name = f"{profile.name}（{profile.group}）" if profile.group else profile.name
        said = card_words(profile, edition.warning_line, edition.digits)
        yield card(name, [*paragraphs([said]), _items(profile)])


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
    head = ("指标", "评分数", "平均分", "满意率", "与同类平均", "比上轮")
    return table(head, rows, (2, 0.8, 0.8, 0.8, 1.6, 2.4), aligns="lrrrcc", size=8, inset=0.95)


def _rows(edition: Edition) -> Block:
    """Table with a row for each department in place of its card: group, rank with range, warning line and
    satisfaction."""
    rows = [
        (
            p.name,
            p.group,
            "—" if p.overall is None else f"{p.overall.rank}（{rank_set(p.overall.rank_set)}）",
            cells.against_line(p.line),
            department_satisfaction(p),
        )
        for p in edition.profiles
    ]
    head = ("部门", "类别", "名次（范围）", "比警戒线", "满意率")
    widths = (name_share([p.name for p in edition.profiles]), 20, 26, 15, 13.5)
    return table(head, rows, widths, aligns="llccr", size=8, inset=0.95, side=1.0)


def problems(edition: Edition) -> Iterator[Block]:
    """Blocks of the chapter with the list of problems and the outside indicators."""
    yield heading("十、问题清单和其他数据")
    listed = edition.content.problems
    shown = listed[:MOST_PROBLEMS]
    if not listed:
        yield from paragraphs([no_problems()])
    else:
        entries = [(str(p.number), p.department, p.item, p.task, p.deadline) for p in shown]
        head = ("编号", "部门", "指标", "要解决的问题", "期限")
        yield table(head, entries, (0.7, 2, 1.2, 3, 1.4), aligns="cllll")
        yield from _rest(len(listed) - len(shown), "问题清单")
    yield heading("省市评估和 12345", 2)
    figures = edition.content.indicators
    if not figures:
        yield from paragraphs(["没有导入其他来源的数据。"])
        return
    measured = [
        (cells.source(f.kind), f.period, f.department, f.name, *_compared(f), f.unit)
        for f in figures[:MOST_INDICATORS]
    ]
    columns = ("来源", "时期", "部门", "指标", "数值", "全省", "全市", "单位")
    yield table(columns, measured, (1.2, 1.2, 2, 2, 0.9, 0.9, 0.9, 0.7), aligns="llllrrrc", size=8)
    yield from _rest(len(figures) - MOST_INDICATORS, "其他数据")


def _rest(count: int, sheet: str) -> Iterator[Block]:
    if count > 0:
        yield note(f"其余 {count} 条见排名表的“{sheet}”。")


def _compared(figure: OutsideFigure) -> tuple[str, ...]:
    values = (figure.value, figure.province, figure.city)
    return tuple("—" if value is None else f"{value:g}" for value in values)


def closing(edition: Edition) -> Iterator[Block]:
    """Blocks of the chapter on method, limitations and digests."""
    yield heading("十一、方法、局限和核对")
    yield heading("方法", 2)
    yield from paragraphs(method.paragraphs(edition.facts.method))
    if edition.facts.reliability.possible:
        yield from paragraphs([summary(edition.facts.reliability)])
    yield from premise_blocks(edition)
    yield heading("局限", 2)
    yield from items(method.limits())
    yield from paragraphs(quality(edition.facts))
    yield heading("核对", 2)
    yield from paragraphs([editions.receipts() + editions.digests(edition.number)])
    yield code(f"公布内容（第 {edition.number} 版）的 SHA-256", edition.digest)
    yield code("校验根", edition.facts.counts.merkle_root or "")
    yield code("评分摘要", edition.round.digest)
    if edition.log is not None:
        yield code(f"操作日志第 {edition.log[0]} 条的摘要", edition.log[1])
    yield from paragraphs(edition.collecting_sentences)
    if edition.before:
        yield heading(corrections.heading(), 2)
        yield from items(edition.correction_lines)
