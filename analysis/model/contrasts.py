"""Additive within-rater model: score = rater + department (+ item), with rater effects absorbed.

For rater r let n_r be the counts over departments, m_r their sum, S_r the score sums, w_r the weight and ȳ_r
the mean score: A = Σ w_r (diag n_r - n_r n_rᵀ / m_r), b = Σ w_r (S_r - n_r ȳ_r), θ̂ = A⁺ b. Only contrasts
within connected components of A are identified. With K items the vectors are extended by K item columns.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from analysis.errors import InputError
from analysis.model.blocks import Block, blocks
from analysis.model.cells import Cells
from analysis.model.parts import Parts, summed
from analysis.values.arguments import checked, instance, limited_departments

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
T = TypeVar("T", bound=tuple[Any, ...])

# Estimates below this share of the largest score are rounding of equal means.
_ROUNDING = 1e-13
# A rater's vector is spelled out with its zeros where these are at most so many times the others.
_DENSE = 4


@dataclass(frozen=True, eq=False)
class Fit:
    """Fitted additive model: estimates of P = D + K parameters (K = 0 unless item effects are needed).

    theta: (D,) department effects, mean 0 in each component; items: (K,) item effects, weighted mean 0;
    component: (D,) codes in the order of first department; information: A (P, P); inverse: A⁺ (P, P).
    source: cells that it was fitted to, whole or in parts.
    """

    source: Cells | Parts
    theta: Floats
    items: Floats
    component: Ints
    information: Floats
    inverse: Floats

    @property
    def cells(self) -> Cells:
        """All cells at once; of parts there are none, and what needs them is not for parts."""
        if isinstance(self.source, Parts):
            raise TypeError("cells in parts are never whole")
        return self.source

    @property
    def coefficients(self) -> Floats:
        return np.concatenate([self.theta, self.items])

    @property
    def n_components(self) -> int:
        return int(self.component.max()) + 1


@dataclass(frozen=True, eq=False)
class Moments:
    """Count and score vectors of G raters, on the p = m + K parameters that each of them involves.

    index: (G, p) parameter numbers; counts, sums: (G, p) n_r and S_r; size: (G,) m_r; mean: (G,) ȳ_r.
    """

    index: Ints
    counts: Floats
    sums: Floats
    size: Floats
    mean: Floats

    def deviation(self, weight: Floats) -> Floats:
        """Contribution w_r (S_r - n_r ȳ_r) of each rater to the right-hand side b, (G, p)."""
        return np.asarray(weight[:, None] * (self.sums - self.counts * self.mean[:, None]))

    def rater_effects(self, coefficients: Floats) -> Floats:
        """Effect of each rater, ȳ_r - n_rᵀθ̂ / m_r, (G,)."""
        fitted = (self.counts * coefficients[self.index]).sum(axis=1) / self.size
        return np.asarray(self.mean - fitted)


def moments(block: Block, n_departments: int) -> Moments:
    """`Moments` of a block of raters; n_departments: number of the first item parameter."""
    index, counts, sums = block.department, block.n, block.total
    if block.item_n is not None and block.item_total is not None:
        G, K = block.item_total.shape
        items = np.broadcast_to(np.arange(n_departments, n_departments + K), (G, K))
        index = np.concatenate([index, items], axis=1)
        counts = np.concatenate([counts, block.item_n.sum(axis=1)], axis=1)
        sums = np.concatenate([sums, block.item_total], axis=1)
    size = block.n.sum(axis=1)
    return Moments(index, counts, sums, size, block.total.sum(axis=1) / size)


def information(block: Block, part: Moments) -> Floats:
    """Information matrix of each rater, A_r = w_r (X_rᵀX_r - n_r n_rᵀ / m_r), (G, p, p); X_rᵀX_r is diagonal
    without items."""
    counts, m = part.counts, block.n.shape[1]
    A = counts[:, :, None] * (-counts / part.size[:, None])[:, None, :]
    diagonal = np.arange(counts.shape[1])
    A[:, diagonal, diagonal] += counts
    if block.item_n is not None:
        A[:, :m, m:] += block.item_n
        A[:, m:, :m] += block.item_n.transpose(0, 2, 1)
    A *= block.weight[:, None, None]
    return np.asarray(A)


def informed(block: Block, part: Moments, B: NDArray[Any]) -> NDArray[Any]:
    """Products A_r B_r of each rater's information with B (G, p, N), (G, p, N), without A_r itself."""
    counts, m = part.counts.astype(B.dtype), block.n.shape[1]
    mean = (counts[:, None, :] @ B) / part.size.astype(B.dtype)[:, None, None]
    product = np.subtract(B, mean)
    product *= counts[:, :, None]
    if block.item_n is not None:
        item_n = block.item_n.astype(B.dtype)
        product[:, :m] += item_n @ B[:, m:]
        product[:, m:] += item_n.transpose(0, 2, 1) @ B[:, :m]
    product *= block.weight.astype(B.dtype)[:, None, None]
    return np.asarray(product)


def outer_products(index: Ints, left: Floats, right: Floats, n: int) -> Floats:
    """Sum (n, n) of the products left rightᵀ of each rater's vectors (G, p), placed at index (G, p), which
    names no column twice."""
    if n > _DENSE * index.shape[1]:
        return scatter(index, left[:, :, None] * right[:, None, :], n)
    row = np.arange(len(index))[:, None]
    placed = np.zeros((2, len(index), n))
    placed[0, row, index], placed[1, row, index] = left, right
    return np.asarray(placed[0].T @ placed[1])


def scatter(index: Ints, values: Floats, n: int) -> Floats:
    """Sum (n, n) of the matrices values (G, p, p), placed at rows and columns index (G, p)."""
    flat = (index[:, :, None] * n + index[:, None, :]).ravel()
    summed = np.bincount(flat, values.ravel(), minlength=n * n)
    return np.asarray(summed.reshape(n, n), dtype=np.float64)


def _comparable(name: str, value: Any) -> Cells:
    """Check an argument: `Cells` with at most `MOST_DEPARTMENTS` departments."""
    found: Cells = instance("model.cells.Cells")(name, value)
    limited_departments(found.n_departments, name)
    return found


@checked(cells=_comparable)
def fit(cells: Cells) -> Fit:
    """Estimate department effects by the additive model. InputError if items and departments are confounded.

    >>> from analysis import Ratings, cells_of, fit
    >>> ratings = Ratings.from_array([[9, 7, None], [None, 5, 2]])
    >>> fit(cells_of(ratings)).theta.round(3).tolist()
    [2.333, 0.333, -2.667]
    """
    return fitted(cells)


def fitted(cells: Cells | Parts) -> Fit:
    """Same as `fit`, also of cells in parts."""
    A, b, largest = summed(cells, _normal_equations, by=(np.add, np.add, np.maximum))
    component = components(A[: cells.n_departments, : cells.n_departments])
    inverse = pseudo_inverse(A, component)
    estimate = inverse @ b
    estimate[np.abs(estimate) < _ROUNDING * largest] = 0
    theta, items = np.split(estimate, [cells.n_departments])
    if cells.item_weights is not None and items.size:
        items = items - cells.item_weights @ items
    return Fit(cells, theta, items, component, A, inverse)


def summed_fit(fit: Fit, function: Callable[..., T], *given: Any, by: Sequence[np.ufunc] = ()) -> T:
    """What function(fit, *given) returns; of cells in parts, combined of the fits of single parts as
    `summed`."""
    if isinstance(fit.source, Parts):
        found: T = summed(fit.source, _with_cells, _bare(fit), function, given, by=by)
        return found
    return function(fit, *given)


def _bare(fit: Fit) -> Fit:
    """The fit without cells, as it is sent to whoever reads a part."""
    nothing: Any = None
    return replace(fit, source=nothing)


def _with_cells(cells: Cells, fit: Fit, function: Callable[..., T], given: tuple[Any, ...]) -> T:
    return function(replace(fit, source=cells), *given)


def _normal_equations(cells: Cells) -> tuple[Floats, Floats, float]:
    """A (P, P), b (P,), and the largest mean mark of a cell."""
    P = cells.n_parameters
    A, b = np.zeros((P, P)), np.zeros(P)
    for block in blocks(cells, lambda m: (m + cells.n_items) ** 2):
        part = moments(block, cells.n_departments)
        A += _summed(block, part, P)
        b += np.bincount(part.index.ravel(), part.deviation(block.weight).ravel(), minlength=P)
    return A, b, float(np.abs(cells.total / cells.n).max(initial=0))


def _summed(block: Block, part: Moments, P: int) -> Floats:
    """Sum (P, P) of the raters' information matrices."""
    if block.item_n is not None:
        return scatter(part.index, information(block, part), P)
    counts = block.weight[:, None] * part.counts
    diagonal = np.bincount(part.index.ravel(), counts.ravel(), minlength=P)
    return np.diag(diagonal) - outer_products(part.index, counts / part.size[:, None], part.counts, P)


def without_items(found: Fit) -> Fit:
    """The same estimates from cells whose marks are less the fitted item effects, without parameters of
    items."""
    cells = found.cells
    if cells.item_n is None:
        return found
    total = cells.total - cells.item_n @ found.items
    return fit(replace(cells, total=total, item_n=None, item_total=None))


def components(A: Floats) -> Ints:
    """Connected component of each department, (D,); departments are linked when a rater rated both."""
    linked = A < 0
    label = np.full(A.shape[0], -1, dtype=np.intp)
    count = 0
    while (label < 0).any():
        reached = np.zeros(A.shape[0], dtype=bool)
        reached[int(np.argmax(label < 0))] = True
        frontier = reached.copy()
        while frontier.any():
            frontier = linked[frontier].any(axis=0) & ~reached
            reached |= frontier
        label[reached] = count
        count += 1
    return label


def pseudo_inverse(A: Floats, component: Ints) -> Floats:
    """Pseudo-inverse A⁺ = (A + c Σ 11ᵀ/D_c)⁻¹ - Σ 11ᵀ/(c D_c), c = tr A / D, exact since the null space is
    known.

    Estimates A⁺b have mean 0 in each component (and over items, where A has more columns than departments).
    """
    D, P = component.size, A.shape[0]
    basis = np.zeros((P, int(component.max()) + 1 + (P > D)))
    basis[np.arange(D), component] = 1
    basis[D:, -1] += P > D
    basis /= np.sqrt(basis.sum(axis=0))
    null = basis @ basis.T
    c = max(float(np.trace(A)) / P, np.finfo(float).tiny)
    full = A + c * null
    if P > D:
        _refuse_confounded(full, c)
    return np.asarray(np.linalg.inv(full) - null / c)


def _refuse_confounded(full: Floats, scale: float) -> None:
    if np.linalg.eigvalsh(full)[0] < 1e-10 * scale:
        raise InputError(
            "有的指标只用于部分部门，部门差别与指标差别分不开；请只保留各部门共有的指标。",
            "Some items were asked of some departments only, so departments and items cannot be told apart; "
            "keep the items common to all departments.",
            column="item",
        )
