"""Simulations and sweeps run whole by night (`make nightly`), and over their first rounds at every change."""

from __future__ import annotations

import os

NIGHTLY = os.environ.get("NIGHTLY") == "1"


def rounds(all_of_them: int, first: int) -> range:
    """Numbers of the rounds to simulate."""
    return range(all_of_them if NIGHTLY else first)


def at_most_5_percent(n: int) -> float:
    """Most false statements in `n` rounds of which 5 % have one: two standard errors above."""
    return float(0.05 * n + 2 * (0.05 * 0.95 * n) ** 0.5)
