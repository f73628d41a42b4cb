"""report.html: one file without network or script, in both languages, with the numbers of ranking.json."""

from __future__ import annotations

import html
import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest

from analysis import Ratings, rank, rank_estimates
from analysis.meeting.summary import for_meeting
from survey.documents.ranking.extras import items_extra, pairs_extra
from survey.documents.ranking.files import GroupRanking, ranking_json
from survey.documents.ranking.inline_svg import Drawings
from survey.documents.ranking.report import Told, ranking_report

NASTY = "<script>alert('甲')</script>&amp;"
NAMES = ["税务局", NASTY, "供电公司", "丁局", "少评局"]
VOID = {"meta", "input", "link", "br", "img"}


def ratings() -> Ratings:
    rng = np.random.default_rng(3)
    scores = np.clip(np.round(80 - 6 * np.arange(5) + rng.normal(0, 6, (40, 5))), 0, 100)
    scores[3:, 4] = np.nan
    return Ratings.from_array(scores, department_names=NAMES)


@pytest.fixture(scope="module")
def told() -> Told:
    rated = ratings()
    ranking = rank(rated, draws=2000)
    part = rank(rated.take_departments([0, 1, 2]), draws=2000)
    groups = [GroupRanking("甲类", part), GroupRanking("<b>乙</b>", None, ranking.notes)]
    return Told(
        ranking, groups, "评议<i>结果</i>", for_meeting(ranking, rated), 70.0, (pairs_extra(ranking),)
    )


@pytest.fixture(scope="module")
def page(told: Told) -> str:
    return ranking_report(told).decode()


class Outline(HTMLParser):
    """Tags and attributes of a page, with the cells of its tables by the language of their article."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.tables: dict[str, list[list[list[str]]]] = {}
        self.language, self.in_cell = "", False
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "article":
            self.language = dict(attrs)["lang"] or ""
            self.tables[self.language] = []
        if tag == "table":
            self.tables[self.language].append([])
        if tag == "tr":
            self.tables[self.language][-1].append([])
        if tag in {"td", "th"}:
            self.tables[self.language][-1][-1].append("")
            self.in_cell = True

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, (tag, self.getpos())
        self.in_cell = self.in_cell and tag not in {"td", "th"}

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.in_cell:
            self.tables[self.language][-1][-1][-1] += data.strip()


def test_nothing_is_fetched_and_no_script_runs(page: str) -> None:
    tags = Outline(page).tags
    assert {tag for tag, _ in tags} & {"script", "link", "img", "iframe", "object", "base"} == set()
    assert "default-src 'none'" in page
    for _tag, attributes in tags:
        assert not any(name.startswith("on") for name in attributes)
        for name in ("href", "src", "xlink:href", "action", "data"):
            assert (attributes.get(name) or "#").startswith("#"), attributes
    assert re.findall(r"url\((?!#)|@import", page) == []


def test_markup_in_names_and_titles_is_text(page: str) -> None:
    assert "<script" not in page
    assert "<i>结果" not in page
    assert "<b>乙" not in page
    assert html.escape(NASTY).replace("&#x27;", "&#39;") in page


def test_elements_are_closed_and_ids_are_unique(page: str) -> None:
    outline = Outline(page)
    assert outline.open == []
    ids = [attributes["id"] for _, attributes in outline.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    used = set(re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', page))
    assert {a or b for a, b in used} <= set(ids)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_number_of_the_tables_is_that_of_the_json(told: Told, page: str, language: str) -> None:
    document = json.loads(ranking_json(told.ranking, groups=told.groups, meeting=told.meeting))
    tables = Outline(page).tables[language]
    for table, part in zip(tables, [document, document["groups"][0]], strict=False):
        rows = table[1:]
        assert len(rows) == len(part["departments"])
        for row, d in zip(rows, part["departments"], strict=True):
            low, high = d["rank_set"]
            dash = "—" if language == "zh" else "–"
            numbers = [float(cell) for cell in (row[2], *row[3].split(dash), row[6], row[7])]
            expected = [d["adjusted"], *d["ci"], d["mean"], d["n"]]
            assert np.allclose(numbers, expected, atol=0.0501)
            assert row[0] == (str(low) if low == high else f"{low}{dash}{high}")
            assert (row[1], row[5]) == (d["name"], d["tier"])
    different = {(p["a"], p["b"]) for p in document["pairs"] if p["significant"]}
    separator = "、" if language == "zh" else ", "
    listed = {(row[0], low) for row in tables[2][1:] for low in row[1].split(separator) if low != "—"}
    assert listed == different
    assert len(tables[3][1:]) == len(document["meeting"]["departments"])


@pytest.mark.parametrize("language", ["zh", "en"])
def test_it_says_what_the_json_says_and_what_it_rests_on(told: Told, page: str, language: str) -> None:
    body = html.unescape(page.split(f'<article lang="{language}">')[1].split("</article>")[0])
    for note in told.ranking.notes:
        assert note.code == "insufficient" or note.text(language) in body
    assert told.ranking.insufficient[0].reason(language) in body
    first = "可以这样说" if language == "zh" else "What may be said"
    places = [body.index(word) for word in (first, "<svg", "<table")]
    assert places == sorted(places)
    premise = "各评各的" if language == "zh" else "judges by itself"
    assert premise in body


def test_no_value_is_missing_and_both_languages_are_whole(page: str) -> None:
    text = re.sub(r"<(style|svg)\b.*?</\1>", "", page, flags=re.DOTALL)
    assert re.findall(r"\b(NaN|nan|None|inf|Undefined)\b|%\(", text) == []
    english = text.split('<article lang="en">')[1]
    chinese = set(re.findall(r"[一-鿿]+", re.sub("|".join(map(re.escape, NAMES)), "", english)))
    assert chinese <= {"评议", "结果", "甲类", "甲", "乙"}


def test_the_language_asked_for_is_the_one_that_opens(told: Told) -> None:
    for language, other in (("zh", "en"), ("en", "zh")):
        page = ranking_report(told, language).decode()
        assert f'<html lang="{language}">' in page
        assert re.search(rf'id="{language}"[^>]* checked', page)
        assert not re.search(rf'id="{other}"[^>]* checked', page)


def test_estimates_are_told_apart_from_ratings() -> None:
    given = rank_estimates(["甲", "乙", "丙"], np.array([1.0, -2.0, 9.0]), np.array([0.5, 0.5, 0.5]))
    page = ranking_report(Told(given)).decode()
    rows = Outline(page).tables["zh"][0]
    assert len(rows[0]) == 6
    assert rows[1][1:3] == ["丙", "9.0"]
    assert "手松" not in page
    assert "估计值近似正态" in page


def test_many_departments_have_their_picture_and_pairs_in_the_other_files() -> None:
    many = rank_estimates([f"u{i}" for i in range(210)], np.arange(210.0), np.full(210, 3.0), draws=500)
    page = ranking_report(Told(many)).decode()
    assert page.count("<svg") == 1
    assert "<figure" not in page
    assert "ranking.pdf" in page
    total = 210 * 209 // 2
    different = int(many.pairs.significant.sum())
    assert f"{total} 对部门中，有 {different} 对可以分出高低" in page


def test_charts_of_items_are_drawn_in_each_language() -> None:
    rng = np.random.default_rng(5)
    scores = rng.integers(1, 6, (30, 3, 2)).astype(float)
    rated = Ratings.from_array(scores, department_names=["甲", "乙", "丙"], item_names=["效率", "态度"])
    ranking = rank(rated, draws=1000)
    extra = items_extra(rated, ranking, 10)
    page = ranking_report(Told(ranking, extras=[extra])).decode()
    assert page.count("<svg ") == 1 + 4
    assert extra.summary("en").splitlines()[0] in html.unescape(page)


def test_a_report_of_fourteen_departments_is_small() -> None:
    """Of the size of InstEval's 14 departments, with both charts and what is said for the meeting."""
    rng = np.random.default_rng(1)
    scores = np.clip(np.round(3.2 + 0.05 * np.arange(14) + rng.normal(0, 1, (300, 14))), 1, 5)
    rated = Ratings.from_array(scores, department_names=[f"第{i}学院" for i in range(14)])
    ranking = rank(rated, draws=2000)
    assert len(ranking_report(Told(ranking, meeting=for_meeting(ranking, rated)))) < 600_000


def test_drawings_of_a_page_share_letters_and_nothing_else() -> None:
    letter = '<path id="Font-41" d="M 0 {}" transform="scale(0.5)"/>'
    svg = (
        '<?xml?><svg id="a"><metadata>x</metadata><!-- y --><defs>{}</defs><use xlink:href="#Font-41"/>'
        '<use xlink:href="#a"/><g clip-path="url(#a)"/></svg>'
    )
    drawings = Drawings()
    first = drawings.inline(svg.format(letter.format(1)).encode(), "p-")
    assert first == (
        '<svg id="p-a"><defs></defs><use xlink:href="#Font-41"/>'
        '<use xlink:href="#p-a"/><g clip-path="url(#p-a)"/></svg>'
    )
    assert drawings.inline(svg.format(letter.format(1)).encode(), "p-") == first
    assert drawings.glyphs == letter.format(1)
    other = drawings.inline(svg.format(letter.format(2)).encode(), "q-")
    assert other.count("q-Font-41") == 2


def test_no_score_contradicts_the_line_beside_it() -> None:
    """79.96 was printed as 80.0 beside "from 80" and graded below; so was the warning line."""
    given = rank_estimates(["甲", "乙", "丙"], np.array([95.0, 79.96, 69.96]), np.array([0.5, 0.5, 0.5]))
    graded = for_meeting(given, first=0, last=0, lines=[90, 80])
    for told in (Told(given, meeting=graded), Told(given, warning_line=80.0)):
        rows = Outline(ranking_report(told).decode()).tables["zh"][0]
        assert [row[2] for row in rows[1:]] == ["95.0", "79.96", "70.0"]
        assert "80.0" not in rows[2][3]


def test_sets_of_statements_with_errors_of_their_own_are_counted(told: Told, page: str) -> None:
    """The report says of all rankings together what is true of each: 5 % were promised for the whole page."""
    sets = 2 + sum(note.code.endswith("_tested") for note in told.meeting.notes())
    assert f"共 {sets} 组，每组说错的机会不超过 5%，其中有一处说错的机会合起来不超过 {5 * sets}%" in page
    assert "sets of statements" in page
    alone = ranking_report(Told(told.ranking)).decode()
    assert "各算各的：连同总的排名" not in alone
