"""Sums over blocks of raters, against each rater's own matrices written out."""

import numpy as np
import pytest

from analysis import Ratings
from analysis.model import contrasts
from analysis.model.blocks import blocks
from analysis.model.cells import cells_of
from analysis.model.contrasts import fit, informed, moments, outer_products


def _cells(items: bool):
    """40 raters of some of 9 departments on 3 items or none, of unequal weights."""
    g = np.random.default_rng(4)
    scores = g.integers(1, 6, (40, 9, 3)).astype(float)
    scores[g.random((40, 9)) < 0.5] = np.nan
    scores[g.random((40, 9, 3)) < 0.2] = np.nan
    given = scores if items else scores[:, :, 0]
    return cells_of(Ratings.from_array(given, weight=g.uniform(0.5, 2, 40)))


def _design(block, g: int) -> np.ndarray:
    """X'WX of rater g on its departments and items, its own effect taken out."""
    n = block.n[g][:, None] if block.item_n is None else block.item_n[g]
    m, K = n.shape
    rows, weight = [], []
    for d in range(m):
        for k in range(K):
            x = np.zeros(m + (K if block.item_n is not None else 0))
            x[d] = 1
            if block.item_n is not None:
                x[m + k] = 1
            rows.append(x)
            weight.append(n[d, k])
    X, w = np.array(rows), np.array(weight)
    centred = X - w @ X / w.sum()
    return block.weight[g] * (centred.T * w) @ centred


@pytest.mark.parametrize("items", [False, True])
def test_a_product_with_a_raters_information_is_that_of_its_regression(items):
    cells, seen = _cells(items), 0
    assert (cells.item_n is not None) == items
    for block in blocks(cells, lambda m: m):
        part = moments(block, 9)
        B = np.random.default_rng(1).normal(size=(*part.index.shape, 4))
        for g, found in enumerate(informed(block, part, B)):
            np.testing.assert_allclose(found, _design(block, g) @ B[g], rtol=0, atol=1e-12)
            seen += 1
    assert seen > 35


@pytest.mark.parametrize("items", [False, True])
def test_the_information_is_the_sum_of_the_raters(items):
    cells = _cells(items)
    found, P = fit(cells), cells.n_parameters
    A = np.zeros((P, P))
    for block in blocks(cells, lambda m: m):
        part = moments(block, 9)
        for g, index in enumerate(part.index):
            A[np.ix_(index, index)] += _design(block, g)
    np.testing.assert_allclose(found.information, A, rtol=0, atol=1e-11)


@pytest.mark.parametrize("dense", [0, 100])
def test_products_of_vectors_are_placed_where_they_belong(monkeypatch, dense):
    monkeypatch.setattr(contrasts, "_DENSE", dense)
    g = np.random.default_rng(2)
    index = np.array([g.permutation(8)[:3] for _ in range(20)])
    left, right = g.normal(size=(2, 20, 3))
    expected = np.zeros((8, 8))
    for at, a, b in zip(index, left, right, strict=True):
        expected[np.ix_(at, at)] += np.outer(a, b)
    np.testing.assert_allclose(outer_products(index, left, right, 8), expected, rtol=0, atol=1e-12)
