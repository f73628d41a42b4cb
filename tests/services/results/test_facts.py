"""The facts against plain arithmetic on complete designs; and what they must not let be worked out."""

from __future__ import annotations

import json
import subprocess
import sys
from copy import deepcopy
from dataclasses import replace as replaced
from typing import Any

import msgspec
import numpy as np
import pytest
from rounds_of_scores import (
    DEPARTMENTS,
    ITEMS,
    POINTS,
    Levels,
    description,
    levels,
    round_json,
    scores,
    strata,
)

from survey.facts.wire import decode, ranking_from
from survey.services.results.answer_counts import AnswerCounts
from survey.services.results.facts import EarlierRound, facts_file
from survey.services.results.ranking import ranking_from_scores
from survey.services.results.scored_round import ScoredRound

ROSTER = {"规模": {"大": 40, "中": 60, "小": 100}, "来源": {"本地": 150, "外来": 50}}
NOT_KNOWN = 255


def points(rated: Levels) -> Any:
    """(R, D, K) of complete answers."""
    return POINTS[rated]


def told(value: Any, step: float = 0.5) -> Any:
    """As docs/facts.md has it: multiples of the step, halves up."""
    return np.floor(np.asarray(value) / step + 0.5 + 1e-9) * step


ITEM_STEP = 1.0
"""Of sixty answers: three of them one level of 20 points apart."""


def told_items(rated: Levels) -> Any:
    """(D, K) published means of sixty complete answers, and of fifty in steps of two."""
    return told(points(rated).mean(axis=0), ITEM_STEP if len(rated) == 60 else 2.0)


def named(entries: list[dict[str, Any]], name: str, key: str = "name") -> dict[str, Any]:
    return next(entry for entry in entries if entry[key] == name)


@pytest.fixture(scope="module")
def complete() -> tuple[Levels, Levels, dict[str, Any]]:
    """Sixty raters of everything, an earlier quarter of fifty, and the facts."""
    now, before = levels(1), levels(2, raters=50)
    declared = strata(60, (0, 15, 20, 25), (0, 30, 30))
    past = description("2026-q3", "2026-07-01")
    facts = round_json(
        description(), scores(now, declared), ROSTER, [EarlierRound(past, scores(before))], period="quarter"
    )
    return now, before, facts


def test_answers_are_counted_by_level(complete) -> None:
    now, _before, facts = complete
    for d, profile in enumerate(facts["profiles"]):
        assert (profile["name"], profile["n"]) == (DEPARTMENTS[d], 60)
        for k, item in enumerate(profile["items"]):
            assert item["name"] == ITEMS[k]
            if item["reason"]:
                continue
            for part in item["classes"]:
                among = (now[:, d, k] >= part["first"] + 1) & (now[:, d, k] <= part["last"] + 1)
                assert part["count"] == int(among.sum()) >= 10
            assert [part["first"] for part in item["classes"]][:1] == [0]
            assert item["classes"][-1]["last"] == 4
            assert item["mean"] == told_items(now)[d, k]
            assert_share(
                (now[:, d, k] <= 3).mean(),
                item["satisfied"],
                item["satisfied_at_least"],
                item["satisfied_at_most"],
            )
        told = profile["satisfied"]
        assert_share((now[:, d] <= 3).mean(), told["share"], told["at_least"], told["at_most"])
        assert told["ratings"] == 240


def assert_share(actual: float, share: float | None, at_least: float | None, at_most: float | None) -> None:
    """A share that is told is the share of the answers, and a bound holds."""
    assert share is None or share == pytest.approx(actual)
    assert at_least is None or at_least <= actual
    assert at_most is None or at_most >= actual
    assert sum(value is not None for value in (share, at_least, at_most)) <= 1


def test_items_are_compared_with_the_plain_average_of_their_group(complete) -> None:
    now, _before, facts = complete
    means, published = points(now).mean(axis=0), told_items(now)
    for group in (range(3), range(3, 6)):
        for d in group:
            for k in range(4):
                if facts["profiles"][d]["items"][k]["reason"]:
                    continue
                shown = facts["profiles"][d]["items"][k]["group"]
                among = [o for o in group if not facts["profiles"][o]["items"][k]["reason"]]
                expected = means[d, k] - means[among, k].mean()
                assert shown["difference"] == told(published[d, k] - published[among, k].mean())
                assert shown["ci"][0] < expected < shown["ci"][1]
                if shown["direction"] != "same":
                    assert (shown["direction"] == "above") == (expected > 0)
                    assert shown["ci"][0] >= 0 or shown["ci"][1] <= 0


def test_change_is_the_difference_of_centred_means(complete) -> None:
    now, before, facts = complete
    after, earlier = (told(points(x).mean(axis=(0, 2))) for x in (now, before))
    expected = told((after - after.mean()) - (earlier - earlier.mean()))
    (since,) = facts["changes"]
    assert since["slug"] == "2026-q3"
    for d, name in enumerate(DEPARTMENTS):
        assert named(since["changes"], name, "department")["change"] == pytest.approx(expected[d], abs=1e-8)
        assert facts["profiles"][d]["changes"][0]["change"] == pytest.approx(expected[d], abs=1e-8)
    after, earlier = told_items(now), told_items(before)
    for k in range(4):
        entries = [profile["items"][k]["change"] for profile in facts["profiles"]]
        among = [d for d, entry in enumerate(entries) if entry]
        moved = after[among, k] - earlier[among, k]
        assert [entries[d]["change"] for d in among] == told(moved - moved.mean()).tolist()
        assert {entries[d]["slug"] for d in among} == {"2026-q3"}
        assert len(among) >= 3


def test_item_intervals_are_wider_than_one_item_alone_would_need(complete) -> None:
    """Four items are right together at 95 %, so that each has 98.75 %."""
    facts = complete[2]
    assert facts["method"]["item_level"] == pytest.approx(0.9875)


def test_kinds_of_enterprises_differ_by_centred_means(complete) -> None:
    facts = complete[2]
    origin = named(facts["treatment"], "来源", "stratum")
    assert origin["groups"] == {"本地": 30, "外来": 30}
    now = complete[0]
    local = np.repeat([1, 2], 30)[::-1] == 1
    first, second = points(now[local]).mean(axis=(0, 2)), points(now[~local]).mean(axis=(0, 2))
    expected = (first - first.mean()) - (second - second.mean())
    for d, name in enumerate(DEPARTMENTS):
        shown = named(origin["differences"], name, "department")
        assert (shown["first"], shown["second"]) == ("本地", "外来")
        assert shown["difference"] == told(expected[d])
        assert shown["ci"][0] < expected[d] < shown["ci"][1]
    pairs = {(d["first"], d["second"]) for d in named(facts["treatment"], "规模", "stratum")["differences"]}
    assert pairs == {("大", "中"), ("大", "小"), ("中", "小")}


def test_weights_move_the_scores_as_a_weighted_mean_would(complete) -> None:
    facts = complete[2]
    part = facts["weighting"]
    assert part["strata"] == ["规模", "来源"]
    assert 1 < part["effective_n"] < 60
    ranked = {d["name"]: d["average_difference"] for d in facts["ranking"]["departments"]}
    for entry in part["scores"]:
        assert entry["adjusted"] == ranked[entry["name"]]
        assert entry["difference"] == pytest.approx(entry["weighted"] - entry["adjusted"])
    largest = max(part["scores"], key=lambda s: abs(s["difference"]))
    assert part["largest"] == {"name": largest["name"], "difference": largest["difference"]}


def test_one_stratum_weighs_like_post_stratification() -> None:
    """With one margin, raking is post-stratification, which a spreadsheet can do."""
    now = levels(4)
    local = np.arange(60) < 40
    declared = np.stack([np.zeros(60, int), np.where(local, 1, 2)], axis=1)
    facts = round_json(description(), scores(now, declared), {"来源": {"本地": 150, "外来": 150}})
    by_origin = [points(now[rows]).mean(axis=(0, 2)) for rows in (local, ~local)]
    weighted = (by_origin[0] + by_origin[1]) / 2
    for entry in facts["weighting"]["scores"]:
        d = DEPARTMENTS.index(entry["name"])
        plain = points(now).mean(axis=(0, 2))
        moved = weighted[d] - weighted.mean() - (plain[d] - plain.mean())
        assert entry["difference"] == pytest.approx(told(moved, 0.1))
        assert entry["weighted"] == pytest.approx(entry["adjusted"] + entry["difference"])
    # Weights 0.75 and 1.5: (Σw)² / Σw² = 3600 / 67.5.
    assert facts["weighting"]["effective_n"] == pytest.approx(3600 / 67.5, abs=0.05)


def test_the_year_so_far_is_the_mean_of_its_rounds(complete) -> None:
    now, before, facts = complete
    expected = told(sum(told(points(x).mean(axis=(0, 2))) for x in (now, before)) / 2)
    part = facts["combined"]
    assert [r["slug"] for r in part["rounds"]] == ["2026-q3", "2026-q4"]
    for entry in part["ranking"]["departments"]:
        place = DEPARTMENTS.index(entry["name"])
        assert entry["average_difference"] == told(expected[place] - expected.mean())


def test_response_is_set_against_the_roster(complete) -> None:
    facts = complete[2]
    size = named(facts["response"]["strata"], "规模")
    assert [(o["option"], o["ballots"], o["share"]) for o in size["options"]] == [
        ("大", 15, pytest.approx(0.25)),
        ("中", 20, pytest.approx(1 / 3)),
        ("小", 25, pytest.approx(25 / 60)),
    ]
    assert [o["roster_share"] for o in size["options"]] == [0.2, 0.3, 0.5]
    assert (size["gap_option"], size["gap"]) == ("小", pytest.approx(0.5 - 25 / 60))


@pytest.mark.parametrize("silent", [0, 2, 12])
def test_shares_are_of_those_who_said_or_are_not_told(silent: int) -> None:
    """Attack: 19 of 37 who said so are 51.4 %, more than the roster's 50 %; of 39 ballots 48.7 %, less."""
    said = (silent, 30, 60 - silent - 30)
    facts = round_json(description(), scores(levels(1), strata(60, (0, 15, 20, 25), said)), ROSTER)
    origin = named(facts["response"]["strata"], "来源")
    shares = [option["share"] for option in origin["options"]]
    if silent == 2:
        assert (shares, origin["gap_option"], origin["gap"]) == ([None, None], None, None)
        assert origin["options"][0]["ballots"] in (30, None)
    else:
        assert shares == pytest.approx([30 / (60 - silent), (30 - silent) / (60 - silent)])


def test_the_weighted_trial_says_what_it_weighs_by(complete) -> None:
    assert complete[2]["weighting"]["not_said"] == {"规模": 0, "来源": 0}
    few = strata(60, (0, 15, 20, 25), (12, 24, 24))
    part = round_json(description(), scores(levels(1), few), ROSTER)["weighting"]
    assert part["not_said"]["来源"] == 12
    nobody = strata(60, (60, 0, 0, 0), (60, 0, 0))
    part = round_json(description(), scores(levels(1), nobody), ROSTER)["weighting"]
    assert part["possible"] is False
    assert "填了的选票太少" in part["reason_zh"]
    part = round_json(description(), scores(levels(1), nobody), {})["weighting"]
    assert "没有可以与问卷对照的分层" in part["reason_zh"]


def test_ratings_of_who_is_not_ranked_are_not_the_basis_of_a_ranking() -> None:
    """Attack: 899 ratings were told as the basis, 33 of them of departments that are not in it."""
    rated = levels(3)
    rated[4:, 5] = 0
    ranking = round_json(description(), scores(rated), {})["ranking"]
    assert [entry["name"] for entry in ranking["insufficient"]] == ["己局"]
    assert ranking["n_ratings"] is None
    assert round_json(description(), scores(levels(3)), {})["ranking"]["n_ratings"] == 60 * 6 * 4


def test_importance_is_told_apart_only_by_its_interval() -> None:
    """A department whose every item is below the warning line has nothing to keep."""
    for seed in (1, 4):
        for profile in round_json(description(), scores(levels(seed)), {})["profiles"]:
            items = {item["name"]: item for item in profile["items"]}
            for entry in profile["importance"]:
                low, high = entry["ci"]
                item = items[entry["item"]]
                if item["reason"]:  # what is withheld is neither low nor in a quadrant
                    assert (entry["low"], entry["quadrant"]) == (None, None)
                    continue
                against = item["group"]["direction"]
                assert entry["low"] == (item["mean"] < 70 or against == "below")
                if low <= 1 / 3 <= high:
                    assert entry["quadrant"] is None
                if entry["low"]:
                    assert entry["quadrant"] in (None, "improve", "watch")
                if entry["quadrant"] in ("keep", "enough"):
                    assert against == "above"
                if entry["quadrant"] == "improve":
                    assert entry["low"]
                    assert low > 1 / 3


def test_facts_are_the_same_every_time_and_plain_json(complete) -> None:
    now, before, facts = complete
    declared = strata(60, (0, 15, 20, 25), (0, 30, 30))
    past = description("2026-q3", "2026-07-01")
    again = round_json(
        description(), scores(now, declared), ROSTER, [EarlierRound(past, scores(before))], period="quarter"
    )
    name, kind, content = facts_file(decode(json.dumps(again)))
    assert (name, kind) == ("facts.json", "application/json")
    assert json.loads(content) == facts
    assert again == facts


def test_pages_read_facts_without_scipy() -> None:
    code = "import sys, survey.services.results.facts; sys.exit(bool({'numpy', 'scipy'} & set(sys.modules)))"
    subprocess.run([sys.executable, "-c", code], check=True)


# What must not be worked out.


def test_a_small_class_cannot_be_had_by_subtraction() -> None:
    """Four large enterprises: their count, and one more that would give it away, are withheld."""
    facts = round_json(description(), scores(levels(1), strata(60, (10, 4, 20, 26), (0, 30, 30))), ROSTER)
    size = named(facts["response"]["strata"], "规模")
    parts = [*size["options"], size["not_said"]]
    assert size["options"][0]["reason"] == "threshold"
    unknown = [part for part in parts if part["ballots"] is None]
    assert len(unknown) >= 2  # one unknown would be 60 minus the others
    assert {part["reason"] for part in unknown} == {"threshold", "complementary"}
    if size["not_said"]["ballots"] is None:
        # shares of those who said would tell how many did, and others do not compare with the roster
        assert {option["share"] for option in size["options"]} == {None}
    secret = {o["option"] for o in size["options"] if o["reason"]}
    merged = [set(m["options"]) for m in facts["weighting"]["merged"] if m["stratum"] == "规模"]
    assert all(any(option in group and len(group) > 1 for group in merged) for option in secret)
    groups = named(facts["treatment"], "规模", "stratum").get("groups", {})
    assert "大" not in groups
    if size["not_said"]["ballots"] is None:  # all classes together would be all who said
        assert not any(groups.values())
    assert all(n is None or n >= 10 for n in groups.values())


def test_a_department_below_the_threshold_shows_no_number() -> None:
    rated = levels(3)
    rated[7:, 5] = 0
    facts = round_json(description(), scores(rated), {})
    profile = facts["profiles"][5]
    assert (profile["n"], profile["ranked"], profile["overall"]) == (None, False, None)
    assert profile["satisfied"] == {
        "share": None,
        "ratings": None,
        "reason": "threshold",
        "at_least": None,
        "at_most": None,
    }
    for item in profile["items"]:
        assert item["reason"] == "threshold"
        assert not [key for key, value in item.items() if isinstance(value, int | float | list)]
    (entry,) = facts["ranking"]["insufficient"]
    assert (entry["name"], entry["n"]) == ("己局", None)
    assert "7" not in entry["reason"]
    assert facts["ranking"]["n_ratings"] is None  # would be the others' ratings and 28 more
    for item in facts["items"]:  # all departments together: the others only
        assert item["n"] == sum(named(p["items"], item["name"])["n"] or 0 for p in facts["profiles"])
        assert item["n"] == 60 * sum(
            named(p["items"], item["name"])["n"] is not None for p in facts["profiles"]
        )


def test_reasons_never_count_who_is_too_few() -> None:
    rated = levels(3)
    rated[12:, 5] = 0
    rated[:9, :5] = 0  # twelve raters, of whom three also rated others
    facts = round_json(description(), scores(rated), {})
    (entry,) = facts["ranking"]["insufficient"]
    assert (entry["code"], entry["n"]) == ("compared", 12)
    assert "3" not in entry["reason"]
    assert not [note for note in facts["ranking"]["notes"] if "9 个评议人" in note]


def reasons_when_unanimous(*items: int) -> list[str]:
    rated = levels(5)
    rated[:, 0, list(items)] = 1
    facts = round_json(description(), scores(rated), {})
    return [item["reason"] for item in facts["profiles"][0]["items"]]


def test_an_answer_that_all_gave_is_withheld_and_its_complement_too() -> None:
    """Else the withheld item would be four times the department's mean less the other three.

    Published means leave it within (4 × 0.5 + 3 × 1) points; ten of sixty answers a level off are 3.3.
    """
    reasons = reasons_when_unanimous(1)
    assert reasons[1] == "unanimous"
    assert reasons.count("complementary") == 0
    assert 4 * 0.5 + 3 * ITEM_STEP >= 10 * 20 / 60


def test_the_complement_is_withheld_where_steps_leave_too_little() -> None:
    """Of 300 answers steps are of half a point: the item would be known within 3.5, and 0.7 are asked for."""
    rated = levels(5, raters=300)
    rated[:, 0, 1] = 1
    answers = AnswerCounts(ScoredRound(description(), scores(rated)))
    assert answers.reasons[0][1] == "unanimous"
    low, high = 4 * 0.5 + 3 * 0.5, 10 * 20 / 300
    assert (answers.reasons[0].count("complementary") == 0) == (low >= high)


def test_a_withheld_item_shows_nowhere_else() -> None:
    rated = levels(5)
    rated[:, 0, 1] = 1
    past = EarlierRound(description("2026-q3", "2026-07-01"), scores(levels(6)))
    facts = round_json(description(), scores(rated), {}, [past])
    item = facts["profiles"][0]["items"][1]
    assert (item["group"], item["change"], item["classes"], item["not_known"]) == (None, None, None, None)
    for entry in facts["profiles"][0]["importance"]:
        if entry["item"] == ITEMS[1]:
            assert (entry["performance"], entry["quadrant"]) == (None, None)
    assert facts["items"][1]["n"] == 300


def test_not_known_counts_for_nothing() -> None:
    rated = levels(8)
    rated[:20, 2, 3] = NOT_KNOWN
    item = round_json(description(), scores(rated), {})["profiles"][2]["items"][3]
    assert (item["n"], item["not_known"]) == (40, 20)
    assert item["mean"] == told(POINTS[rated[20:, 2, 3]].mean(), 2.0)


def test_few_careless_ballots_are_neither_counted_nor_left_out() -> None:
    """Results with and without four ballots would tell what the four said."""
    rated = levels(9)
    rated[:4] = 2
    part = round_json(description(), scores(rated), {})["quality"]
    assert (part["flagged"], part["straight"], part["sensitivity"]) == (None, None, None)


def test_many_careless_ballots_are_counted() -> None:
    rated = levels(9)
    rated[:15] = 2
    part = round_json(description(), scores(rated), {})["quality"]
    assert part["straight"] == 15
    assert part["flagged"] >= 15
    assert part["sensitivity"]["n_flagged"] == part["flagged"]


def test_a_handful_of_ballots_gives_no_numbers() -> None:
    facts = round_json(description(), scores(levels(1, raters=6)), ROSTER)
    for part in ("weighting", "resolution", "quality", "reliability", "drivers", "combined"):
        assert facts[part]["possible"] is False
        assert facts[part]["reason_zh"]
        assert facts[part]["reason_en"]
    assert all(p["n"] is None and not p["ranked"] for p in facts["profiles"])
    assert all(o["ballots"] in (None, 0) for s in facts["response"]["strata"] for o in s["options"])


# Comparisons that cannot be made, and departments of every number.


def test_other_points_are_not_compared() -> None:
    past = description("2026-q3", "2026-07-01", points=(100.0, 75.0, 50.0, 25.0, 0.0))
    facts = round_json(description(), scores(levels(1)), {}, [EarlierRound(past, scores(levels(2)))])
    assert facts["changes"][0]["possible"] is False
    assert "等级或分值不同" in facts["changes"][0]["reason_zh"]
    assert facts["combined"]["possible"] is False
    assert all(item["change"] is None for p in facts["profiles"] for item in p["items"])


def test_the_first_round_has_nothing_to_compare_with() -> None:
    facts = round_json(description(), scores(levels(1)), {})
    assert (facts["changes"], facts["combined"]["possible"]) == ([], False)
    assert facts["weighting"]["possible"] is False  # no roster either


def test_last_years_rounds_are_compared_but_not_combined() -> None:
    past = EarlierRound(description("2025-q4", "2025-10-01"), scores(levels(2)))
    facts = round_json(description(), scores(levels(1)), {}, [past])
    assert facts["changes"][0]["possible"] is True
    assert facts["combined"]["possible"] is False


def test_one_group_of_one_department_and_one_of_two() -> None:
    about = description(departments=4)
    facts = round_json(about, scores(levels(1, departments=4), about=about), {})
    alone = facts["profiles"][3]
    assert (alone["group"], alone["in_group"]) == ("服务", None)
    assert [item["group"] for item in alone["items"]] == [None] * 4
    assert facts["profiles"][0]["in_group"]["of"] == 3


def test_the_line_is_called_only_where_the_interval_is_clear_of_it() -> None:
    rated = levels(1)
    facts = round_json(description(), scores(rated), {})
    for profile in facts["profiles"]:
        low, high = profile["overall"]["ci"]
        expected = "above" if low > 70 else "below" if high < 70 else "undecided"
        assert profile["line"] == expected
    assert {p["line"] for p in facts["profiles"]} >= {"above", "below"}


def test_grades_and_what_carries_them_go_by_the_intervals_that_are_shown() -> None:
    """A line just under the exact end of an interval lies within the published interval, which is wider."""
    table = scores(levels(1))
    best = ranking_from_scores(description(), table)["departments"][0]
    line = best["ci"][0] - 0.01
    about = description()
    scale = replaced(about.questionnaire.scale, grade_lines=(line, 30.0, 20.0), warning_line=line)
    about = replaced(about, questionnaire=replaced(about.questionnaire, scale=scale))
    facts = round_json(about, table, {})
    shown = named(facts["ranking"]["departments"], best["name"])
    told = named(facts["ranking"]["meeting"]["departments"], best["name"])
    assert shown["ci"][0] < line < shown["ci"][1]
    assert (told["grade"]["best"], told["grade"]["worst"], told["carried_line"]) == (0, 1, None)
    assert named(facts["profiles"], best["name"])["line"] == "undecided"


def test_a_given_ranking_is_taken_as_it_is() -> None:
    table = scores(levels(1))
    ranking = ranking_from_scores(description(), table)
    facts = round_json(
        description(),
        table,
        {},
        ranking=ranking_from(deepcopy(ranking)),
        counts={"invited": 80, "replaced": 1},
    )
    for department, exact in zip(facts["ranking"]["departments"], ranking["departments"], strict=True):
        for key in ("name", "n", "rank", "rank_set", "tier", "vs_average"):
            assert department[key] == exact[key]
        assert (department["adjusted"], department["mean"]) == (told(exact["adjusted"]), told(exact["mean"]))
        low, high = department["ci"]
        assert low <= exact["ci"][0] < exact["ci"][1] <= high
        assert high - low <= exact["ci"][1] - exact["ci"][0] + 1.5
    assert facts["counts"]["invited"] == 80
    assert facts["counts"]["valid"] == 60
    assert facts["round"]["digest"] == table.digest


def test_what_is_resolved_is_what_the_ranking_declares(complete) -> None:
    facts = complete[2]
    pairs = facts["ranking"]["pairs"]
    observed = facts["resolution"]["observed"]
    assert (observed["pairs"], observed["different"]) == (15, sum(p["significant"] for p in pairs))
    halves = sorted((p["ci"][1] - p["ci"][0]) / 2 for p in pairs)
    assert observed["median_margin"] == pytest.approx(halves[7], abs=0.8)
    wanted = [entry["enterprises"] for entry in facts["resolution"]["needed"]]
    assert wanted == sorted(wanted, reverse=True)


def test_assumptions_are_tested_by_what_was_declared(complete) -> None:
    """Additivity is all comparisons of kinds as one test; standardised scores weigh kinds by the roster."""
    now, _before, facts = complete
    part = facts["assumptions"]
    smallest = min(t["p_equal"] for t in facts["treatment"])
    assert smallest <= part["additivity"]["p"] <= 1
    assert part["additivity"]["rejected"] == (part["additivity"]["p"] <= 0.05)
    assert bool(part["additivity"]["note_zh"]) == part["additivity"]["rejected"]
    origin = named(part["standardised"], "来源", "stratum")
    assert origin["by_roster"]
    assert origin["shares"] == pytest.approx({"本地": 0.75, "外来": 0.25})
    local, others = (points(rows).mean(axis=(0, 2)) for rows in (now[30:], now[:30]))
    if named(facts["treatment"], "来源", "stratum")["groups"] == {"本地": 30, "外来": 30}:
        declared = np.array(strata(60, (0, 15, 20, 25), (0, 30, 30)))[:, 1]
        local, others = (points(now[declared == code]).mean(axis=(0, 2)) for code in (1, 2))
    expected = 0.75 * (local - local.mean()) + 0.25 * (others - others.mean())
    whole = points(now).mean(axis=(0, 2))
    for d, name in enumerate(DEPARTMENTS):
        shown = named(origin["departments"], name)
        published = told(whole)
        assert shown["difference"] == pytest.approx(told(expected[d] - (whole[d] - whole.mean()), 0.1))
        assert shown["plain"] == told(published[d] - published.mean())
        assert shown["standardised"] == pytest.approx(shown["plain"] + shown["difference"])
        assert shown["ci"][0] < shown["difference"] < shown["ci"][1]


def test_a_class_that_the_roster_lacks_is_weighed_equally() -> None:
    declared = strata(60, (0, 30, 30, 0), (0, 30, 30))
    facts = round_json(description(), scores(levels(1), declared), {"来源": {"本地": 10}})
    origin = named(facts["assumptions"]["standardised"], "来源", "stratum")
    assert not origin["by_roster"]
    assert origin["shares"] == {"本地": 0.5, "外来": 0.5}


def test_kinds_that_see_departments_differently_are_told() -> None:
    """Local enterprises put the first department on top, the others put it last."""
    rated = levels(1)
    declared = strata(60, (0, 15, 20, 25), (0, 30, 30))
    kind = np.array(declared)[:, 1]
    rated[:, 0] = np.where(kind == 1, 1, 5)[:, None]
    part = round_json(description(), scores(rated, declared), ROSTER)["assumptions"]
    assert part["additivity"]["rejected"]
    assert "按来源分，看法不同的有甲局" in part["additivity"]["note_zh"]
    assert "by Origin: 甲局" in part["additivity"]["note_en"]
    origin = named(part["standardised"], "来源", "stratum")
    assert "甲局" in origin["moved"]
    assert "甲局" in origin["summary_zh"]
    assert "Local 75.0%" in origin["summary_en"]


def test_the_report_says_what_it_assumes_and_what_was_tested(complete) -> None:
    """An edition frozen before the tests were worked out has the premises alone."""
    from types import SimpleNamespace

    from analysis import premises
    from survey.documents.edition.report_premises import premise_blocks

    facts = decode(json.dumps(complete[2]))
    told = [block["text"] for block in premise_blocks(SimpleNamespace(facts=facts))]
    assert told[1 : 1 + len(premises())] == premises()
    assert not facts.assumptions.additivity.rejected
    assert "按规模、来源检验，没有发现各类企业对部门高低的看法不同。" in told
    assert sum("折算" in text for text in told) == 2
    before = msgspec.structs.replace(facts, assumptions=None)
    assert [b["text"] for b in premise_blocks(SimpleNamespace(facts=before))] == ["前提", *premises()]


def test_what_carries_the_statements_stands_beside_the_ranking(complete) -> None:
    meeting = complete[2]["ranking"]["meeting"]
    ranked = complete[2]["ranking"]["departments"]
    assert [d["name"] for d in meeting["departments"]] == [d["name"] for d in ranked]
    for entry, department in zip(meeting["departments"], ranked, strict=True):
        assert (entry["carried"] is None) == (department["vs_average"] == "same")
    assert meeting["least"] == 3
    assert {note["code"] for note in meeting["notes"]} >= {"first", "last", "luck", "influence"}
