"""Contents of the ranking page: rows, intervals to draw, tiers as bars in lanes, or ranks on an axis."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from analysis.ranking.reading import MOST_WITH_TIERS, Rule, tiers_rule
from survey.facts.ranking import RankedDepartment, RankingFacts
from survey.protocol.questionnaire import Scale
from survey.web.result_views.pairs import Matrix, pair_matrix
from survey.wording.cautions import cautions
from survey.wording.numbers import confidence
from survey.wording.ranking import not_ranked, sentences

WIDTH = 240.0
RANKS_WIDTH = 120.0
RANK_STEPS, MOST_RANK_TICKS = (1, 2, 5, 10, 20, 50, 100, 200), 6
STEPS = (1, 2, 5, 10, 20, 50)
MOST_STEPS = 7
TIER = re.compile(r"\.*[a-zA-Z]")


@dataclass(frozen=True, slots=True)
class Axis:
    """Axis of points from `low` to `high`, drawn `WIDTH` units wide."""

    low: float
    high: float
    step: int

    def x(self, value: float) -> float:
        """Horizontal position of `value`; a value outside is placed at the edge."""
        inside = min(max(value, self.low), self.high)
        return round(WIDTH * (inside - self.low) / (self.high - self.low), 2)

    @property
    def ticks(self) -> list[int]:
        return list(range(int(self.low), int(self.high) + 1, self.step))


@dataclass(frozen=True, slots=True)
class RankAxis:
    """Axis of ranks 1 to `last`, drawn `RANKS_WIDTH` units wide."""

    last: int

    def x(self, rank: float) -> float:
        """Horizontal position of the middle of a rank; half a rank more or less gives an edge."""
        return round(RANKS_WIDTH * (rank - 0.5) / self.last, 2)

    @property
    def ticks(self) -> list[int]:
        step = next((s for s in RANK_STEPS if self.last / s <= MOST_RANK_TICKS), self.last)
        return [1, *(r for r in range(step, self.last + 1, step) if r > 1 and self.x(r) - self.x(1) > 12)]


@dataclass(frozen=True, slots=True)
class RankingRow:
    """Row of one department; `lanes[i]`: True where tier lane i has a bar in this row, None where the tier
    skips it, else False."""

    name: str
    n: int | None
    mean: float | None
    adjusted: float | None
    low: float | None
    high: float | None
    rank: int
    rank_set: tuple[int, int]
    tier: str
    lanes: tuple[bool | None, ...]
    vs_average: str
    bound: str = ""
    """at_least or at_most where the score is a bound."""


@dataclass(frozen=True, slots=True)
class RankingTable:
    """Table of the ranking within one group, or of all departments (`name` is empty).

    `rule`: key of the rule for reading the rows; with few departments tiers are drawn, with many (`ranks` not
    None) rank ranges.
    """

    name: str
    rows: tuple[RankingRow, ...]
    axis: Axis
    rule: Rule
    ranks: RankAxis | None


@dataclass(frozen=True, slots=True)
class RankingPage:
    """Contents of the ranking page."""

    sentences: tuple[str, ...]
    overall: RankingTable
    groups: tuple[RankingTable, ...]
    insufficient: tuple[tuple[str, str], ...]
    """Names and reasons."""
    notes: tuple[str, ...]
    n_raters: int | None
    n_ratings: int | None
    percent: str
    level: float
    matrix: Matrix | None


def ranking_page(ranking: RankingFacts, scale: Scale) -> RankingPage:
    """Contents of the page of a version-1 ranking (docs/architecture.md); all tables share one axis."""
    groups = ranking.groups
    everything = [*ranking.departments, *(d for group in groups for d in group.departments)]
    axis = axis_of(everything, scale)
    return RankingPage(
        sentences=tuple(sentences(ranking)),
        overall=_table("", ranking.departments, axis),
        groups=tuple(_table(g.name, g.departments, axis) for g in groups if g.departments),
        insufficient=tuple(not_ranked(ranking)),
        notes=tuple(cautions(ranking)),
        n_raters=ranking.n_raters,
        # The total counts ratings of departments that are not in the ranking.
        n_ratings=None if ranking.insufficient else ranking.n_ratings,
        percent=confidence(ranking.level),
        level=ranking.level,
        matrix=pair_matrix(ranking) if len(ranking.departments) > MOST_WITH_TIERS else None,
    )


def axis_of(departments: Sequence[RankedDepartment], scale: Scale) -> Axis:
    """Axis with round ends around all intervals and the warning line, within the points of the scale."""
    worst, best = scale.levels[-1].points, scale.levels[0].points
    values = [scale.warning_line]
    for department in departments:
        values += [v for v in (department.adjusted, *department.ci) if v is not None]
    low, high = max(min(values), worst), min(max(values), best)
    step = next((s for s in STEPS if (high - low) / s <= MOST_STEPS), STEPS[-1])
    bottom, top = math.floor(low / step) * step, math.ceil(high / step) * step
    return Axis(bottom, top if top > bottom else bottom + step, step)


def _table(name: str, departments: Sequence[RankedDepartment], axis: Axis) -> RankingTable:
    few = len(departments) <= MOST_WITH_TIERS
    lanes = tier_lanes([d.tier if few else "" for d in departments])
    rows = tuple(_row(d, lane) for d, lane in zip(departments, lanes, strict=True))
    if few:
        return RankingTable(name, rows, axis, tiers_rule((d.component for d in departments), "bars"), None)
    return RankingTable(name, rows, axis, "pairs", RankAxis(max(d.rank_set[1] for d in departments)))


def _row(department: RankedDepartment, lanes: tuple[bool | None, ...]) -> RankingRow:
    best, worst = department.rank_set
    low, high = department.ci
    return RankingRow(
        name=department.name,
        n=department.n,
        mean=department.mean,
        adjusted=department.adjusted,
        rank=department.rank,
        tier=department.tier,
        vs_average=department.vs_average,
        low=low,
        high=high,
        rank_set=(best, worst),
        lanes=lanes,
        bound=department.bound or "",
    )


def tier_lanes(tiers: list[str]) -> list[tuple[bool | None, ...]]:
    """Marks of the tier lanes for each row in ranked order (see `RankingRow.lanes`); tiers that do not
    overlap share a lane.

    None marks a row that a tier skips: its members stand above and below.
    """
    members: dict[str, list[int]] = {}
    for row, text in enumerate(tiers):
        for label in TIER.findall(text):
            members.setdefault(label, []).append(row)
    ends: list[int] = []
    marks: list[dict[int, bool | None]] = []
    for rows in sorted(members.values(), key=lambda r: (r[0], r[-1])):
        # At least one empty row between two bars of a lane, or they would look like one bar.
        lane = next((i for i, end in enumerate(ends) if end + 1 < rows[0]), len(ends))
        if lane == len(ends):
            ends.append(0)
            marks.append({})
        ends[lane] = rows[-1]
        marks[lane].update({row: True if row in rows else None for row in range(rows[0], rows[-1] + 1)})
    return [tuple(lane.get(row, False) for lane in marks) for row in range(len(tiers))]
