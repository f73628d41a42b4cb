"""Ranking with joint confidence: from ratings, or from given estimates."""

from __future__ import annotations

from collections.abc import Sequence

from numpy.typing import ArrayLike

from analysis.ratings import Ratings
from analysis.results import Ranking

DEFAULT_SEED = 20260101


def rank(
    ratings: Ratings,
    *,
    level: float = 0.95,
    threshold: int = 10,
    draws: int = 10_000,
    seed: int = DEFAULT_SEED,
    stepdown: bool = False,
    latent_guard: bool = True,
) -> Ranking:
    """Rank departments by the additive within-rater model; higher scores are better."""
    raise NotImplementedError


def rank_estimates(
    names: Sequence[str],
    estimates: ArrayLike,
    covariance_or_se: ArrayLike,
    *,
    level: float = 0.95,
    draws: int = 10_000,
    seed: int = DEFAULT_SEED,
    stepdown: bool = False,
    df: ArrayLike | None = None,
) -> Ranking:
    """Rank units by given estimates (D,) with standard errors (D,) or covariance (D, D)."""
    raise NotImplementedError
