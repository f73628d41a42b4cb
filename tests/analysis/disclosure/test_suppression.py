"""The attacker against reference bounds and brute force; suppression against the attacker."""

import itertools
import json
from pathlib import Path

import numpy as np
import pytest
from nightly import rounds

from analysis.disclosure.attacker import Attacker, Statement, attack, published_mean
from analysis.disclosure.suppression import suppress
from analysis.errors import InputError

REFERENCE = json.loads(
    (Path(__file__).parents[2] / "data" / "reference" / "suppression_audit_lp.json").read_text("utf-8")
)
TABLE = np.array(REFERENCE["input"]["table"])


def margins(table, **options):
    rows = [
        Statement(f"r{i}", {(i, j): 1 for j in range(table.shape[1])}, table[i].sum(), **options)
        for i in range(4)
    ]
    columns = [
        Statement(f"c{j}", {(i, j): 1 for i in range(table.shape[0])}, table[:, j].sum(), **options)
        for j in range(4)
    ]
    return rows + columns


def release(table, hidden, **options):
    cells = [
        Statement(f"{i},{j}", {(i, j): 1}, table[i, j], cost=table[i, j])
        for i, j in np.argwhere(~np.array(hidden, bool))
    ]
    targets = {f"{i},{j}": {(i, j): 1} for i, j in np.argwhere(np.array(hidden, bool))}
    return cells + margins(table, **options), targets


@pytest.mark.parametrize("pattern", REFERENCE["input"]["patterns"])
def test_bounds_and_disclosures_are_those_of_the_reference(pattern):
    statements, targets = release(TABLE, REFERENCE["input"]["patterns"][pattern])
    audit = attack(statements, targets)
    expected = REFERENCE["expected"][pattern]
    ours = {bound.label: (bound.lower, bound.upper) for bound in audit.bounds}
    for cell in expected["bounds"]:
        key = f"{cell['row']},{cell['col']}"
        assert ours[key] == pytest.approx((cell["lower"], cell["upper"]), abs=1e-6)
    assert len(audit.disclosed) == expected["exactly_disclosed"]


def test_suppression_stops_the_attack_on_the_reference_table():
    statements, targets = release(TABLE, REFERENCE["input"]["patterns"]["primary_only"], required=True)
    result = suppress(statements, targets)
    assert result.audit.disclosed == ()
    # Independent check: withhold the same cells and attack afresh.
    kept = [s for s in statements if s.label in set(result.published)]
    assert attack(kept, targets).disclosed == ()
    # Every complementary suppression is needed: publishing any one again gives something away.
    for label in result.withheld:
        back = [s for s in statements if s.label in {*result.published, label}]
        assert attack(back, targets).disclosed
    assert len(result.withheld) <= 4


def whole_number_tables(table, hidden):
    """Every table with these margins and shown cells, by trying all."""
    places = [tuple(place) for place in np.argwhere(hidden)]
    for values in itertools.product(range(int(table.sum(axis=1).max()) + 1), repeat=len(places)):
        trial = table.copy()
        trial[tuple(np.array(places).T)] = values
        if (trial.sum(0) == table.sum(0)).all() and (trial.sum(1) == table.sum(1)).all():
            yield trial


@pytest.mark.parametrize("seed", range(6))
def test_bounds_agree_with_brute_force_over_whole_numbers(seed):
    rng = np.random.default_rng(seed)
    table = rng.integers(0, 4, (3, 3))
    hidden = np.zeros((3, 3), dtype=bool)
    hidden.flat[rng.choice(9, 5, replace=False)] = True
    statements = [
        *(Statement(f"r{i}", {(i, j): 1 for j in range(3)}, table[i].sum()) for i in range(3)),
        *(Statement(f"c{j}", {(i, j): 1 for i in range(3)}, table[:, j].sum()) for j in range(3)),
        *(Statement(f"{i},{j}", {(i, j): 1}, table[i, j]) for i, j in np.argwhere(~hidden)),
    ]
    solutions = np.array(list(whole_number_tables(table, hidden)))
    for i, j in np.argwhere(hidden):
        bound = attack(statements, {"cell": {(i, j): 1}}).bounds[0]
        values = solutions[:, i, j]
        assert (bound.lower, bound.upper) == pytest.approx((values.min(), values.max()), abs=1e-6)


def test_two_harmless_tables_give_a_count_away_together():
    """Everybody per department, and the locals: the three from outside follow by subtraction."""
    everybody = Statement("全部", {"本地": 1, "外来": 1}, 25)
    locals_ = Statement("本地", {"本地": 1}, 22)
    assert attack([everybody], {"外来": {"外来": 1}}).disclosed == ()
    assert attack([locals_], {"外来": {"外来": 1}}).disclosed == ()
    audit = attack([everybody, locals_], {"外来": {"外来": 1}})
    assert audit.disclosed == ("外来",)
    assert "外来" in audit.summary()
    assert "do not release" in audit.summary("en")


def test_rounding_hides_and_then_does_not():
    """A mean published to one decimal over 2 raters fixes the sum; over 200 it leaves room."""
    share = Statement("rate", {"yes": 1}, 3.0, rounding=0.4)
    assert attack([share], {"yes": {"yes": 1}}).disclosed == ("yes",)
    coarse = Statement("rate", {"yes": 1}, 3.0, rounding=1.5)
    bound = attack([coarse], {"yes": {"yes": 1}}).bounds[0]
    assert (bound.lower, bound.upper, bound.disclosed) == (1.5, 4.5, False)


def test_an_unconstrained_cell_has_no_upper_bound_and_serialises():
    audit = attack([Statement("a", {"a": 1}, 3)], {"b": {"b": 1}})
    assert audit.bounds[0].upper == float("inf")
    assert json.loads(json.dumps(audit.to_dict(), allow_nan=False))["bounds"][0]["upper"] is None


def test_contradicting_totals_are_reported():
    with pytest.raises(InputError, match="互相矛盾"):
        attack([Statement("x", {"a": 1}, 3), Statement("y", {"a": 1}, 4)], {"a": {"a": 1}})


def test_what_required_numbers_give_away_cannot_be_protected():
    statements = [
        Statement("全部", {"本地": 1, "外来": 1}, 25, required=True),
        Statement("本地", {"本地": 1}, 22, required=True),
    ]
    with pytest.raises(InputError, match="外来"):
        suppress(statements, {"外来": {"外来": 1}})


def test_bundles_are_withheld_as_one():
    statements = [
        Statement("全部", {"a": 1, "b": 1, "c": 1}, 60, cost=60),
        Statement("b", {"b": 1}, 20, cost=20, bundle="丙"),
        Statement("c", {"c": 1}, 35, cost=35),
        Statement("b2", {"b2": 1}, 20, cost=20, bundle="丙"),
    ]
    result = suppress(statements, {"a": {"a": 1}})
    assert result.withheld == ("b", "b2")
    assert "b2" in result.summary()
    assert "withheld" in result.summary("en")


def test_two_rounded_means_give_the_missing_answer_away():
    """Twelve answers average 80.0, the eleven local ones 81.8: the twelfth enterprise gave 60."""
    levels = (20, 40, 60, 80, 100)
    local = {("本地", p): float(p) for p in levels}
    outside = {("外来", p): float(p) for p in levels}
    sizes = [
        Statement("本地", dict.fromkeys(local, 1.0), 11),
        Statement("外来", dict.fromkeys(outside, 1.0), 1),
    ]
    both = published_mean("全部", {**local, **outside}, 12, 80.0, decimals=1)
    eleven = published_mean("本地均分", local, 11, 900 / 11, decimals=1)
    secret = {"外来总分": outside}
    alone = attack([*sizes, both], secret, integer=False, protection=20).bounds[0]
    assert (alone.lower, alone.upper, alone.disclosed) == (20, 100, False)
    together = attack([*sizes, both, eleven], secret, integer=False, protection=20).bounds[0]
    assert together.disclosed
    assert (together.lower, together.upper) == pytest.approx((60 - 0.6 - 0.55, 60 + 0.6 + 0.55), abs=1e-6)
    result = suppress([*sizes, both, eleven], secret, integer=False, protection=20)
    assert result.audit.disclosed == ()
    assert len(result.withheld) == 1


@pytest.mark.parametrize("seed", rounds(8, 2))
def test_counts_found_before_never_call_a_target_safe_that_is_not(seed):
    """Sums of bounded cells over two directions; the answer of a linear program alone is the reference."""
    chance = np.random.default_rng(seed)
    table = chance.integers(1, 10, (9, 6))
    cells = {(d, k): int(n) for (d, k), n in np.ndenumerate(table)}
    told = [Statement(f"{c}", {c: 1.0}, 5.0, 4.0, required=True) for c in cells if chance.random() < 0.8]
    told += [Statement(f"row {d}", {(d, k): 1.0 for k in range(6)}, table[d].sum()) for d in range(9)]
    told += [Statement(f"column {k}", {(d, k): 1.0 for d in range(9)}, table[:, k].sum()) for k in range(6)]
    attacker = Attacker(tuple(told), protection=float(chance.integers(1, 8)))
    sums = [i for i, s in enumerate(told) if s.label.startswith(("row", "column"))]
    for _round in rounds(3, 1):
        attacker.withheld = set(chance.choice(sums, chance.integers(0, 9), replace=False).tolist())
        for cell in cells:
            alone = Attacker(tuple(told), protection=attacker.protection, withheld=set(attacker.withheld))
            expected, _ = alone.bound("", {cell: 1.0})
            assert attacker.disclosed("", {cell: 1.0}) == expected.disclosed
            found, _ = attacker.bound("", {cell: 1.0})
            assert (found.lower, found.upper) == pytest.approx((expected.lower, expected.upper), abs=1e-6)
