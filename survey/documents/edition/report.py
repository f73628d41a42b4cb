"""Evaluation report (评议报告) as PDF, typeset by typst from the numbers of one edition."""

from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Final

from survey.clock import day_text
from survey.documents.edition import report_chapters, report_departments
from survey.documents.edition.content import Edition
from survey.documents.edition.report_blocks import Block, note, texts_of
from survey.documents.layout.glyphs import drawable, lacking
from survey.documents.layout.official_docx import collected_between
from survey.documents.layout.typesetting import typeset
from survey.language import speaking

_TEMPLATE: Final = Path(__file__).with_name("report.typ")


@speaking("zh")
def write_report(
    edition: Edition, pictures: Mapping[str, bytes], *, waiting: Callable[[], None] = lambda: None
) -> bytes:
    """Report as PDF. `pictures`: charts as SVG by file name, as `bundle` draws them: ranking-overall.svg,
    pairs.svg, items.svg, and importance.svg, treatment-N.svg and change-SLUG.svg where there are such.

    Characters that no font has are printed as 〓, with a note at the end. Raises `TypesettingFailed` with
    typst's message.
    """
    blocks = list(_blocks(edition, pictures))
    data = {
        "title": f"{edition.title}评议报告" if not edition.title.endswith("评议") else f"{edition.title}报告",
        "heading": edition.title,
        "kind": "评议报告",
        "body": edition.body,
        "days": collected_between(edition.opens_on, edition.closes_on, edition.planned_closes_on),
        "edition": _edition(edition),
        "blocks": blocks,
    }
    if missing := lacking(texts_of(data)):
        blocks.append(note(_marked(missing)))
    used = {str(block["file"]) for block in blocks if block["kind"] == "picture"}
    return typeset(
        _TEMPLATE, drawable(data), {name: pictures[name] for name in used}, waiting=waiting, accessible=True
    )


def _marked(missing: str) -> str:
    codes = "、".join(f"U+{ord(character):04X}" for character in missing)
    return f"“〓”代表字体里没有的字：{codes}。"


def _edition(edition: Edition) -> str:
    day = day_text(edition.published_on) + "公布" if edition.published_on else "待确认"
    return f"第 {edition.number} 版，{day}"


def _blocks(edition: Edition, pictures: Mapping[str, bytes]) -> Iterator[Block]:
    if not edition.ranked:
        parts: Iterator[Iterator[Block]] = iter(
            (report_chapters.summary(edition), report_departments.closing(edition))
        )
        return chain.from_iterable(parts)
    return chain(
        report_chapters.summary(edition),
        report_chapters.response(edition),
        report_chapters.ranking(edition, pictures),
        report_chapters.resolution(edition, pictures),
        report_chapters.item_scores(edition, pictures),
        report_chapters.importance(edition, pictures),
        report_chapters.treatment(edition, pictures),
        report_chapters.changes(edition, pictures),
        report_departments.departments(edition),
        report_departments.problems(edition),
        report_departments.closing(edition),
    )
