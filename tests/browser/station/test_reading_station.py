"""The whole day at a reading station in a real browser: scans in, doubts settled by two people with keys,
ballots cast into a running box, the count made, images erased."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from argon2 import PasswordHasher
from axe import violations
from conftest import SCREENSHOTS
from county import BASE_URL, County
from PIL import Image, ImageDraw
from playwright.sync_api import Page
from served import RunningServer

from survey.database.engine import Database
from survey.demo.phone import PhoneClient
from survey.documents.paper.layout import FormLayout, Question, QuestionKind, Style
from survey.documents.paper.printing import write_forms
from survey.documents.paper.setting_out import form_layout
from survey.paper.station import casting
from survey.paper.station.folder import Station
from survey.paper.web.app import serve
from survey.protocol.answers import Answers
from survey.protocol.crypto.encoding import unb64u
from survey.services.invitations import issuing
from survey.services.people import passwords
from survey.services.rounds.descriptions import describe
from tests.paper import degraded, drawing
from tests.paper.conftest import site_of
from tests.paper.printed import rendered

FORMS = 8
TWICE = Question(QuestionKind.RATING, 2, 1)
"""On every form but the last somebody marked two boxes here."""
NAMES = ("张三", "李四")
SAID = "办证来回跑了三趟"


@dataclass
class Day:
    """A county with forms handed out and drawn on, and a station that reads them."""

    place: County
    folder: Path
    answers: list[Answers]
    scans: Path
    entrance: str
    site: RunningServer
    station: Station


def drawn(layout: FormLayout, pages: list[Image.Image], answers: Answers, n: int) -> list[Image.Image]:
    """Pages of one form with its marks, scanned crookedly; a comment on the second form."""
    rng, scanned = np.random.default_rng((59, n)), []
    for page, image in zip(layout.pages, pages, strict=True):
        copy = image.copy()
        canvas = ImageDraw.Draw(copy)
        for box in page.boxes:
            q = box.question
            wanted = q.kind == QuestionKind.RATING and answers.ratings[q.index][q.item] == box.value
            twice = n < FORMS - 1 and q == TWICE and box.value == 1
            if wanted or twice:
                drawing.stroke(canvas, box, "tick", drawing.PENS["gel"], rng, rng.normal(0, 0.2, 2))
        for area in page.areas if n == 1 else ():
            if area.department == 0:
                at = [
                    (drawing.BASE * (area.x + 4 + d), drawing.BASE * (area.y + 3 + d % 3)) for d in range(60)
                ]
                canvas.line(at, fill=30, width=6)
        scanned.append(degraded.moved(copy, rng, 200 / 25.4))
    return scanned


@pytest.fixture
def day(
    sqlite_database: Database, _cheap_keys: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Day]:
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(1, 1024, 1))
    place = County(sqlite_database).populate().draft()
    issued = place.act(lambda s, r: issuing.prepare_slips(s, r, BASE_URL, FORMS))
    round = place.look(describe)
    style = Style(comments=True)
    layout, pages = form_layout(round.questionnaire, style), rendered(write_forms(round, issued, style=style))
    place.act(lambda s, r: issuing.store(s, r, issued, "管理员"))
    place.start()
    place.codes = [each.code for each in issued]
    answers = [Answers(tuple((1 + n % 2, 2) for _ in range(4)), (0,)) for n in range(FORMS)]
    each, scans = len(layout.pages), []
    for n, said in enumerate(answers):
        scans += drawn(layout, pages[n * each : (n + 1) * each], said, n)
    scans.append(Image.new("L", (1654, 2339), 255))
    scans[0].save(tmp_path / "scan.pdf", save_all=True, append_images=scans[1:], resolution=200)
    site = RunningServer(site_of(place, tmp_path))
    site.start()
    site.stop()  # its port is known now
    url = f"http://127.0.0.1:{site.port}/s/{place.slug}"
    station = Station.begin(tmp_path / "station", place.description(), url)
    monkeypatch.setattr(casting, "PhoneClient", partial(PhoneClient, tries=1))
    server, entrance = serve(station)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield Day(place, tmp_path, answers, tmp_path / "scan.pdf", entrance, site, station)
    site.stop()
    server.shutdown()
    thread.join()
    server.server_close()


def words_of(name: str) -> str:
    return f"{name} has words of his own"


def shot(page: Page, name: str) -> None:
    """A picture to look at, and what axe finds wrong."""
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=str(SCREENSHOTS / f"station-{name}.png"), full_page=True)
    assert violations(page) == [], name


def enrol(page: Page, name: str) -> None:
    page.get_by_label("姓名").fill(name)
    page.get_by_label("自己想一个口令").fill(words_of(name))
    page.get_by_label("再填一遍").fill(words_of(name))
    page.get_by_role("button", name="登记").click()


def leave(page: Page) -> None:
    page.get_by_role("button", name="换人").click()


def sign_on(page: Page, *names: str) -> None:
    leave(page)
    for name in names:
        page.get_by_label(f"{name}的口令").fill(words_of(name))
    page.get_by_role("button", name="登录").click()


def go(page: Page, link: str) -> None:
    with page.expect_navigation():
        page.get_by_role("link", name=link).click()


def press(page: Page, key: str) -> None:
    """Strike a key and wait for the page that it brings."""
    with page.expect_navigation():
        page.keyboard.press(key)


def settle(page: Page, mark: str, comment: str) -> None:
    """Decide all that waits, by keys alone."""
    go(page, "2 认定")
    while page.get_by_text("还剩").count():
        if page.locator("textarea").count():
            page.keyboard.type(comment)
            press(page, "Enter")
        else:
            press(page, mark)


def upload(page: Page, day: Day) -> None:
    go(page, "1 扫描")
    shot(page, "scans-empty")
    (day.folder / "letter.docx").write_bytes(b"PK\x03\x04 not a scan")
    (day.folder / "torn.pdf").write_bytes(b"<html>no PDF</html>")
    page.get_by_label("扫描文件").set_input_files(
        [day.scans, day.folder / "letter.docx", day.folder / "torn.pdf"]
    )
    page.get_by_role("button", name="上传并读表").click()
    page.get_by_text("要看一看的页").wait_for(timeout=120_000)
    text = page.inner_text("main")
    assert "letter.docx”不是 PDF、TIFF、JPEG 或 PNG" in text
    assert "torn.pdf”不是完好的 PDF" in text
    assert "空白页" in text
    assert list((day.station.folder / "incoming").iterdir()) == [], "uploads are not kept"
    shot(page, "scans-read")


def test_a_day_at_the_station(day: Day, visit: Callable[..., Page]) -> None:
    page = visit(viewport={"width": 1280, "height": 800}, has_touch=False)
    page.set_default_timeout(30_000)  # reading and casting work beside it
    page.goto(day.entrance)
    shot(page, "people-first")
    enrol(page, "张三")
    shot(page, "overview-empty")
    upload(page, day)
    _first_person(page)
    leave(page)
    shot(page, "people-second")
    enrol(page, " 张 三")
    assert "第二人必须是另一个人" in page.inner_text("main")
    enrol(page, "李四")
    settle(page, "3", SAID)
    _both(page)
    _cast(page, day)
    _count_and_erase(page, day)


def _first_person(page: Page) -> None:
    """张三 goes back, forth, errs, takes it back, and says 2 to all."""
    go(page, "2 认定")
    assert page.evaluate("document.activeElement.tagName") == "H1", "a reader begins at the item"
    shown = "document.querySelector('.crop')"
    assert page.evaluate(f"{shown}.decode().then(() => {shown}.naturalWidth)") > 400
    shot(page, "settle")
    left = page.get_by_text("还剩").inner_text()
    first = page.title(), page.inner_text("code")
    press(page, "ArrowRight")
    assert (page.title(), page.inner_text("code")) != first
    if page.locator("textarea").count():  # there the arrow moves in the text
        go(page, "上一项")
    else:
        press(page, "ArrowLeft")
    assert (page.title(), page.inner_text("code")) == first
    press(page, "1")
    assert page.get_by_text("还剩").inner_text() != left
    if page.locator("textarea").count():  # and there Backspace takes back a letter
        with page.expect_navigation():
            page.get_by_role("button", name="撤销上一个").click()
    else:
        press(page, "Backspace")
    assert page.get_by_text("还剩").inner_text() == left
    assert (page.title(), page.inner_text("code")) == first
    settle(page, "2", SAID)
    assert "您的部分认定完了" in page.inner_text("main")
    shot(page, "settle-done")


def _both(page: Page) -> None:
    """They differ on each mark; each alone sees nothing of that; together they see what each said."""
    go(page, "3 投票")
    assert page.get_by_role("button", name="投 ").is_visible()
    page.get_by_role("button", name="投 ").click()
    assert "这一步要两个人一起做" in page.inner_text("main")
    sign_on(page, *NAMES)
    go(page, "2 认定")
    text = page.inner_text("main")
    assert "张三：中" in text
    assert "李四：差" in text
    shot(page, "settle-both")
    settle(page, "2", SAID)


def _cast(page: Page, day: Day) -> None:
    """The site is away at first; then all are cast but one, whose code was used on a phone meanwhile."""
    day.place.phone(day.place.codes[0]).answer()
    go(page, "3 投票")
    shot(page, "cast")
    page.get_by_role("button", name="投 ").click()
    page.get_by_text("再按一次就接着投").wait_for()
    shot(page, "cast-interrupted")
    day.site.start()
    page.get_by_role("button", name="投 ").click()
    page.get_by_text("没有待投的表").wait_for(timeout=60_000)
    assert "有 1 份的邀请码已经在手机上用过" in page.inner_text("main")
    shot(page, "cast-done")


def _count_and_erase(page: Page, day: Day) -> None:
    go(page, "4 计票记录")
    _confirm(page, "7")
    with page.expect_navigation():
        page.evaluate("document.querySelector('#handed-out').form.submit()")  # past the browser's own check
    assert "发出 7 份，收回却有 8 份" in page.inner_text("main")
    _confirm(page, "9")
    page.get_by_role("button", name="作记录").click()
    shot(page, "count")
    with page.expect_download() as found:
        page.get_by_role("link", name="下载 count.json").click()
    made = json.loads(Path(found.value.path()).read_text("utf-8"))
    numbers = {
        name: made[name] for name in ("handed_out", "returned", "cast", "refused", "empty", "not_counted")
    }
    assert numbers == {"handed_out": 9, "returned": 8, "cast": 7, "refused": 1, "empty": 0, "not_counted": 0}
    assert made["people"] == list(NAMES)
    marks = [hashlib.sha256(unb64u(key)).hexdigest()[:4] for key in made["keys"]]
    assert all(f"签名码 {mark}" in page.inner_text("main").replace("\xa0", " ") for mark in marks)
    day.place.close()
    go(page, "5 图像")
    shot(page, "images")
    list_of_others = day.folder / "others.txt"
    list_of_others.write_text("AAAA-AAAA-AAAA-AAAA\n")
    _erase(page, list_of_others)
    assert "公布的回执清单里没有这个阅表站投的 7 张票" in page.inner_text("main")
    assert len(list((day.station.folder / "images").iterdir())) > FORMS
    published = day.folder / "receipts.txt"
    published.write_text("\n".join(cast.get("receipt", "") for cast in day.station.casts().values()))
    _erase(page, published)
    assert "销毁证明" in page.inner_text("main")
    shot(page, "erased")
    left = [path for name in ("images", "pages", "casts") for path in (day.station.folder / name).iterdir()]
    assert left == []


def _confirm(page: Page, handed_out: str) -> None:
    page.get_by_label("发出的份数").fill(handed_out)
    for name in NAMES:
        page.get_by_label(f"{name}的口令").fill(words_of(name))


def _erase(page: Page, receipts: Path) -> None:
    page.get_by_label("回执清单 receipts.txt").set_input_files(receipts)
    page.get_by_label("我们知道").check()
    for name in NAMES:
        page.get_by_label(f"{name}的口令").fill(words_of(name))
    page.get_by_role("button", name="核对并销毁").click()
