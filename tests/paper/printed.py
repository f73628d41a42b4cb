"""Clean pages of printed forms as images."""

from __future__ import annotations

from functools import cache

import pypdfium2
from PIL import Image

from survey.documents.paper.layout import FormLayout, Style
from survey.documents.paper.printing import write_forms
from survey.documents.paper.setting_out import form_layout
from tests.paper.drawing import BASE
from tests.paper.rounds import described, invited, questionnaire


def rendered(pdf: bytes) -> list[Image.Image]:
    """Pages of a PDF as grey images of `BASE` pixels a millimetre."""
    document = pypdfium2.PdfDocument(pdf)
    pages = [p.render(scale=BASE * 25.4 / 72, grayscale=True).to_pil().convert("L") for p in document]
    document.close()
    return pages


@cache
def clean_form(
    departments: int, items: int, levels: int, style: Style
) -> tuple[FormLayout, list[Image.Image]]:
    """Layout and pages of one form."""
    asked = questionnaire(departments, items, levels)
    round = described(asked)
    return form_layout(asked, style), rendered(write_forms(round, invited(round, 1), style=style))
