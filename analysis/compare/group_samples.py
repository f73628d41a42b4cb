"""Fits of groups of raters, one `Sample` per group; a cluster (owner) may have raters in several groups."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.answers.labels import by_text, category_labels
from analysis.answers.ratings import Ratings
from analysis.compare.samples import Sample, guarded_where_doubtful, sample_of
from analysis.errors import InputError
from analysis.model.cells import cells_of
from analysis.sampling.weights import is_missing


def rater_groups(name: str, value: Any) -> Any:
    """Check the argument `groups`: a mapping from rater to label, or a label for every rater."""
    if isinstance(value, Mapping):
        labels = category_labels(name, value.values())
        return dict(zip(by_text(value, name), labels, strict=True))
    return category_labels(name, value)


def group_samples(
    ratings: Ratings, of_group: Mapping[str, NDArray[np.bool_]], threshold: int, guard: bool
) -> dict[str, Sample]:
    """Fit every group; returns group → `Sample`.

    If clusters have raters in several groups, samples get common unit codes.

    of_group: group → mask (R,); guard: add the latent scale where distances between levels can matter.
    """
    unit = cells_of(ratings).unit if ratings.cluster is not None else None
    shared = unit is not None and not apart(unit, list(of_group.values()))
    found = {
        name: group_sample(ratings, name, who, threshold, False, keep=shared)
        for name, who in of_group.items()
    }
    if shared and unit is not None:
        found = {name: replace(s, unit=_units(s, unit[of_group[name]])) for name, s in found.items()}
    return dict(zip(found, guarded_where_doubtful(list(found.values())), strict=True)) if guard else found


def _units(sample: Sample, of_raters: NDArray[np.intp]) -> NDArray[np.intp]:
    """Codes (U_s,) of this sample's units that are common to all samples; of_raters: the code of each
    rater."""
    cells = sample.fit.cells
    codes = np.zeros(cells.n_units, dtype=np.intp)
    codes[cells.unit] = of_raters
    return codes


def apart(unit: NDArray[np.intp], masks: Sequence[NDArray[np.bool_]]) -> bool:
    """Whether no unit has raters in two groups; unit: (R,) codes, masks: (R,) per group."""
    seen = np.zeros(int(unit.max(initial=-1)) + 1, dtype=np.intp)
    for who in masks:
        seen[np.unique(unit[who])] += 1
    return bool((seen <= 1).all())


def members(labels: Sequence[str | None]) -> dict[str, NDArray[np.bool_]]:
    """Mask (R,) of the raters of each group, by group. Raises InputError for fewer than two groups."""
    names = [name for name in dict.fromkeys(labels) if name is not None]
    if len(names) < 2:
        raise InputError(
            "至少需要两类企业才能比较。", "At least two groups of raters are needed.", column="groups"
        )
    return {name: np.array([label == name for label in labels]) for name in names}


def group_sample(
    ratings: Ratings, name: str, who: NDArray[np.bool_], threshold: int, guard: bool, *, keep: bool = False
) -> Sample:
    """Fit of one group of raters `who` (R,); InputError names the group if it cannot compare two
    departments."""
    try:
        part = replace(ratings.take(who), population=None)
        return sample_of(part, threshold=threshold, guard=guard, keep=keep)
    except InputError as error:
        raise InputError(
            f"“{name}”企业的评分不足以比较部门，请与相近的一类合并。（{error.zh}）",
            f"Ratings by group {name} do not suffice to compare departments; merge it with a similar one. "
            f"({error.en})",
            column="groups",
            name=name,
        ) from error


def group_labels(ratings: Ratings, groups: Sequence[Any] | Mapping[str, Any]) -> list[str | None]:
    """Group of each rater, (R,), None where unknown, from a column or a mapping from rater."""
    if isinstance(groups, Mapping):
        by_name = {str(key): value for key, value in groups.items()}
        values = [by_name.get(name) for name in ratings.rater_names]
    else:
        values = list(groups)
    if len(values) != ratings.n_raters:
        raise InputError(
            f"类别有 {len(values)} 个，评议人有 {ratings.n_raters} 个，应当一一对应。",
            f"{len(values)} group labels for {ratings.n_raters} raters.",
            column="groups",
        )
    return [None if is_missing(value) else str(value) for value in values]
