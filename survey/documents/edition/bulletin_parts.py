"""Contents and sections of the bulletin (通报) of a round: what was done, the ranking with its uncertainty,
and no differences within chance."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from survey.documents.edition import composites
from survey.documents.edition.ranking_parts import shown_groups, write_tables
from survey.documents.layout.official_docx import OfficialText, collected_between
from survey.errors import N_
from survey.facts.publication import EditionComposite
from survey.facts.ranking import RankingFacts
from survey.facts.round import BallotCounts
from survey.language import gettext as _
from survey.wording import cautions, editions, method, respondents
from survey.wording import composites as composite_words
from survey.wording.correction import sentences as corrections
from survey.wording.meeting import sentences
from survey.wording.names import in_a_row
from survey.wording.ranking import certain, excluded, not_ranked, reading

_COMPOSITE_WIDTHS: Final = (17, 58, 25, 18, 25, 13)
_SHOWN_IN_CHART: Final = N_("部门评议排名图：校正得分、联合区间和名次范围")
_SHOWN_IN_MATRIX: Final = N_("两两比较图：每两个部门分不分得出高低")


@dataclass(frozen=True, slots=True)
class BulletinContext:
    """Contents of a bulletin. `digest`: of the scores (hex).

    `issued_on`: date printed, left blank where None. `digits`: decimals of scores. `pairs_png`: matrix of
    pairs. `chart_pages` and `pairs_pages`: charts in pages, printed where one picture would be too small to
    read; `chart_file` is named where there are no such pages. `attachments`: names under 附件. `remarks`:
    cautions beside the notes of the ranking; `corrected`: what differs from the edition before, if there is
    one; `composites`: those of the edition (docs/formats.md).
    """

    round_title: str
    body: str
    opens_on: date
    closes_on: date
    ranking: RankingFacts
    counts: BallotCounts
    digest: str
    chart_png: bytes | None = None
    pairs_png: bytes | None = None
    chart_pages: Sequence[bytes] = ()
    pairs_pages: Sequence[bytes] = ()
    remarks: Sequence[str] = ()
    corrected: Sequence[str] = ()
    composites: Sequence[EditionComposite] = ()
    chart_file: str = "ranking.pdf"
    attachments: Sequence[str] = ("评议排名表",)
    issued_on: date | None = None
    planned_closes_on: date | None = None
    digits: int = 1


def opening(context: BulletinContext) -> str:
    days = collected_between(context.opens_on, context.closes_on, context.planned_closes_on)
    return _(
        "%(days)s，%(body)s组织企业对政府部门开展了匿名评议（%(round)s）。现将结果通报如下。",
        days=days,
        body=context.body,
        round=context.round_title,
    )


def _corrected(document: OfficialText, context: BulletinContext, number: str) -> int:
    if not context.corrected:
        return 0
    document.heading(number + corrections.heading())
    for text in context.corrected:
        document.paragraph(text)
    return 1


def _what_was_done(document: OfficialText, context: BulletinContext, number: str) -> int:
    document.heading(number + _("评议情况"))
    document.paragraph(respondents.counted(context.counts, context.ranking))
    return 1


def _how(document: OfficialText, context: BulletinContext, number: str) -> int:
    document.heading(number + _("评议方法"))
    for text in (
        method.why_differences(),
        method.adjusted_score(),
        method.certainty(context.ranking.level),
    ):
        document.paragraph(text)
    return 1


def _what_is_certain(document: OfficialText, context: BulletinContext, number: str) -> int:
    ranking = context.ranking
    document.heading(number + _("可以确认的结论"))
    for text in (*certain(ranking), *sentences(ranking)):
        document.paragraph(text)
    return 1


def _cautions(document: OfficialText, context: BulletinContext, number: str) -> int:
    told = [*cautions.cautions(context.ranking), *context.remarks]
    if not told:
        return 0
    document.heading(number + cautions.heading())
    for text in told:
        document.paragraph(text)
    return 1


def _tables(document: OfficialText, context: BulletinContext, number: str) -> int:
    document.heading(number + _("排名"))
    if shown_groups(context.ranking):
        document.paragraph(method.two_orders())
    write_tables(document, context.ranking, context.digits)
    elsewhere = _("部门较多，排名图另附（%(file)s）。", file=context.chart_file)
    _pictures(document, context.chart_png, context.chart_pages, _(_SHOWN_IN_CHART), elsewhere)
    if context.pairs_png:
        elsewhere = _("部门较多，两两比较图另附，全部数字在排名表的“两两比较”里。")
        if _pictures(document, context.pairs_png, context.pairs_pages, _(_SHOWN_IN_MATRIX), elsewhere):
            document.small(reading("matrix"))
    return 1


def _pictures(
    document: OfficialText, png: bytes | None, pages: Sequence[bytes], words: str, elsewhere: str
) -> bool:
    """Add the chart, or its pages where it is too small to read, or a reference; returns whether a chart was
    added."""
    if png is None or document.picture(png, words):
        return png is not None
    for number, page in enumerate(pages, start=1):
        document.picture(page, f"{words}（{number}/{len(pages)}）")
    if not pages:
        document.paragraph(elsewhere)
    return bool(pages)


def _composites(document: OfficialText, context: BulletinContext, number: str) -> int:
    if not context.composites:
        return 0
    document.heading(number + _("综合得分"))
    for entry in context.composites:
        document.heading(composite_words.title(entry), level=2)
        for text in composite_words.told(entry):
            document.paragraph(text)
        rows = composites.rows(entry, context.digits)
        document.table(composites.headings(), rows, _COMPOSITE_WIDTHS)
        document.small(composites.note())
    return 1


def _too_few(document: OfficialText, context: BulletinContext, number: str) -> int:
    told = not_ranked(context.ranking)
    if not told:
        return 0
    document.heading(number + _("没有参加排名的部门"))
    document.paragraph(excluded())
    for names, why in told:
        document.paragraph(f"{names}{_('：')}{why}")
    return 1


def _how_to_read(document: OfficialText, context: BulletinContext, number: str) -> int:  # noqa: ARG001
    document.heading(number + _("怎样看本通报"))
    for text in method.how_to_read():
        document.paragraph(text)
    return 1


def _proof(document: OfficialText, context: BulletinContext, number: str) -> int:
    document.heading(number + _("核对信息"))
    document.paragraph(in_a_row(editions.receipts(), editions.digests()))
    document.digest(_("校验根"), context.counts.merkle_root or _("未知"))
    document.digest(_("评分摘要"), context.digest)
    return 1


# Name of a section in a template → what writes it after its numeral, and returns whether there was anything.
SECTIONS: Final[Mapping[str, Callable[[OfficialText, BulletinContext, str], int]]] = {
    "更正情况": _corrected,
    "评议情况": _what_was_done,
    "评议方法": _how,
    "可以确认的结论": _what_is_certain,
    "需要注意的情况": _cautions,
    "排名": _tables,
    "综合得分": _composites,
    "没有参加排名的部门": _too_few,
    "怎样看本通报": _how_to_read,
    "核对信息": _proof,
}
