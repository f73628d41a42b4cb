"""Documents that the period of a round calls for: quarterly 分析, half-year and annual 总结, annual 总排名; a
month has only the bulletin."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from survey.documents.edition import frame
from survey.documents.edition.content import Edition
from survey.documents.edition.ranking_parts import (
    Sections,
    headings,
    ranking_rows,
    tier_note,
    write_proof,
)
from survey.documents.layout.official_docx import OfficialDocument, collected_between
from survey.errors import N_
from survey.facts.comparisons import CombinedFacts, DepartmentMove
from survey.language import gettext as _
from survey.wording import cautions, cells, respondents
from survey.wording import ranking as ranking_words
from survey.wording import round as words
from survey.wording.correction import sentences as corrections
from survey.wording.names import listed
from survey.wording.numbers import signed, signed_interval

_KINDS: Final = {
    "quarter": ("分析", N_("结果的分析")),
    "half_year": ("总结", N_("情况的总结")),
    "year": ("总结", N_("情况的总结")),
}
_MOST_BELOW: Final = 20
_BELOW_WIDTHS: Final = (12, 50, 32, 26, 36)
_MOVES_WIDTHS: Final = (14, 56, 22, 34, 30)


def occasion_documents(edition: Edition, issued_on: date | None = None) -> dict[str, bytes]:
    """Word documents in the current language that the round's period calls for beside the bulletin, by
    Chinese file name."""
    made = {}
    if kind := _KINDS.get(edition.round.period):
        made[f"{kind[0]}.docx"] = _analysis(edition, _(kind[1]), issued_on)
    if combined := edition.combined:
        made["年度总排名.docx"] = _annual(edition, combined, issued_on)
    return made


def annual_title(edition: Edition, combined: CombinedFacts) -> tuple[str, str]:
    """Title of the combined ranking in two halves; before the year is over it names the number of rounds."""
    year, count = edition.opens_on.year, len(combined.rounds)
    if edition.ends_year:
        return _("关于%(year)s年度政务服务评议", year=year), _("总排名的通报")
    return _("关于%(year)s年前%(count)s轮政务服务评议", year=year, count=count), _("合并排名的通报")


def _analysis(edition: Edition, tail: str, issued_on: date | None) -> bytes:
    opened = collected_between(edition.opens_on, edition.closes_on, edition.planned_closes_on)
    opening = _(
        "%(days)s，%(body)s组织企业对政府部门开展了匿名评议（%(round)s）。现将有关情况通报如下。",
        days=opened,
        body=edition.body,
        round=edition.title,
    )
    title = (_("关于%(round)s", round=edition.title), tail)
    document, sections = _begin(edition, title, opening, issued_on)
    facts = edition.facts
    counted = respondents.counted(facts.counts, edition.facts.ranking)
    sections.write(corrections.heading(), edition.correction_lines)
    sections.write(_("评议情况"), [counted, *respondents.response(facts)])
    sections.write(_("总体结果"), _overall(edition))
    told = [*words.resolution(facts), *respondents.weighting(facts)]
    sections.write(_("能分辨到什么程度"), told)
    sections.write(_("分指标分析"), [*words.item_ends(facts), words.summary(facts.drivers)])
    _below(document, edition)
    kinds = [t.stratum + _("：") + words.summary(t) for t in facts.treatment]
    sections.write(_("不同企业的评价"), kinds)
    _since(document, sections, edition)
    _problems(document, sections, edition)
    return _end(document, sections, edition, issued_on)


def _annual(edition: Edition, combined: CombinedFacts, issued_on: date | None) -> bytes:
    ranking = combined.ranking
    opening = _(
        "%(year)s年，%(body)s先后组织企业对政府部门开展了 %(count)s 轮匿名评议。现将各轮合并的排名通报如下。",
        year=edition.opens_on.year,
        body=edition.body,
        count=len(combined.rounds),
    )
    document, sections = _begin(edition, annual_title(edition, combined), opening, issued_on)
    sections.write(_("怎样合并"), list(words.combined(combined)))
    sections.write(_("可以确认的结论"), [*ranking_words.certain(ranking), *cautions.cautions(ranking)])
    sections.begin(_("总排名"))
    departments = ranking.departments
    rows = [row[:-1] for row in ranking_rows(departments, edition.digits)]
    document.table(headings(departments)[:-1], rows, (14, 58, 22, 17, 22, 23))
    document.small(tier_note(departments))
    if combined.not_combined:
        document.paragraph(words.not_combined(listed(combined.not_combined)))
    _since(document, sections, edition)
    return _end(document, sections, edition, issued_on)


def _begin(
    edition: Edition, title: tuple[str, str], opening: str, issued_on: date | None
) -> tuple[OfficialDocument, Sections]:
    document = OfficialDocument("".join(title), edition.body, edition.made_on(issued_on))
    frame.begin(document, edition.body, title, _("各有关部门"))
    document.paragraph(opening)
    return document, Sections(document)


def _end(document: OfficialDocument, sections: Sections, edition: Edition, issued_on: date | None) -> bytes:
    write_proof(document, sections, edition)
    frame.sign(document, edition.body, issued_on or edition.published_on, imprint=True)
    return document.finish()


def _overall(edition: Edition) -> list[str]:
    ranking = edition.facts.ranking
    if not edition.ranked:
        return list(ranking.notes)
    return [
        *ranking_words.certain(ranking),
        *words.line(edition.facts),
        *cautions.cautions(ranking),
        *cautions.remarks(edition.facts),
    ]


def _below(document: OfficialDocument, edition: Edition) -> None:
    below = words.items_below(edition.profiles)
    shown = below[:_MOST_BELOW]
    document.paragraph(words.items_below_told(len(below), len(shown)))
    if not shown:
        return
    rows = [
        (
            str(n),
            name,
            item.name,
            signed(gap.difference),
            signed_interval(gap.ci),
        )
        for n, (name, item, gap) in enumerate(shown, start=1)
    ]
    head = (_("序号"), _("部门"), _("指标"), _("与平均之差"), _("区间"))
    document.table(head, rows, _BELOW_WIDTHS)


def _since(document: OfficialDocument, sections: Sections, edition: Edition) -> None:
    """Write the section on changes beyond chance since each earlier round."""
    sections.begin(_("与以前各轮相比"))
    parts = edition.facts.changes
    if not parts:
        document.paragraph(words.nothing_earlier())
    for part in parts:
        document.paragraph(words.change_of(part))
        if part.possible:
            _moves(document, [c for c in part.changes if c.direction != "same"])


def _moves(document: OfficialDocument, changes: Sequence[DepartmentMove]) -> None:
    rows = [
        (
            str(n),
            c.department,
            signed(c.change),
            signed_interval(c.ci),
            cells.moved(c.direction),
        )
        for n, c in enumerate(sorted(changes, key=lambda c: -c.change), start=1)
    ]
    if rows:
        head = (_("序号"), _("部门"), _("相对变化"), _("区间"), _("结论"))
        document.table(head, rows, _MOVES_WIDTHS)


def _problems(document: OfficialDocument, sections: Sections, edition: Edition) -> None:
    problems = edition.content.problems
    sections.begin(_("问题和整改"))
    if not problems:
        document.paragraph(words.no_problems())
        return
    document.paragraph(words.problems_listed(len(problems)))
    rows = [(str(p.number), p.department, p.item, p.task, p.deadline) for p in problems]
    columns = (_("编号"), _("部门"), _("指标"), _("要解决的问题"), _("期限"))
    document.table(columns, rows, (12, 42, 22, 54, 26), left=(1, 3))
