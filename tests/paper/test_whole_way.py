"""Print, fill in with a pen, scan, read, settle in a browser, cast, close, open: the ranking is that of the
same answers given by phone, to the digit."""

from __future__ import annotations

import random
import shutil
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from browsers import ARGUMENTS, CHROMIUM, MISSING
from county import BASE_URL, County
from loops import in_thread
from PIL import Image, ImageDraw
from served import running

from survey.database.engine import Database
from survey.documents.paper.layout import FormLayout, MarkBox, Question, QuestionKind, Style
from survey.documents.paper.printing import write_forms
from survey.documents.paper.setting_out import form_layout
from survey.models import OpenedBox
from survey.paper.station import taking_in
from survey.paper.station.casting import Lines, cast_all
from survey.paper.station.ends import CAST
from survey.paper.station.folder import Station
from survey.paper.station.report import count
from survey.paper.web.app import serve
from survey.protocol.answers import Answers
from survey.services.invitations import issuing
from survey.services.opening import opening_job
from survey.services.rounds.descriptions import describe
from tests.paper import degraded, drawing
from tests.paper.conftest import site_of
from tests.paper.printed import rendered
from tests.paper.stations import begun

FORMS, SEED, SECRET = 16, 12, "a secret of the tests, long enough to be one"
TWICE = Question(QuestionKind.RATING, 2, 1)
"""On the first form somebody marked two boxes here."""


def opinions() -> list[Answers]:
    chance = random.Random(SEED)

    def mark(department: int) -> int:
        if chance.random() < 0.15:
            return chance.choice((0, 255))
        return min(3, 1 + (chance.random() < 0.15 + 0.22 * department) + (chance.random() < 0.3))

    return [
        Answers(tuple((mark(d), mark(d)) for d in range(4)), (chance.randrange(3),)) for _ in range(FORMS)
    ]


def filled(layout: FormLayout, pages: list[Image.Image], answers: Answers, n: int) -> list[Image.Image]:
    """Pages with a tick in each box of the answers, scanned crookedly."""
    rng = np.random.default_rng((SEED, n))
    scanned = []
    for page, image in zip(layout.pages, pages, strict=True):
        image = image.copy()
        for box in page.boxes:
            if value_of(box, answers) or (n == 0 and box.question == TWICE and box.value == 1):
                drawing.stroke(
                    ImageDraw.Draw(image), box, "tick", drawing.PENS["gel"], rng, rng.normal(0, 0.3, 2)
                )
        scanned.append(degraded.moved(image, rng, 200 / 25.4))
    return scanned


def value_of(box: MarkBox, answers: Answers) -> bool:
    """Whether the box is marked by who gives these answers."""
    q = box.question
    if q.kind == QuestionKind.RATING:
        return answers.ratings[q.index][q.item] == box.value
    return q.kind == QuestionKind.STRATUM and answers.strata[q.index] == box.value


def opened(place: County) -> tuple[bytes, Any]:
    """Score table and ranking of a round after closing and opening."""
    opening_job.open_round(place.database, place.slug, place.close().key_files, "人大")
    found = place.look(lambda s, r: s.get(OpenedBox, r.id))
    return found.rows, found.ranking


@pytest.fixture(autouse=True)
def _plain_files(monkeypatch: pytest.MonkeyPatch) -> None:
    made = [SimpleNamespace(name="ranking.txt", media_type="text/plain", content=b"files")]
    bundle = SimpleNamespace(make_artifacts=lambda *_args, **_named: made)
    monkeypatch.setitem(sys.modules, "survey.documents.edition.opening_files", bundle)


@pytest.fixture
def by_phone(sqlite_template: Path, tmp_path: Path, _cheap_keys: None) -> Iterator[County]:
    """Another county, whose enterprises answer on phones."""
    path = shutil.copyfile(sqlite_template, tmp_path / "phones.sqlite3")
    database = Database(f"sqlite:///{path}", secret_key=SECRET)
    yield County(database).collecting(slips=FORMS)
    database.close()


def settle_in_a_browser(page: Any, address: str, name: str, key: str) -> None:
    """One person decides everything that waits by one key."""
    page.goto(address)
    page.get_by_label("姓名").fill(name)
    for label in ("自己想一个口令", "再填一遍"):
        page.get_by_label(label).fill(f"{name} has words of his own")
    page.get_by_role("button", name="登记").click()
    page.get_by_role("link", name="2 认定").click()
    assert "不止一个标记" in page.inner_text("main")
    image = "document.querySelector('.crop')"
    assert page.evaluate(f"{image}.decode().then(() => 1)") == 1
    size = page.evaluate(f"[{image}.naturalWidth, {image}.naturalHeight]")
    assert size[0] > 400
    assert size[1] > 90
    page.keyboard.press(key)
    page.get_by_text("您的部分认定完了").wait_for()


def settle_by_two(station: Station, key: str) -> None:
    """Two people settle what is open, each in a browser of one's own."""
    from playwright.sync_api import sync_playwright

    server, address = serve(station)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for name in ("张三", "李四"):
            settle_in_a_browser(browser.new_page(), address, name, key)
        browser.close()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.browser
@pytest.mark.skipif(not CHROMIUM.exists(), reason=MISSING)
def test_paper_gives_the_ranking_of_phones(
    sqlite_database: Database, by_phone: County, tmp_path: Path
) -> None:
    answers = opinions()
    by_phone.cast_all(answers)
    place = County(sqlite_database).populate().draft()
    issued = place.act(lambda s, r: issuing.prepare_slips(s, r, BASE_URL, FORMS))
    round = place.look(describe)
    layout = form_layout(round.questionnaire, Style())
    pages = rendered(write_forms(round, issued, style=Style()))
    place.act(lambda s, r: issuing.store(s, r, issued, "管理员"))
    place.start()
    each, scans = len(layout.pages), []
    for n, said in enumerate(answers):
        scans += filled(layout, pages[n * each : (n + 1) * each], said, n)
    random.Random(3).shuffle(scans)
    scans[0].save(tmp_path / "scan.pdf", save_all=True, append_images=scans[1:], resolution=200)
    with running(site_of(place, tmp_path)) as address:
        station = begun(tmp_path / "station", place.description(), f"{address}/s/{place.slug}")
        waiting = taking_in.waiting(station, tmp_path / "scan.pdf")
        read = list(taking_in.take_in(station, waiting[:5], workers=1))
        assert len(read) == 5
        again = taking_in.waiting(station, tmp_path / "scan.pdf")
        assert len(again) == len(scans) - 5, "an interrupted run goes on"
        list(taking_in.take_in(station, again, workers=2))
        assert taking_in.waiting(station, tmp_path / "scan.pdf") == []
        assert (count(station).returned, count(station).undecided) == (FORMS, 1)
        key = {0: "0", 1: "1", 2: "2", 3: "3", 255: "4"}[answers[0].ratings[2][1]]
        in_thread(lambda: settle_by_two(station, key))
        assert set(dict(cast_all(station, Lines.to(station.url, station.description))).values()) == {CAST}
    assert count(station).cast == FORMS
    paper, phones = opened(place), opened(by_phone)
    assert paper[0] == phones[0]
    assert paper[1] is not None
    assert paper[1] == phones[1]
