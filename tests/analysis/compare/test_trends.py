"""Change between rounds and several rounds combined, against hand-worked values and simulation."""

import json
from dataclasses import replace

import numpy as np
import pytest
from nightly import at_most_5_percent, rounds
from references import summed_df
from simulated_groups import rated

from analysis import Ratings
from analysis.compare.combined import combine_rounds
from analysis.compare.rounds import compare_rounds
from analysis.errors import InputError


def names(D):
    return [f"部门{j + 1}" for j in range(D)]


def ratings_of(X, labels=None):
    return Ratings.from_array(X, department_names=labels or names(X.shape[1]))


def test_change_of_complete_rounds_is_the_difference_of_centred_means():
    X, Y = rated(40, 5, 5, seed=1)[0], rated(50, 5, 5, seed=2)[0]
    result = compare_rounds(ratings_of(X), ratings_of(Y), independent=True)
    x, y = X - X.mean(axis=1, keepdims=True), Y - Y.mean(axis=1, keepdims=True)
    assert [c.change for c in result.changes] == pytest.approx(y.mean(axis=0) - x.mean(axis=0))
    se = np.sqrt(x.var(axis=0, ddof=1) / 40 + y.var(axis=0, ddof=1) / 50)
    assert [c.se for c in result.changes] == pytest.approx(se)
    assert [c.before for c in result.changes] == pytest.approx(X.mean(axis=0))
    assert [c.after for c in result.changes] == pytest.approx(Y.mean(axis=0))


def test_departments_are_matched_by_name_whatever_their_order():
    X, Y = rated(80, 5, 4, seed=1)[0], rated(80, 5, 4, seed=2)[0]
    order = [3, 0, 4, 1, 2]
    plain = compare_rounds(ratings_of(X), ratings_of(Y))
    mixed = compare_rounds(ratings_of(X), ratings_of(Y[:, order], [names(5)[j] for j in order]))
    assert [c.change for c in mixed.changes] == pytest.approx([c.change for c in plain.changes])


def test_a_round_against_itself_shows_no_change():
    X = rated(80, 5, 4)[0]
    result = compare_rounds(ratings_of(X), ratings_of(X))
    assert [c.change for c in result.changes] == pytest.approx([0] * 5, abs=1e-9)
    assert {c.direction for c in result.changes} == {"same"}
    assert "没有部门相对上升" in result.summary()
    assert "同时成立" not in result.summary()  # of nothing


def test_a_real_move_is_found_and_a_general_rise_is_not_one():
    X, Y = rated(300, 6, 4, seed=3, ceiling=-10)[0], rated(300, 6, 4, seed=3, ceiling=-10)[0]
    rng = np.random.default_rng(9)
    moved = np.clip(Y + 20, 20, 100)
    moved[:, 2] = np.clip(Y[:, 2] + 20 - 20 * (rng.random(300) < 0.9), 20, 100)
    result = compare_rounds(ratings_of(X), ratings_of(moved))
    assert [c.department for c in result.moved("down")] == ["部门3"]
    assert result.moved("up") == ()
    (down,) = result.moved("down")
    change, low, high = (f"{v:+.1f}".replace("-", "−") for v in (down.change, *down.ci))
    assert f"相对下降的有 部门3 {change}（{low} 至 {high}）" in result.summary()
    assert "（括号里是区间，95% 同时成立）" in result.summary()
    assert f"relatively down 部门3 {change} ({low} to {high})" in result.summary("en")
    json.dumps(result.to_dict(), allow_nan=False)


def test_false_moves_stay_within_five_percent_when_the_raters_change():
    wrong, seeds = 0, rounds(150, 20)
    for seed in seeds:
        rng = np.random.default_rng(seed)
        theta = rng.normal(0, 5, 8)
        both = []
        for lenient, top in ((0, 12), (10, 12)):
            own = rng.normal(lenient, 12, (120, 1))
            y = 70 + top + own + theta + rng.normal(0, 15, (120, 8))
            rates = np.argsort(np.argsort(rng.random((120, 8)), axis=1), axis=1) < 5
            both.append(ratings_of(np.where(rates, 20 * np.clip(np.round(y / 20), 1, 5), np.nan)))
        result = compare_rounds(*both, draws=1000, seed=seed, independent=True)
        wrong += any(c.direction != "same" for c in result.changes)
    assert wrong <= at_most_5_percent(len(seeds))


def test_departments_of_one_round_only_are_listed_apart():
    X, Y = rated(80, 5, 4, seed=1)[0], rated(80, 5, 4, seed=2)[0]
    result = compare_rounds(ratings_of(X), ratings_of(Y, [*names(4), "新部门"]))
    assert result.not_compared == ("部门5", "新部门")
    assert "新部门" in result.summary()
    with pytest.raises(InputError, match="各组（轮）"):
        compare_rounds(ratings_of(X), ratings_of(Y, list("abcde")))


def spread(X):
    centred = X - X.mean(axis=1, keepdims=True)
    return np.cov(centred, rowvar=False) / len(X)


def pair_se(V):
    v = np.diagonal(V)
    return np.sqrt(np.maximum(v[:, None] + v - 2 * V, 0))


def test_rounds_declared_to_have_different_raters_are_the_weighted_mean_with_the_summed_variance():
    X, Y = rated(60, 5, 5, seed=1)[0], rated(90, 5, 5, seed=2)[0]
    both = combine_rounds([ratings_of(X), ratings_of(Y)], weights=[1, 3], independent=True)
    assert both.estimates == pytest.approx(0.25 * X.mean(axis=0) + 0.75 * Y.mean(axis=0))
    V = 0.25**2 * spread(X) + 0.75**2 * spread(Y)
    assert both.covariance == pytest.approx(V)
    parts = [w**2 * pair_se(spread(Z))[0, 1] ** 2 for w, Z in ((0.25, X), (0.75, Y))]
    (expected,) = summed_df([[v] for v in parts], [59, 89], min(0.8 * 0.05 / 15, 0.2 * 0.05 / 5))
    assert both.df[0, 1] == pytest.approx(expected, rel=1e-4)
    json.dumps(both.to_dict(), allow_nan=False)


def test_unknown_raters_add_standard_errors_and_not_variances():
    X = rated(60, 5, 5, seed=1)[0]
    twice = combine_rounds([ratings_of(X), ratings_of(X)], weights=[1, 3])
    assert twice.covariance == pytest.approx(spread(X))  # the same ballots twice tell nothing new
    assert twice.df[0, 1] == pytest.approx(59)
    halves = combine_rounds([ratings_of(X), ratings_of(X)], independent=True)
    assert halves.covariance == pytest.approx(spread(X) / 2)


def test_the_standard_error_is_no_less_than_the_weighted_sum_of_the_rounds_own():
    X, Y = rated(60, 6, 4, seed=1)[0], rated(200, 6, 6, seed=2)[0]
    rounds = [ratings_of(X), ratings_of(Y)]
    both = combine_rounds(rounds, weights=[1, 3], threshold=5)
    own = [combine_rounds([r, r], threshold=5) for r in rounds]
    attained = 0.25 * pair_se(own[0].covariance) + 0.75 * pair_se(own[1].covariance)
    off = ~np.eye(6, dtype=bool)
    assert (pair_se(both.covariance)[off] >= attained[off] * (1 - 1e-12)).all()
    assert (pair_se(both.covariance)[off] <= attained[off] * 1.1).all()


def test_no_dependence_whatever_exceeds_the_bound_in_any_direction():
    """Brute force: random joint covariances with the rounds' own on the diagonal, worst direction of each."""
    rounds = [rated(n, 5, 5, seed=n)[0] for n in (30, 50, 80)]
    w = np.array([0.5, 0.3, 0.2])
    both = combine_rounds([ratings_of(X) for X in rounds], weights=w)
    roots = [np.linalg.cholesky(spread(X) + 1e-12 * np.eye(5)) for X in rounds]
    rng = np.random.default_rng(7)
    for trial in range(200):
        rotations = [np.linalg.qr(rng.normal(size=(5, 5)))[0] for _ in rounds]
        if trial == 0:
            rotations = [np.eye(5)] * 3
        mixed = sum(a * root @ turn for a, root, turn in zip(w, roots, rotations, strict=True))
        assert np.linalg.eigvalsh(both.covariance - mixed @ mixed.T)[0] > -1e-9


def test_rounds_of_two_declared_sets_add_variances_between_the_sets_only():
    X, Y = rated(60, 5, 5, seed=1)[0], rated(90, 5, 5, seed=2)[0]
    rounds = [ratings_of(X), ratings_of(X), ratings_of(Y)]
    mixed = combine_rounds(rounds, independent=["a", "a", "b"])
    assert mixed.covariance == pytest.approx(4 / 9 * spread(X) + 1 / 9 * spread(Y))
    with pytest.raises(InputError, match="independent"):
        combine_rounds(rounds, independent=["a", "b"])
    with pytest.raises(InputError, match="stepdown"):
        mixed.ranking(stepdown=True)


def persistent(seed, raters=60, D=6, rounds=4):
    rng = np.random.default_rng(seed)
    own, taste = rng.normal(0, 10, (raters, 1)), rng.normal(0, 12, (raters, D))
    return [ratings_of(70 + own + taste + rng.normal(0, 5, (raters, D))) for _ in range(rounds)]


def test_firms_that_answer_every_quarter_do_not_make_false_differences():
    found, seeds = {True: 0, False: 0}, rounds(60, 12)
    for seed in seeds:
        year = persistent(seed)
        for independent in found:
            ranking = combine_rounds(year, independent=independent).ranking(draws=1000, seed=seed)
            found[independent] += bool(ranking.pairs.significant.any())
    assert found[True] > len(seeds) / 3  # what variances that add would say
    assert found[False] <= at_most_5_percent(len(seeds))


def test_the_ordinal_guard_holds_for_combined_rounds():
    def quarter(rng):
        """A and B are alike and better than C; lenient raters, whose marks end at the top, rate A and C."""
        lenient = rng.random(400) < 0.5
        own = np.where(lenient, 92, 62) + rng.normal(0, 5, 400)
        y = own[:, None] + [12, 12, -12] + rng.normal(0, 12, (400, 3))
        y = 20 * np.clip(np.round(y / 20), 1, 5)
        y[lenient, 1] = y[~lenient, 0] = np.nan
        return ratings_of(y, ["A", "B", "C"])

    wrong, seeds = {True: 0, False: 0}, rounds(20, 3)
    for seed in seeds:
        rng = np.random.default_rng(seed)
        year = [quarter(rng), quarter(rng)]
        for guard in wrong:
            found = combine_rounds(year, independent=True, latent_guard=guard).ranking(draws=1000)
            wrong[guard] += any(p.significant and {p.a, p.b} == {"A", "B"} for p in found.pairs)
    assert wrong == {False: len(seeds), True: 0}


def test_the_year_is_ranked_more_finely_than_a_quarter_where_raters_are_declared_different():
    rng = np.random.default_rng(4)
    theta = np.linspace(-6, 6, 8)
    quarters = [
        ratings_of(70 + rng.normal(0, 12, (80, 1)) + theta + rng.normal(0, 15, (80, 8))) for _ in range(4)
    ]
    year = combine_rounds(quarters, independent=True)
    alone = combine_rounds(quarters[:2], independent=True)
    assert year.ranking().departments[0].name == "部门8"
    assert year.ranking().pairs.significant.sum() > alone.ranking().pairs.significant.sum()
    assert "4 轮合并" in year.summary()
    assert "4 rounds" in year.summary("en")
    assert "不同的评议人" in year.summary()
    unknown = combine_rounds(quarters)
    assert "不论有多少人重复作答" in unknown.summary()
    assert unknown.ranking().pairs.significant.sum() <= year.ranking().pairs.significant.sum()


def test_a_change_holds_where_opinions_turn_round_unless_different_raters_are_declared():
    X = rated(60, 5, 5, seed=1)[0]
    centred = X - X.mean(axis=1, keepdims=True)
    turned = X.mean(axis=1, keepdims=True) + centred.mean(axis=0) - (centred - centred.mean(axis=0))
    default, declared = (
        compare_rounds(ratings_of(X), ratings_of(turned), **given, latent_guard=False)
        for given in ({}, {"independent": True})
    )
    true_se = 2 * np.sqrt(np.diagonal(spread(X)))  # each department's two errors are e and -e
    assert [c.se for c in default.changes] == pytest.approx(true_se)
    assert [c.se for c in declared.changes] == pytest.approx(true_se / np.sqrt(2))
    assert "不论有多少人重复作答" in default.summary()
    assert "holds however many did" in default.summary("en")
    assert "不同的评议人" in declared.summary()


def test_the_same_raters_who_turn_their_opinions_round_are_not_taken_for_a_change():
    """The attack: what each thinks of a department is turned round; V₁ + V₂ alone finds moves in 18 %."""
    wrong, seeds = {False: 0, True: 0}, rounds(60, 18)
    for seed in seeds:
        g = np.random.default_rng([46, seed])
        own, taste = g.normal(0, 12, (60, 1)), g.normal(0, 15, (60, 8))
        both = [ratings_of(70 + own + sign * taste) for sign in (1, -1)]
        for declared in wrong:
            found = compare_rounds(*both, draws=1_000, independent=declared)
            wrong[declared] += any(c.direction != "same" for c in found.changes)
    assert wrong[True] >= 0.11 * len(seeds)
    assert wrong[False] <= at_most_5_percent(len(seeds))


@pytest.mark.parametrize(
    ("weights", "count", "word"), [(None, 1, "两轮"), ([1, -1], 2, "正数"), ([1], 2, "2 个正数")]
)
def test_rounds_that_cannot_be_combined_are_refused(weights, count, word):
    X = rated(60, 5, 5)[0]
    with pytest.raises(InputError, match=word):
        combine_rounds([ratings_of(X)] * count, weights=weights)


def test_no_interval_of_a_change_leaves_out_0_where_nothing_is_declared() -> None:
    """The ordinal scale takes a declaration back; the interval shown beside it must not keep it."""
    told = 0
    for seed in range(12):
        chance = np.random.default_rng(seed)
        before, after = (ceiling_marks(chance) for _ in range(2))
        found = compare_rounds(Ratings.from_array(before), Ratings.from_array(after))
        for change in found.changes:
            assert (change.ci[0] > 0 or change.ci[1] < 0) == (change.direction != "same")
            told += change.direction == "same"
    assert told


def ceiling_marks(chance: np.random.Generator) -> np.ndarray:
    """(60, 6) marks, most of them the best, worse ones scattered unequally by department."""
    low = chance.choice([20.0, 80.0], (60, 6), p=[0.3, 0.7])
    return np.where(chance.random((60, 6)) < 0.6 + 0.06 * np.arange(6), 100.0, low)


def called(ratings, raters):
    return replace(ratings, rater_names=tuple(raters))


def test_raters_of_one_name_are_paired_where_that_is_declared():
    """A complete design: the change is the mean of every rater's own change, its error that of a mean."""
    g = np.random.default_rng(5)
    taste = g.normal(0, 15, (30, 5))
    X, Y = (60 + taste + g.normal(0, 4, (30, 5)) for _ in range(2))
    order = g.permutation(30)
    after = called(ratings_of(Y[order]), [str(r) for r in order.tolist()])
    found = compare_rounds(ratings_of(X), after, same_raters=True, draws=1_000)
    own = Y - X - (Y - X).mean(axis=1, keepdims=True)
    assert [c.change for c in found.changes] == pytest.approx(own.mean(axis=0))
    assert [c.se for c in found.changes] == pytest.approx(own.std(axis=0, ddof=1) / np.sqrt(30))
    loose = compare_rounds(ratings_of(X), after, draws=1_000)
    assert max(c.se for c in found.changes) < 0.5 * min(c.se for c in loose.changes)
    assert "配对" in found.summary("zh")


def test_whoever_answered_one_round_only_is_a_unit_of_its_own():
    """Half of the raters paired: variances add up, less twice the covariance of the half."""
    g = np.random.default_rng(6)
    X, Y = g.normal(60, 10, (40, 4)), g.normal(60, 10, (40, 4))
    Y[:20] += X[:20] - 60
    both = [str(r) for r in range(20)] + [f"new{r}" for r in range(20)]
    after = called(ratings_of(Y), both)
    found = compare_rounds(ratings_of(X), after, same_raters=True, draws=1_000)
    x, y = (Z - Z.mean(axis=1, keepdims=True) for Z in (X, Y))
    x, y = x - x.mean(axis=0), y - y.mean(axis=0)
    # The jackknife of a mean: influences (z − z̄)/√(n(n − 1)).
    shared = (x[:20] * y[:20]).sum(axis=0) / (40 * 39)
    variance = (x**2).sum(axis=0) / (40 * 39) + (y**2).sum(axis=0) / (40 * 39) - 2 * shared
    assert [c.se for c in found.changes] == pytest.approx(np.sqrt(variance))


def test_paired_rounds_hold_their_error_where_opinions_turn_round():
    """Rounds that different raters would have got wrong: everybody's liking turned round."""
    wrong = 0
    for seed in range(60):
        g = np.random.default_rng(seed)
        taste = g.normal(0, 15, (25, 6))
        rounds = [ratings_of(60 + sign * taste + g.normal(0, 3, (25, 6))) for sign in (1, -1)]
        found = compare_rounds(*rounds, same_raters=True, draws=1_000, seed=seed)
        wrong += any(c.direction != "same" for c in found.changes)
    assert wrong <= 8  # 5 % and 2.6 standard errors


@pytest.mark.parametrize(
    ("given", "word"),
    [({"independent": True}, "both"), ({"cluster": True}, "clusters"), ({"other": True}, "same name")],
)
def test_pairing_that_cannot_be_is_refused(given, word):
    X = rated(20, 3, 3, seed=1)[0]
    cluster = [str(r // 2) for r in range(20)] if given.pop("cluster", False) else None
    after = Ratings.from_array(X, department_names=names(3), cluster=cluster)
    after = called(after, [f"x{r}" for r in range(20)]) if given.pop("other", False) else after
    with pytest.raises(InputError) as refused:
        compare_rounds(ratings_of(X), after, same_raters=True, **given)
    assert refused.value.column == "same_raters"
    assert word in refused.value.en
