"""A second implementation, by the book: dummies for raters, departments and items, one dense regression."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Dense:
    """Weighted least squares of y on rater, department and item dummies (pseudo-inverse throughout)."""

    def __init__(
        self, rater: Floats, department: Floats, y: Floats, w: Floats, item: Floats | None = None
    ) -> None:
        self.rater, self.y, self.w = rater, y, w
        self.D, self.R = int(department.max()) + 1, int(rater.max()) + 1
        columns = [np.eye(self.D)[department], np.eye(self.R)[rater]]
        if item is not None:
            columns.append(np.eye(int(item.max()) + 1)[item])
        self.X = np.hstack(columns)
        self.M = np.linalg.pinv(self.X.T @ (w[:, None] * self.X), rcond=1e-11)
        self.beta = self.M @ self.X.T @ (w * y)
        self.e = y - self.X @ self.beta

    def contrast(self, j: int, k: int) -> Floats:
        c = np.zeros(self.X.shape[1])
        c[j], c[k] = 1, -1
        return c

    def covariance(self, kind: str) -> Floats:
        """clubSandwich::vcovCR(lm, cluster, type) with target 1/w, by its definition."""
        G = self.R
        total = np.zeros_like(self.M)
        for g in range(G):
            rows = self.rater == g
            u = self.X[rows].T @ (self.w[rows] * (self.adjustment(rows, kind) @ self.e[rows]))
            total += np.outer(u, u)
        return self.M @ total @ self.M * (G / (G - 1) if kind == "CR1" else 1)

    def adjustment(self, rows: NDArray[np.bool_], kind: str) -> Floats:
        """A_g: the identity, or the generalised inverse (its square root for CR2) of I - H_gg."""
        X, root = self.X[rows], np.sqrt(self.w[rows])
        if kind in ("CR0", "CR1"):
            return np.eye(rows.sum())
        symmetric = np.eye(rows.sum()) - root[:, None] * (X @ self.M @ X.T) * root
        inverse = np.linalg.pinv(symmetric, rcond=1e-9, hermitian=True)
        value, vector = np.linalg.eigh(inverse)
        square_root = (vector * np.sqrt(np.maximum(value, 0))) @ vector.T
        power = square_root if kind == "CR2" else inverse
        return power * root / root[:, None]

    def freedom(self, c: Floats, kind: str) -> float:
        """clubSandwich::coef_test(test = "Satterthwaite")$df for the contrast c."""
        root = np.sqrt(self.w)
        whole = np.eye(self.y.size) - root[:, None] * (self.X @ self.M @ self.X.T) * root
        vectors = []
        for g in range(self.R):
            rows = self.rater == g
            z = root[rows] * (self.adjustment(rows, kind).T @ (self.w[rows] * (self.X[rows] @ self.M @ c)))
            z = z / self.w[rows]
            vectors.append(whole[:, rows] @ z)
        B = np.array(vectors) @ np.array(vectors).T
        return float(np.trace(B) ** 2 / (B * B).sum())


def random_ratings(
    seed: int, R: int = 60, D: int = 7, repeats: bool = True
) -> tuple[NDArray[np.intp], NDArray[np.intp], Floats]:
    """Unbalanced ratings: 2 to D departments a rater, now and then one of them twice."""
    g = np.random.default_rng(seed)
    rater, department = [], []
    for r in range(R):
        chosen = g.permutation(D)[: g.integers(2, D + 1)].tolist()
        chosen += chosen[:1] if repeats and g.random() < 0.3 else []
        rater += [r] * len(chosen)
        department += chosen
    d = np.array(department)
    y = np.clip(np.round(3 + g.normal(size=R)[rater] + 0.3 * d + g.normal(size=d.size)), 1, 5)
    return np.array(rater), d, y
