"""Sentences to read aloud at the meeting (宣读稿), in large type, numbered."""

from __future__ import annotations

from datetime import date

from survey.documents.edition.content import Edition
from survey.documents.edition.meeting.content import spoken, subtitle
from survey.documents.layout.official_docx import OfficialDocument
from survey.documents.layout.titles import title_lines
from survey.wording import briefing


def write_spoken(edition: Edition, issued_on: date | None = None) -> bytes:
    """Word document with numbered sentences in the current language, each allowed by the edition's facts."""
    title = briefing.titled("spoken", edition.title)
    document = OfficialDocument(title, edition.body, edition.made_on(issued_on))
    document.title(title_lines(edition.title, title.removeprefix(edition.title)))
    document.paragraph(subtitle(edition))
    document.paragraph(briefing.spoken_rule())
    number = 0
    for part in spoken(edition):
        document.heading(part.heading)
        for text in part.sentences:
            number += 1
            document.paragraph(f"{number}. {text}")
    return document.finish()
