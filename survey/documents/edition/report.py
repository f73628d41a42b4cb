"""Evaluation report (评议报告) as PDF, typeset by typst from the numbers of one edition."""

from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Final

from survey.documents.edition import report_chapters, report_departments
from survey.documents.edition.content import Edition
from survey.documents.edition.report_blocks import Block, note, texts_of
from survey.documents.layout.glyphs import drawable, lacking
from survey.documents.layout.official_docx import collected_between
from survey.documents.layout.typesetting import typeset
from survey.language import current_language
from survey.language import gettext as _
from survey.wording.names import listed
from survey.wording.numbers import day

_TEMPLATE: Final = Path(__file__).with_name("report.typ")


def write_report(
    edition: Edition, pictures: Mapping[str, bytes], *, waiting: Callable[[], None] = lambda: None
) -> bytes:
    """Report as PDF in the current language. `pictures`: charts as SVG by file name, as `bundle` draws them:
    ranking-overall.svg, pairs.svg, items.svg, and importance.svg, treatment-N.svg and change-SLUG.svg where
    there are such.

    Characters that no font has are printed as 〓, with a note at the end. Raises `TypesettingFailed` with
    typst's message.
    """
    blocks = list(_blocks(edition, pictures))
    language = current_language()
    data = {
        "language": language,
        "region": "cn" if language == "zh" else "gb",
        "contents": _("目录"),
        "title": _title(edition.title),
        "heading": edition.title,
        "kind": _("评议报告"),
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


def _title(title: str) -> str:
    if title.endswith("评议") and current_language() == "zh":
        return f"{title}报告"
    return _("%(round)s评议报告", round=title)


def _marked(missing: str) -> str:
    codes = listed([f"U+{ord(character):04X}" for character in missing])
    return _("“〓”代表字体里没有的字：%(codes)s。", codes=codes)


def _edition(edition: Edition) -> str:
    if edition.published_on is None:
        return _("第 %(number)s 版，待确认", number=edition.number)
    return _("第 %(edition)s 版，%(day)s公布", edition=edition.number, day=day(edition.published_on))


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
