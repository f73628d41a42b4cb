"""The part of a scan that an item to settle is about."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from survey.documents.paper.layout import PAGE, MarkBox, PageLayout, QuestionKind
from survey.documents.paper.setting_out import form_layout
from survey.paper.scans.locate import apply
from survey.paper.scans.reading import PageRead
from survey.paper.station.folder import Station, StoredPage
from survey.paper.station.forms import OpenItem

_PER_MM = 8
_AROUND = 7.0
_ASKED = (0, 90, 200)
_KEY = 20
"""Pixels of a letter; it may lie on the row above, which is another question's."""
NO_KEYS: Final[Mapping[int, str]] = {}


def crop(station: Station, item: OpenItem, keys: Mapping[int, str] = NO_KEYS) -> bytes:
    """PNG of what an item is about, square to the page; images of several pages one below the other.

    `keys`: by the value of a box, what is written beside it.
    """
    parts = [_cropped(station, item, page, keys) for page in item.pages]
    if not parts:
        return _png(Image.new("L", (1, 1), 255))
    gap = 2 * _PER_MM
    height = sum(part.height + gap for part in parts) - gap
    whole = Image.new("RGB", (max(part.width for part in parts), height), "white")
    top = 0
    for part in parts:
        whole.paste(part, (0, top))
        top += part.height + gap
    return _png(whole)


def _cropped(station: Station, item: OpenItem, page: StoredPage, keys: Mapping[int, str]) -> Image.Image:
    """Part of one image that shows an item, its boxes outlined and their keys beside them."""
    found = page.found
    if not isinstance(found, PageRead):
        return Image.new("RGB", (1, 1), "white")
    left, top, right, bottom = _place(station, item, found)
    ends = np.array([(left, top), (right, top), (right, bottom), (left, bottom)])
    quad = apply(found.matrix, ends)
    size = (round((right - left) * _PER_MM), round((bottom - top) * _PER_MM))
    order = [quad[0], quad[3], quad[2], quad[1]]
    corners = tuple(float(v) for point in order for v in point)
    with Image.open(station.image(page.key)) as image:
        shown = image.transform(size, Image.Transform.QUAD, corners, Image.Resampling.BILINEAR)
    shown = shown.convert("RGB")
    canvas, font = ImageDraw.Draw(shown), ImageFont.load_default(_KEY)
    for box in _boxes(_layout(station, found), item):
        reach = box.side / 2 + 1.3
        x, y, far = (box.x - left) * _PER_MM, (box.y - top) * _PER_MM, reach * _PER_MM
        canvas.rectangle((x - far, y - far, x + far, y + far), outline=_ASKED, width=3)
        # Options of a fact stand in several lines, apart from each other; boxes of a rating stand close.
        is_fact = box.question.kind == QuestionKind.STRATUM
        place, anchor = ((x - far - 6, y), "rm") if is_fact else ((x, y - far - 2), "md")
        key = keys.get(box.value, "")
        canvas.text(place, key, _ASKED, font, anchor, stroke_width=4, stroke_fill="white")
    return shown


def _layout(station: Station, found: PageRead) -> PageLayout:
    return form_layout(station.description.questionnaire, found.code.style).pages[found.code.page]


def _boxes(page: PageLayout, item: OpenItem) -> list[MarkBox]:
    """Boxes of the question that an item is about."""
    return [box for box in page.boxes if box.question == item.question]


def _beside(page: PageLayout, item: OpenItem) -> list[MarkBox]:
    """Boxes to look at: where a department is skipped and rated, all of the department."""
    if item.question is None or item.question.kind != QuestionKind.SKIP:
        return _boxes(page, item)
    kinds = (QuestionKind.SKIP, QuestionKind.RATING)
    asked = item.question.index
    return [box for box in page.boxes if box.question.kind in kinds and box.question.index == asked]


def _place(station: Station, item: OpenItem, found: PageRead) -> tuple[float, float, float, float]:
    """Rectangle of a page, in millimetres, that shows an item."""
    page = _layout(station, found)
    if boxes := _beside(page, item):
        top, bottom, right = min(b.y for b in boxes), max(b.y for b in boxes), max(b.x for b in boxes)
        before = (
            n.x for n in page.labels if n.y < top < n.y + n.height and n.x < boxes[0].x and not n.upright
        )
        beside = [x for x in before if x > right - 120] or [12.0]
        return min(beside) - 2, top - _AROUND, min(PAGE[0] - 4, right + 25), bottom + _AROUND
    areas = [area for area in page.areas if area.department == item.department]
    if areas:
        area = areas[0]
        return area.x - 1, area.y - 5, area.x + area.width + 1, area.y + area.height + 1
    return 100.0, 24.0, 206.0, 70.0


def _png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()
