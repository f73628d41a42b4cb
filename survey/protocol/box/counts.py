"""Totals of a closed round, as an export states them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Counts:
    """Totals of a round: invitations issued, credentials collected, ballots cast, invitations replaced."""

    invited: int
    collected: int
    cast: int
    replaced: int = 0
