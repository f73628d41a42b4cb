"""Layout of tiers (`analysis.inference.tiers`) as vertical bars in lanes."""

import re
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class TierBar:
    """One tier as a bar: its letter, its lane (0 is leftmost) and its runs of rows (first, last), both
    included."""

    label: str
    lane: int
    runs: tuple[tuple[int, int], ...]


def split_tiers(letters: str) -> tuple[str, ...]:
    """Letters of a department's tiers, one by one: "ab.c" → a, b, .c (tiers after Z have a leading dot)."""
    return tuple(re.findall(r"\.*[^.]", letters))


def tier_bars(memberships: Sequence[Sequence[str]]) -> tuple[TierBar, ...]:
    """Bars of all tiers, for rows in ranked order; `memberships[i]`: letters of row i.

    Tiers whose rows do not overlap share a lane.
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
