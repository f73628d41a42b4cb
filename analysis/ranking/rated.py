"""What a ranking is made from: the cells of ratings, whole or in parts, and what is said of the ratings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.answers.quality import screened
from analysis.answers.ratings import Ratings
from analysis.model.cells import Cells, cells_of
from analysis.model.parts import Parts
from analysis.model.sandwich import Strata


@dataclass(frozen=True, eq=False)
class Rated:
    """Ratings by R raters of D departments, as a ranking needs them.

    names: (D,); marks: lowest and highest mark given; alike: (D,) departments with a single mark; share_at:
    share of the ratings that are a given mark; heaviest: largest share of all weight that one rater carries;
    roster: whether roster sizes are known; lonely: names of strata with one rater; flagged: share of raters
    who may be careless, which takes a while.
    """

    names: tuple[str, ...]
    cells: Cells | Parts
    n_raters: int
    n_ratings: int
    marks: tuple[float, float]
    alike: NDArray[np.bool_]
    share_at: Callable[[float], float]
    heaviest: float
    flagged: Callable[[], float]
    strata: Strata | None = None
    roster: bool = False
    lonely: tuple[str, ...] = ()


def rated_of(ratings: Ratings) -> Rated:
    """`Rated` of ratings in memory, also of none: whoever ranks them says that nothing can be ranked."""
    lonely: tuple[str, ...] = ()
    if ratings.stratum is not None:
        of_one = np.flatnonzero(np.bincount(ratings.stratum, minlength=len(ratings.stratum_names)) == 1)
        lonely = tuple(ratings.stratum_names[h] for h in of_one)
    return Rated(
        names=ratings.department_names,
        cells=cells_of(ratings),
        n_raters=ratings.n_raters,
        n_ratings=ratings.n_ratings,
        marks=(float(ratings.score.min(initial=np.inf)), float(ratings.score.max(initial=-np.inf))),
        alike=of_one_mark(ratings),
        share_at=lambda mark: float((ratings.score == mark).mean()),
        heaviest=float(ratings.weight.max(initial=0) / max(ratings.weight.sum(), 1e-300)),
        flagged=lambda: screened(ratings).flagged_share,
        strata=strata_of(ratings),
        roster=ratings.population is not None,
        lonely=lonely,
    )


def of_one_mark(ratings: Ratings) -> NDArray[np.bool_]:
    """Mask (D,) of departments to which every rater gave the same mark."""
    some = np.zeros(ratings.n_departments)
    some[ratings.department] = ratings.score
    other = ratings.department[ratings.score != some[ratings.department]]
    return np.asarray(np.bincount(other, minlength=some.size) == 0)


def strata_of(ratings: Ratings) -> Strata | None:
    """Strata of raters with the fraction of the roster that answered; None without strata and population."""
    if ratings.stratum is None and ratings.population is None:
        return None
    code = np.zeros(ratings.n_raters, np.intp) if ratings.stratum is None else ratings.stratum.astype(np.intp)
    n = np.bincount(code, minlength=max(1, len(ratings.stratum_names)))
    fraction = np.zeros(n.size) if ratings.population is None else n / ratings.population
    return Strata(code, fraction)
