"""Bulletin (通报) of a round as a Word document: a template, the program's or an office's own, filled in."""

from collections.abc import Mapping
from datetime import date
from functools import cache, partial
from typing import Final

from docx.document import Document

from survey.clock import day_text
from survey.documents.edition.bulletin_parts import SECTIONS, BulletinContext, opening
from survey.documents.edition.ranking_parts import numeral
from survey.documents.layout import word_settings
from survey.documents.layout.official_docx import NO_DATE, OfficialDocument, OfficialText
from survey.documents.layout.titles import title_lines
from survey.documents.layout.word_template import Vocabulary, Write, fill
from survey.language import gettext as _
from survey.language import speaking
from survey.wording import cells
from survey.wording.numbers import NONE, interval, percent, rank_set, score, whole

UNTITLED: Final = "正文"
"""Ending of a section's name in a template that has a heading of its own."""
_FRAME: Final = ("版头", "公文标题", "落款", "版记")
FIELDS: Final = (
    "轮次", "评议机关", "标题", "开头", "起始日期", "截止日期", "成文日期", "邀请数", "领取数", "投出数",
    "有效数", "无效数", "回收率", "排名部门数", "校验根", "评分摘要",
)  # fmt: skip
DEPARTMENTS: Final = "各部门"
ROW: Final = ("名次", "名称", "名次范围", "比平均", "校正得分", "联合区间", "评议数")
BLOCKS: Final = (*_FRAME, *SECTIONS, *(name + UNTITLED for name in SECTIONS))
VOCABULARY: Final = Vocabulary(frozenset(FIELDS), frozenset(BLOCKS), {DEPARTMENTS: frozenset(ROW)})
_MADE: Final = date(2012, 7, 1)  # of the template; a bulletin bears its own day


@speaking("zh")
def write_bulletin(context: BulletinContext, template: bytes | None = None) -> bytes:
    """Bulletin as a Chinese Word document, laid out after GB/T 9704-2012; bytes of the .docx.

    `template`: the office's own, a .docx in the names of `VOCABULARY`. Raises `TemplateError` of Jinja.
    """
    made = fill(template or default_template(), VOCABULARY, _values(context), _blocks(context))
    day = context.issued_on or context.closes_on
    word_settings.name_document(made, _title(context), context.body, day)
    return word_settings.finished(made)


@speaking("en")
def write_english_bulletin(context: BulletinContext) -> bytes:
    """Bulletin in English for readers who know no Chinese: the same sections without the office's layout."""
    day = context.issued_on or context.closes_on
    title = _("%(round)s：结果通报", round=context.round_title)
    document = OfficialDocument(title, context.body, day)
    document.title(title_lines(title, ""))
    document.paragraph(opening(context))
    number = 0
    for write in SECTIONS.values():
        number += write(document, context, numeral(number))
    document.paragraph(_("%(body)s　%(days)s", body=context.body, days=day_text(day, "en")))
    return document.finish()


@cache
def default_template() -> bytes:
    """Template that an office may download and change; bytes of the .docx."""
    document = OfficialDocument("通报模板", "", _MADE)
    for name in _FRAME[:2]:
        document.paragraph(f"{{{{ {name} }}}}")
    document.recipient("各有关部门：")
    for name in ("开头", *SECTIONS, *_FRAME[2:]):
        document.paragraph(f"{{{{ {name} }}}}")
    return document.finish()


def _title(context: BulletinContext) -> str:
    return f"关于{context.round_title}结果的通报"


def _values(context: BulletinContext) -> Mapping[str, object]:
    """Values of `FIELDS` and of the list of departments."""
    counts, ranking = context.counts, context.ranking
    numbers = (counts.invited, counts.collected, counts.cast, counts.valid, counts.invalid)
    values = (
        context.round_title,
        context.body,
        _title(context),
        opening(context),
        day_text(context.opens_on),
        day_text(context.closes_on),
        day_text(context.issued_on) if context.issued_on else NO_DATE,
        *map(whole, numbers),
        percent(counts.response_rate),
        whole(len(ranking.departments)),
        counts.merkle_root or NONE,
        context.digest,
    )
    rows = [
        (
            str(d.rank),
            d.name,
            rank_set(d.rank_set),
            cells.against_average(d.vs_average),
            score(d, context.digits),
            interval(d.ci, context.digits),
            whole(d.n),
        )
        for d in ranking.departments
    ]
    departments = [dict(zip(ROW, row, strict=True)) for row in rows]
    return dict(zip(FIELDS, values, strict=True)) | {DEPARTMENTS: departments}


def _blocks(context: BulletinContext) -> Mapping[str, Write]:
    sections = _Sections(context)
    title = title_lines(f"关于{context.round_title}", "结果的通报")
    blocks: dict[str, Write] = {
        "版头": lambda document: OfficialText(document).masthead(context.body),
        "公文标题": lambda document: OfficialText(document).title(title),
        "落款": partial(_signed, context=context),
        "版记": lambda document: OfficialText(document).imprint(context.issued_on),
    }
    for name in SECTIONS:
        blocks[name] = partial(sections.titled, name=name)
        blocks[name + UNTITLED] = partial(sections.untitled, name=name)
    return blocks


def _signed(document: Document, context: BulletinContext) -> None:
    text = OfficialText(document)
    text.attachments(context.attachments)
    text.signature(context.body, context.issued_on)


class _Untitled(OfficialText):
    """Part of which the template has the heading."""

    def heading(self, text: str, level: int = 1) -> None:
        if level > 1:
            super().heading(text, level)


class _Sections:
    """Writer of sections, numbered in the order in which a template names them."""

    def __init__(self, context: BulletinContext) -> None:
        self._context, self._count = context, 0

    def titled(self, document: Document, name: str) -> None:
        number = numeral(self._count)
        self._count += SECTIONS[name](OfficialText(document), self._context, number)

    def untitled(self, document: Document, name: str) -> None:
        SECTIONS[name](_Untitled(document), self._context, "")
