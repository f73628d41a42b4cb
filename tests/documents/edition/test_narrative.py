"""Every sentence of narrative against the ballots, worked out once more in plain arithmetic."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from rounds_of_scores import round_json

from survey.documents.edition.content import Edition
from survey.facts.wire import edition_from
from survey.protocol.box.scoretable import ScoreTable
from survey.protocol.questionnaire import Department, Item
from survey.wording import department, ranking, respondents
from survey.wording import round as words
from survey.wording.cautions import left_out
from survey.wording.numbers import bound_note, department_satisfaction, satisfaction
from tests.documents.edition_data import COUNTS, ROSTER, SIZES, describe

POINTS = np.array([np.nan, 100.0, 80.0, 60.0, 40.0, 20.0])
Levels = Any
NUMBER = r"[−+]?\d+(?:\.\d+)?"


@dataclass(frozen=True)
class Held:
    """A round: levels (R, D, K) from 1, 0 not rated; the class each ballot says; and its edition."""

    levels: Levels
    said: Levels
    edition: Edition

    @property
    def points(self) -> Any:
        return POINTS[self.levels]


def usual(raters: int = 60, departments: int = 5, items: int = 3) -> Levels:
    chance = np.random.default_rng(4)
    view = 2.4 - np.linspace(1, -1, departments)[None, :, None] - chance.normal(0, 0.5, (raters, 1, 1))
    rated = np.clip(np.rint(view + chance.normal(0, 0.8, (raters, departments, items))), 1, 5).astype(
        np.uint8
    )
    rated[chance.random((raters, departments)) < 0.15] = 0
    return rated


def one_unanimous() -> Levels:
    rated = usual()
    rated[:, 0] = 1
    return rated


def ties() -> Levels:
    """Three departments with the very same ballots."""
    rated = usual()
    rated[:, 1] = rated[:, 2] = rated[:, 0]
    return rated


ROUNDS: Mapping[str, Callable[[], Levels]] = {
    "usual": usual,
    "all equal": lambda: np.full((40, 4, 3), 2, dtype=np.uint8),
    "one unanimous": one_unanimous,
    "two departments": lambda: usual(departments=2),
    "one item": lambda: usual(items=1),
    "ties": ties,
    "few raters": lambda: usual(raters=11),
}


@pytest.fixture(scope="module", params=list(ROUNDS))
def held(request: pytest.FixtureRequest) -> Held:
    rated = ROUNDS[request.param]()
    raters, departments, items = rated.shape
    about = describe(departments, "2026-q4", "2026-10-01", "2026-12-28", 1)
    three = (Item("态度", "Attitude"), Item("效率", "Speed"), Item("总体", "Overall", overall=True))
    wanted = three if items == 3 else three[:1]
    named = tuple(Department(f"第{n + 1}局", "甲组") for n in range(departments))
    about = replace(about, questionnaire=replace(about.questionnaire, items=wanted, departments=named))
    said = np.random.default_rng(9).integers(1, 4, (raters, 1), dtype=np.uint8)
    rows = np.concatenate([rated.reshape(raters, -1), said], axis=1)
    table = ScoreTable.build(about, [row.tobytes() for row in rows])
    facts = round_json(about, table, ROSTER, counts=COUNTS, period="quarter")
    content = {
        "format": "pingyi-publication", "version": 1, "departments": [],
        "round": {name: facts["round"][name] for name in ("slug", "title", "body")},
        "facts": facts, "comments": {}, "themes": [], "problems": [], "indicators": [],
    }  # fmt: skip
    return Held(rated, said[:, 0], Edition(edition_from(content)))


def published_mean(held: Held, k: int) -> float | None:
    """Of the departments that show the item, from their published means; half a step from the exact one."""
    shown = [(d, p.items[k]) for d, p in enumerate(held.edition.profiles) if p.items[k].reason == ""]
    if not shown:
        return None
    n = np.array([item.n for _, item in shown])
    answers = held.levels[:, [d for d, _ in shown], k]
    mean = float(n @ [item.mean for _, item in shown] / n.sum())
    step = next(s for s in (0.5, 1, 2, 5, 10) if n.min() * s >= 60)
    assert mean == pytest.approx(POINTS[answers[answers > 0]].mean(), abs=step / 2)
    return mean


def number(text: str) -> float:
    return float(text.replace("−", "-"))


def told(text: str, pattern: str) -> list[float]:
    found = re.search(pattern, text)
    assert found, (text, pattern)
    return [number(value) for value in found.groups()]


def test_counts_and_response_rate(held: Held) -> None:
    text = respondents.counted(held.edition.facts.counts, held.edition.facts.ranking)
    raters = len(held.levels)
    counts = r"发出邀请 (\d+) 份，其中换发 (\d+) 份，领取选票 (\d+) 张，投出选票 (\d+) 张，有效选票 (\d+) 张"
    names = ("invited", "replaced", "collected", "cast")
    assert told(text, counts) == [*(COUNTS[name] for name in names), raters]
    asked = COUNTS["invited"] - COUNTS["replaced"]  # each once
    assert told(text, r"回收率 ([\d.]+)%") == pytest.approx([100 * raters / asked], abs=0.05)
    assert told(text, r"参加排名的部门 (\d+) 个") == [len(held.edition.ranked)]


def test_the_class_furthest_from_the_roster(held: Held) -> None:
    said = [(held.said == n).sum() for n in (1, 2, 3)]
    roster = ROSTER["规模"]
    gaps = {
        name: (n / len(held.said), roster[name] / sum(roster.values()))
        for name, n in zip(SIZES, said, strict=True)
    }
    silent = int((held.said == 0).sum())
    gaps = {name: (n / sum(said), share) for (name, (_, share)), n in zip(gaps.items(), said, strict=True)}
    for text in respondents.response(held.edition.facts):
        if "相差最大" not in text:
            continue
        assert silent == 0 or silent >= 10
        (name,) = re.findall(r"最大的是“(.)”", text)
        in_roster, in_answers = told(text, r"名录里占 ([\d.]+)%，写有这一项的答卷里占 ([\d.]+)%")
        assert [in_answers, in_roster] == pytest.approx([100 * v for v in gaps[name]], abs=0.06)
        largest = max(abs(a - b) for a, b in gaps.values())
        if min(said) >= 10:  # otherwise some class is withheld
            assert abs(gaps[name][0] - gaps[name][1]) == pytest.approx(largest)


def test_best_and_worst_item_and_their_satisfaction(held: Held) -> None:
    means, shares = {}, {}
    for k, item in enumerate(held.edition.facts.items):
        shown = [d for d, p in enumerate(held.edition.profiles) if p.items[k].reason == ""]
        answers = held.levels[:, shown, k]
        answers = answers[answers > 0]
        if len(answers):
            means[item.name] = published_mean(held, k)
            shares[item.name] = float((answers <= 3).mean())
    for text in words.item_ends(held.edition.facts):
        pairs = re.findall(rf"“(.+?)”（({NUMBER}) 分，满意率 ([≥≤]?)([\d.]+%|—)）", text)
        assert len(pairs) == 2
        for name, mean, bound, share in pairs:
            assert number(mean) == pytest.approx(means[name], abs=0.051)
            if share != "—":
                value = number(share[:-1]) / 100
                limits = {"≥": (value - 1e-9, 1.0), "≤": (0.0, value + 1e-9)}
                low, high = limits.get(bound, (value - 0.00051, value + 0.00051))
                assert low <= shares[name] <= high
        assert means[pairs[0][0]] == pytest.approx(max(means.values()), abs=0.1)
        assert means[pairs[1][0]] == pytest.approx(min(means.values()), abs=0.1)
        assert "差别没有检验" in text


def test_who_is_called_first_last_above_and_below(held: Held) -> None:
    """No name without a declared pair or average behind it; ties and equal departments are never ordered."""
    found = held.edition.facts.ranking
    certain = {(p.a, p.b) for p in found.pairs if p.significant and p.difference > 0}
    certain |= {(p.b, p.a) for p in found.pairs if p.significant and p.difference < 0}
    for text in ranking.both_ends(found):
        for name in re.findall(r"第\d+局", text.partition("确定在后")[2]):
            assert sum((other, name) in certain for other in held.edition.profiles) >= 0
    score = np.nanmean(held.points, axis=(0, 2))
    for a, b in certain:
        first, second = (int(re.findall(r"\d+", n)[0]) - 1 for n in (a, b))
        assert not (held.levels[:, first] == held.levels[:, second]).all(), "the same ballots told apart"
        assert score[first] != score[second]
    line = list(words.line(held.edition.facts))
    for profile in held.edition.profiles:
        place = profile.overall
        if place is None or place.ci[0] is None:
            continue
        side = "确定高于" if place.ci[0] > 70 else "确定低于" if place.ci[1] < 70 else "是否达到"
        assert [text.startswith(f"{side} 70 分") for text in line if profile.name in text] == [True]


def test_items_are_called_above_or_below_only_with_an_interval_beside_zero(held: Held) -> None:
    below = words.items_below(held.edition.profiles)
    assert [e[2].difference for e in below] == sorted(e[2].difference for e in below)
    for profile in held.edition.profiles:
        for text in department.items(profile):
            for name, difference, low, high in re.findall(
                rf"([^：、（）]+)（({NUMBER}) 分，联合区间 ({NUMBER}) 至 ({NUMBER})）", text
            ):
                item = next(i for i in profile.items if i.name == name)
                assert number(difference) == pytest.approx(item.group.difference, abs=0.051)
                assert number(low) <= number(difference) <= number(high)
                assert text.startswith("确定高于" if number(difference) > 0 else "确定低于")
                assert (number(low) if number(difference) > 0 else -number(high)) >= -0.051


def test_item_differences_are_those_of_the_same_raters(held: Held) -> None:
    """Complete ballots: an item's difference is its mean less the mean of all departments, exactly."""
    if (held.levels == 0).any():
        pytest.skip("only of complete ballots does plain arithmetic give it")
    for d, profile in enumerate(held.edition.profiles):
        for k, item in enumerate(profile.items):
            if item.group is not None:
                means = held.points[:, :, k].mean(axis=0)
                assert item.group.difference == pytest.approx(means[d] - means.mean())


def test_places_in_words_are_those_of_the_numbers(held: Held) -> None:
    digits = held.edition.digits
    for profile in held.edition.profiles:
        texts = list(department.standing(profile, 70, digits))
        place = profile.overall
        if place is None:
            assert texts[0].startswith("没有参加排名")
            continue
        scored = next(text for text in texts if text.startswith("校正得分 "))
        assert told(texts[0], r"在参加排名的 (\d+) 个部门中，按校正得分列第 (\d+)") == [
            len(held.edition.ranked),
            1 + sum(d.adjusted > place.adjusted + 1e-9 for d in held.edition.ranked),
        ]
        score, low, high = (place.adjusted, *place.ci)
        if low is not None:
            assert low <= score <= high
        average = np.mean([d.adjusted for d in held.edition.ranked])
        if place.bound:
            assert "相差" not in scored
            assert re.search("得分 [≥≤]", scored)
            continue
        shown = told(scored, rf"相差 ({NUMBER}) 分")[0]
        assert shown == pytest.approx(score - average, abs=0.251)


def test_what_the_round_can_tell_apart(held: Held) -> None:
    pairs = held.edition.facts.ranking.pairs
    half = [(p.ci[1] - p.ci[0]) / 2 for p in pairs if p.ci[0] is not None]
    for text in words.resolution(held.edition.facts):
        if "通常要相差" in text:
            assert told(text, rf"相差 ({NUMBER}) 分以上") == pytest.approx([np.median(half)], abs=0.06)
        elif "约需" in text:
            needed, raters = told(text, r"约需 (\d+) 家企业作答（本轮 (\d+) 家）")
            assert needed > raters == (held.levels > 0).any(axis=(1, 2)).sum()


def test_the_weighted_trial_counts_as_kish_does(held: Held) -> None:
    """(Σw)² / Σw² of weights by class, each class weighted to its share of the roster."""
    part = held.edition.facts.weighting
    (text, *_) = respondents.weighting(held.edition.facts)
    if not part.possible:
        assert text.startswith("没有按名录加权试算")
        return
    n, effective = told(text, r"(\d+) 张选票只有 (\d+) 张的分量")
    assert n == len(held.said)
    if not part.merged and not part.trimmed:
        counted = np.array([(held.said == k).sum() for k in (1, 2, 3)])
        target = np.array([ROSTER["规模"][name] for name in SIZES]) / sum(ROSTER["规模"].values())
        weight = (target / counted)[held.said - 1]
        assert effective == pytest.approx(weight.sum() ** 2 / (weight**2).sum(), abs=0.51)


def test_what_weighs_is_worked_out_over_every_order_of_items(held: Held) -> None:
    """Shares of R² within raters, by the definition of Lindeman, Merenda and Gold, on complete cells."""
    part = held.edition.facts.drivers
    text = words.summary(part)
    if not part.possible:
        assert text == part.reason_zh
        return
    complete = (held.levels > 0).all(axis=2)
    several = complete.sum(axis=1) > 1
    r, d = np.nonzero(complete & several[:, None])
    X = POINTS[held.levels[r, d]]
    X = np.concatenate([X[r == rater] - X[r == rater].mean(axis=0) for rater in np.unique(r)])

    def explained(columns: list[int]) -> float:
        if not columns:
            return 0.0
        fitted = X[:, columns] @ np.linalg.lstsq(X[:, columns], X[:, 2], rcond=None)[0]
        return float(1 - ((X[:, 2] - fitted) ** 2).sum() / (X[:, 2] ** 2).sum())

    both, first, second = explained([0, 1]), explained([0]), explained([1])
    raw = np.array([(first + both - second) / 2, (second + both - first) / 2])
    assert told(text, r"差异的 ([\d.]+)%") == pytest.approx([100 * both], abs=0.051)
    shown = re.findall(r"(态度|效率) ([\d.]+)%（([\d.]+)%–([\d.]+)%）", text)
    assert [float(s) for _, s, *_ in shown] == sorted((float(s) for _, s, *_ in shown), reverse=True)
    for name, share, low, high in shown:
        k = ("态度", "效率").index(name)
        assert float(share) == pytest.approx(100 * raw[k] / raw.sum(), abs=0.051)
        assert float(low) <= float(share) <= float(high)


def test_what_to_improve_first_is_low_and_told_apart(held: Held) -> None:
    """Attack: a department at 40 of 100 was told that nothing weighty was below its own mean."""
    for d, profile in enumerate(held.edition.profiles):
        text = department.importance(profile)
        for k, entry in enumerate(profile.importance):
            if profile.items[k].reason:
                continue
            answers = held.levels[:, d, k][held.levels[:, d, k] > 0]
            below = profile.items[k].group and profile.items[k].group.direction == "below"
            low = POINTS[answers].mean() < 70 or bool(below)
            weighty = entry.ci[0] > 1 / len(profile.importance)
            assert entry.item not in text or low
            if low and not text.startswith("在总体评价里分量确定较大"):
                assert entry.item in text
            if low and weighty:
                assert text.startswith("在总体评价里分量确定较大")
                assert entry.item in text


def test_who_is_left_out_of_an_item_is_named(held: Held) -> None:
    """The mean that is told is that of all departments that the sentence does not name."""
    said, facts = left_out(held.edition.facts), held.edition.facts
    for k, item in enumerate(facts.items):
        missing = [p.name for p in held.edition.profiles if p.items[k].reason not in ("", "none")]
        assert all(name in said for name in missing)
        assert bool(missing) <= bool(said)
        if item.mean is not None:
            assert item.mean == pytest.approx(published_mean(held, k), abs=0.051)
    assert "全部部门" not in said


def test_a_bound_is_explained_where_there_is_one(held: Held) -> None:
    for profile in held.edition.profiles:
        shown = [department_satisfaction(profile), *map(satisfaction, profile.items)]
        marked = any(text[0] in "≥≤" for text in shown)
        assert (bound_note([profile, *profile.items]) != "") == marked
