"""Checks of the columns of `Ratings`: each returns the clean array or raises InputError in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.answers.labels import Codes, by_text, category_labels, factorise
from analysis.errors import InputError
from analysis.values.arguments import real
from analysis.values.arrays import resolved, vector

Floats = NDArray[np.float64]
_WIDEST = 1e12


def check_scores(score: ArrayLike) -> Floats:
    """Return the scores (N,) as floats; InputError if there is none, or one is not finite."""
    scores = numbers(score, "score")
    if not scores.size:
        raise InputError("没有任何评分。", "There are no ratings.", column="score")
    return resolved("score", scores)


def numbers(values: ArrayLike, column: str) -> Floats:
    """Return `values` as floats (N,); InputError names the first row that is not a finite number."""
    array: Floats = vector(0)(column, values)
    return array


def same_length(n: int, **columns: Sequence[Any] | NDArray[Any] | None) -> None:
    for column, values in columns.items():
        if values is not None and len(values) != n:
            raise InputError(
                f"{column} 有 {len(values)} 行，score 有 {n} 行，应当相同。",
                f"{column} has {len(values)} rows but score has {n}; they must agree.",
                column=column,
            )


def rater_weights(
    weight: ArrayLike | Mapping[Any, float] | None, rater: Codes, names: Sequence[str], n: int
) -> Floats:
    """Weights (R,) of raters, from a column (N,) constant within each rater or a mapping from rater; 1 for
    None.

    InputError for a weight that is not positive or is too small beside the largest.
    """
    if weight is None:
        return np.ones(len(names))
    if isinstance(weight, Mapping):
        weights = _from_mapping(weight, names, "weight")
    else:
        column = numbers(weight, "weight")
        same_length(n, weight=column)
        weights = np.ones(len(names))
        weights[rater] = column
        _constant(column == weights[rater], rater, names, "weight")
    if (weights <= 0).any() or weights.max(initial=1) > _WIDEST * weights.min(initial=1):
        name = names[int(np.argmin(weights))]
        raise InputError(
            f"评议人 {name} 的权重不是正数，或与最大的权重相差过大。",
            f"The weight of rater {name} is not positive, or too small beside the largest.",
            column="weight",
            name=name,
        )
    return weights


def _from_mapping(values: Mapping[Any, float], names: Sequence[str], column: str) -> Floats:
    by_name = by_text(values, column)
    for name in names:
        if name not in by_name:
            raise InputError(
                f"{column} 缺少 {name} 的值。", f"{column} has no value for {name}.", column=column, name=name
            )
    return numbers([by_name[name] for name in names], column)


def _constant(same: NDArray[np.bool_], rater: Codes, names: Sequence[str], column: str) -> None:
    if not same.all():
        row = int(np.argmin(same))
        name = names[rater[row]]
        raise InputError(
            f"评议人 {name} 的 {column} 前后不一致（见第 {row + 1} 行）；每个评议人只能有一个值。",
            f"Rater {name} has different values of {column} (see row {row + 1}); give one value per rater.",
            row=row + 1,
            column=column,
            name=name,
        )


def rater_strata(
    stratum: Any | Mapping[Any, Any] | None, rater: Codes, names: Sequence[str], n: int
) -> tuple[Codes | None, tuple[str, ...]]:
    """Stratum codes (R,) of raters and the strata's names, from a column (N,) or a mapping from rater.

    InputError if a rater has two strata; (None, ()) without strata.
    """
    if stratum is None:
        return None, ()
    if isinstance(stratum, Mapping):
        by_name = by_text(stratum, "stratum")
        return factorise([by_name.get(name) for name in names], "stratum")
    codes, stratum_names = factorise(stratum, "stratum")
    same_length(n, stratum=codes)
    per_rater = np.zeros(len(names), dtype=np.int32)
    per_rater[rater] = codes
    _constant(codes == per_rater[rater], rater, names, "stratum")
    return per_rater, stratum_names


def rater_clusters(
    cluster: Any | Mapping[Any, Any] | None, rater: Codes, names: Sequence[str], n: int
) -> Codes | None:
    """Cluster codes (R,) of raters, from a column (N,) or a mapping from rater; a rater without one is a
    cluster alone.

    InputError if a rater has two clusters; None without clusters.
    """
    if cluster is None:
        return None
    if isinstance(cluster, Mapping):
        by_name = by_text(cluster, "cluster")
        given = [by_name.get(name) for name in names]
        return _alone_where_blank(category_labels("cluster", given), np.arange(len(names), dtype=np.int32))
    labels = category_labels("cluster", cluster)
    same_length(n, cluster=labels)
    codes = _alone_where_blank(labels, rater)
    per_rater = np.zeros(len(names), dtype=np.int32)
    per_rater[rater] = codes
    _constant(codes == per_rater[rater], rater, names, "cluster")
    return per_rater


def _alone_where_blank(labels: Sequence[Any], rater: Codes) -> Codes:
    """Codes (N,) of cluster labels; a blank label becomes a code that only this rater has."""
    blank = np.array([label is None or label != label or not str(label).strip() for label in labels], bool)
    given = [label for label, empty in zip(labels, blank.tolist(), strict=True) if not empty]
    known, names = factorise(given, "cluster")
    codes = rater + np.int32(len(names))
    codes[~blank] = known
    inverse: Codes = np.unique(codes, return_inverse=True)[1].astype(np.int32)
    return inverse


def population_sizes(
    population: float | Mapping[Any, float] | None,
    stratum: Codes | None,
    stratum_names: Sequence[str],
    n_raters: int,
) -> Floats | None:
    """Roster sizes per stratum, (H,), or (1,) without strata; None if not given.

    InputError for a size below the number of raters in the stratum, or one number where there are strata.
    """
    if population is None:
        return None
    if isinstance(population, Mapping):
        sizes = _from_mapping(population, stratum_names, "population")
        if stratum is not None:
            _refuse_unsampled(population, stratum_names)
        counts = np.bincount(stratum if stratum is not None else [], minlength=len(stratum_names))
    else:
        sizes, counts = np.array([real(1)("population", population)]), np.array([n_raters])
    if (stratum is None) == isinstance(population, Mapping) or sizes.size != counts.size:
        raise InputError(
            "有分层时请按层给出名录总数，无分层时给出一个总数。",
            "With strata give the roster size of each stratum, without strata one number.",
            column="population",
        )
    if (sizes != np.floor(sizes)).any():
        raise InputError("名录总数应是整数。", "The roster sizes must be whole numbers.", column="population")
    if (sizes < counts).any():
        h = int(np.argmax(sizes < counts))
        name = stratum_names[h] if stratum_names else ""
        raise InputError(
            f"{f'“{name}”层的' if name else ''}名录总数 {sizes[h]:g} 小于评议人数 {counts[h]}。",
            f"the roster size {sizes[h]:g}{f' of stratum “{name}”' if name else ''} is smaller than the "
            f"number of raters, {counts[h]}.",
            column="population",
            name=name,
        )
    return sizes


def _refuse_unsampled(population: Mapping[Any, float], names: Sequence[str]) -> None:
    lacking = [name for name in by_text(population, "population") if name not in names]
    if lacking:
        raise InputError(
            f"“{lacking[0]}”层没有评议人，结论说不到这一层；请从 population 中去掉它，或与别的层合并。",
            f"No rater is of stratum {lacking[0]!r}, so that nothing can be said of it; leave it out of "
            "population, or merge it with another.",
            column="population",
            name=lacking[0],
        )


def item_weight_vector(weights: Mapping[Any, float] | None, names: Sequence[str]) -> Floats | None:
    """Item weights (K,) summing to 1, equal unless given; None without items.

    InputError for one that is not positive.
    """
    if not names:
        return None
    values: Floats = np.ones(len(names))
    if weights is not None:
        values = _from_mapping(weights, names, "item_weights")
        _refuse_unknown(weights, names)
    if (values <= 0).any():
        name = names[int(np.argmax(values <= 0))]
        raise InputError(
            f"指标 {name} 的权重不是正数；不计分的指标请删除。",
            f"The weight of item {name} is not positive; leave out items that do not count.",
            column="item_weights",
            name=name,
        )
    total: float = float(values.sum())
    return values / total


def _refuse_unknown(weights: Mapping[Any, float], names: Sequence[str]) -> None:
    unknown = [item for item in by_text(weights, "item_weights") if item not in names]
    if unknown:
        raise InputError(
            f"item_weights 写了评分里没有的指标：{'、'.join(unknown[:5])}。",
            f"item_weights names items that nobody rated: {', '.join(unknown[:5])}.",
            column="item_weights",
            name=unknown[0],
        )


def per_rater(values: Any, n: int, column: str) -> Any:
    """Check that `values` has one value per row of the score array (n); None if not given.

    Column "weight" must be numbers; others are labels. Raises InputError for another length.
    """
    if values is None:
        return None
    found: Any = numbers(values, column) if column == "weight" else category_labels(column, values)
    if len(found) != n:
        raise InputError(
            f"{column} 有 {len(found)} 个，评分数组有 {n} 行，应当相同。",
            f"{column} has {len(found)} values but the scores have {n} rows; they must agree.",
            column=column,
        )
    if column == "weight":
        return found
    labels = np.empty(n, dtype=object)
    labels[:] = found
    return labels


def axis_names(names: Sequence[str] | None, n: int, column: str) -> list[str]:
    """Names of the n departments or items of an array: `names` as text, or "1" … "n".

    InputError unless n distinct.
    """
    codes, distinct = factorise([str(i + 1) for i in range(n)] if names is None else names, column)
    found = [distinct[code] for code in codes.tolist()]
    if len(found) != n or len(set(found)) != n:
        raise InputError(
            f"{column} 应有 {n} 个互不相同的名称。", f"{column} needs {n} distinct names.", column=column
        )
    return found


def by_position(values: Mapping[Any, float], names: Sequence[str]) -> dict[str, float]:
    """Item weights keyed by position ("0", "1" …) in `names`, from weights keyed by name."""
    _refuse_unknown(by_text(values, "item_weights"), names)
    found = _from_mapping(values, names, "item_weights").tolist()
    return {str(position): value for position, value in enumerate(found)}
