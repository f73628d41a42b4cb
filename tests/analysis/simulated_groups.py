"""Rounds with known truth: leniency, ceilings, selection and effects at will."""

import numpy as np


def rated(R=120, D=6, m=4, seed=0, lenient=(0, 0), ceiling=0.0, effect=None, select=False):
    """Scores (R, D) on 20 … 100 with NaN, and each rater's group, alternating."""
    rng = np.random.default_rng(seed)
    group = np.arange(R) % len(lenient)
    own = rng.normal(0, 12, R) + np.asarray(lenient)[group]
    y = 70 + ceiling + own[:, None] + rng.normal(0, 5, D) + rng.normal(0, 15, (R, D))
    if effect is not None:
        y = y + np.where(group[:, None] == 0, effect, 0)
    preference = rng.gumbel(size=(R, D))
    if select:
        preference += (own[:, None] > np.median(own)) * np.where(np.arange(D) < D // 2, 1.5, 0)
    rates = np.argsort(np.argsort(-preference, axis=1), axis=1) < m
    return np.where(rates, 20 * np.clip(np.round(y / 20), 1, 5), np.nan), np.array(["本地", "外来", "合资"])[
        group
    ]
