"""McDonald's omega from a one-factor model fitted to a correlation matrix by minres or maximum likelihood.

Sources: McDonald (1999); Harman & Jones (1966) for minres; Jöreskog (1967) for maximum likelihood.
Agrees with `psych::fa(·, 1, fm = "minres" | "ml")` and `psych::omega(·, nfactors = 1)`.
"""

from dataclasses import dataclass
from typing import Literal, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import linalg, optimize

from analysis.answers.covariances import item_covariance, to_correlation
from analysis.errors import InputError
from analysis.explain import Result, number, pick
from analysis.values.arguments import checked, choice, flag, renamed

Vector = NDArray[np.float64]

LEAST_UNIQUENESS = 0.005
"""Lower bound of uniquenesses, as in psych; an item that reaches it is a Heywood case."""
_NOTHING_COMMON = 1e-6
"""Largest implied correlation that counts as 0: a factor on which one item alone loads fits uncorrelated
items as well as none does, with any loading."""


@dataclass(frozen=True)
class Omega(Result):
    """McDonald's omega of k items under one common factor."""

    total: float
    """1 − Σψ / Σ R, with the observed correlations in the denominator (what psych prints as omega total). It
    has no lower bound: with few respondents, or items that correlate negatively, it can be below 0."""
    model: float
    """(Σλ)² / ((Σλ)² + Σψ), with the correlations the model implies."""
    loadings: Vector
    """(k,) λ, signed so that their sum is positive."""
    uniquenesses: Vector
    """(k,) ψ = 1 − λ²."""
    method: str
    heywood: bool
    """Whether an item's uniqueness ran into its lower bound; the estimate is then doubtful."""
    residual: float
    """Root mean square of the off-diagonal residual correlations."""

    def summary(self, language: str = "zh") -> str:
        """Omega and the size of residual correlations, one paragraph in `language` ("zh" or "en")."""
        zh = (
            f"单因子模型下的信度（McDonald ω）为 {number(self.total)}，"
            f"残差相关均方根 {number(self.residual, 3)}。"
        )
        en = (
            f"Reliability under one factor (McDonald's omega): {number(self.total)}; "
            f"root mean square residual correlation {number(self.residual, 3)}."
        )
        if self.heywood:
            zh += "有指标的独特性触到下限，此值仅供参考。"
            en += " An item's uniqueness ran into its bound, so take the value with care."
        return pick(language, zh, en)


@checked(method=choice("minres", "ml"), pairwise=flag)
def mcdonald_omega(
    scores: ArrayLike, *, method: Literal["minres", "ml"] = "minres", pairwise: bool = False
) -> Omega:
    """McDonald's omega of (n, k) answers, NaN where unanswered; gaps are treated as in `cronbach_alpha`.

    >>> import numpy as np
    >>> from analysis import mcdonald_omega
    >>> random = np.random.default_rng(1)
    >>> scores = random.normal(size=(500, 1)) + random.normal(size=(500, 4))
    >>> bool(abs(mcdonald_omega(scores).total - 0.8) < 0.05)
    True
    """
    covariance, _ = item_covariance(scores, pairwise=pairwise)
    with renamed(covariance="scores"):
        return omega_from_covariance(covariance, method=method)


@checked(method=choice("minres", "ml"))
def omega_from_covariance(covariance: ArrayLike, *, method: Literal["minres", "ml"] = "minres") -> Omega:
    """McDonald's omega of a (k, k) covariance or correlation matrix. InputError for fewer than three items.

    >>> from analysis import omega_from_covariance
    >>> round(omega_from_covariance([[1, 0.5, 0.5], [0.5, 1, 0.5], [0.5, 0.5, 1]]).total, 3)
    0.75
    """
    R = to_correlation(covariance)
    if len(R) < 3:
        raise InputError(
            "算 ω 至少需要三个指标；两个指标请看 α。",
            "Omega needs three items; for two, see alpha.",
            column="covariance",
        )
    if method == "ml" and linalg.eigvalsh(R)[0] <= 1e-10:
        raise InputError(
            "指标之间有完全重复的信息，最大似然法无解；请去掉重复的指标或改用 minres。",
            "Items repeat each other exactly: maximum likelihood has no solution; drop one, or use minres.",
            column="covariance",
        )
    loadings = _minres(R) if method == "minres" else _maximum_likelihood(R)
    common = np.outer(loadings, loadings)[~np.eye(len(R), dtype=bool)]
    if np.abs(common).max() < _NOTHING_COMMON:
        loadings = np.zeros_like(loadings)
    loadings = loadings * (1 if loadings.sum() >= 0 else -1)
    psi = 1 - loadings**2
    explained = loadings.sum() ** 2
    residual = (R - np.outer(loadings, loadings))[~np.eye(len(R), dtype=bool)]
    return Omega(
        total=float(1 - psi.sum() / R.sum()),
        model=float(explained / (explained + psi.sum())),
        loadings=loadings,
        uniquenesses=psi,
        method=method,
        heywood=bool((psi <= LEAST_UNIQUENESS + 1e-9).any()),
        residual=float(np.sqrt(np.mean(residual**2))),
    )


def _minres(R: Vector) -> Vector:
    """Loadings (k,) that minimise the sum of squared off-diagonal residuals."""
    off = ~np.eye(len(R), dtype=bool)

    def objective(loadings: Vector) -> tuple[float, Vector]:
        residual = np.where(off, R - np.outer(loadings, loadings), 0.0)
        return float((residual**2).sum()), -4 * residual @ loadings

    bound = np.sqrt(1 - LEAST_UNIQUENESS)
    fit = optimize.minimize(
        objective,
        np.clip(_first_component(R), -bound, bound),
        jac=True,
        method="L-BFGS-B",
        bounds=[(-bound, bound)] * len(R),
        options={"ftol": 1e-15, "gtol": 1e-11, "maxiter": 5000, "maxfun": 50000},
    )
    return cast(Vector, fit.x)


def _maximum_likelihood(R: Vector) -> Vector:
    """Loadings (k,) that maximise the Normal likelihood, profiled over the uniquenesses (Jöreskog 1967)."""

    def objective(psi: Vector) -> tuple[float, Vector]:
        values, vectors = _scaled_eigen(R, psi)
        rest = values[:-1]
        loadings = _loadings(values, vectors, psi)
        gradient = (loadings**2 + psi - np.diag(R)) / psi**2
        return float((rest - np.log(rest) - 1).sum()), gradient

    fit = optimize.minimize(
        objective,
        np.clip(0.5 / np.diag(linalg.inv(R)), LEAST_UNIQUENESS, 1),
        jac=True,
        method="L-BFGS-B",
        bounds=[(LEAST_UNIQUENESS, 1.0)] * len(R),
        options={"ftol": 1e-15, "gtol": 1e-10, "maxiter": 5000, "maxfun": 50000},
    )
    return _loadings(*_scaled_eigen(R, fit.x), fit.x)


def _scaled_eigen(R: Vector, psi: Vector) -> tuple[Vector, Vector]:
    scale = 1 / np.sqrt(psi)
    values, vectors = linalg.eigh(R * np.outer(scale, scale))
    return values, vectors


def _loadings(values: Vector, vectors: Vector, psi: Vector) -> Vector:
    return cast(Vector, np.sqrt(psi) * vectors[:, -1] * np.sqrt(max(values[-1] - 1, 0.0)))


def _first_component(R: Vector) -> Vector:
    values, vectors = linalg.eigh(R)
    return cast(Vector, vectors[:, -1] * np.sqrt(values[-1]))
