"""Bulletin (通报) of a ranking made from a file: what may be said and the ranking table, as a Word document.

The bulletin of a round (`survey.documents.edition.bulletin`) tells how ballots were collected and proves it;
of a file nothing of that is known, and this one says so.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from analysis.charts.ranking import decimals
from survey.documents.edition.ranking_parts import Sections, write_tables
from survey.documents.layout.official_docx import OfficialDocument
from survey.documents.layout.titles import title_lines
from survey.documents.ranking.report import Told, facts_of, not_vouched, understood
from survey.language import speaking
from survey.wording import cautions, method, premises
from survey.wording.meeting import sentences
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
    sections = Sections(document)
    sections.write("可以确认的结论", [*certain(facts), *sentences(facts)])
    sections.begin("排名")
    write_tables(document, facts, decimals([department.se or 0 for department in facts.departments]))
    if not document.picture(chart_png, _SHOWN):
        document.paragraph(_PICTURE_ELSEWHERE)
    left_out = [f"{entry.name}：{entry.why('zh')}" for entry in facts.insufficient]
    sections.write("没有参加排名的部门", left_out)
    sections.write(cautions.heading(), cautions.cautions(facts))
    sections.write("文件是怎样读的", understood(facts))
    sections.write("前提", premises.assumed())
    reading = [method.adjusted_score(), method.certainty(facts.level), *method.how_to_read()]
    sections.write("怎样看本分析", reading)
    return document.finish()
