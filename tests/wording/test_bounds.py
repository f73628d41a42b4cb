"""A score that is published as a bound has its sign in the workbook, in charts and in documents."""

from __future__ import annotations

import io
from typing import Any

import opened
import openpyxl
import pytest
from rounds_of_scores import description, levels, scores

from analysis.charts.ranking import ranking_chart
from analysis.charts.rendering import render
from survey.documents.edition.composites import rows
from survey.documents.edition.content import Edition
from survey.documents.edition.ranking_parts import ranking_rows
from survey.documents.edition.workbook import publication_workbook
from survey.facts.analysed import as_analysed
from survey.facts.publication import EditionComposite
from survey.facts.ranking import RankingFacts
from survey.facts.whole import Facts
from survey.facts.wire import edition_from, ranking_from, written
from survey.services.disclosure.released_ranking import Scores, release
from survey.services.results.facts import round_facts
from survey.web.result_views.pairs import pair_matrix
from survey.wording.round import pair_told
from tests.facts.made import made

BEST, NEXT, WORST = "甲局", "乙局", "己局"


@pytest.fixture(scope="module")
def facts() -> Facts:
    """All give the best mark to one department and the worst to another; a third is one mark from the top."""
    rated = levels(7, raters=38)
    rated[:, 0], rated[:, 5] = 1, 5
    return round_facts(description(), scores(rated), {})


@pytest.fixture(scope="module")
def sheets(facts: dict[str, Any]) -> dict[str, list[tuple[Any, ...]]]:
    content = {
        "format": "pingyi-publication", "version": 1, "departments": [],
        "round": {name: getattr(facts.round, name) for name in ("slug", "title", "body")},
        "facts": written(facts), "problems": [], "indicators": [], "comments": {}, "themes": [],
    }  # fmt: skip
    book = openpyxl.load_workbook(io.BytesIO(publication_workbook(Edition(edition_from(content), 1, "00"))))
    return {sheet.title: list(sheet.values) for sheet in book}


@pytest.mark.parametrize("sheet", ["排名", "类别内排名"])
def test_ranking_sheets(sheets, sheet: str) -> None:
    heading, *table = sheets[sheet]
    at = {name: place for place, name in enumerate(heading)}
    told = {row[at["部门"]]: (row[at["校正得分"]], row[at["未校正平均分"]]) for row in table}
    assert told[BEST] == ("≥96", "≥96")
    assert told[WORST] == ("≤24", "≤24")
    assert all(isinstance(value, float | int) for value in told[NEXT])


def test_the_sheet_of_departments(sheets) -> None:
    heading, *table = sheets["部门"]
    told = {row[0]: row[heading.index("校正得分")] for row in table}
    assert (told[BEST], told[WORST]) == ("≥96", "≤24")


def test_charts(facts) -> None:
    drawn = render(ranking_chart(as_analysed(facts.ranking)), "svg").decode()
    assert "<!-- ≥96.0 -->" in drawn
    assert "<!-- ≤24.0 -->" in drawn
    assert "<!-- 96.0 -->" not in drawn


def test_tables_of_documents(facts) -> None:
    told = {row[1]: row[4] for row in ranking_rows(facts.ranking.departments, 1)}
    assert (told[BEST], told[WORST]) == ("≥96.0", "≤24.0")
    entry = made(EditionComposite, ranking=facts.ranking)
    assert {row[1]: row[3] for row in rows(entry)}[BEST] == "≥96.0"


def ranked(name: str, adjusted: float, mean: float, rank: int) -> dict[str, Any]:
    return {"name": name, "n": 38, "adjusted": adjusted, "mean": mean, "se": 0.1, "rank": rank,
            "ci": [adjusted - 0.3, 100.0], "rank_set": [rank, rank], "tier": "ab"[rank - 1], "component": 0,
            "vs_average": "same", "average_difference": None,
            "average_ci": [None, None], "df": None}  # fmt: skip


def two_near_the_top() -> RankingFacts:
    pair = {"a": BEST, "b": NEXT, "difference": 1.8, "ci": [1.0, 2.6], "se": 0.1, "p_adjusted": 0.001,
            "significant": True}  # fmt: skip
    exact = {
        **opened.ranking(),
        "groups": [],
        "departments": [ranked(BEST, 99.0, 99.2, 1), ranked(NEXT, 97.2, 95.8, 2)],
        "pairs": [pair],
    }
    return release(ranking_from(exact), Scores([100.0, 80.0, 60.0, 40.0, 20.0], 10))


def test_what_is_certain_of_two_bounds_keeps_its_direction() -> None:
    """Both are 96 or more, so that their difference is nothing: the first is the better one all the same."""
    told = two_near_the_top()
    [pair] = told.pairs
    assert pair.difference == 0.0
    assert pair_told(pair, 0.95).startswith(BEST)
    assert pair_matrix(told).surely_above[0] == (BEST, "2")


def test_a_mean_beside_a_bound_is_true_as_a_bound() -> None:
    """The adjusted score is a bound and the mean of 95.8 is none: not told as "at least 96"."""
    second = two_near_the_top().departments[1]
    assert (second.adjusted, second.bound) == (96.0, "at_least")
    assert second.mean == 95.5
