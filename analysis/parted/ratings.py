"""Ratings in parts on disk, and their ranking, which takes no more memory than single parts need.

Data flow: files → one part for the raters (and owners) of one hash → cells of each part, kept on disk → for
every pass of the ranking the sum of a part, added up → the same statistics as in memory. Few raters or few
independent units are ranked in memory after all, since their marks or signs are exchanged all at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.answers.checks import item_weight_vector
from analysis.answers.labels import Coded
from analysis.answers.quality import raters_to_screen, rating_quality
from analysis.answers.ratings import Ratings
from analysis.inference.exchanged import MOST_RATERS
from analysis.model.parts import Parts, Run
from analysis.model.signflips import MOST_UNITS
from analysis.parted.faults import refusal_of, refuse_two_owners, refuse_unequal_weights
from analysis.parted.splitting import Dealt
from analysis.parted.summing import CellsOfPart, Design, Told, numbers_at, prepare, raters_of, table_of
from analysis.ranking.rank import rank, rank_rated
from analysis.ranking.rated import Rated
from analysis.ranking.results import Ranking
from analysis.values.arguments import limited_departments
from analysis.values.arrays import resolved

Ints = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class PartedRatings:
    """Ratings in parts: where they are, what they have in common, what is said of each, and who computes."""

    dealt: Dealt
    design: Design
    told: tuple[Told, ...]
    run: Run

    @property
    def n_raters(self) -> int:
        return sum(told.raters for told in self.told)

    @property
    def n_ratings(self) -> int:
        return sum(told.ratings for told in self.told)

    @property
    def n_units(self) -> int:
        return sum(told.units for told in self.told)

    @property
    def repeated(self) -> int:
        """Number of ratings that repeat a rater and department (and item)."""
        return sum(told.repeated for told in self.told)

    @property
    def marks(self) -> tuple[float, float]:
        """Lowest and highest mark."""
        return min(float(t.lowest.min()) for t in self.told), max(float(t.highest.max()) for t in self.told)

    @property
    def few(self) -> bool:
        """Whether raters or units are so few that their marks or signs are exchanged all at once."""
        return self.n_raters <= MOST_RATERS or self.n_units <= MOST_UNITS

    def whole(self, raters: Ints | None = None) -> Ratings:
        """Ratings of all raters, or of those with these codes, in memory and in the order of the files."""
        import pyarrow as pa

        tables = []
        for path in self.dealt.paths:
            table = table_of(path)
            if raters is not None:
                chosen = np.isin(np.load(numbers_at(path)), raters)
                table = table.filter(pa.array(chosen[raters_of(table)[0]]))
            tables.append(table)
        table = pa.concat_tables(tables).sort_by("row")
        column: dict[str, Any] = {name: table[name] for name in table.column_names}
        of, many = self.design, len(self.design.items) > 1
        return Ratings.from_columns(
            column["rater"].to_pylist(),
            Coded(column["department"].to_numpy(), of.departments),
            column["score"].to_numpy(),
            item=Coded(column["item"].to_numpy(), of.items) if many else None,
            weight=column["weight"].to_numpy() if "weight" in column else None,
            cluster=column["cluster"].to_pylist() if "cluster" in column else None,
            item_weights=of.item_weights,
        )

    def ranked(self, **settings: Any) -> Ranking:
        """Ranking as `analysis.rank` makes it of the same ratings in memory, with the same settings."""
        if self.few:
            return rank(self.whole(), **settings)
        return rank_rated(self._rated(), **settings)

    def _rated(self) -> Rated:
        low, high = self.marks
        lowest = np.minimum.reduce([t.lowest for t in self.told])
        highest = np.maximum.reduce([t.highest for t in self.told])
        return Rated(
            names=self.design.departments,
            cells=self._parts(),
            n_raters=self.n_raters,
            n_ratings=self.n_ratings,
            marks=(low, high),
            alike=lowest == highest,
            share_at=self._share_at,
            heaviest=max(t.weight[1] for t in self.told) / sum(t.weight[2] for t in self.told),
            flagged=self._flagged,
        )

    def _share_at(self, mark: float) -> float:
        if mark == self.design.top:
            return sum(t.at_top for t in self.told) / self.n_ratings
        return sum(t.at_highest for t in self.told if t.highest.max() == mark) / self.n_ratings

    def _flagged(self) -> float:
        chosen = raters_to_screen(
            self.n_raters, len(self.design.departments) * max(len(self.design.items), 1)
        )
        return rating_quality(self.whole(chosen)).flagged_share

    def _parts(self) -> Parts:
        design, unbalanced = self.design, any(told.unbalanced for told in self.told)
        D, shares = len(design.departments), design.shares
        reads = tuple(CellsOfPart(path, D, shares, unbalanced) for path in self.dealt.paths)
        return Parts(
            reads,
            self.run,
            n_raters=self.n_raters,
            n_units=self.n_units,
            n_departments=D,
            n_items=len(design.items) if unbalanced else 0,
            item_weights=shares,
            clustered=any(told.clustered for told in self.told),
        )


def prepared(
    dealt: Dealt, run: Run, item_weights: Mapping[str, float] | None = None, top: float | None = None
) -> PartedRatings:
    """Make the cells of every part, and number the raters in the order of the files.

    top: best mark of the scale, where it is known. Raises InputError for what is wrong with the ratings.
    """
    departments, items = (tuple(dealt.names.get(role, ())) for role in ("department", "item"))
    limited_departments(len(departments), "ratings")
    weights = None if len(items) < 2 and item_weights is None else item_weights
    shares = item_weight_vector(weights, items)
    file = dealt.files[0].path.name
    design = Design(file, departments, items, weights, shares if len(items) > 1 else None, top)
    tasks = [(path, count) for path, count in zip(dealt.paths, dealt.counts.tolist(), strict=True) if count]
    dealt.paths, dealt.counts = [path for path, _ in tasks], np.array([count for _, count in tasks])
    told = tuple(run(partial(prepare, design=design), tasks))
    for each in told:
        if each.fault is not None:
            raise refusal_of(each.fault, dealt)
    refuse_unequal_weights([each.weight for each in told])
    if "cluster" in dealt.files[0].places:
        refuse_two_owners(dealt, told)
    found = PartedRatings(dealt, design, told, run)
    resolved("score", np.array(found.marks))
    first = np.concatenate([each.first for each in told])
    number = np.empty(first.size, dtype=np.intp)
    number[np.argsort(first)] = np.arange(first.size)
    edges = np.cumsum([each.raters for each in told])[:-1]
    for path, own in zip(dealt.paths, np.split(number, edges), strict=True):
        np.save(numbers_at(path), own)
    return found
