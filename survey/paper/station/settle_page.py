"""Page on this computer alone on which a person settles what is doubtful: the image, and a key for each
answer."""

from __future__ import annotations

import io
import json
import secrets
from collections.abc import Callable
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
from PIL import Image, ImageDraw

from survey.documents.paper.layout import PAGE, MarkBox, PageLayout, QuestionKind
from survey.documents.paper.setting_out import form_layout
from survey.errors import N_, PingyiError
from survey.facts.base import in_language
from survey.language import Language
from survey.paper.scans.locate import apply
from survey.paper.scans.reading import PageRead
from survey.paper.station.folder import Station, StoredPage
from survey.paper.station.forms import CODE, MISSING, OpenItem
from survey.paper.station.settling import Settling

HOST = "127.0.0.1"
_PER_MM = 8
_AROUND = 7.0
_ASKED = (0, 90, 200)
_MOST = 10_000
_HTML = Path(__file__).with_name("settle.html")
DOUBTS = {
    "several": N_("不止一个标记"),
    "faint": N_("标记太淡"),
    "filled": N_("只有一个涂满的方框：是选它，还是作废？"),
    "beside": N_("方框旁边有墨迹"),
    "frame": N_("方框看不清"),
    "joined": N_("笔画穿过了方框，或者连到了别的题的方框"),
    "skipped": N_("打了“没办过事”，又评了分：“没办过事”算不算打了？"),
    "copies": N_("同一页的两份图像读出来不一样"),
    MISSING: N_("缺页"),
    CODE: N_("邀请码的二维码读不出来，请照下面的字母输入"),
    "comment": N_("意见：照抄；两人要一字不差。不录就留空"),
}
WORDS = {
    "done": N_("您的部分认定完了。可以关掉这个页面。"),
    "left": N_("还剩 %(count)s 项"),
    "save": N_("确定"),
    "form": N_("表号"),
    "hint": N_("按数字或字母键选择"),
}
Translate = Callable[[str], str]


def crop(station: Station, item: OpenItem) -> bytes:
    """PNG of what an item is about, square to the page; images of several pages one below the other."""
    parts = [_cropped(station, item, page) for page in item.pages]
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


def _cropped(station: Station, item: OpenItem, page: StoredPage) -> Image.Image:
    """Part of one image that shows an item, its boxes outlined."""
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
    for box in _boxes(_layout(station, found), item):
        reach = box.side / 2 + 1.3
        edges = (box.x - reach - left, box.y - reach - top, box.x + reach - left, box.y + reach - top)
        ImageDraw.Draw(shown).rectangle([edge * _PER_MM for edge in edges], outline=_ASKED, width=3)
    return shown


def _layout(station: Station, found: PageRead) -> PageLayout:
    return form_layout(station.description.questionnaire, found.code.style).pages[found.code.page]


def _boxes(page: PageLayout, item: OpenItem) -> list[MarkBox]:
    """Boxes of the question that an item is about."""
    return [box for box in page.boxes if box.question == item.question]


def _place(station: Station, item: OpenItem, found: PageRead) -> tuple[float, float, float, float]:
    """Rectangle of a page, in millimetres, that shows an item."""
    page = _layout(station, found)
    if boxes := _boxes(page, item):
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


class Desk:
    """What the page asks and says, for the person at a place."""

    def __init__(self, station: Station, place: int, translate: Translate, language: Language) -> None:
        self._station, self._place = station, place
        self._translate, self._language = translate, language
        self._settling = Settling(station)

    def next(self) -> dict[str, Any]:
        """The next item to decide; `left` 0 when there is none."""
        items = self._settling.waiting(self._place)
        if not items:
            return {"left": 0}
        item = items[0]
        options = [
            {"value": option.value, "label": in_language(self._language, option.zh, option.en)}
            for option in self._settling.options(item)
        ]
        return {
            "left": len(items),
            "form": item.form,
            "key": item.key,
            "title": self._title(item),
            "doubt": self._translate(DOUBTS[item.doubt]),
            "options": options,
            "text": not options,
        }

    def _title(self, item: OpenItem) -> str:
        asked, question = self._station.description.questionnaire, item.question
        if item.department >= 0:
            return asked.departments[item.department].name
        if question is None:
            return ""
        if question.kind == QuestionKind.STRATUM:
            stratum = asked.strata[question.index]
            return in_language(self._language, stratum.name, stratum.name_en)
        name = asked.departments[question.index].name
        if question.kind == QuestionKind.SKIP:
            return name
        wanted = asked.items[question.item]
        return f"{name} · {in_language(self._language, wanted.name, wanted.name_en)}"

    def item(self, form: str, key: str) -> OpenItem:
        """The first item of a form with a key; raises `KeyError`."""
        for item in self._settling.forms()[form].items:
            if item.key == key:
                return item
        raise KeyError(key)

    def decide(self, form: str, key: str, said: str) -> None:
        self._settling.decide(self._place, self.item(form, key), said)

    def crop(self, form: str, key: str) -> bytes:
        return crop(self._station, self.item(form, key))

    def page(self) -> bytes:
        """The HTML with its words."""
        words = {name: self._translate(text) for name, text in WORDS.items()}
        filled = json.dumps(words, ensure_ascii=False).replace("<", "\\u003c")
        html = _HTML.read_text(encoding="utf-8").replace("{{ words }}", filled)
        return html.replace("{{ language }}", self._language).encode()


class _Handler(BaseHTTPRequestHandler):
    """Answers the page; only who was given the address with its token is heard."""

    def __init__(self, desk: Desk, token: str, translate: Translate, *arguments: Any) -> None:
        self._desk, self._token, self._translate = desk, token, translate
        super().__init__(*arguments)

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(address.query).items()}
        answers: dict[str, tuple[str, Callable[[], bytes]]] = {
            "": ("text/html; charset=utf-8", self._desk.page),
            "next": ("application/json", lambda: json.dumps(self._desk.next()).encode()),
            "crop": ("image/png", lambda: self._desk.crop(asked.get("form", ""), asked.get("key", ""))),
        }
        kind, answer = answers.get(self._name(address.path), ("", bytes))
        if not kind:
            self._answer(404, "text/plain", b"")
            return
        try:
            self._answer(200, kind, answer())
        except KeyError:
            self._answer(404, "text/plain", b"")

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if self._name(urlsplit(self.path).path) != "decide" or not 0 < length <= _MOST:
            self._answer(404, "text/plain", b"")
            return
        try:
            said = json.loads(self.rfile.read(length))
            self._desk.decide(str(said["form"]), str(said["key"]), str(said["said"]))
            self._answer(200, "application/json", b"{}")
        except PingyiError as error:
            words = f"{error.say(self._translate)}{error.say_remedy(self._translate)}"
            self._answer(400, "application/json", json.dumps({"message": words}).encode())
        except (ValueError, KeyError, TypeError):
            self._answer(404, "text/plain", b"")

    def _name(self, path: str) -> str:
        """What is asked for, after the token; "?" for strangers and other host names."""
        host = (self.headers.get("Host") or "").partition(":")[0]
        token, _, name = path.strip("/").partition("/")
        known = secrets.compare_digest(token.encode(), self._token.encode())
        return name if known and host == HOST else "?"

    def _answer(self, status: int, kind: str, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("Referrer-Policy", "no-referrer")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Nothing is logged."""


def serve(desk: Desk, translate: Translate, port: int = 0) -> tuple[ThreadingHTTPServer, str]:
    """Server, not yet running, and the address to open on this computer."""
    token = secrets.token_urlsafe(16)
    server = ThreadingHTTPServer((HOST, port), partial(_Handler, desk, token, translate))
    return server, f"http://{HOST}:{server.server_address[1]}/{token}/"
