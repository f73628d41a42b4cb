"""Stations for tests: pages as the reader leaves them, without an image."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from survey.documents.paper.codes import PageCode, form_number, round_letters
from survey.documents.paper.layout import Question, QuestionKind, Style
from survey.documents.paper.setting_out import form_layout
from survey.paper.scans.judge import Doubt, ReadAnswer
from survey.paper.scans.pages import Source
from survey.paper.scans.reading import PageRead
from survey.paper.station.folder import Station
from survey.protocol.description import RoundDescription


def keep_form(
    station: Station,
    code: str,
    values: dict[Question, int] | None = None,
    doubts: dict[Question, Doubt] | None = None,
    *,
    pages: set[int] | None = None,
    with_code: bool = True,
    copy: str = "",
) -> str:
    """Leave a form in a station as if its pages had been read: all of the first level unless `values` says
    otherwise; returns its number."""
    about, form = station.description, form_number(code)
    layout = form_layout(about.questionnaire, Style())
    for number, page in enumerate(layout.pages):
        if pages is not None and number not in pages:
            continue
        questions = dict.fromkeys(box.question for box in page.boxes)
        answers = tuple(
            ReadAnswer(q, _value(q, values or {}), (doubts or {}).get(q, Doubt.NONE)) for q in questions
        )
        invitation = f"{code}-{about.check_number}" if with_code and number == 0 else ""
        found = PageRead(
            PageCode(round_letters(about), form, number, Style()), answers, invitation, np.eye(3), ()
        )
        station.keep(f"{form}{copy}-{number:04}", Source(Path(f"{form}.pdf"), number + 1), found)
    return form


def _value(question: Question, values: dict[Question, int]) -> int:
    return values.get(question, int(question.kind == QuestionKind.RATING))


def begun(folder: Path, description: RoundDescription, url: str = "http://127.0.0.1:1/s/2026-q4") -> Station:
    return Station.begin(folder, description, url)
