"""Working out what a round withholds from everything that it publishes, by integer programming.

Everybody rated everything here, and the attacker knows it: then every score is a plain mean, every difference
a difference of means, and all of them together are equations about the counts of answers. He knows how
figures are rounded, and takes those without a stated step for exact, as they were once published.
"""

from __future__ import annotations

import copy
import itertools
from typing import Any

import numpy as np
import pytest
from rounds_of_scores import GROUPS, POINTS, description, levels, round_json, scores
from scipy import optimize, sparse

from survey.services.results.facts import EarlierRound

N, D, K, L = 38, 6, 4, 5
FEW, LEAST_FEWER = 10, 3
SCALE = POINTS[1:]
UNANIMOUS, WORST, ONE_ITEM, ALMOST = 0, 5, 2, 3
EXACT = 1e-7
Cells = dict[int, float]


class Attacker:
    """Unknown counts by department, item and level, and every published figure about them."""

    unknown = D * K * L

    def __init__(self, facts: dict[str, Any]) -> None:
        self.step = facts["method"].get("step", 0.0)
        self.rows: list[tuple[Cells, float, float]] = []
        for d, k in itertools.product(range(D), range(K)):
            self.add(self.levels(d, k, range(L)), N, N)
        self.first = facts["scale"]["satisfied"]
        self.names = [p["name"] for p in facts["profiles"]]
        self.items(facts)
        self.scores(facts)
        self.differences(facts)

    def add(self, cells: Cells, low: float, high: float) -> None:
        self.rows.append((cells, low - EXACT, high + EXACT))

    def levels(self, d: int, k: int, which: Any) -> Cells:
        return {(d * K + k) * L + level: 1.0 for level in which}

    def item_mean(self, d: int, k: int, factor: float = 1.0) -> Cells:
        return {(d * K + k) * L + level: factor * SCALE[level] / N for level in range(L)}

    def mean(self, d: int, factor: float = 1.0) -> Cells:
        return {c: v for k in range(K) for c, v in self.item_mean(d, k, factor / K).items()}

    @staticmethod
    def total(*parts: Cells) -> Cells:
        found: Cells = {}
        for part in parts:
            for cell, value in part.items():
                found[cell] = found.get(cell, 0.0) + value
        return found

    def item_step(self) -> float:
        """docs/facts.md: three answers one level apart, rounded up to a step of the ladder."""
        return next(s for s in (0.5, 1, 2, 5, 10) if N * s >= 60) if self.step else 0.0

    def items(self, facts: dict[str, Any]) -> None:
        half = self.item_step() / 2
        for d, profile in enumerate(facts["profiles"]):
            for k, item in enumerate(profile["items"]):
                if item["reason"]:
                    continue
                self.add(self.item_mean(d, k), item["mean"] - half, item["mean"] + half)
                for part in item["classes"]:
                    among = range(part["first"], part["last"] + 1)
                    self.add(self.levels(d, k, among), part["count"], part["count"])
                self.share([(d, k)], item, "satisfied", "satisfied_", N)
            told = profile["satisfied"]
            self.share([(d, k) for k in range(K)], told, "share", "", K * N)
        for k, item in enumerate(facts["items"]):
            shown = [(d, k) for d in range(D) if not facts["profiles"][d]["items"][k]["reason"]]
            if item["n"]:
                self.share(shown, item, "satisfied", "satisfied_", item["n"])
                among = self.total(*(self.item_mean(d, k, 1 / len(shown)) for d, k in shown))
                wide = half + 0.05 if self.step else 0.0
                self.add(among, item["mean"] - wide, item["mean"] + wide)

    def share(self, parts: Any, told: dict[str, Any], exact: str, prefix: str, n: int) -> None:
        cells = self.total(*(self.levels(d, k, range(self.first)) for d, k in parts))
        if told[exact] is not None:
            self.add(cells, told[exact] * n, told[exact] * n)
        elif told[f"{prefix}at_least"] is not None:
            self.add(cells, told[f"{prefix}at_least"] * n, n)
        elif told[f"{prefix}at_most"] is not None:
            self.add(cells, 0, told[f"{prefix}at_most"] * n)

    def rankings(self, facts: dict[str, Any]) -> Any:
        """Each published ranking with the departments that it was fitted on."""
        ranking = facts["ranking"]
        yield ranking, range(D)
        for group in ranking["groups"]:
            yield group, [d for d in range(D) if GROUPS[d] == group["name"]]

    def scores(self, facts: dict[str, Any]) -> None:
        for ranking, members in self.rankings(facts):
            of = {d["name"]: d for d in ranking["departments"]}
            for d in members:
                told = of[self.names[d]]
                for key in ("mean", "adjusted"):
                    low, high = told[key] - self.step / 2, told[key] + self.step / 2
                    bound = told.get("bound", "")
                    low, high = (low, 1e3) if bound == "at_least" else (low, high)
                    self.add(self.mean(d), *((-1e3, high) if bound == "at_most" else (low, high)))
                if not self.step:
                    average = self.total(*(self.mean(o, -1 / len(members)) for o in members))
                    gap = told["average_difference"]
                    self.add(self.total(self.mean(d), average), gap, gap)

    def differences(self, facts: dict[str, Any]) -> None:
        """Of items from their groups. In steps they are those of the published means and say nothing more."""
        for d, k in itertools.product(range(D), range(K)):
            told = facts["profiles"][d]["items"][k]["group"]
            if told is None:
                continue
            alike = [o for o in range(D) if GROUPS[o] == GROUPS[d]]
            if self.step:
                alike = [o for o in alike if not facts["profiles"][o]["items"][k]["reason"]]
            average = self.total(*(self.item_mean(o, k, -1 / len(alike)) for o in alike))
            wide = self.item_step() + self.step / 2
            cells = self.total(self.item_mean(d, k), average)
            self.add(cells, told["difference"] - wide, told["difference"] + wide)

    def bounds(self, cells: Cells) -> tuple[float, float]:
        """Smallest and largest value of a sum of whole counts."""
        entries = [(r, c, v) for r, (row, _, _) in enumerate(self.rows) for c, v in row.items()]
        r, c, v = zip(*entries, strict=True)
        matrix = sparse.csr_array((v, (r, c)), shape=(len(self.rows), self.unknown))
        low, high = np.array([(low, high) for _, low, high in self.rows]).T
        wanted = np.zeros(self.unknown)
        wanted[list(cells)] = list(cells.values())
        ends = []
        for sign in (1.0, -1.0):
            found = optimize.milp(
                sign * wanted,
                constraints=optimize.LinearConstraint(matrix, low, high),
                integrality=np.ones(self.unknown),
                bounds=optimize.Bounds(0, N),
                options={"time_limit": 5.0},
            )
            assert found.x is not None or found.mip_dual_bound is not None, found.message
            # What was not finished in time counts as the attacker's success.
            ends.append(sign * (found.fun if found.x is not None else found.mip_dual_bound))
        return ends[0], ends[1]


def rated() -> Any:
    """One department with one answer from everybody, the best, one with the worst; one unanimous item; …"""
    answers = levels(7, raters=N)
    answers[:, UNANIMOUS] = 1
    answers[:, WORST] = 5
    answers[:, ONE_ITEM, 1] = 2
    answers[:, ALMOST, 0] = np.where(np.arange(N) < 36, 2, 3)
    return answers


@pytest.fixture(scope="module")
def facts() -> dict[str, Any]:
    return round_json(description(), scores(rated()), {}, [_earlier()])


def _earlier() -> EarlierRound:
    return EarlierRound(description("2026-q3", "2026-07-01"), scores(levels(8, raters=N)))


def as_once_published(facts: dict[str, Any]) -> dict[str, Any]:
    """The same with every digit, and differences from averages that hold what is withheld."""
    naive, exact = copy.deepcopy(facts), SCALE[rated() - 1]
    del naive["method"]["step"]
    items, means = exact.mean(axis=0), exact.mean(axis=(0, 2))
    for d, profile in enumerate(naive["profiles"]):
        alike = [o for o in range(D) if GROUPS[o] == GROUPS[d]]
        for k, item in enumerate(profile["items"]):
            if not item["reason"]:
                item["mean"] = items[d, k]
                item["group"] = {"difference": items[d, k] - items[alike, k].mean()}
    for k, item in enumerate(naive["items"]):
        shown = [d for d in range(D) if not naive["profiles"][d]["items"][k]["reason"]]
        item["mean"] = items[shown, k].mean()
    for part in (naive["ranking"], *naive["ranking"]["groups"]):
        told = {p["name"]: means[d] for d, p in enumerate(naive["profiles"])}
        among = [told[d["name"]] for d in part["departments"]]
        for d in part["departments"]:
            d |= {"mean": told[d["name"]], "adjusted": told[d["name"]], "bound": ""}
            d["average_difference"] = told[d["name"]] - np.mean(among)
    return naive


def withheld(facts: dict[str, Any]) -> list[tuple[int, int]]:
    return [(d, k) for d in range(D) for k in range(K) if facts["profiles"][d]["items"][k]["reason"]]


def means_found(facts: dict[str, Any]) -> list[tuple[int, int]]:
    """Withheld items whose mean follows to within what seven of 38 answers a level apart would change."""
    attacker, found = Attacker(facts), []
    for d, k in withheld(facts):
        low, high = attacker.bounds(attacker.item_mean(d, k))
        actual = SCALE[rated()[:, d, k] - 1].mean()
        assert low - 1e-6 <= actual <= high + 1e-6
        if high - low < 7 * 20 / N - 1e-6:
            found.append((d, k))
    return found


def counts_found(facts: dict[str, Any]) -> list[tuple[int, int, int]]:
    """(department, item, level) of answers by fewer than the threshold that certainly some have given.

    Certain is more than the count less three; level −1: not satisfied.
    """
    attacker, found = Attacker(facts), []
    for d, k in itertools.product(range(D), range(K)):
        if facts["profiles"][d]["items"][k]["reason"]:
            continue
        for level, among in [*((i, [i]) for i in range(L)), (-1, range(attacker.first, L))]:
            actual = int(np.isin(rated()[:, d, k], np.array(among) + 1).sum())
            if 0 < actual < FEW:
                low, high = attacker.bounds(attacker.levels(d, k, among))
                assert low - 1e-6 <= actual <= high + 1e-6
                if round(low) > max(0, actual - LEAST_FEWER):
                    found.append((d, k, level))
    return found


def test_there_is_something_to_find(facts) -> None:
    hidden = withheld(facts)
    assert {(UNANIMOUS, k) for k in range(K)} | {(WORST, k) for k in range(K)} <= set(hidden)
    assert {(ONE_ITEM, 1), (ALMOST, 0)} & set(hidden)


def test_no_withheld_item_follows(facts) -> None:
    assert means_found(facts) == []


def test_with_every_digit_they_follow(facts) -> None:
    """The attack that rounding and bounds stop: unanimous departments, and differences that sum to zero."""
    found = means_found(as_once_published(facts))
    assert {(UNANIMOUS, k) for k in range(K)} | {(WORST, k) for k in range(K)} <= set(found)
    assert (ONE_ITEM, 1) in found


def test_nobody_is_certain_to_have_given_a_rare_answer(facts) -> None:
    assert counts_found(facts) == []


def test_with_every_digit_rare_answers_are_certain(facts) -> None:
    assert counts_found(as_once_published(facts))
