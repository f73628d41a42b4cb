"""The files with an answer on the pages: added without losing the text, downloaded by the reviewer, never
shown by a browser, and nobody else's."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from attached import docx, picture
from county import County
from flask.testing import FlaskClient
from opened import LATER, open_by_hand, publish, record, step
from openpyxl import load_workbook

from survey.models import ProblemFile, User

OWN, REVIEW = "/liaison/2026-q4/problems/1", "/review/2026-q4/problems/1"
SignIn = Callable[[User], FlaskClient]


@pytest.fixture
def handed(place: County) -> County:
    """Problem 1 of 公安局, which has it in hand."""
    open_by_hand(place.draft(threshold=10).issue(5).start())
    record(place)
    publish(place)
    step(place, "assign", place.reviewers[0], LATER, nobody=True)
    step(place, "accept", place.add_liaison("公安局"), responsible="李四", measures="轮训")
    return place


@pytest.fixture
def own(handed: County, sign_in: SignIn) -> FlaskClient:
    return sign_in(handed.look(lambda s, _r: s.query(User).filter_by(name="公安局联络员").one()))


def post(client: FlaskClient, *files: tuple[bytes, str], text: str = "窗口增设两个", do: str = "") -> Any:
    given = {"text": text, "files": [(io.BytesIO(content), name) for content, name in files]}
    return client.post(f"{OWN}/answer", data=given | ({"do": do} if do else {}))


def kept(place: County) -> list[tuple[str, int | None]]:
    return place.look(lambda s, _r: [(f.name, f.event) for f in s.query(ProblemFile)])


def test_the_text_stays_while_files_come_and_go(handed: County, own: FlaskClient) -> None:
    page = post(own, (picture(), "窗口.jpeg"), (docx(), "办公/报告.docx"), do="attach")
    assert page.status_code == 200
    assert "窗口增设两个</textarea>" in page.text
    assert page.text.index("窗口.jpg") < page.text.index("报告.docx")
    page = post(own, do="remove-1")
    assert ("窗口.jpg" in page.text, "窗口增设两个</textarea>" in page.text) == (False, True)
    nothing = post(own, do="attach")
    assert (nothing.status_code, "请先选要加的文件" in nothing.text) == (400, True)
    assert own.get(f"{OWN}/answer").status_code == 200  # where who had to sign in comes back to
    assert kept(handed) == [("报告.docx", None)]


def test_a_refused_file_sends_nothing_and_keeps_the_others(
    handed: County, own: FlaskClient, reviewer: FlaskClient
) -> None:
    page = post(own, (picture(), "窗口.jpg"), (docx({"word/vbaProject.bin": b"x"}), "宏.docx"))
    assert page.status_code == 400
    for said in (
        "“宏.docx”里面有宏，没有收。",
        "还没有回复。收下的附件在下面",
        "窗口.jpg",
        "窗口增设两个</textarea>",
    ):
        assert said in page.text
    assert (kept(handed), "办理中" in reviewer.get(REVIEW).text) == ([("窗口.jpg", None)], True)
    assert "窗口.jpg" not in reviewer.get(REVIEW).text  # not sent yet
    assert post(own, text="").status_code == 400
    assert post(own).status_code == 302
    assert kept(handed) == [("窗口.jpg", 4)]


def test_a_file_is_downloaded_and_never_shown(
    handed: County, own: FlaskClient, reviewer: FlaskClient, sign_in: SignIn
) -> None:
    assert post(own, (picture(), "窗*口; x=.jpg")).status_code == 302
    page, address = reviewer.get(REVIEW).text, f"{REVIEW}/files/1"
    assert f'href="{address}"' in page
    assert "JPG · 1 KB" in page
    for client, where in ((reviewer, address), (own, f"{OWN}/files/1")):
        reply = client.get(where)
        assert (reply.status_code, reply.mimetype) == (200, "image/jpeg")
        assert reply.headers["Content-Disposition"].startswith("attachment; filename=")
        assert "%22" not in reply.headers["Content-Disposition"]
        assert reply.headers["X-Content-Type-Options"] == "nosniff"
        assert reply.headers["Content-Security-Policy"].endswith("sandbox")
        assert reply.headers["Cache-Control"] == "no-store"
        assert b"Telephone" not in reply.data
    foreign = sign_in(handed.add_liaison("税务局"))
    assert foreign.get(f"{OWN}/files/1").status_code == 404
    assert foreign.get(address).status_code == 403
    assert own.get(f"{OWN}/files/2").status_code == 404
    book = load_workbook(io.BytesIO(reviewer.get("/review/2026-q4/problems.xlsx").data))
    header, *rows = book["办理经过"].iter_rows(values_only=True)
    files = [row[header.index("附件")] for row in rows]
    assert files == [None, None, None, "窗_口_ x=.jpg"]


def test_another_department_adds_nothing(handed: County, sign_in: SignIn) -> None:
    foreign = sign_in(handed.add_liaison("税务局"))
    assert post(foreign, (picture(), "窗口.jpg"), do="attach").status_code == 404
    assert kept(handed) == []
