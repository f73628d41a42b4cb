"""The zip of all documents: made by reviewers in a job from the frozen edition, for nobody else."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from county import County
from flask.testing import FlaskClient
from opened import open_by_hand

import survey.documents.edition.bundle
from survey.documents.layout.attempts import Failure
from survey.errors import InvalidInput
from survey.facts.wire import written_edition
from survey.models import Role, User

BASE = "/review/2026-q4"


@pytest.fixture
def opened(place: County) -> County:
    place.draft(threshold=10).issue(5).start()
    return open_by_hand(place)


@pytest.fixture
def reviewer(sign_in: Callable[[User], FlaskClient], opened: County) -> FlaskClient:
    first, second = (sign_in(user) for user in opened.reviewers[:2])
    assert first.post(f"{BASE}/publication/propose").status_code == 302
    assert second.post(f"{BASE}/publication/confirm", data={"confirm": "y"}).status_code == 302
    return first


@pytest.fixture
def bundles(monkeypatch: pytest.MonkeyPatch) -> list[SimpleNamespace]:
    """Instead of drawing, notes what was to be written from."""
    asked: list[SimpleNamespace] = []

    def write(edition: Any, content: bytes, progress: Callable[..., None], **_named: Any) -> bytes:
        progress("绘制图表", 1, 2)
        asked.append(SimpleNamespace(edition=edition, content=content))
        return b"PK zip of " + content[:20]

    monkeypatch.setattr(survey.documents.edition.bundle, "write_bundle", write)
    return asked


def wait(client: FlaskClient) -> str:
    for _attempt in range(600):
        state = client.get(f"{BASE}/documents/job.json").get_json()["state"]
        if state not in ("waiting", "running"):
            return str(state)
        time.sleep(0.05)
    raise AssertionError("the job does not end")


def test_made_in_a_job_from_the_frozen_content(
    reviewer: FlaskClient, bundles: list[Any], opened: County
) -> None:
    assert "制作全部文件" in reviewer.get(f"{BASE}/documents").text
    assert reviewer.get(f"{BASE}/documents/1.zip").status_code == 404
    assert reviewer.post(f"{BASE}/documents/1").status_code == 302
    assert wait(reviewer) == "done"
    (asked,) = bundles
    assert hashlib.sha256(asked.content).hexdigest() == asked.edition.digest
    assert written_edition(asked.edition.content) == json.loads(asked.content)
    assert "下载全部文件" in reviewer.get(f"{BASE}/documents").text
    reply = reviewer.get(f"{BASE}/documents/1.zip")
    assert reply.data.startswith(b"PK zip of {")
    assert reply.headers["Cache-Control"] == "no-store"
    assert reply.content_type == "application/zip"
    # After a change of the template, say, they are made again.
    assert "重新制作" in reviewer.get(f"{BASE}/documents").text
    assert reviewer.post(f"{BASE}/documents/1").status_code == 302
    assert wait(reviewer) == "done"
    assert len(bundles) == 2


def test_the_department_finds_its_own_letter_and_no_other(
    reviewer: FlaskClient,
    monkeypatch: pytest.MonkeyPatch,
    opened: County,
    sign_in: Callable[[User], FlaskClient],
) -> None:
    own = sign_in(opened.add_liaison("公安局"))
    stranger = sign_in(opened.add_liaison("别的局"))
    address = "/liaison/2026-q4/letter.docx"
    early = own.get(address)
    assert early.status_code == 404
    assert "由评议员制作全部文件" in early.text
    letters = {f"反馈函/{n:03d} 某局.docx": f"letter {n}".encode() for n in range(1, 4)}
    packed = survey.documents.edition.bundle.archive(letters)
    monkeypatch.setattr(survey.documents.edition.bundle, "write_bundle", lambda *_given, **_named: packed)
    assert reviewer.post(f"{BASE}/documents/1").status_code == 302
    assert wait(reviewer) == "done"
    reply = own.get(address)
    assert reply.data == b"letter 2"  # the second of the questionnaire, third of the ranking
    assert reply.headers["Content-Disposition"].startswith("attachment;")
    assert address in own.get("/liaison/2026-q4/results").text
    assert stranger.get(address).status_code == 404
    assert reviewer.get(address).status_code == 403


def test_what_went_wrong_is_told_with_its_remedy(
    reviewer: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_given: Any, **_named: Any) -> bytes:
        raise InvalidInput("文件没有生成：字体里没有这些字")

    monkeypatch.setattr(survey.documents.edition.bundle, "write_bundle", refuse)
    reviewer.post(f"{BASE}/documents/1")
    assert wait(reviewer) == "failed"
    page = reviewer.get(f"{BASE}/documents").text
    assert "字体里没有这些字" in page
    assert "制作全部文件" in page


def test_a_proposal_gives_no_files(
    place: County, sign_in: Callable[[User], FlaskClient], bundles: list[Any]
) -> None:
    place.draft(threshold=10).issue(5).start()
    opened = open_by_hand(place)
    client = sign_in(opened.reviewers[0])
    client.post(f"{BASE}/publication/propose")
    assert client.post(f"{BASE}/documents/1").status_code == 404
    assert "还没有公布" in client.get(f"{BASE}/documents").text
    assert not bundles


def test_after_a_failure_the_files_that_are_there_can_be_made_anew(
    reviewer: FlaskClient, bundles: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    reviewer.post(f"{BASE}/documents/1")
    assert wait(reviewer) == "done"

    def refuse(*_given: Any, **_named: Any) -> bytes:
        raise InvalidInput("没有做成")

    monkeypatch.setattr(survey.documents.edition.bundle, "write_bundle", refuse)
    reviewer.post(f"{BASE}/documents/1")
    assert wait(reviewer) == "failed"
    page = reviewer.get(f"{BASE}/documents").text
    assert "重新制作" in page
    assert "下载全部文件" in page
    assert len(bundles) == 1


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.LIAISON])
def test_letters_go_to_reviewers_only(
    reviewer: FlaskClient,
    bundles: list[Any],
    sign_in: Callable[[User], FlaskClient],
    opened: County,
    role: Role,
) -> None:
    reviewer.post(f"{BASE}/documents/1")
    wait(reviewer)
    client = sign_in(opened.add_user("别人", role))
    for address in ("documents", "documents/1.zip", "documents/job.json"):
        assert client.get(f"{BASE}/{address}").status_code == 403
    assert client.post(f"{BASE}/documents/1").status_code == 403


def test_files_that_were_not_made_are_explained_in_the_pages_language(
    reviewer: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lacking(*_given: Any, failures: list[Failure], **_named: Any) -> bytes:
        failures.append(Failure("报告.pdf", "字体里没有这些字。", "No font has these characters."))
        return b"PK"

    monkeypatch.setattr(survey.documents.edition.bundle, "write_bundle", lacking)
    reviewer.post(f"{BASE}/documents/1")
    assert wait(reviewer) == "failed"
    page = reviewer.get(f"{BASE}/documents?lang=en").text
    assert "No font has these characters." in page
    assert "字体里没有这些字" not in page
    assert "报告.pdf：字体里没有这些字。" in reviewer.get(f"{BASE}/documents?lang=zh").text
