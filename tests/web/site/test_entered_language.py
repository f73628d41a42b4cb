"""Chinese that somebody entered is marked as such on English pages."""

from __future__ import annotations

import re

import pytest
from county import County
from flask.testing import FlaskClient

from survey.web.site.entered_language import marked

PAGES = ["/?lang=en", "/public/2026-q4?lang=en", "/anonymity?lang=en"]


@pytest.mark.parametrize(
    ("page", "wanted"),
    [
        ("<p>税务局 is first</p>", '<p><span lang="zh">税务局</span> is first</p>'),
        ("<option value='1'>税务局</option>", "<option value='1' lang=\"zh\">税务局</option>"),
        ("<title>税务局</title><b>English</b>", "<title>税务局</title><b>English</b>"),
        ("<textarea>税务局</textarea>", "<textarea>税务局</textarea>"),
        ('<a title="税务局">x</a>', '<a title="税务局">x</a>'),
        ("<script>let a = '<b>税'</script>", "<script>let a = '<b>税'</script>"),
        ("<!-- 税 --><i>一、二（三）</i>", '<!-- 税 --><i><span lang="zh">一、二（三）</span></i>'),
    ],
)
def test_runs_of_chinese_are_marked(page: str, wanted: str) -> None:
    assert marked(page) == wanted
    assert re.sub(r' lang="zh"|</?span[^>]*>', "", marked(page)) == re.sub(r"</?span[^>]*>", "", page)


@pytest.mark.parametrize("address", PAGES)
def test_every_english_page_marks_it(place: County, visitor: FlaskClient, address: str) -> None:
    place.draft().issue(5).start()
    page = visitor.get(address).text
    body = re.sub(r"<(script|style|title|option|textarea)\b.*?</\1>", "", page, flags=re.DOTALL)
    left = re.sub(r'<span lang="zh">[^<]*</span>', "", body)
    assert re.findall(r"[\u4e00-\u9fff]+", re.sub(r"<[^>]*>", "", left)) == []
    assert 'lang="zh"' in page
    assert 'lang="zh"' not in visitor.get(address.replace("en", "zh")).text


def test_the_phones_page_stays_as_its_sources_make_it(place: County, visitor: FlaskClient) -> None:
    place.draft().issue(5).start()
    english = visitor.get("/s/2026-q4", headers={"Accept-Language": "en"}).data
    assert b'<span lang="zh">' not in english
