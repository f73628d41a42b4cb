"""Simulations and sweeps run whole by night (`make nightly`), and over their first rounds at every change."""

from __future__ import annotations

import os

NIGHTLY = os.environ.get("NIGHTLY") == "1"


def rounds(all_of_them: int, first: int) -> range:
    """Numbers of the rounds to simulate."""
    return range(all_of_them if NIGHTLY else first)
