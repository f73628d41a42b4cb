"""Bulletin (通报) of a ranking made from a file: what may be said and the ranking table, as a Word document.

The bulletin of a round (`survey.documents.edition.bulletin`) tells how ballots were collected and proves it;
of a file nothing of that is known, and this one says so.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from analysis.charts.ranking import decimals
from survey.documents.edition.ranking_parts import (
    GROUP_WIDTHS,
    NUMERALS,
    WIDTHS,
    group_table,
    headings,
    ranking_rows,
    tier_note,
)
from survey.documents.layout.official_docx import OfficialDocument
from survey.documents.layout.titles import title_lines
from survey.documents.ranking.report import Told, facts_of, not_vouched, understood
from survey.facts.ranking import RankingFacts
from survey.language import speaking
from survey.wording import cautions, method, premises
from survey.wording.meeting import sentences
from survey.wording.names import class_name
from survey.wording.ranking import certain

_SHOWN: Final = "排名图：校正得分、联合区间和名次范围"
_PICTURE_ELSEWHERE: Final = "部门较多，排名图另附（ranking.pdf）。"


@speaking("zh")
def ranking_bulletin(told: Told, chart_png: bytes, made_on: date) -> bytes:
    """Bulletin in Chinese, laid out after GB/T 9704-2012; bytes of the .docx. `chart_png`: ranking.png."""
    facts = facts_of(told, "zh")
    title = f"关于{told.title}的分析"
    document = OfficialDocument(title, "Pingyi 评议", made_on)
    document.title(title_lines(f"关于{told.title}", "的分析"))
    document.paragraph(not_vouched())
    _section(document, 0, "可以确认的结论", [*certain(facts), *sentences(facts)])
    document.heading(f"{NUMERALS[1]}、排名")
    _tables(document, facts)
    if not document.picture(chart_png, _SHOWN):
        document.paragraph(_PICTURE_ELSEWHERE)
    left_out = [f"{entry.name}：{entry.why('zh')}" for entry in facts.insufficient]
    parts = [
        ("没有参加排名的部门", left_out),
        (cautions.heading(), cautions.cautions(facts)),
        ("文件是怎样读的", understood(facts)),
        ("前提", premises.assumed()),
        ("怎样看本分析", [method.adjusted_score(), method.certainty(facts.level), *method.how_to_read()]),
    ]
    for number, (heading, texts) in enumerate((part for part in parts if part[1]), start=2):
        _section(document, number, heading, texts)
    return document.finish()


def _section(document: OfficialDocument, number: int, heading: str, texts: list[str]) -> None:
    document.heading(f"{NUMERALS[number]}、{heading}")
    for text in texts:
        document.paragraph(text)


def _tables(document: OfficialDocument, facts: RankingFacts) -> None:
    """Tables within groups, as far as there are several, then that of all departments."""
    groups = [group for group in facts.groups if group.departments]
    some = groups if 1 < len(groups) < len(NUMERALS) else []
    for place, group in enumerate(some):
        document.heading(f"（{NUMERALS[place]}）{class_name(group.name)}部门", level=2)
        document.table(*group_table(group.departments), GROUP_WIDTHS)
        document.small(tier_note(group.departments))
    if some:
        document.heading(f"（{NUMERALS[len(some)]}）全部部门", level=2)
    digits = decimals([department.se or 0 for department in facts.departments])
    document.table(
        headings(facts.departments, "总" if some else ""), ranking_rows(facts.departments, digits), WIDTHS
    )
    document.small(tier_note(facts.departments))
