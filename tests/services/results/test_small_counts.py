"""Published counts and shares of answers: an integer attacker over a whole round finds no small count."""

import copy
import itertools
import json
from types import SimpleNamespace

import numpy as np
import pytest
from rounds_of_scores import description, levels, round_json, scores
from scipy import optimize, sparse

from survey.facts.wire import facts_from, written
from survey.services.publication.open_data_tables import SHEETS
from survey.services.results import facts as kept

FEW = 10
POINTS = (100.0, 80.0, 60.0, 40.0, 20.0)


class Attacker:
    """Unknown counts by department, item and level, and every published figure about them."""

    def __init__(self, facts) -> None:
        self.rows, self.low, self.high = [], [], []
        self.weighted = [k for k, item in enumerate(facts["items"]) if item["weight"] > 0]
        self.D, self.K, self.L = len(facts["profiles"]), len(facts["items"]), len(POINTS)
        self.first = facts["scale"]["satisfied"]
        self.steps = "step" in facts["method"]
        for d, profile in enumerate(facts["profiles"]):
            for k, item in enumerate(profile["items"]):
                self._item(d, k, item)
            self._share([(d, k) for k in self.weighted], profile["satisfied"], "share", "ratings", "")
        for k, item in enumerate(facts["items"]):
            shown = [(d, k) for d, p in enumerate(facts["profiles"]) if not p["items"][k]["reason"]]
            self._share(shown, item, "satisfied", "n", "satisfied_")

    def place(self, d: int, k: int, level: int) -> int:
        return (d * self.K + k) * self.L + level

    def add(self, cells, value, other=None) -> None:
        self.rows.append(cells)
        self.low.append(value)
        self.high.append(value if other is None else other)

    def _item(self, d: int, k: int, item) -> None:
        if item["reason"]:
            return
        whole = {self.place(d, k, level): 1.0 for level in range(self.L)}
        self.add(whole, item["n"])
        half = next(s for s in (0.5, 1, 2, 5, 10) if item["n"] * s >= 60) / 2 if self.steps else 0.0
        points = {self.place(d, k, level): p for level, p in enumerate(POINTS)}
        self.add(points, item["n"] * (item["mean"] - half), item["n"] * (item["mean"] + half))
        for part in item["classes"]:
            among = range(part["first"], part["last"] + 1)
            self.add({self.place(d, k, level): 1.0 for level in among}, part["count"])
        self._share([(d, k)], item, "satisfied", "n", "satisfied_")

    def _share(self, parts, told, exact: str, size: str, prefix: str) -> None:
        cells = {self.place(d, k, level): 1.0 for d, k in parts for level in range(self.first)}
        n = told[size]
        if told[exact] is not None:
            self.add(cells, told[exact] * n)
        elif told[f"{prefix}at_least"] is not None:
            self.add(cells, told[f"{prefix}at_least"] * n, n)
        elif told[f"{prefix}at_most"] is not None:
            self.add(cells, 0, told[f"{prefix}at_most"] * n)

    def bounds(self, cells: list[int]) -> tuple[int, int]:
        """Smallest and largest whole value of a sum of cells."""
        entries = [(r, c, v) for r, row in enumerate(self.rows) for c, v in row.items()]
        r, c, v = zip(*entries, strict=True)
        size = self.D * self.K * self.L
        matrix = sparse.csr_array((v, (r, c)), shape=(len(self.rows), size))
        limits = optimize.LinearConstraint(matrix, np.array(self.low) - 1e-6, np.array(self.high) + 1e-6)
        wanted = np.zeros(size)
        wanted[cells] = 1.0
        ends = []
        for sign in (1.0, -1.0):
            found = optimize.milp(
                sign * wanted, constraints=limits, integrality=np.ones(size), bounds=optimize.Bounds(0, 60)
            )
            assert found.status == 0
            ends.append(round(sign * found.fun))
        return ends[0], ends[1]


def found_out(facts, rated) -> list[tuple[int, int, int]]:
    """(department, item, level) of small counts that have one value only; level −1: not satisfied."""
    attacker = Attacker(facts)
    found = []
    for d, k in itertools.product(range(attacker.D), range(attacker.K)):
        if facts["profiles"][d]["items"][k]["reason"]:
            continue
        targets = [(level, [level]) for level in range(attacker.L)]
        targets.append((-1, list(range(attacker.first, attacker.L))))
        for level, among in targets:
            actual = int(np.isin(rated[:, d, k], np.array(among) + 1).sum())
            if actual < FEW:
                low, high = attacker.bounds([attacker.place(d, k, one) for one in among])
                assert low <= actual <= high
                if low == high:
                    found.append((d, k, level))
    return found


@pytest.fixture(scope="module")
def rated():
    """Sixty ballots over four departments, one of them much liked, one much disliked."""
    answers = levels(7, departments=4)
    answers[:, 0] = np.clip(answers[:, 0] - 1, 1, 5)
    answers[:, 3] = np.clip(answers[:, 3] + 1, 1, 5)
    return answers


@pytest.fixture(scope="module")
def facts(rated):
    about = description(departments=4)
    return round_json(about, scores(rated, about=about), {})


def test_no_small_count_follows_from_all_that_is_told(facts, rated) -> None:
    assert found_out(facts, rated) == []


def test_without_bounds_and_merging_small_counts_follow(facts, rated) -> None:
    """The attack that the rule stops: exact shares, as they were told before."""
    naive = copy.deepcopy(facts)
    for d, profile in enumerate(naive["profiles"]):
        for k, item in enumerate(profile["items"]):
            if not item["reason"]:
                item["satisfied"] = float((rated[:, d, k] <= 3).mean())
    assert found_out(naive, rated)


def test_no_file_of_answers_holds_a_small_count(facts) -> None:
    rows = list(SHEETS["answers"].rows(SimpleNamespace(facts=facts_from(copy.deepcopy(facts)))))
    assert rows
    assert all(n is None or n >= FEW for *_, n, _reason in rows)


def test_counts_of_not_known_below_the_threshold_stay_out(facts) -> None:
    told = [item["not_known"] for p in facts["profiles"] for item in p["items"]]
    assert all(n is None or n >= FEW for n in told)


def test_facts_kept_with_counts_by_level_are_merged_when_read(facts, rated) -> None:
    """What an installation kept before counts were merged."""
    old = copy.deepcopy(facts)
    for d, profile in enumerate(old["profiles"]):
        share = float((rated[:, d] <= 3).mean())
        profile["satisfied"] = {"share": share, "ratings": 240, "reason": ""}
        for k, item in enumerate(profile["items"]):
            del item["classes"], item["satisfied_at_least"], item["satisfied_at_most"]
            n = [int((rated[:, d, k] == level).sum()) for level in range(1, 6)]
            mean = None if item["reason"] else float(np.dot(n, POINTS) / 60)
            item |= {"levels": None if item["reason"] else n, "not_known": 0, "mean": mean}
            item["satisfied"] = None if item["reason"] else float((rated[:, d, k] <= 3).mean())
    for k, item in enumerate(old["items"]):
        del item["satisfied_at_least"], item["satisfied_at_most"]
        shown = [d for d in range(4) if not old["profiles"][d]["items"][k]["reason"]]
        item["satisfied"] = float((rated[:, shown, k] <= 3).mean())
    del old["method"]["step"]
    read = written(kept.read_facts(json.dumps(old).encode()))
    told = [item for profile in read["profiles"] for item in profile["items"] if item["classes"]]
    assert len(told) >= 12
    assert all(part["count"] >= FEW for item in told for part in item["classes"])
    assert found_out(read, rated) == []


def test_a_department_whose_share_would_give_an_item_away_has_a_true_bound() -> None:
    """One item's share is hidden, the others' are told: the department's own would tell it."""
    answers = levels(11, departments=4)
    answers[:, 1, :3] = np.where(np.arange(60)[:, None] < 20, 4, 2)
    answers[:, 1, 3] = np.where(np.arange(60) < 4, 4, np.where(np.arange(60) < 30, 2, 3))
    about = description(departments=4)
    facts = round_json(about, scores(answers, about=about), {})
    profile = facts["profiles"][1]
    assert [item["satisfied"] is None for item in profile["items"]] == [False, False, False, True]
    told = profile["satisfied"]
    assert told["share"] is None
    assert told["at_least"] == pytest.approx(1 - (20 * 3 + 9) / 240)
    assert told["at_least"] <= (answers[:, 1] <= 3).mean()
    assert found_out(facts, answers) == []
