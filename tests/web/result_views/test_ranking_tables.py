"""What a ranking is allowed to say and how it is drawn, from numbers worked out by hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import opened
import pytest
from county import small_questionnaire
from flask import Flask

from survey.facts.ranking import RankingFacts
from survey.facts.wire import ranking_from
from survey.web.result_views.ranking import WIDTH, axis_of, ranking_page, tier_lanes
from survey.wording.ranking import omnibus, sentences

SCALE = small_questionnaire().scale


@pytest.fixture(autouse=True)
def _page(site: Flask) -> Iterator[None]:
    with site.test_request_context():
        yield


def department(name: str, rank_set: list[int], vs_average: str = "same", **changes: Any) -> dict[str, Any]:
    values = {
        "name": name,
        "n": 40,
        "mean": 71.0,
        "adjusted": 72.0,
        "se": 2.0,
        "ci": [66.0, 78.0],
        "rank": rank_set[0],
        "rank_set": rank_set,
        "tier": "a",
        "vs_average": vs_average,
    }
    return values | changes


def ranking(*departments: dict[str, Any], p_value: float | None = 0.0001, **changes: Any) -> RankingFacts:
    given = {
        "version": 1,
        "n_raters": 60,
        "n_ratings": 400,
        "level": 0.95,
        "global_test": {"statistic": 1.0, "df1": 2.0, "df2": 50.0, "p_value": p_value},
        "departments": list(departments),
        "pairs": [],
        "notes": [],
    }
    return ranking_from(given | changes)


def test_first_is_said_only_of_a_rank_set_of_one() -> None:
    certain = ranking(department("甲", [1, 1]), department("乙", [2, 3]), department("丙", [2, 3]))
    text = "".join(sentences(certain))
    assert "可以确定排第一的是甲。" in text
    assert "没有哪个部门能确定排末位；可能排末位的有 2 个：乙、丙。" in text


def test_the_top_row_is_not_called_first_when_another_may_be() -> None:
    text = "".join(sentences(ranking(department("甲", [1, 2]), department("乙", [1, 2]))))
    assert "没有哪个部门能确定排第一；可能排第一的有 2 个：甲、乙。" in text
    assert "可以确定排第一" not in text
    assert "可以确定排末位" not in text


def test_places_are_not_compared_across_unconnected_departments() -> None:
    method = opened.ranking()["method"] | {"n_components": 2}
    parts = ranking(department("甲", [1, 1]), department("乙", [1, 1]), method=method)
    text = "".join(sentences(parts))
    assert "排第一" not in text
    assert "不能合在一起排先后" in text


@pytest.mark.parametrize(
    ("p_value", "said"),
    [
        (0.0004, "确有差别：假如各部门其实一样，出现这样大的差别的机会不到千分之一。"),
        (0.021, "确有差别：假如各部门其实一样，出现这样大的差别的机会约为 2.1%。"),
        (0.01, "确有差别：假如各部门其实一样，出现这样大的差别的机会不超过 1%。"),
        (1.0, "看不出部门之间有差别：即使各部门其实一样，出现这样的差别的机会超过 50%。名次不宜引用。"),
        (0.34, "看不出部门之间有差别"),
        (None, "各部门之间有无差别没有检验。"),
    ],
)
def test_the_omnibus_sentence(p_value: float | None, said: str) -> None:
    assert said in omnibus(ranking(p_value=p_value))


def test_against_the_average() -> None:
    text = "".join(sentences(ranking(department("甲", [1, 2], "above"), department("乙", [1, 2], "below"))))
    assert "确定高于平均的有 1 个：甲。" in text
    assert "确定低于平均的有 1 个：乙。" in text


def test_pairs_are_counted_by_what_was_declared() -> None:
    compared = opened.ranking()["pairs"][0]
    pairs = [
        compared | {"a": "甲", "b": "乙", "p_adjusted": 0.01, "significant": True},
        compared
        | {"a": "甲", "b": "丙", "p_adjusted": 0.01, "significant": False},  # the latent guard said no
        compared | {"a": "乙", "b": "丙", "p_adjusted": 0.80, "significant": False},
    ]
    text = "".join(sentences(ranking(department("甲", [1, 2]), pairs=pairs)))
    assert "3 对部门中，有 1 对可以分出高低，其余 2 对不能区分。" in text


def test_a_ranking_of_nobody_says_only_that() -> None:
    assert len(list(sentences(ranking(p_value=None)))) == 1


def test_tiers_share_a_lane_only_with_a_free_row_between() -> None:
    assert tier_lanes(["a", "a", "ab", "b"]) == [(True, False), (True, False), (True, True), (False, True)]
    assert tier_lanes(["a", "b", "a"]) == [(True, False), (None, True), (True, False)]
    assert tier_lanes(["a", "b", "c"]) == [(True, False), (False, True), (True, False)]


def test_dotted_tier_labels_are_single_tiers() -> None:
    assert tier_lanes(["a.a", ".a"]) == [(True, True), (False, True)]


def test_the_axis_holds_every_interval_but_ends_with_the_scale() -> None:
    axis = axis_of(ranking(department("甲", [1, 1], ci=[55.0, 108.0])).departments, SCALE)
    assert (axis.low, axis.high, axis.step) == (50, 100, 10)
    assert axis.x(50) == 0
    assert axis.x(108) == WIDTH
    assert axis.x(75) == WIDTH / 2
    assert axis.ticks == [50, 60, 70, 80, 90, 100]


def test_a_department_without_an_interval_is_still_listed() -> None:
    page = ranking_page(ranking(department("甲", [1, 1], ci=[None, None])), SCALE)
    assert page.overall.rows[0].low is None


def test_those_with_too_few_ballots_appear_by_name_alone() -> None:
    few = [{"name": "丁", "n": 4, "code": "threshold", "reason": "只有 4 个评议人"}]
    page = ranking_page(ranking(department("甲", [1, 1]), insufficient=few), SCALE)
    assert page.insufficient == (("丁", "评议人数少于公布门槛。"),)
