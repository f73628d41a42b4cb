"""The page of the bulletin's template: downloaded, changed, refused with what is wrong, taken back."""

from __future__ import annotations

import io
from typing import Any

import docx
import pytest
from county import County
from flask.testing import FlaskClient

from survey.documents.edition.bulletin import default_template
from survey.documents.edition.office_template import checking
from survey.errors import Busy
from survey.models import AuditEvent
from survey.services.publication import bulletin_template
from tests.documents.edition.test_office_template import saying

PAGE = "/review/template"


@pytest.fixture
def reviewer(place: County, sign_in: Any) -> FlaskClient:
    return sign_in(place.reviewers[0])


def upload(client: FlaskClient, content: bytes, name: str = "我们的.docx") -> Any:
    return client.post(PAGE, data={"file": (io.BytesIO(content), name)})


def kept(place: County) -> bytes | None:
    return place.look(lambda s, _r: bulletin_template.content(s))


def test_from_the_default_to_the_office_s_and_back(place: County, reviewer: FlaskClient) -> None:
    place.draft()
    assert "默认模板（按 GB/T 9704-2012 排版）" in reviewer.get(PAGE).text
    assert reviewer.get(f"{PAGE}/default.docx").data == default_template()
    assert reviewer.get(f"{PAGE}/own.docx").status_code == 404
    own = saying("有效 {{ 有效数 }} 张", "{{ 排名 }}")
    assert upload(reviewer, own).location == PAGE
    page = reviewer.get(PAGE).text
    assert ("我们的.docx" in page, "试填通过" in page) == (True, True)
    mine = docx.Document(io.BytesIO(reviewer.get(f"{PAGE}/own.docx").data))
    assert mine.paragraphs[0].text == "有效 {{ 有效数 }} 张"
    specimen = docx.Document(io.BytesIO(reviewer.get(f"{PAGE}/specimen.docx").data))
    assert specimen.paragraphs[0].text == "有效 150 张"
    assert kept(place) == reviewer.get(f"{PAGE}/own.docx").data
    assert reviewer.post(f"{PAGE}/default").location == PAGE
    assert kept(place) is None
    done = place.look(lambda s, _r: [e.action for e in s.query(AuditEvent) if e.action[:9] == "template."])
    assert done == ["template.change", "template.default"]


def test_a_refused_template_changes_nothing_and_says_where(place: County, reviewer: FlaskClient) -> None:
    place.draft()
    upload(reviewer, saying("{{ 有效数 }}"))
    before = kept(place)
    page = upload(reviewer, saying("收回 {{ 有效票数 }} 张"))
    assert page.status_code == 400
    assert "正文“收回 {{ 有效票数 }} 张”：没有“有效票数”这个字段。是不是“有效数”？" in page.text
    assert "原来的模板还在用" in page.text
    assert upload(reviewer, b"", "空.docx").status_code == 400
    assert upload(reviewer, saying("<script>"), "<b>.docx").status_code == 302
    assert "<b>.docx" not in reviewer.get(PAGE).text
    upload(reviewer, saying("{{ 有效数 }}"))
    assert kept(place) == before


def test_too_many_at_a_time_is_said(
    place: County, reviewer: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.draft()

    def busy(*_given: object) -> None:
        raise Busy

    monkeypatch.setattr(checking, "run", busy)
    assert upload(reviewer, saying("{{ 有效数 }}")).status_code == 400
    assert kept(place) is None
