"""Files for the meeting in one language: brief, slides, sentences to read aloud."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Final

from analysis.charts.rendering import render
from analysis.charts.slides import draw_slide, ranking_slides
from survey.documents.edition.content import Edition
from survey.documents.edition.meeting.brief import write_brief, write_brief_pdf
from survey.documents.edition.meeting.slides import MOST_CHARTS, Drawn, write_slides
from survey.documents.edition.meeting.spoken import write_spoken
from survey.documents.layout.attempts import Attempts
from survey.language import Language, speaking
from survey.wording import briefing

LANGUAGES: Final[tuple[Language, ...]] = ("zh", "en")
_NAMES: Final[dict[Language, tuple[str, ...]]] = {
    "zh": ("会议/一页纸.docx", "会议/一页纸.pdf", "会议/汇报.pptx", "会议/宣读稿.docx"),
    "en": tuple(
        f"会议/English/{name}" for name in ("brief.docx", "brief.pdf", "slides.pptx", "sentences.docx")
    ),
}
_DPI: Final = 150


def meeting_files(
    edition: Edition, language: Language, issued_on: date | None, attempts: Attempts
) -> dict[str, bytes]:
    """Files by their name in the edition's zip; one that cannot be made is left out and recorded in
    `attempts`."""
    with speaking(language):
        makers: tuple[Callable[[], bytes], ...] = (
            lambda: write_brief(edition, issued_on),
            lambda: write_brief_pdf(edition),
            lambda: write_slides(edition, _charts(edition, language), issued_on),
            lambda: write_spoken(edition, issued_on),
        )
        made = {name: attempts.make(name, work) for name, work in zip(_NAMES[language], makers, strict=True)}
    return {name: content for name, content in made.items() if content is not None}


def _charts(edition: Edition, language: Language) -> list[Drawn]:
    """Slides of the ranking with what they show in words; none where nothing is ranked, or where they are
    too many for the slides."""
    if not edition.ranked:
        return []
    pages = ranking_slides(
        edition.ranking, title=edition.title, warning_line=edition.warning_line, language=language
    )
    if len(pages) > MOST_CHARTS:
        return []
    words = briefing.chart_described(edition.facts)
    return [(render(draw_slide(page), "png", dpi=_DPI), words) for page in pages]
