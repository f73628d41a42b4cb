"""`Ratings`: ratings of a review as integer-coded columns, checked when made so that later code need not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.answers.checks import (
    axis_names,
    by_position,
    check_scores,
    item_weight_vector,
    per_rater,
    population_sizes,
    rater_clusters,
    rater_strata,
    rater_weights,
    same_length,
)
from analysis.answers.frames import columns_of, long_columns
from analysis.answers.labels import Codes, factorise
from analysis.errors import InputError
from analysis.values.arguments import refusal
from analysis.values.arrays import as_floats, chosen, resolved
from analysis.values.frozen import freeze, same

Floats = NDArray[np.float64]
Labels = ArrayLike | Sequence[Any]


@dataclass(frozen=True, eq=False, repr=False)
class Ratings:
    """N ratings by R raters of D departments on K items.

    rater, department, item: (N,) codes; score: (N,) finite, higher is better. ``item`` is None without items.
    weight: (R,) positive; stratum: (R,) codes or None; population: (H,) raters on the roster per stratum or
    None (no finite population correction). item_weights: (K,) positive, summing to 1 (empty without items).
    cluster: (R,) codes of raters that belong together (one owner, one association) or None; only clusters are
    then taken for independent of each other.
    A rater may rate a department several times (several contacts); every rating then counts.

    >>> from analysis import Ratings
    >>> Ratings.from_columns(["r1", "r1", "r2"], ["A", "B", "A"], [5, 4, 3])
    Ratings: 3 by 2 raters of 2 departments
    """

    rater: Codes
    department: Codes
    score: Floats
    department_names: tuple[str, ...]
    rater_names: tuple[str, ...]
    weight: Floats
    item: Codes | None = None
    item_names: tuple[str, ...] = ()
    item_weights: Floats | None = None
    stratum: Codes | None = None
    stratum_names: tuple[str, ...] = ()
    population: Floats | None = None
    cluster: Codes | None = None

    def __post_init__(self) -> None:
        if not np.isfinite(self.score.sum()):
            raise refusal("score", "有缺失或不是有限数的分数。", "has missing or infinite scores.")
        freeze(self)

    def __eq__(self, other: object) -> bool:
        return same(self, other) if isinstance(other, Ratings) else NotImplemented

    def __hash__(self) -> int:
        return hash((self.department_names, self.n_ratings))

    def __repr__(self) -> str:
        items = f" on {len(self.item_names)} items" if self.item_names else ""
        counts = f"{self.n_ratings:,d} by {self.n_raters:,d} raters of {self.n_departments:,d} departments"
        return f"Ratings: {counts}{items}"

    @property
    def n_ratings(self) -> int:
        return int(self.score.size)

    @property
    def n_raters(self) -> int:
        return len(self.rater_names)

    @property
    def n_departments(self) -> int:
        return len(self.department_names)

    @classmethod
    def from_columns(
        cls,
        rater: Labels,
        department: Labels,
        score: ArrayLike,
        item: Labels | None = None,
        weight: ArrayLike | Mapping[Any, float] | None = None,
        stratum: Labels | Mapping[Any, Any] | None = None,
        population: float | Mapping[Any, float] | None = None,
        item_weights: Mapping[Any, float] | None = None,
        cluster: Labels | Mapping[Any, Any] | None = None,
    ) -> Ratings:
        """Ratings from columns of length N with labels of any hashable kind.

        weight, stratum and cluster belong to raters: a column constant within each rater, or a mapping from
        rater. cluster: raters of one owner or association, who may judge alike; None, NaN or blank where
        a rater belongs to none; each in one stratum. population maps stratum to its size on the roster (one
        number without strata).
        Raises InputError naming the column and row.
        """
        scores = check_scores(score)
        raters, rater_names = factorise(rater, "rater")
        departments, department_names = factorise(department, "department")
        items, item_names = (None, ()) if item is None else factorise(item, "item")
        same_length(scores.size, rater=raters, department=departments, item=items)
        weights = rater_weights(weight, raters, rater_names, scores.size)
        strata, stratum_names = rater_strata(stratum, raters, rater_names, scores.size)
        clusters = rater_clusters(cluster, raters, rater_names, scores.size)
        shares = item_weight_vector(item_weights, item_names)
        if len(item_names) < 2:
            items, item_names, shares = None, (), None
        return cls(
            rater=raters,
            department=departments,
            score=scores,
            department_names=department_names,
            rater_names=rater_names,
            weight=weights,
            item=items,
            item_names=item_names,
            item_weights=shares,
            stratum=strata,
            stratum_names=stratum_names,
            population=population_sizes(population, strata, stratum_names, len(rater_names)),
            cluster=_within_strata(clusters, strata),
        )

    @classmethod
    def from_array(
        cls,
        scores: ArrayLike,
        *,
        department_names: Sequence[str] | None = None,
        item_names: Sequence[str] | None = None,
        weight: ArrayLike | None = None,
        stratum: Sequence[Any] | None = None,
        population: float | Mapping[Any, float] | None = None,
        item_weights: Mapping[Any, float] | None = None,
        cluster: Sequence[Any] | None = None,
    ) -> Ratings:
        """Ratings from scores (R, D) or (R, D, K), NaN where not rated; raters, departments and items are
        named 1, 2, … unless given."""
        cube = _cube(scores)
        weights = per_rater(weight, cube.shape[0], "weight")
        strata = per_rater(stratum, cube.shape[0], "stratum")
        clusters = per_rater(cluster, cube.shape[0], "cluster")
        rater, department, item = np.nonzero(~np.isnan(cube))
        departments = axis_names(department_names, cube.shape[1], "department_names")
        items = axis_names(item_names, cube.shape[2], "item_names")
        of_items = None if item_weights is None else by_position(item_weights, items)
        ratings = cls.from_columns(
            rater,
            department,
            cube[rater, department, item],
            item=item if cube.shape[2] > 1 else None,
            weight=None if weights is None else weights[rater],
            stratum=None if strata is None else strata[rater],
            population=population,
            item_weights=of_items,
            cluster=None if clusters is None else clusters[rater],
        )
        return replace(
            ratings,
            department_names=tuple(departments[int(code)] for code in ratings.department_names),
            item_names=tuple(items[int(code)] for code in ratings.item_names),
        )

    @classmethod
    def from_frame(
        cls,
        frame: Any,
        *,
        rater: str | None = None,
        department: str | None = None,
        score: str | None = None,
        item: str | None = None,
        weight: str | None = None,
        stratum: str | None = None,
        cluster: str | None = None,
        wide: bool | Sequence[str] = False,
        population: float | Mapping[Any, float] | None = None,
        item_weights: Mapping[Any, float] | None = None,
    ) -> Ratings:
        """Ratings from a data frame of pandas, polars or pyarrow, or from a mapping of columns.

        Each argument names a column, "rater", "department", "score" … unless given; those of item, weight,
        stratum and cluster may be absent. Long: a rating a row. wide: a rater a row, or a rater and an item,
        and a column for each of these departments (True: for all columns that are nothing else), empty where
        not rated; without a column of raters every row is a rater. Raises InputError naming argument and row.
        """
        names = {"rater": rater, "department": department, "score": score, "item": item, "weight": weight}
        names |= {"stratum": stratum, "cluster": cluster}
        columns = long_columns(columns_of(frame), names, wide)
        return cls.from_columns(**columns, population=population, item_weights=item_weights)

    def places(self, names: Sequence[str], argument: str = "ratings") -> NDArray[np.intp]:
        """Codes of the departments with these names; InputError for `argument` where a name is unknown."""
        place = {name: code for code, name in enumerate(self.department_names)}
        lacking = [name for name in names if name not in place]
        if lacking:
            raise refusal(argument, f"没有部门“{lacking[0]}”。", f"there is no department {lacking[0]!r}.")
        return np.array([place[name] for name in names], dtype=np.intp)

    def take(self, raters: ArrayLike) -> Ratings:
        """Ratings of the chosen raters (a mask (R,) or codes); codes of departments and items stay."""
        keep = chosen("raters", raters, self.n_raters)
        rows = keep[self.rater]
        new_code = (np.cumsum(keep) - 1).astype(np.int32)
        return replace(
            self.rows(rows),
            rater=new_code[self.rater[rows]],
            rater_names=tuple(name for name, kept in zip(self.rater_names, keep, strict=True) if kept),
            weight=self.weight[keep],
            stratum=None if self.stratum is None else self.stratum[keep],
            cluster=None if self.cluster is None else self.cluster[keep],
        )

    def take_departments(self, departments: ArrayLike) -> Ratings:
        """Ratings of the chosen departments (a mask (D,) or codes), these coded anew from 0.

        All raters stay, also those left without ratings: they still belong to the sample of their stratum.
        """
        keep = chosen("departments", departments, self.n_departments)
        rows = keep[self.department]
        new_code = (np.cumsum(keep) - 1).astype(np.int32)
        return replace(
            self.rows(rows),
            department=new_code[self.department[rows]],
            department_names=tuple(n for n, kept in zip(self.department_names, keep, strict=True) if kept),
        )

    def rows(self, rows: NDArray[np.bool_] | slice) -> Ratings:
        """Chosen ratings (mask (N,) or slice), with all raters, departments and items as before."""
        return replace(
            self,
            rater=self.rater[rows],
            department=self.department[rows],
            score=self.score[rows],
            item=None if self.item is None else self.item[rows],
        )


def _cube(scores: ArrayLike) -> Floats:
    """Scores as a float array (R, D, K), NaN where not rated.

    InputError for another shape or no rating at all.
    """
    cube = as_floats("scores", scores, gaps=True)
    cube = cube[:, :, None] if cube.ndim == 2 else cube
    if cube.ndim != 3 or np.isnan(cube).all():
        raise nothing_rated()
    return resolved("scores", cube)


def nothing_rated() -> InputError:
    """Refusal of an array of scores that has another shape, or no rating."""
    return InputError(
        "评分数组应为 评议人×部门 或 评议人×部门×指标，至少有一条评分。",
        "Scores must be (R, D) or (R, D, K), with one rating or more.",
        column="scores",
    )


def _within_strata(cluster: Codes | None, stratum: Codes | None) -> Codes | None:
    if cluster is None or stratum is None:
        return cluster
    first = np.zeros(int(cluster.max(initial=0)) + 1, dtype=np.int32)
    first[cluster] = stratum
    if not (first[cluster] == stratum).all():
        raise InputError(
            "有的群（cluster）跨了分层；同一群的评议人须在同一分层。",
            "A cluster lies in several strata; raters of one cluster must be in one stratum.",
            column="cluster",
        )
    return cluster
