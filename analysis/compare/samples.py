"""Samples of raters to be compared (groups of one round, or rounds), each fitted by itself.

Statements about their differences form one family (`analysis.compare.contrast_family`). Each sample has its
own strata and clusters. There is no finite population correction: groups and rounds are compared for what
enterprises think, not for a given roster.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from analysis.answers.ratings import Ratings
from analysis.errors import InputError
from analysis.inference.doubt import LIBERAL, doubtful, slope_p
from analysis.model.cells import cells_of
from analysis.model.contrasts import Fit
from analysis.model.latent import latent
from analysis.model.points import points
from analysis.model.sandwich import Strata
from analysis.ranking.rated import of_one_mark
from analysis.ranking.results import Insufficient
from analysis.ranking.selection import Selection, select

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

_MOST_KEPT = 4_000_000
"""Largest units × departments for which the influence of every unit is kept."""


@dataclass(frozen=True, eq=False)
class Sample:
    """Estimates of one sample for the D departments that it can compare.

    names: (D,); component: (D,) codes of the components they lie in; theta, covariance: additive scale, mean
    0 in each component; adjusted: (D,) points, with covariance level_covariance; influence: (U, D) change of
    theta by each of U units, None where units are too many; latent_*: the same on the ordinal scale, in
    logits, None without guard; unit: (U,) codes of units common to all samples, None where samples share
    none; marks: lowest and highest mark given; alike: (D,) departments with a single mark.
    """

    names: tuple[str, ...]
    component: Ints
    fit: Fit
    theta: Floats
    covariance: Floats
    adjusted: Floats
    level_covariance: Floats
    n_raters: int
    n: dict[str, int]
    insufficient: tuple[Insufficient, ...]
    selection: Selection
    strata: Strata | None
    influence: Floats | None
    latent_theta: Floats | None = None
    latent_covariance: Floats | None = None
    latent_influence: Floats | None = None
    unit: Ints | None = None
    marks: tuple[float, float] = (0.0, 0.0)
    alike: NDArray[np.bool_] | None = None

    @cached_property
    def guarded(self) -> "Sample":
        """Copy of the sample with its latent scale fitted."""
        keep = self.influence is not None
        ordinal = latent(self.selection.cells, self.component, self.strata, keep=keep)
        return replace(
            self,
            latent_theta=ordinal.theta,
            latent_covariance=ordinal.covariance,
            latent_influence=ordinal.influence,
        )


def sample_of(ratings: Ratings, *, threshold: int, guard: bool, keep: bool = False) -> Sample:
    """Fit one sample of ratings. Raises NothingToRankError when it cannot compare two departments.

    threshold: fewest raters of a department; guard: fit the latent scale too; keep: keep influences whatever
    the number of units.
    """
    cells = cells_of(ratings)
    strata = None
    if ratings.stratum is not None:
        strata = Strata(ratings.stratum.astype(np.intp), np.zeros(len(ratings.stratum_names)))
    chosen = select(cells, ratings.department_names, threshold, strata)
    at = points(chosen.fit, strata, keep=keep or _small(chosen.fit))
    names = tuple(name for name, kept in zip(ratings.department_names, chosen.kept, strict=True) if kept)
    counts = cells.raters_per_department().tolist()
    plain = Sample(
        names=names,
        component=chosen.fit.component,
        fit=chosen.fit,
        theta=chosen.fit.theta,
        covariance=at.contrast_covariance,
        adjusted=at.adjusted,
        level_covariance=at.covariance,
        n_raters=ratings.n_raters,
        n=dict(zip(ratings.department_names, counts, strict=True)),
        insufficient=chosen.insufficient,
        selection=chosen,
        strata=strata,
        influence=at.influence,
        marks=(float(ratings.score.min()), float(ratings.score.max())),
        alike=of_one_mark(ratings)[chosen.kept],
    )
    return plain.guarded if guard else plain


def _small(fit: Fit) -> bool:
    return bool(fit.cells.n_units * fit.inverse.shape[0] <= _MOST_KEPT)


def guarded_where_doubtful(samples: Sequence[Sample]) -> list[Sample]:
    """Samples with their latent scales fitted if distances between levels can matter, else unchanged.

    They can matter within a sample (`analysis.inference.doubt`), or because two samples spread the
    departments unequally.
    """
    if any(doubtful(s.fit) for s in samples) or any(_uneven(a, b) for a, b in combinations(samples, 2)):
        return [s.guarded for s in samples]
    return list(samples)


def _uneven(one: Sample, two: Sample) -> bool:
    """Whether two samples spread the same departments unequally wide (score test of the slope, p <
    LIBERAL)."""
    try:
        several = common_blocks([one, two])
    except InputError:
        return False
    L, M = centring(one, several), centring(two, several)
    at = L @ one.theta, L @ one.covariance @ L.T, M @ two.theta, M @ two.covariance @ M.T
    return slope_p(*at) < LIBERAL


def common_blocks(samples: Sequence[Sample]) -> list[list[str]]:
    """Departments that every sample can compare, as blocks connected in every sample; single ones are left
    out.

    In the order of the first sample. Raises InputError when there is no block.
    """
    places = [dict(zip(s.names, s.component.tolist(), strict=True)) for s in samples]
    found: dict[tuple[int, ...], list[str]] = {}
    for name in samples[0].names:
        if all(name in place for place in places):
            found.setdefault(tuple(place[name] for place in places), []).append(name)
    several = [names for names in found.values() if len(names) > 1]
    if not several:
        raise InputError(
            "没有两个部门在各组（轮）中都达到公布门槛并可以比较；请合并类别，或等评分更多时再比。",
            "No two departments reach the threshold and can be compared in every group or round; merge "
            "categories, or compare when there are more ratings.",
        )
    return several


def centring(sample: Sample, several: Sequence[Sequence[str]]) -> Floats:
    """Contrast matrix (M, D): each department of the blocks, in order, minus the average of its block."""
    place = {name: i for i, name in enumerate(sample.names)}
    rows = []
    for names in several:
        columns = [place[name] for name in names]
        block = np.zeros((len(names), len(sample.names)))
        block[:, columns] = np.eye(len(names)) - 1 / len(names)
        rows.append(block)
    return np.concatenate(rows)


def left_out(samples: Mapping[str, Sample], several: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Names of departments that were rated in some sample but are in none of the blocks compared."""
    used = {name for names in several for name in names}
    every = dict.fromkeys(name for s in samples.values() for name, n in s.n.items() if n)
    return tuple(name for name in every if name not in used)
