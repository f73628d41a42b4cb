"""Fits of groups of raters, one `Sample` per group; a cluster (owner) may have raters in several groups."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.answers.labels import by_text, category_labels
from analysis.answers.ratings import Ratings
from analysis.compare.samples import Sample, guarded_where_doubtful, sample_of
from analysis.errors import InputError
from analysis.model.cells import cells_of
from analysis.model.sandwich import influences
from analysis.sampling.weights import is_missing
from analysis.values.arguments import refusal

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


def rater_groups(name: str, value: Any) -> Any:
    """Check the argument `groups`: a mapping from rater to label, or a label for every rater."""
    if isinstance(value, Mapping):
        labels = category_labels(name, value.values())
        return dict(zip(by_text(value, name), labels, strict=True))
    return category_labels(name, value)


class Fits:
    """Fits of the raters of some ratings, all together and by group, kept for further questions about them.

    ratings: what is fitted; threshold: fewest raters of a department.
    """

    def __init__(self, ratings: Ratings, threshold: int) -> None:
        self.ratings, self.threshold = ratings, threshold
        self._labels: list[str | None] = []
        self._samples: dict[tuple[str, bool], Sample] = {}

    @cached_property
    def whole(self) -> Sample:
        """Fit of all raters, without finite population correction."""
        return sample_of(replace(self.ratings, population=None), threshold=self.threshold, guard=False)

    @cached_property
    def influences(self) -> Floats:
        """Influence (U, D) of each unit on the estimates of `whole`."""
        return influences(self.whole.fit)

    def members(self, labels: list[str | None]) -> dict[str, Bools]:
        """Mask (R,) of the raters of each group, by group; fits of other groups than these are forgotten."""
        if labels != self._labels:
            self._labels, self._samples = labels, {}
        return members(labels)

    def group(self, name: str, who: Bools, *, keep: bool = False) -> Sample:
        """Fit of a group of the last `members`; as `group_sample`."""
        if (name, keep) not in self._samples:
            self._samples[name, keep] = group_sample(self.ratings, name, who, self.threshold, keep=keep)
        return self._samples[name, keep]


def fits_of(ratings: Ratings, threshold: int, fits: Fits | None) -> Fits:
    """The fits that were given for these ratings, or new ones. InputError if they are of others."""
    if fits is None:
        return Fits(ratings, threshold)
    if fits.ratings is not ratings or fits.threshold != threshold:
        raise refusal("fits", "属于另一组评分或门槛。", "belongs to other ratings or another threshold.")
    return fits


def group_samples(fits: Fits, of_group: Mapping[str, Bools], guard: bool) -> dict[str, Sample]:
    """Fit every group; returns group → `Sample`.

    If clusters have raters in several groups, samples get common unit codes.

    of_group: group → mask (R,); guard: add the latent scale where distances between levels can matter.
    """
    ratings = fits.ratings
    unit = cells_of(ratings).unit if ratings.cluster is not None else None
    shared = unit is not None and not apart(unit, list(of_group.values()))
    found = {name: fits.group(name, who, keep=shared) for name, who in of_group.items()}
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


def apart(unit: NDArray[np.intp], masks: Sequence[Bools]) -> bool:
    """Whether no unit has raters in two groups; unit: (R,) codes, masks: (R,) per group."""
    seen = np.zeros(int(unit.max(initial=-1)) + 1, dtype=np.intp)
    for who in masks:
        seen[np.unique(unit[who])] += 1
    return bool((seen <= 1).all())


def members(labels: Sequence[str | None]) -> dict[str, Bools]:
    """Mask (R,) of the raters of each group, by group. Raises InputError for fewer than two groups."""
    names = [name for name in dict.fromkeys(labels) if name is not None]
    if len(names) < 2:
        raise InputError(
            "至少需要两类企业才能比较。", "At least two groups of raters are needed.", column="groups"
        )
    place: dict[str | None, int] = {name: code for code, name in enumerate(names)}
    code = np.fromiter((place.get(label, -1) for label in labels), dtype=np.intp, count=len(labels))
    return {name: code == place[name] for name in names}


def group_sample(ratings: Ratings, name: str, who: Bools, threshold: int, *, keep: bool = False) -> Sample:
    """Fit of one group of raters `who` (R,); InputError names the group if it cannot compare two
    departments."""
    try:
        part = replace(ratings.take(who), population=None)
        return sample_of(part, threshold=threshold, guard=False, keep=keep)
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
    distinct = {(type(value), value): value for value in values}
    told = {key: None if is_missing(value) else str(value) for key, value in distinct.items()}
    return [told[type(value), value] for value in values]
