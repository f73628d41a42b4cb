"""The reading station's pages against whoever else can reach them: other pages of the browser, rebound names,
uploads, and one person who would be two."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.datastructures import FileStorage

from survey.documents.paper.layout import Question, QuestionKind
from survey.paper.scans.judge import Doubt
from survey.paper.station.ends import CAST
from survey.paper.station.folder import INCOMING, Station
from survey.paper.station.forms import CODE, UNREADABLE
from survey.paper.station.people import People
from survey.paper.station.settling import THIRD, Settling
from survey.paper.web import app as station_app
from survey.paper.web import room as rooms
from survey.paper.web.app import create_app
from survey.paper.web.scans import _drop, safe_name
from survey.services.people import passwords
from tests.paper.rounds import described, invited, questionnaire
from tests.paper.stations import begun, keep_form

HOST, KEY = "127.0.0.1:4711", "the-key-of-this-start"
ROUND = described(questionnaire(8, 2, 5))
CODES = [each.code for each in invited(ROUND, 3)]
ASKED = Question(QuestionKind.RATING, 3, 1)
WORDS = ("correct horse battery staple", "another line of odd words")


class Browser:
    """A browser at the station: keeps cookies, and the token and the seat that the last page had."""

    def __init__(self, app: Flask) -> None:
        self.client: FlaskClient = app.test_client()
        self.token = self.by = ""

    def get(self, path: str, **options: Any) -> Any:
        reply = self.client.get(path, **({"headers": {"Host": HOST}} | options))
        text = reply.get_data(as_text=True)
        if found := re.search(r'name="csrf_token" value="([^"]+)"', text):
            self.token = found[1]
        if found := re.search(r'name="by" value="([^"]+)"', text):
            self.by = found[1]
        return reply

    def post(self, path: str, data: dict[str, Any] | None = None, **options: Any) -> Any:
        given = {"csrf_token": self.token, "by": self.by} | (data or {})
        return self.client.post(path, data=given, **({"headers": {"Host": HOST}} | options))

    def enter(self) -> Browser:
        self.get(f"/enter/{KEY}")
        self.get("/people")
        return self

    def enrol(self, name: str, words: str) -> Any:
        data = {"do": "enrol", "name": name, "passphrase": words, "again": words}
        return self.post("/people", data)

    def sign_on(self, *places: int) -> Any:
        return self.post("/people", {"do": "on"} | {f"passphrase-{n}": WORDS[n] for n in places})


@pytest.fixture(autouse=True)
def _quick_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(1, 1024, 1))


@pytest.fixture
def station(tmp_path: Path) -> Station:
    return begun(tmp_path / "station", ROUND)


@pytest.fixture
def app(station: Station) -> Flask:
    return create_app(station, KEY, frozenset({HOST}))


@pytest.fixture
def sitting(app: Flask, station: Station) -> Browser:
    """The first of two people, signed on."""
    for name, words in zip(("张三", "李四"), WORDS, strict=True):
        People(station).enrol(name, words)
    browser = Browser(app).enter()
    browser.sign_on(0)
    return browser


def uploaded(name: str, content: bytes) -> dict[str, Any]:
    return {"scans": (io.BytesIO(content), name)}


@pytest.mark.parametrize(
    "host", ["attacker.example", "attacker.example:4711", "127.0.0.1", "127.0.0.1:80", "0.0.0.0:4711", ""]
)
def test_a_rebound_name_reads_nothing(sitting: Browser, host: str) -> None:
    """The page of another name that resolves to 127.0.0.1 (DNS rebinding); it even has the cookie."""
    assert sitting.get("/scans").status_code == 200
    reply = sitting.get("/scans", headers={"Host": host})
    assert reply.status_code == 403 if host else 400
    assert "县" not in reply.get_data(as_text=True)
    if host:
        assert sitting.post("/people", {"do": "leave"}, headers={"Host": host}).status_code == 403


def test_who_has_no_key_gets_in_nowhere(app: Flask, station: Station) -> None:
    keep_form(station, CODES[0], doubts={ASKED: Doubt.FAINT})
    browser = Browser(app)
    for rule in app.url_map.iter_rules():
        if rule.endpoint in ("asset", "enter"):
            continue
        path = str(rule).replace("<form>", "A").replace("<key>", "rating:3:1")
        for method in ("GET", "POST"):
            if method in (rule.methods or ()):
                assert browser.client.open(path, method=method, headers={"Host": HOST}).status_code == 403, (
                    rule
                )
    assert browser.get("/enter/guessed").status_code == 403
    assert browser.get("/people").status_code == 403


def test_the_cookie_stays_with_this_site(app: Flask) -> None:
    reply = Browser(app).get(f"/enter/{KEY}")
    assert "SameSite=Strict" in reply.headers["Set-Cookie"]
    assert "HttpOnly" in reply.headers["Set-Cookie"]
    assert reply.headers["Cache-Control"] == "no-store"


def test_a_form_of_another_page_changes_nothing(sitting: Browser, station: Station) -> None:
    form = keep_form(station, CODES[0], doubts={ASKED: Doubt.FAINT})
    said = {"form": form, "key": "rating:3:1", "said": "2"}
    sitting.token = ""
    assert sitting.post("/settle", said).status_code == 400
    assert Settling(station).decisions(0) == {}
    sitting.get("/settle")
    assert sitting.post("/settle", said).status_code == 303
    assert Settling(station).decisions(0) == {form: {"rating:3:1": "2"}}


def test_an_upload_is_not_read_before_its_sender_is_known(
    app: Flask, station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []
    whole = station_app.tempfile.TemporaryFile
    monkeypatch.setattr(
        station_app.tempfile, "TemporaryFile", lambda **named: made.append(1) or whole(**named)
    )
    stranger = Browser(app)
    assert stranger.post("/scans", uploaded("a.pdf", b"x" * 100_000)).status_code == 403
    nobody = Browser(app).enter()
    assert nobody.post("/scans", uploaded("a.pdf", b"x" * 100_000)).status_code == 303
    assert made == []


def test_uploads_never_lie_outside_the_station(
    sitting: Browser, station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Large parts of a form are spooled to a file, by default in /tmp."""
    folders: list[Path] = []
    whole = station_app.tempfile.TemporaryFile

    def noted(**named: Any) -> Any:
        folders.append(named["dir"])
        return whole(**named)

    monkeypatch.setattr(station_app.tempfile, "TemporaryFile", noted)
    monkeypatch.setattr("werkzeug.formparser.default_stream_factory", _forbidden)
    sitting.get("/scans")
    assert sitting.post("/scans", uploaded("a.pdf", b"x" * 200_000)).status_code == 303
    assert folders == [station.folder / "incoming"]


def _forbidden(*_given: Any, **_named: Any) -> Any:
    raise AssertionError("a stream outside the station")


@pytest.mark.parametrize(
    "name",
    [
        "../../people.json",
        "..\\..\\people.json",
        "/etc/passwd",
        "C:\\station\\people.json",
        "..",
        ".",
        "a\x00.pdf",
        "a\n.pdf",
        "x" * 400 + ".pdf",
        "." * 50,
        "‮fdp.exe",
        "con:stream.pdf",
        "-rf.pdf",
    ],
)
def test_a_name_names_no_place(name: str) -> None:
    safe = safe_name(name)
    assert Path(safe).name == safe
    assert safe not in ("", ".", "..")
    assert len(safe.encode()) < 255
    assert not set(safe) & set("/\\:\x00\n‮")


def test_an_upload_overwrites_nothing(sitting: Browser, station: Station, tmp_path: Path) -> None:
    before = (station.folder / "people.json").read_bytes()
    sitting.get("/scans")
    for name in ("../../people.json", "../people.json", f"{tmp_path}/escaped.pdf"):
        sitting.post("/scans", uploaded(name, b"{}"))
        sitting.client.application.extensions["station"].work.wait()
        said = sitting.get("/scans").get_data(as_text=True)
        assert f"{Path(name).name}”不是" in said
    assert (station.folder / "people.json").read_bytes() == before
    assert not (tmp_path / "escaped.pdf").exists()
    assert list((station.folder / "incoming").iterdir()) == []


def test_one_of_two_who_signed_on_together_erases_nothing_alone(sitting: Browser, station: Station) -> None:
    """The other left the computer a minute ago."""
    form = keep_form(station, CODES[0])
    station.note_cast(form, {"state": CAST, "receipt": "AAAA-AAAA-AAAA-AAAA"})
    sitting.get("/people")
    sitting.sign_on(0, 1)
    both = {f"passphrase-{n}": words for n, words in enumerate(WORDS)}
    sitting.get("/count")
    sitting.post("/count", {"handed_out": "5"} | both)
    for typed in ({}, both | {"passphrase-1": WORDS[0]}, both | {"passphrase-0": ""}, both):
        assert not station.is_erased
        sitting.get("/images")
        receipts = (io.BytesIO(b"AAAA-AAAA-AAAA-AAAA\n"), "receipts.txt")
        sitting.post("/images", {"do": "erase", "confirm": "yes", "receipts": receipts} | typed)
    assert station.is_erased


def test_an_upload_that_is_still_coming_is_not_taken_for_a_broken_file(
    sitting: Browser, station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another window, or another program at this station, begins to read meanwhile."""
    content, seen = io.BytesIO(), list[Path]()
    Image.new("L", (1600, 2300), 255).save(content, "PNG")
    save = FileStorage.save

    def half(file: FileStorage, target: Any, *given: Any) -> None:
        seen.extend(path for path in (station.folder / INCOMING).glob("*/*"))
        save(file, target, *given)
        seen.extend(path for path in (station.folder / INCOMING).glob("*/*"))

    monkeypatch.setattr(FileStorage, "save", half)
    sitting.get("/scans")
    sitting.post("/scans", uploaded("scan.png", content.getvalue()))
    sitting.client.application.extensions["station"].work.wait()
    assert not seen
    assert station.page_count() == 1
    assert not list((station.folder / INCOMING).iterdir())


def test_two_programs_at_one_station_read_each_others_uploads(station: Station, app: Flask) -> None:
    """What one has read and destroyed meanwhile is no fault of the other."""
    here = app.extensions["station"]
    gone = station.folder / INCOMING / "x" / "scan.png"
    _drop(gone)
    gone.parent.mkdir()
    Image.new("L", (1600, 2300), 255).save(gone)
    _drop(gone)
    assert not list((station.folder / INCOMING).iterdir())
    assert here.refused == []


def test_what_is_no_scan_is_named_and_not_kept(sitting: Browser, station: Station) -> None:
    bomb = io.BytesIO()
    Image.new("1", (12_000, 12_000)).save(bomb, "PNG")
    for name, content, words in (
        ("page.pdf", b"<script>alert(1)</script>", "不是完好的 PDF"),
        ("page.exe", b"MZ", "不是 PDF、TIFF、JPEG 或 PNG"),
        ("<b>x.pdf", b"%PDF-", "不是完好的 PDF"),
        ("page.png", b"GIF89a", "不是图像"),
    ):
        sitting.get("/scans")
        assert sitting.post("/scans", uploaded(name, content)).status_code == 303
        sitting.client.application.extensions["station"].work.wait()
        text = sitting.get("/scans").get_data(as_text=True)
        assert words in text
        assert "<b>x" not in text
    sitting.post("/scans", uploaded("bomb.png", bomb.getvalue()))
    sitting.client.application.extensions["station"].work.wait()
    assert list((station.folder / "incoming").iterdir()) == []
    assert station.pages()[0].found.reason == "large"  # type: ignore[union-attr]


def test_too_much_at_once_is_refused(app: Flask, sitting: Browser, station: Station) -> None:
    assert app.config["MAX_CONTENT_LENGTH"] == (1 << 30) + (1 << 20)
    app.config["MAX_CONTENT_LENGTH"] = 1000
    sitting.get("/scans")
    reply = sitting.post("/scans", uploaded("a.pdf", b"x" * 2000))
    assert reply.status_code == 413
    assert "一次最多 1 GB" in reply.get_data(as_text=True)
    assert list((station.folder / "incoming").iterdir()) == []


def test_one_person_is_not_two(app: Flask) -> None:
    browser = Browser(app).enter()
    assert browser.enrol("张三", WORDS[0]).status_code == 303
    for name, words in (("张三", WORDS[1]), ("张　三", WORDS[1]), ("李四", WORDS[0])):
        browser.enrol(name, words)
        assert app.extensions["station"].people.names == ["张三"]


def test_one_passphrase_is_not_both(sitting: Browser, station: Station) -> None:
    """Who knows one passphrase casts nothing, sees no differences, signs and erases nothing."""
    form = keep_form(station, CODES[0], doubts={ASKED: Doubt.FAINT})
    item = Settling(station).forms()[form].items[0]
    Settling(station).decide(1, item, "4")
    for given in ({"passphrase-0": WORDS[0], "passphrase-1": WORDS[0]}, {"passphrase-1": WORDS[0]}):
        sitting.post("/people", {"do": "leave"})
        sitting.post("/people", given)
        assert "/people" in sitting.get("/cast").headers.get("Location", "")
    sitting.sign_on(0)
    page = sitting.get("/settle").get_data(as_text=True)
    assert "李四：" not in page
    sitting.post("/settle", {"form": form, "key": item.key, "said": "2"})
    assert form not in Settling(station).decisions(THIRD)
    for path in ("/cast", "/count", "/images"):
        sitting.get(path)
        reply = sitting.post(path, {"handed_out": "5", "do": "keep"})
        assert "两个人一起" in sitting.get(path).get_data(as_text=True), reply
    sitting.sign_on(0, 1)
    for given in ((WORDS[0], WORDS[0]), (WORDS[0], ""), ("", WORDS[1])):
        typed = {f"passphrase-{n}": words for n, words in enumerate(given)}
        sitting.post("/count", {"handed_out": "5"} | typed)
        assert "的口令不对" in sitting.get("/count").get_data(as_text=True), (
            "who left the two sitting confirms nothing"
        )
    sitting.sign_on(0)
    assert sitting.get("/count.json").status_code == 403
    assert not {"count.json", "kept.txt"} & {path.name for path in station.folder.iterdir()}


def test_a_seat_left_is_nobodys(sitting: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    now = rooms.time.time()
    monkeypatch.setattr(rooms.time, "time", lambda: now + rooms.IDLE_SECONDS - 5)
    assert sitting.get("/settle").status_code == 200
    monkeypatch.setattr(rooms.time, "time", lambda: now + 2 * rooms.IDLE_SECONDS)
    assert sitting.get("/settle").status_code == 303


def test_asking_how_far_it_is_keeps_no_seat(sitting: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    now = rooms.time.time()
    for minutes in (8, 16):
        later = now + 60 * minutes
        monkeypatch.setattr(rooms.time, "time", lambda later=later: later)
        assert sitting.get("/work.json").status_code == 200
    assert sitting.get("/settle").status_code == 303


@pytest.mark.parametrize(
    "path", ["/settle/AAAA/rating:3:1.png", "/settle/..%2F..%2Fpeople/x.png", "/static/../x"]
)
def test_only_what_is_asked_about_is_shown(sitting: Browser, path: str) -> None:
    assert sitting.get(path).status_code in (303, 404)


def test_texts_of_strangers_are_text(sitting: Browser, station: Station) -> None:
    form = keep_form(station, CODES[0], with_code=False)
    sitting.get("/settle")
    said = {"form": form, "key": "code", "said": "<script>alert(1)</script>"}
    reply = sitting.post("/settle", said)
    assert reply.status_code == 400
    text = reply.get_data(as_text=True)
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert" in text, "what was typed is there to be mended"
    assert "邀请码不完整" in text


def test_undo_reaches_nobody_elses_decision(sitting: Browser, station: Station) -> None:
    form = keep_form(station, CODES[0], doubts={ASKED: Doubt.FAINT})
    sitting.get("/settle")
    sitting.post("/settle", {"form": form, "key": "rating:3:1", "said": "2"})
    sitting.get("/people")
    sitting.sign_on(1)
    sitting.get("/settle")
    sitting.post("/settle", {"do": "undo"})
    assert Settling(station).decisions(0) == {form: {"rating:3:1": "2"}}


@pytest.mark.parametrize("others", [(1,), (0, 1)], ids=["the other", "both"])
def test_a_window_left_open_decides_in_nobody_elses_name(
    sitting: Browser, station: Station, others: tuple[int, ...]
) -> None:
    """The first still looks at the page while another sits down in a second window of the browser."""
    form = keep_form(station, CODES[0], doubts={ASKED: Doubt.FAINT})
    sitting.get("/settle")
    opened = {"token": sitting.token, "by": sitting.by}
    sitting.get("/people")
    sitting.sign_on(*others)
    vars(sitting).update(opened)
    sitting.post("/settle", {"form": form, "key": "rating:3:1", "said": "2"})
    assert [Settling(station).decisions(place) for place in (0, 1, THIRD)] == [{}, {}, {}]
    assert "换了人，这次选的没有记" in sitting.get("/settle").get_data(as_text=True)


def test_whoever_was_away_too_long_is_told_that_nothing_was_kept(
    sitting: Browser, station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = keep_form(station, CODES[0], doubts={ASKED: Doubt.FAINT})
    sitting.get("/settle")
    now = rooms.time.time()
    monkeypatch.setattr(rooms.time, "time", lambda: now + 2 * rooms.IDLE_SECONDS)
    reply = sitting.post("/settle", {"form": form, "key": "rating:3:1", "said": "2"})
    assert (reply.status_code, reply.headers["Location"]) == (303, "/people")
    assert "刚才这一步没有做" in sitting.get("/people").get_data(as_text=True)
    assert Settling(station).decisions(0) == {}


def test_another_answer_from_a_second_window_is_not_lost_in_silence(
    sitting: Browser, station: Station
) -> None:
    """The first answer holds, and whoever believes to have mended it is told; the same twice says nothing."""
    form = keep_form(station, CODES[0], doubts={ASKED: Doubt.FAINT})
    sitting.get("/settle")
    for said in ("2", "2", "3"):
        told = "已经认定过" in sitting.get("/settle").get_data(as_text=True)
        assert not told
        sitting.post("/settle", {"form": form, "key": "rating:3:1", "said": said})
    page = sitting.get("/settle").get_data(as_text=True)
    assert f"表号 {form} 的这一项已经认定过" in page
    assert "退格键撤销" in page
    assert Settling(station).decisions(0) == {form: {"rating:3:1": "2"}}


def test_a_code_typed_in_a_second_window_is_not_lost_in_silence(sitting: Browser, station: Station) -> None:
    form = keep_form(station, CODES[0], with_code=False)
    sitting.get("/settle")
    for said in (UNREADABLE, UNREADABLE, CODES[0]):
        assert "已经认定过" not in sitting.get("/settle").get_data(as_text=True)
        sitting.post("/settle", {"form": form, "key": CODE, "said": said})
    assert f"表号 {form} 的这一项已经认定过" in sitting.get("/settle").get_data(as_text=True)
    assert Settling(station).decisions(0) == {form: {CODE: UNREADABLE}}
