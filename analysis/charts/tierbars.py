"""Tiers (`analysis.inference.tiers`) as vertical bars."""

import re
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class TierBar:
    """One tier: its label, its lane (0 is leftmost) and its unbroken runs of rows, ends included."""

    label: str
    lane: int
    runs: tuple[tuple[int, int], ...]


def split_tiers(letters: str) -> tuple[str, ...]:
    """ "ab.c" → a, b, .c: after z and Z the letters of the tiers go round again with a leading dot."""
    return tuple(re.findall(r"\.*[^.]", letters))


def tier_bars(memberships: Sequence[Sequence[str]]) -> tuple[TierBar, ...]:
    """Bars for rows in ranked order, row i belonging to the tiers `memberships[i]`.

    Tiers whose spans do not meet share a lane, so the bars stay few columns wide.
    """
    members: dict[str, list[int]] = {}
    for row, tiers in enumerate(memberships):
        for label in tiers:
            members.setdefault(label, []).append(row)
    bars = []
    lane_ends: list[int] = []
    for label, rows in sorted(members.items(), key=lambda pair: (pair[1][0], pair[1][-1])):
        lane = next((i for i, end in enumerate(lane_ends) if end < rows[0]), len(lane_ends))
        lane_ends[lane : lane + 1] = [rows[-1]]
        bars.append(TierBar(label, lane, _runs(rows)))
    return tuple(bars)


def _runs(rows: Sequence[int]) -> tuple[tuple[int, int], ...]:
    runs: list[tuple[int, int]] = []
    for row in rows:
        if runs and runs[-1][1] == row - 1:
            runs[-1] = (runs[-1][0], row)
        else:
            runs.append((row, row))
    return tuple(runs)
