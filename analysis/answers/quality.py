"""Flags of careless responses, from the indices of `analysis.answers.careless` and cut-offs.

No response is removed.

How far the ranking depends on flagged raters is in `analysis.compare.sensitivity`.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.answers import careless
from analysis.answers.covariances import answers
from analysis.answers.ratings import Ratings
from analysis.errors import InputError
from analysis.explain import Result, counted, listed, pick, share
from analysis.values.arguments import checked, instance, optional, real, refusal, whole
from analysis.values.arrays import MOST_CELLS, table

Vector = NDArray[np.float64]
Flags = NDArray[np.bool_]

_MOST_ANSWERS = 4_000_000
_FEWEST_RATERS = 2_000


@dataclass(frozen=True)
class Cutoffs(Result):
    """Cut-offs of the indices of careless responding. A flag is a reason to look, not a verdict.

    >>> from analysis import Cutoffs
    >>> Cutoffs(longstring_least=20).mahalanobis_p
    0.001
    """

    longstring_share: float = 1.0
    """Flag a run of identical answers over at least this share of the answers given …"""
    longstring_least: int = 12
    """… when at least so many were given: five equal answers about one department mean nothing."""
    even_odd: float = 0.0
    """Flag inconsistency above this (no positive relation between the halves)."""
    mahalanobis_p: float = 0.001
    """Flag a distance this improbable or more."""
    person_total: float = 0.0
    """Flag a negative correlation with everybody else below this."""

    def __post_init__(self) -> None:
        real(0, 1)("longstring_share", self.longstring_share)
        whole(1)("longstring_least", self.longstring_least)
        real(0, 1)("mahalanobis_p", self.mahalanobis_p)
        for name in ("even_odd", "person_total"):
            real(-1, 1)(name, getattr(self, name))
        super().__post_init__()


@dataclass(frozen=True)
class Quality(Result):
    """Indices and flags of n respondents; arrays (n,), NaN where an index is undefined."""

    n: int
    longstring: NDArray[np.int64]
    variability: Vector
    even_odd: Vector
    mahalanobis: Vector
    mahalanobis_p: Vector
    person_total: Vector
    flags: dict[str, Flags]
    """Per index (straight, inconsistent, outlying, contrary) who is flagged."""
    flagged: Flags
    """Straight-lining, or at least two of the other three flags."""
    cutoffs: Cutoffs
    skipped: tuple[str, ...]
    """Indices that could not be computed from these data."""

    @property
    def flagged_share(self) -> float:
        """Share of respondents flagged."""
        return float(self.flagged.mean()) if self.n else 0.0

    def summary(self, language: str = "zh") -> str:
        """Number of flagged respondents by kind of flag, one paragraph in `language` ("zh" or "en")."""
        counts = {key: int(value.sum()) for key, value in self.flags.items()}
        zh = (
            f"{self.n} 份答卷中 {int(self.flagged.sum())} 份（{share(self.flagged_share)}）可能未认真作答："
            f"一路同分 {counts['straight']} 份，前后不一 {counts['inconsistent']} 份，"
            f"组合罕见 {counts['outlying']} 份，与众相反 {counts['contrary']} 份。"
            "标记只供复核，答卷一份未删；答题时间没有记录。"
        )
        en = (
            f"Of {counted(self.n, 'response')} "
            f"{int(self.flagged.sum())} ({share(self.flagged_share)}) may be careless: "
            f"straight-lined {counts['straight']}, inconsistent {counts['inconsistent']}, "
            f"outlying {counts['outlying']}, contrary {counts['contrary']}. "
            "Flags are for review; no response was removed, and answering times are not recorded."
        )
        if self.skipped:
            zh += f"未能计算：{listed(self.skipped, 'zh')}。"
            en += f" Not computable here: {listed(self.skipped, 'en')}."
        return pick(language, zh, en)


def _cutoffs(name: str, value: Any) -> Cutoffs:
    found: Cutoffs = instance("answers.quality.Cutoffs")(name, value)
    whole(0)(name, found.longstring_least)
    for limit in (found.longstring_share, found.even_odd, found.mahalanobis_p, found.person_total):
        real()(name, limit)
    return found


@checked(profile=optional(table()), cutoffs=optional(_cutoffs))
def response_quality(
    scores: ArrayLike,
    scales: ArrayLike | None = None,
    *,
    profile: ArrayLike | None = None,
    cutoffs: Cutoffs | None = None,
) -> Quality:
    """Indices of careless responding and flags of answers (n, k) in questionnaire order, NaN where
    unanswered.

    scales: (k,) label of the scale (department) of each column, for the even–odd index; profile: (n, p)
    variables to compute Mahalanobis distances from, by default the answers themselves. An index that these
    data cannot give (too few scales, a constant question) is NaN and named in `skipped`.

    >>> from analysis import response_quality
    >>> scores = [[7] * 12, [9, 8, 7, 6, 5, 4, 3, 9, 8, 7, 6, 5]]
    >>> response_quality(scores, list("AABBCCDDEEFF")).longstring.tolist()
    [12, 1]
    """
    X = answers(scores)
    limits = cutoffs or Cutoffs()
    if profile is not None and len(answers(profile)) != len(X):
        raise refusal("profile", f"应有 {len(X)} 行。", f"needs {len(X)} rows, one per respondent.")
    skipped: list[str] = []
    inconsistency = _even_odd(X, scales, skipped)
    distance, tail = _mahalanobis(X, profile, skipped)
    runs, total = careless.longstring(X), careless.person_total(X)
    given = (~np.isnan(X)).sum(axis=1)
    flags = {
        "straight": (given >= limits.longstring_least) & (runs >= limits.longstring_share * given),
        "inconsistent": inconsistency > limits.even_odd,
        "outlying": tail < limits.mahalanobis_p,
        "contrary": total < limits.person_total,
    }
    others = flags["inconsistent"].astype(int) + flags["outlying"] + flags["contrary"]
    return Quality(
        n=len(X),
        longstring=runs,
        variability=careless.intra_individual_variability(X),
        even_odd=inconsistency,
        mahalanobis=distance,
        mahalanobis_p=tail,
        person_total=total,
        flags=flags,
        flagged=flags["straight"] | (others >= 2),
        cutoffs=limits,
        skipped=tuple(skipped),
    )


def _even_odd(X: Vector, scales: ArrayLike | None, skipped: list[str]) -> Vector:
    try:
        return careless.even_odd(X, np.zeros(X.shape[1]) if scales is None else scales)
    except InputError:
        skipped.append("even_odd")
        return np.full(len(X), np.nan)


def _mahalanobis(X: Vector, profile: ArrayLike | None, skipped: list[str]) -> tuple[Vector, Vector]:
    try:
        return careless.mahalanobis(X if profile is None else profile)
    except InputError:
        skipped.append("mahalanobis")
        return np.full(len(X), np.nan), np.ones(len(X))


def answerable(name: str, value: Any) -> Ratings:
    """Check an argument: `Ratings` whose table of all raters by all departments and items has at most
    `MOST_CELLS` cells."""
    found: Ratings = instance("answers.ratings.Ratings")(name, value)
    n = found.n_raters * found.n_departments * max(len(found.item_names), 1)
    if n > MOST_CELLS:
        raise refusal(
            name,
            f"评议人×部门×指标有 {n} 格，最多 {MOST_CELLS} 格；请抽取一部分评议人。",
            f"raters × departments × items are {n:,d} answers, at most {MOST_CELLS:,d}; take some raters.",
        )
    return found


@checked(ratings=answerable, cutoffs=optional(_cutoffs))
def rating_quality(ratings: Ratings, *, cutoffs: Cutoffs | None = None) -> Quality:
    """Indices of careless responding and flags of every rater, in the order of ratings.rater_names.

    Answers are taken department by department, item by item; a department is a scale for the even–odd index.
    Since raters rate different departments, Mahalanobis distances are computed from each rater's mean score
    per item.

    >>> from analysis import Ratings, rating_quality
    >>> scores = [[7] * 12, [9, 8, 7, 6, 5, 4, 3, 9, 8, 7, 6, 5]]
    >>> rating_quality(Ratings.from_array(scores)).flagged.tolist()
    [True, False]
    """
    X, scales = questionnaire(ratings)
    K = max(len(ratings.item_names), 1)
    profile = np.full((len(X), K), np.nan)
    for k in range(K):
        of_item = X[:, k::K]
        given = ~np.isnan(of_item)
        count = given.sum(axis=1)
        np.divide(np.where(given, of_item, 0.0).sum(axis=1), count, out=profile[:, k], where=count > 0)
    return response_quality(X, scales, profile=profile, cutoffs=cutoffs)


@checked(ratings=instance("answers.ratings.Ratings"))
def screened(ratings: Ratings) -> Quality:
    """`rating_quality` of all raters, or of a random sample of raters where there are too many answers.

    The sample has a fixed seed; a share of flagged raters from it is off by a percentage point at most.

    >>> from analysis import Ratings, screened
    >>> ratings = Ratings.from_array([[9, 7, 5], [8, 7, 4], [7, 8, 3]] * 4, department_names=list("ABC"))
    >>> screened(ratings).flagged_share
    0.0
    """
    chosen = raters_to_screen(ratings.n_raters, ratings.n_departments * max(len(ratings.item_names), 1))
    return rating_quality(ratings if chosen is None else ratings.take(chosen))


def raters_to_screen(n_raters: int, answers: int) -> NDArray[np.intp] | None:
    """Codes, ascending, of the raters whose answers are screened; None for all; answers: most of a rater."""
    most = max(_FEWEST_RATERS, _MOST_ANSWERS // answers)
    if n_raters <= most:
        return None
    return np.sort(np.random.default_rng(0).choice(n_raters, most, replace=False))


@checked(ratings=answerable)
def questionnaire(ratings: Ratings) -> tuple[Vector, NDArray[np.intp]]:
    """Answers as a table (R, D·K), columns by department and item, and the department of each column, (D·K,).

    A rater's repeated ratings of the same thing are averaged.

    >>> from analysis import Ratings, questionnaire
    >>> answers, department = questionnaire(Ratings.from_array([[9, 7], [8, None]]))
    >>> answers.tolist(), department.tolist()
    ([[9.0, 7.0], [8.0, nan]], [0, 1])
    """
    R, D, K = ratings.n_raters, ratings.n_departments, max(len(ratings.item_names), 1)
    item = 0 if ratings.item is None else ratings.item
    flat = (ratings.rater.astype(np.intp) * D + ratings.department) * K + item
    X = np.full(R * D * K, np.nan)
    X[flat] = ratings.score
    if np.count_nonzero(~np.isnan(X)) < flat.size:
        count, total = np.bincount(flat), np.bincount(flat, ratings.score)
        np.divide(total, count, out=X[: count.size], where=count > 0)
    return X.reshape(R, D * K), np.repeat(np.arange(D), K)
