"""Overview, profiles and comparisons of an opened round: true sentences, and nothing that was withheld."""

from __future__ import annotations

import random
import re
import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import cheap
import pytest
from county import County, without_guards
from flask import Flask
from flask.testing import FlaskClient
from msgspec.structs import replace
from opened import as_json, keep_facts, publish
from sqlalchemy import delete

from survey.facts.items import AnswerClass, Importance
from survey.facts.profiles import ChangeSince, Profile, TreatmentDifference
from survey.facts.publication import CompositeResult
from survey.facts.ranking import ComparedPair, RankedDepartment, RankingFacts
from survey.facts.round import ScaleFacts
from survey.facts.whole import Facts
from survey.models import Artifact
from survey.protocol.answers import Answers
from survey.services.opening import opening_job
from survey.services.results.facts import facts_of
from survey.web.result_views import svg
from survey.wording import cells, composites, numbers
from survey.wording import department as profile_sentences
from survey.wording import round as overview_sentences
from tests.facts.made import made

BASE = "/review/2026-q4"
PAGES = ("overview", "departments/0", "compare")


@pytest.fixture
def opened(place: County, monkeypatch: pytest.MonkeyPatch) -> County:
    """Fourteen ballots on four departments; the last was rated by two only."""
    cheap.keys(monkeypatch)
    bundle = SimpleNamespace(make_artifacts=lambda *_args, **_named: [])
    monkeypatch.setitem(sys.modules, "survey.documents.edition.opening_files", bundle)  # files take seconds
    place.draft(keys=False)
    place.key_files = [County.make_key(place, user) for user in place.reviewers]
    place.issue(14).start()
    chance = random.Random(5)
    for number in range(14):
        ratings = [(chance.choice((1, 1, 2)), 1 + (d > 0)) for d in range(3)]
        ratings.append((1, 2) if number < 2 else (0, 0))
        place.phone().answer(Answers(ratings=tuple(ratings), strata=(1 + number % 2,), comments={}))
    place.close()
    opening_job.open_round(place.database, place.slug, place.key_files, actor="评议员0")
    return place


def visible(page: str) -> str:
    """The text of a page without tags, as a person reads it."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_the_overview_says_where_everybody_stands(opened: County, reviewer: FlaskClient) -> None:
    facts = opened.look(facts_of)
    page = reviewer.get(f"{BASE}/overview").text
    text = visible(page)
    for profile in facts.profiles:
        if profile.ranked:
            assert f"{profile.overall.adjusted:.1f}" in text
            assert f'href="{BASE}/departments/{profile.index}"' in page
            assert numbers.department_satisfaction(profile) in text
    assert "有效选票 14 张、无效 0 张，回收率 100.0%；参加排名的部门" in text
    assert "没有参加排名的部门" in text
    assert re.search(r"财政局\s*：\s*评议人数少于公布门槛。", text)
    assert "<script" in page
    assert 'data-sort="number"' in page


def test_rows_know_whom_they_cannot_be_told_from(opened: County, reviewer: FlaskClient) -> None:
    facts = opened.look(facts_of)
    page = reviewer.get(f"{BASE}/overview").text
    index = {profile.name: profile.index for profile in facts.profiles}
    for name, place in index.items():
        alike = {
            index[({pair.a, pair.b} - {name}).pop()]
            for pair in facts.ranking.pairs
            if name in (pair.a, pair.b) and not pair.significant
        }
        found = re.search(rf'data-index="{place}" data-alike="([\d ]*)"', page)
        assert (found is None) == (name == "财政局")
        if found:
            assert {int(other) for other in found[1].split()} == alike


def test_a_profile_shows_items_and_their_answers(opened: County, reviewer: FlaskClient) -> None:
    facts = opened.look(facts_of)
    profile = facts.profiles[1]
    page = reviewer.get(f"{BASE}/departments/1").text
    text = visible(page)
    assert profile.name in text
    for item in profile.items:
        if item.reason:
            continue
        labels = ("好", "中", "差")
        parts = [(labels[c.first], labels[c.last], c.count) for c in item.classes]
        assert all(count >= 3 for *_ends, count in parts)
        bar = "、".join(f"{a if a == b else f'{a}到{b}'} {count}" for a, b, count in parts)
        assert f'aria-label="{bar}"' in page
        assert f"{item.mean:.1f}" in text
    assert "答案几乎一致，不公布" in text  # everybody gave 总体 the same level


def test_a_profile_below_the_threshold_tells_nothing(opened: County, reviewer: FlaskClient) -> None:
    text = visible(reviewer.get(f"{BASE}/departments/3").text)
    assert "没有参加排名：评议人数少于公布门槛。" in text
    assert text.count("少于公布门槛") == 3
    assert not re.search(r"\d+\.\d", text.partition("位置")[2].partition("版本")[0])


def test_two_departments_side_by_side(opened: County, reviewer: FlaskClient) -> None:
    facts = opened.look(facts_of)
    page = reviewer.get(f"{BASE}/compare?a=0&b=2").text
    names = {facts.profiles[i].name for i in (0, 2)}
    pair = next(p for p in facts.ranking.pairs if {p.a, p.b} == names)
    same = f"{pair.a}和{pair.b}不能区分高低"
    said = f"{pair.a}确定高于{pair.b}" if pair.significant else same
    assert said in visible(page)
    assert "不在同一类别" in page


def test_a_comparison_needs_two_departments(opened: County, reviewer: FlaskClient) -> None:
    for query in ("a=0&b=0", "a=0&b=99", "a=-1&b=0", "a=x&b=1", "a=0"):
        answer = reviewer.get(f"{BASE}/compare?{query}")
        assert answer.status_code == 200, query
        assert "verdict" not in answer.text, query


def test_an_unknown_department_is_not_found(opened: County, reviewer: FlaskClient) -> None:
    answer = reviewer.get(f"{BASE}/departments/99")
    assert answer.status_code == 404
    assert "本轮没有这个部门" in answer.text


def test_facts_that_are_not_there_yet_are_waited_for(opened: County, reviewer: FlaskClient) -> None:
    with without_guards(opened.database) as connection:
        connection.execute(delete(Artifact).where(Artifact.name == "facts.json"))
    answer = reviewer.get(f"{BASE}/overview")
    assert answer.status_code == 404
    assert "结果还没有算完" in answer.text


@pytest.mark.parametrize("page", PAGES)
def test_nothing_is_seen_before_the_opening(place: County, reviewer: FlaskClient, page: str) -> None:
    place.draft().issue().start()
    assert reviewer.get(f"{BASE}/{page}").status_code == 403


def test_the_pages_are_read_in_english(opened: County, reviewer: FlaskClient) -> None:
    for page in PAGES:
        assert reviewer.get(f"{BASE}/{page}?lang=en&a=0&b=1").status_code == 200
    assert "Attitude" in reviewer.get(f"{BASE}/departments/1?lang=en").text


# Sentences and drawings, from numbers worked out by hand.


@pytest.fixture
def in_chinese(site: Flask) -> Iterator[None]:
    with site.test_request_context():
        yield


def pair(difference: float, ci: tuple[float, float], significant: bool, **more: float) -> ComparedPair:
    return made(ComparedPair, a="甲", b="乙", difference=difference, ci=ci, significant=significant, **more)


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (pair(5.0, (1.0, 9.0), True), "甲确定高于乙：相差 5.0 分（联合区间 +1.0 至 +9.0）。"),
        (
            pair(2.0, (-1.0, 5.0), False),
            "甲和乙不能区分高低：相差 2.0 分，而联合区间是 −1.0 至 +5.0，",
        ),
        (
            pair(5.0, (1.0, 9.0), False),
            "甲和乙不能区分高低：虽然相差 5.0 分（联合区间 +1.0 至 +9.0），但和全部比较放在一起",
        ),
        (
            pair(5.0, (1.0, 9.0), False, p_latent=0.2),
            "甲和乙不能区分高低：虽然相差 5.0 分（联合区间 +1.0 至 +9.0），但不把等级当作等距时就分不出",
        ),
        (
            pair(5.0, (1.0, 9.0), False, p_latent=0.001),
            "甲和乙不能区分高低：虽然相差 5.0 分（联合区间 +1.0 至 +9.0），但和全部比较放在一起",
        ),
    ],
)
def test_a_pair_is_ordered_only_when_declared(in_chinese: None, entry: ComparedPair, said: str) -> None:
    facts = made(Facts, ranking=made(RankingFacts, pairs=(entry,), level=0.95))
    for names in (("甲", "乙"), ("乙", "甲")):
        assert overview_sentences.compared(facts, *names).startswith(said)


def test_two_that_cannot_be_compared_are_called_so(in_chinese: None) -> None:
    assert "不能比较" in overview_sentences.compared(made(Facts, ranking=made(RankingFacts)), "甲", "丙")


def test_the_line_has_three_sides(in_chinese: None) -> None:
    sides = {"甲": "above", "乙": "undecided", "丙": "below", "丁": None}
    profiles = tuple(made(Profile, name=name, line=side) for name, side in sides.items())
    facts = made(Facts, scale=made(ScaleFacts, warning_line=70.0), profiles=profiles)
    assert list(overview_sentences.line(facts)) == [
        "确定低于 70 分警戒线的有 1 个：丙。",
        "确定高于 70 分警戒线的有 1 个：甲。",
        "是否达到 70 分警戒线还说不准的有 1 个：乙。",
    ]
    nobody = replace(facts, profiles=profiles[1:2])
    assert list(overview_sentences.line(nobody))[:2] == [
        "没有哪个部门确定低于 70 分警戒线。",
        "没有哪个部门确定高于 70 分警戒线。",
    ]


def test_a_change_within_chance_has_no_direction(in_chinese: None) -> None:
    entry = made(ChangeSince, title="三季度", change=-2.0, ci=(-5.0, 1.0), direction="same")
    assert profile_sentences.change(entry) == "与“三季度”相比，变化未超出偶然（联合区间 −5.0 至 +1.0）。"
    fallen = replace(entry, ci=(-3.5, -0.5), direction="down")
    assert "确有下降：比各部门的平均变化低 2.0 分" in profile_sentences.change(fallen)


def test_unequal_treatment_names_both_sides(in_chinese: None) -> None:
    values = {"stratum": "来源", "first": "本地", "second": "外来", "difference": -6.0, "ci": (-9.0, -3.0)}
    entry = made(TreatmentDifference, **values)
    told = profile_sentences.treatment(made(Profile, treatment=(replace(entry, direction="below"),)))
    assert list(told) == [
        "按来源看：“本地”企业的评价比“外来”企业相对低 6.0 分（联合区间 −9.0 至 −3.0）。",
        profile_sentences.not_carried(),
    ]
    none = profile_sentences.treatment(made(Profile, treatment=(replace(entry, direction="same"),)))
    assert list(none) == ["按来源比较，没有发现各类企业对这个部门的评价有差别。"]


def test_numbers_are_written_for_people(in_chinese: None) -> None:
    assert numbers.points(None) == "—"
    assert numbers.signed(-1.25) == "−1.2"
    assert numbers.percent(0.98414) == "98.4%"
    assert numbers.interval([1.0, None]) == "—"
    assert numbers.signed_interval([-1.0, 2.0]) == "−1.0 至 +2.0"


def test_a_bar_of_answers_fills_its_width(in_chinese: None) -> None:
    classes = [(0, 0, 60), (1, 1, 30), (2, 4, 30)]
    bar = svg.answer_bar([class_of(*c) for c in classes], list("一二三四五"))
    assert [part.label for part in bar] == ["一", "二", "三到五"]
    assert [part.width for part in bar] == [120.0, 60.0, 60.0]
    assert [part.x for part in bar] == [0.0, 120.0, 180.0]
    assert [part.shade for part in bar] == [1, 2, 4]
    three = [class_of(i, i, 10) for i in range(3)]
    assert [part.shade for part in svg.answer_bar(three, list("abc"))] == [1, 3, 5]
    assert svg.answer_bar((), list("abc")) == []


def class_of(first: int, last: int, count: int) -> AnswerClass:
    return AnswerClass(first=first, last=last, count=count)


def test_differences_are_drawn_around_zero() -> None:
    axis = svg.difference_axis([[-3.2, 4.1], [1.0, 7.9]])
    assert (axis.low, axis.high) == (-10, 10)
    assert axis.x(0) == 120.0


def test_the_map_puts_the_best_to_the_right_and_the_weightiest_on_top() -> None:
    def entry(name: str, importance: float, performance: float | None) -> Importance:
        ci = (importance - 0.1, importance + 0.1)
        return Importance(
            item=name,
            importance=importance,
            ci=ci,
            performance=performance,
            average=None,
            low=None,
            quadrant=None,
        )

    drawn = svg.importance_map([entry("甲", 0.5, 90.0), entry("乙", 0.3, None), entry("丙", 0.2, 60.0)], 70.0)
    assert drawn is not None
    first, last = drawn.dots
    assert (first.number, last.number) == (1, 3)
    assert first.x > drawn.line_x > last.x
    assert first.top < first.y < drawn.middle_y < last.y < last.bottom
    assert svg.importance_map([entry("甲", 1.0, 90.0)], 70.0) is None
    # 0.36 points and 4 % apart, which the intervals do not tell, were set in opposite corners
    near = svg.importance_map([entry("甲", 0.52, 71.6), entry("乙", 0.48, 71.96)], 71.0)
    assert near is not None
    assert abs(near.dots[0].x - near.dots[1].x) < near.width / 25
    assert abs(near.dots[0].y - near.dots[1].y) < near.height / 5


@pytest.mark.parametrize(("bound", "sign"), [("at_least", "≥"), ("at_most", "≤")])
def test_a_bound_has_its_sign_wherever_it_is_shown(
    opened: County, reviewer: FlaskClient, sign_in: Any, visitor: FlaskClient, bound: str, sign: str
) -> None:
    """A bare number would be taken for the score."""
    place, facts = opened, as_json(opened.look(facts_of))
    shown = facts["profiles"][0]
    score = f"{shown['overall']['adjusted']:.1f}"
    for entry in told_of(facts, shown["name"]):
        entry["bound"] = bound
    place.act(lambda s, r: keep_facts(s, r, facts))
    publish(place)
    liaison = place.add_liaison(shown["name"])
    pages = [f"{BASE}/{page}" for page in ("overview", "ranking", "departments/0", "compare?a=0&b=1")]
    texts = {page: visible(reviewer.get(page).text) for page in pages}
    texts["public"] = visible(visitor.get("/public/2026-q4/results").text)
    texts["liaison"] = visible(sign_in(liaison).get("/liaison/2026-q4/results").text)
    for page, text in texts.items():
        assert f"{sign}{score}" in text, page
        assert not re.search(rf"校正得分 {score} 分", text), page


def told_of(facts: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """Everything that shows the score of a department."""
    profile = next(p for p in facts["profiles"] if p["name"] == name)
    parts = (facts["ranking"], *facts["ranking"]["groups"])
    ranked = [d for part in parts for d in part["departments"] if d["name"] == name]
    return [*ranked, *(part for part in (profile["overall"], profile["in_group"]) if part)]


def test_a_composite_shows_a_bound_with_its_sign(site: Flask) -> None:
    department = made(
        RankedDepartment, rank=1, rank_set=(1, 2), name="甲局", adjusted=96.0, bound="at_least",
        ci=(90.0, 100.0), vs_average="above",
    )  # fmt: skip
    result = made(CompositeResult, ranking=made(RankingFacts, level=0.95, departments=(department,)))
    with site.test_request_context("/"):
        table = site.jinja_env.get_template("parts/composite.html")
        said = {
            "figures": numbers,
            "cell_words": cells,
            "composite_words": composites,
            "_": lambda text, **named: text % named,
        }
        html = str(table.make_module(said).ranked(result))
    assert "≥96.0" in html
