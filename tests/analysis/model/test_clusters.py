"""Raters that belong together: leaving out whole clusters, by refitting, and the size that this restores."""

from __future__ import annotations

import numpy as np
import pytest
from nightly import at_most_5_percent, rounds

from analysis import InputError, Ratings, compare_groups, rank
from analysis.model.cells import cells_of
from analysis.model.contrasts import fit
from analysis.model.freedom import contrast_freedom, freedom
from analysis.model.latent import latent
from analysis.model.points import points
from analysis.model.sandwich import covariance
from analysis.ranking.friedman import friedman, friedman_test

ONE = np.zeros(5, dtype=np.intp)


def clustered(seed: int, clusters: int = 25, size: int = 6, correlation: float = 0.3) -> np.ndarray:
    """(R, 5) scores of equal departments, clusters sharing part of what they think of each department."""
    g = np.random.default_rng(seed)
    owner = np.repeat(np.arange(clusters), size)
    liking = np.sqrt(correlation) * g.normal(size=(clusters, 5))[owner]
    y = g.normal(size=(owner.size, 1)) + liking + np.sqrt(1 - correlation) * g.normal(size=(owner.size, 5))
    return np.clip(np.round(3 + 1.2 * y), 1, 5) * 20


def gappy(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Scores (24, 5, 2) with gaps, and owners of one to five firms."""
    g = np.random.default_rng(seed)
    cube = g.integers(1, 6, (24, 5, 2)).astype(float)
    cube[g.random((24, 5)) < 0.25] = np.nan
    cube[g.random(cube.shape) < 0.1] = np.nan
    return cube, np.repeat(np.arange(9), [1, 1, 5, 2, 1, 4, 3, 3, 4])


def test_jackknife_leaves_out_whole_clusters():
    """θ̂ and the adjusted scores refitted without each cluster, in two components and with item effects."""
    cube, owner = gappy(1)
    cube[:, 3:] = np.where(np.arange(24)[:, None, None] % 2, cube[:, 3:], np.nan)
    weight = np.random.default_rng(2).uniform(1, 3, 24)

    def estimates(keep: np.ndarray) -> np.ndarray:
        at = points(fit(cells_of(Ratings.from_array(cube[keep], weight=weight[keep]))))
        return np.array(at.adjusted)

    ratings = Ratings.from_array(cube, weight=weight, cluster=owner)
    fitted = fit(cells_of(ratings))
    left = np.array([estimates(owner != c) for c in range(9)])
    deviation = left - points(fitted).adjusted
    np.testing.assert_allclose(
        points(fitted).covariance, 8 / 9 * deviation.T @ deviation, rtol=1e-8, atol=1e-10
    )
    centred = deviation - deviation.mean(axis=1, keepdims=True)
    np.testing.assert_allclose(covariance(fitted), 8 / 9 * centred.T @ centred, rtol=1e-8, atol=1e-10)


def test_latent_jackknife_is_near_leaving_clusters_out():
    y = clustered(3, clusters=60, size=3)
    owner = np.repeat(np.arange(60), 3)
    whole = latent(cells_of(Ratings.from_array(y, cluster=owner)), ONE)
    left = [latent(cells_of(Ratings.from_array(y[owner != c])), ONE).theta for c in range(60)]
    deviation = np.array(left) - whole.theta
    np.testing.assert_allclose(whole.covariance, 59 / 60 * deviation.T @ deviation, rtol=0.1, atol=2e-3)


def test_clusters_of_one_change_nothing():
    cube, _ = gappy(4)
    plain, own = (Ratings.from_array(cube, cluster=c) for c in (None, list("abcdefghijklmnopqrstuvwx")))
    assert rank(own, threshold=3).to_dict() == rank(plain, threshold=3).to_dict()
    blank = Ratings.from_array(cube, cluster=[None, "", float("nan"), *[" "] * 21])
    assert rank(blank, threshold=3).to_dict() == rank(plain, threshold=3).to_dict()


def test_freedom_adds_the_shares_of_a_cluster_before_they_are_squared():
    """q_c = c'A⁺A_cA⁺c from the information of each cluster's raters alone, for pairs and for contrasts."""
    cube, owner = gappy(5)
    fitted = fit(cells_of(Ratings.from_array(cube, cluster=owner)))
    c = np.zeros(7)
    c[:2] = 1, -1
    q = []
    for one in range(9):
        cells = cells_of(Ratings.from_array(np.where((owner == one)[:, None, None], cube, np.nan)))
        names = [int(name) - 1 for name in Ratings.from_array(cube[owner == one]).department_names]
        at = [*names, 5, 6]
        A = np.zeros((7, 7))
        if cells.n_items:
            A[np.ix_(at, at)] = fit(cells).information
        else:  # no gaps: items move nothing
            A[np.ix_(names, names)] = fit(cells).information
        q.append(c @ fitted.inverse @ A @ fitted.inverse @ c)
    nu = max(sum(q) ** 2 / sum(x**2 for x in q) - 1, 1)
    assert freedom(fitted).pairs[0, 1] == pytest.approx(nu)
    assert contrast_freedom(fitted, c[None, :5])[0] == pytest.approx(nu)


def test_freedom_counts_clusters():
    """A balanced complete design: raters minus 1 by rater, clusters minus 1 by cluster."""
    y = clustered(6, clusters=25, size=6)
    alone, together = (
        fit(cells_of(Ratings.from_array(y, cluster=c))) for c in (None, np.repeat(range(25), 6))
    )
    np.testing.assert_allclose(freedom(alone).average, 149)
    np.testing.assert_allclose(freedom(together).average, 24)
    np.testing.assert_allclose(freedom(together).pairs[0, 1], 24)


def test_strata_hold_clusters():
    y, owner = clustered(7), np.repeat(np.arange(25), 6)
    stratum = np.where(owner < 10, "甲", "乙")
    found = covariance(fit(cells_of(Ratings.from_array(y, cluster=owner))))
    assert np.isfinite(found).all()
    assert rank(Ratings.from_array(y, cluster=owner, stratum=stratum), draws=1_000).n_raters == 150
    with pytest.raises(InputError, match="跨了分层") as error:
        Ratings.from_array(y, cluster=owner, stratum=np.where(np.arange(150) < 70, "甲", "乙"))
    assert error.value.column == "cluster"


def test_a_cluster_belongs_to_a_rater():
    with pytest.raises(InputError, match="cluster") as error:
        Ratings.from_columns(["a", "a"], ["x", "y"], [1, 2], cluster=["p", "q"])
    assert error.value.name == "a"
    with pytest.raises(InputError):
        Ratings.from_columns(["a", "a"], ["x", "y"], [1, 2], cluster=["p"])
    mapped = Ratings.from_columns(list("aabc"), list("xyxy"), [1, 2, 3, 4], cluster={"a": "p", "b": "p"})
    assert mapped.cluster is not None
    assert mapped.cluster.tolist() == [0, 0, 1]
    assert mapped.take([1, 2]).cluster.tolist() == [0, 1]


def test_clusters_restore_the_size():
    """The attack: 25 owners of six firms each, correlation 0.3: raters taken for independent go wrong."""
    owner = np.repeat(np.arange(25), 6)
    wrong = {"raters": 0, "clusters": 0, "omnibus": 0, "clustered omnibus": 0}
    seeds = rounds(100, 14)
    for seed in seeds:
        y = clustered(seed)
        plain, known = Ratings.from_array(y), Ratings.from_array(y, cluster=owner)
        wrong["raters"] += bool(rank(plain, draws=1_000).pairs.significant.any())
        wrong["clusters"] += bool(rank(known, draws=1_000).pairs.significant.any())
        wrong["omnibus"] += friedman_test(plain).p_value <= 0.05
        wrong["clustered omnibus"] += friedman_test(known).p_value <= 0.05
    most = at_most_5_percent(len(seeds))
    assert wrong["raters"] >= 0.2 * len(seeds)
    assert wrong["omnibus"] >= 0.2 * len(seeds)
    assert wrong["clusters"] <= most
    assert wrong["clustered omnibus"] <= most


def test_many_clusters_draw_the_signs_as_normal():
    y = np.random.default_rng(8).integers(1, 6, (9_000, 3)).astype(float)
    cells = cells_of(Ratings.from_array(y, cluster=np.repeat(np.arange(4_500), 2)))
    assert friedman(cells).p_value == pytest.approx(
        friedman(cells_of(Ratings.from_array(y))).p_value, abs=0.05
    )


def test_groups_are_compared_by_cluster():
    y, owner = clustered(9), np.repeat(np.arange(25), 6)
    groups = np.where(owner < 12, "本地", "外来").tolist()
    plain, known = (compare_groups(Ratings.from_array(y, cluster=c), groups) for c in (None, owner))
    assert all(b.df < a.df / 3 for a, b in zip(plain.differences, known.differences, strict=True))
    # 12 and 13 owners: between the 11 of the smaller group and the 23 of both together.
    assert {round(d.df) for d in known.differences} <= set(range(11, 24))


def owners_on_both_sides(seed: int) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """25 owners with three firms in each group; what an owner's firms of one group like, those of the other
    dislike. (150, 6) scores, owners and groups (150,)."""
    g = np.random.default_rng([46, seed])
    owner, side = np.repeat(np.arange(25), 6), np.tile(np.repeat([1, -1], 3), 25)
    liking = g.normal(size=(25, 6))[owner] * side[:, None]
    y = g.normal(size=(150, 1)) + liking + g.normal(size=(150, 6))
    return y, owner, np.where(side > 0, "大", "小").tolist()


def differences_by_owner(y: np.ndarray, owner: np.ndarray, groups: list[str]) -> np.ndarray:
    """(D,) standard errors by leaving out each owner from both groups of complete scores at once."""
    first = np.array(groups) == "大"
    centred = y - y.mean(axis=1, keepdims=True)

    def difference(rows: np.ndarray) -> np.ndarray:
        return centred[rows & first].mean(axis=0) - centred[rows & ~first].mean(axis=0)

    whole, units = difference(np.ones(len(y), dtype=bool)), np.unique(owner)
    moved = np.array([whole - difference(owner != c) for c in units])
    return np.sqrt((units.size - 1) / units.size * (moved**2).sum(axis=0))


def test_owners_in_both_groups_are_one_unit():
    y, owner, groups = owners_on_both_sides(0)
    found = compare_groups(Ratings.from_array(y, cluster=owner), groups, latent_guard=False)
    assert [d.se for d in found.differences] == pytest.approx(differences_by_owner(y, owner, groups))


def test_owners_in_both_groups_do_not_make_groups_differ():
    """The attack: owners told apart by group; two in ten comparisons of equal groups find a difference."""
    wrong, seeds = {"apart": 0, "one unit": 0}, rounds(60, 12)
    for seed in seeds:
        y, owner, groups = owners_on_both_sides(seed)
        by_group = [f"{o}{g}" for o, g in zip(owner, groups, strict=True)]
        for name, cluster in (("apart", by_group), ("one unit", owner)):
            ratings = Ratings.from_array(y, cluster=cluster)
            wrong[name] += bool(compare_groups(ratings, groups, draws=1_000).significant)
    assert wrong["apart"] >= 0.13 * len(seeds)
    assert wrong["one unit"] <= at_most_5_percent(len(seeds))
