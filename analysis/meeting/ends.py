"""The first K and the last K departments, with K fixed before the round.

Joint: a department is certainly among the last K when its rank set lies within the last K ranks, and
certainly not when it lies outside; both follow from what is declared, without further error (Mogstad, Romano,
Shaikh & Wilhelm 2024, section 4.2).

Verified: a test of the single statement "these K are the last K". If it is false, some i of the observed last
K, S, and some k outside are in truth the other way round, or equal. Given that S was observed, the difference
of k and i is a Normal variable truncated where S would no longer be observed, with what is independent of it
held fixed (Lee, Sun, Sun & Taylor 2016; for K = 1 and equal errors Hung & Fithian 2019). Each pair's p-value
is valid given S, hence also the largest p-value of all pairs. The statement has an error rate of its own, at
most 1 - level, besides that of the joint ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr, stdtr

from analysis.answers.ratings import Ratings
from analysis.explain import Result, counted, listed, pick, significant
from analysis.inference.simultaneous import pair_errors
from analysis.model.cells import cells_of
from analysis.model.contrasts import fit
from analysis.model.latent import latent
from analysis.ranking.results import Ranking
from analysis.values.arguments import checked, choice, instance, optional, refusal, whole
from analysis.values.arguments import ratings as comparable

Floats = NDArray[np.float64]
End = Literal["first", "last"]
COUNT = 3


@dataclass(frozen=True)
class Extremes(Result):
    """Result of `extremes` for one end of a ranking; names in ranked order.

    certain: certainly among the K; possible: perhaps; excluded: certainly not. observed: the K at this end by
    score; p_value: of the test that these are the K, None where not tested; verified: p_value <= 1 - level, a
    single statement with an error rate of its own.
    """

    end: End
    count: int
    level: float
    certain: tuple[str, ...]
    possible: tuple[str, ...]
    excluded: tuple[str, ...]
    observed: tuple[str, ...]
    p_value: float | None
    verified: bool

    def place(self, name: str) -> str:
        """Whether a department is "certain", "possible" or "excluded" at this end."""
        if name in self.certain:
            return "certain"
        return "possible" if name in self.possible else "excluded"

    def summary(self, language: str = "zh") -> str:
        """Joint statement in words: who is certainly, possibly and certainly not among the K."""
        zh_end, en_end = ("前", "first") if self.end == "first" else ("后", "last")
        possible, excluded = len(self.possible), len(self.excluded)
        zh = f"确定在{zh_end} {self.count} 名的：{listed(self.certain, 'zh')}"
        zh += f"；可能在{zh_end} {self.count} 名的{'另' if self.certain else ''}有 {possible} 个" * (
            possible > 0
        )
        zh += f"；确定不在的有 {excluded} 个。" if excluded else "。"
        en = f"Certainly among the {en_end} {self.count}: {listed(self.certain, 'en')}"
        en += f"; possibly{' also' if self.certain else ''}: {counted(possible, 'department')}" * (
            possible > 0
        )
        en += f"; certainly not: {counted(excluded, 'department')}." if excluded else "."
        return pick(language, zh, en)

    def tested(self, language: str = "zh") -> str:
        """Sentence on the set that was verified by its own test; "" if not verified or if it adds nothing."""
        if not (self.verified and self.possible):
            return ""
        error, names = f"{100 * (1 - self.level):g}", listed(self.observed, language)
        zh_end, en_end = ("前", "first") if self.end == "first" else ("后", "last")
        zh = f"要让所有结论同时成立，{zh_end} {self.count} 名只能说到上面那样；如果只问{zh_end} "
        zh += f"{self.count} 名是谁这一件事，可以说就是{names}，这一句单独说错的机会不超过 {error}%。"
        en = f"That is all that can be said of the {en_end} {self.count} if everything said is to be right "
        en += f"together. Asked by itself who they are, the answer is {names}; the chance that this "
        en += f"statement alone is wrong is at most {error} %."
        return pick(language, zh, en)


@checked(
    ranking=instance("ranking.results.Ranking"),
    end=choice("first", "last"),
    count=whole(1),
    ratings=optional(comparable),
)
def extremes(
    ranking: Ranking, end: End, count: int = COUNT, *, ratings: Ratings | None = None
) -> Extremes | None:
    """Departments that are among the first or last ``count``; None if there are several components, or too
    few departments.

    ratings: what was ranked; with them the observed set is tested on both scales (without the latent guard on
    the additive one alone). Without ratings only rankings without guard are tested.

    >>> from analysis import extremes, rank_estimates
    >>> ranking = rank_estimates(["A", "B", "C"], [90, 80, 70], [1, 1, 1])
    >>> extremes(ranking, "first", 1).certain
    ('A',)
    """
    return _extremes(ranking, end, count, _Guard(ranking, ratings))


def both_ends(
    ranking: Ranking, first: int, last: int, ratings: Ratings | None
) -> tuple[Extremes | None, Extremes | None]:
    """`extremes` of both ends, None for a count of 0; fits the ordinal scale only once."""
    guard = _Guard(ranking, ratings)
    return (
        _extremes(ranking, "first", first, guard) if first else None,
        _extremes(ranking, "last", last, guard) if last else None,
    )


def _extremes(ranking: Ranking, end: End, count: int, guard: _Guard) -> Extremes | None:
    names, D = ranking.pairs.names, len(ranking.departments)
    K = count
    if ranking.n_components > 1 or K >= D:
        return None
    theta, se, df = _square(ranking)
    best, worst = np.array([department.rank_set for department in ranking.departments]).T
    certain, excluded = (best > D - K, worst <= D - K) if end == "last" else (worst <= K, best > K)
    at = np.arange(D - K, D) if end == "last" else np.arange(K)
    p = _p_value(guard, theta, se, df, at, 1 if end == "first" else -1)
    different = significant(ranking.global_test.p_value, ranking.level)
    return Extremes(
        end=end,
        count=K,
        level=ranking.level,
        certain=_named(names, certain),
        possible=_named(names, ~certain & ~excluded),
        excluded=_named(names, excluded),
        observed=_named(names, np.isin(np.arange(D), at)),
        p_value=p,
        verified=p is not None and different and significant(p, ranking.level),
    )


def set_p_value(theta: Floats, se: Floats, df: Floats | float, chosen: NDArray[np.intp]) -> float:
    """Selective p-value of the statement "the chosen are all above the rest"; theta: (D,).

    se, df: (D, D) of differences. 1 where the chosen are not the largest, or tied with the rest.
    """
    D = theta.size
    rest = np.setdiff1d(np.arange(D), chosen)
    gap = theta[chosen][:, None] - theta[rest][None, :]
    if gap.min() <= 0:
        return 1.0
    nu = np.broadcast_to(np.asarray(df, dtype=float), (D, D))
    worst = 0.0
    for i in chosen.tolist():
        for k in rest.tolist():
            variance = se[i, k] ** 2
            if not variance > 0:
                continue
            # Along θ_i - θ_k each gap of chosen and rest moves by cov(gap, difference) / variance.
            toward = _covariances(se, i, k)
            rate = (toward[chosen][:, None] - toward[rest][None, :]) / variance
            with np.errstate(divide="ignore", invalid="ignore"):
                room = np.where(rate > 0, gap / rate, np.inf).min()
                back = np.where(rate < 0, gap / rate, -np.inf).max()
            d = float(theta[i] - theta[k])
            low, high = d - room, d - back
            worst = max(worst, _truncated(d, low, high, float(se[i, k]), float(nu[i, k])))
    return worst


def _covariances(se: Floats, i: int, k: int) -> Floats:
    """Covariances (D,) of θ_l with θ_i − θ_k, up to a constant that cancels in differences between two l."""
    return np.asarray((se[:, k] ** 2 - se[:, i] ** 2) / 2)


def _truncated(d: float, low: float, high: float, se: float, df: float) -> float:
    """P(T > d | low < T < high) for T with mean 0, standard error se and t or Normal distribution."""
    log_low = _log_tail(low / se, df)
    beyond = float(np.exp(_log_tail(high / se, df) - log_low)) if np.isfinite(high) else 0.0
    if beyond >= 1:
        return 1.0
    return float(np.clip((np.exp(_log_tail(d / se, df) - log_low) - beyond) / (1 - beyond), 0, 1))


def _log_tail(t: float, df: float) -> float:
    if not np.isfinite(df):
        return float(log_ndtr(-t))
    return float(np.log(max(float(stdtr(df, -t)), np.finfo(float).tiny)))


def _require_ranked(ranking: Ranking, ratings: Ratings) -> None:
    """Raise InputError unless the ratings are those of the ranking, as numbers of raters and means tell."""
    places = ratings.places(ranking.pairs.names)
    mean = np.array([department.mean for department in ranking.departments])
    known = np.isfinite(mean)
    found = cells_of(ratings).mean_per_department()[places]
    numbers = (ranking.n_raters, ranking.n_ratings)
    same = numbers == (ratings.n_raters, ratings.n_ratings) or None in numbers
    if not same or not np.allclose(
        found[known], mean[known], rtol=1e-6, atol=1e-9 * np.abs(mean[known]).max()
    ):
        raise refusal("ratings", "不是这份排名所用的评分。", "are not what was ranked.")


class _Guard:
    """Ordinal scale of a ranking's ratings, fitted on first use."""

    def __init__(self, ranking: Ranking, ratings: Ratings | None) -> None:
        self.wanted, self._ranking, self._ratings = ranking.latent_guard, ranking, ratings
        if ratings is not None:
            _require_ranked(ranking, ratings)

    @cached_property
    def scale(self) -> tuple[Floats, Floats] | None:
        """Logits (D,) and standard errors (D, D) of their differences, in ranked order; None without
        ratings."""
        if self._ratings is None:
            return None
        codes = self._ratings.places(self._ranking.pairs.names)
        cells = cells_of(self._ratings).only(np.isin(np.arange(self._ratings.n_departments), codes))
        found = latent(cells, fit(cells).component)
        back = np.argsort(np.argsort(codes))
        return found.theta[back], pair_errors(found.covariance)[np.ix_(back, back)]


def _p_value(
    guard: _Guard, theta: Floats, se: Floats, df: Floats, at: NDArray[np.intp], sign: int
) -> float | None:
    """Larger of the p-values on both scales; None where the ordinal one is required but there are no
    ratings."""
    p = set_p_value(sign * theta, se, df, at)
    if not guard.wanted:
        return p
    if guard.scale is None:
        return None
    ordinal, errors = guard.scale
    return max(p, set_p_value(sign * ordinal, errors, df, at))


def _square(ranking: Ranking) -> tuple[Floats, Floats, Floats]:
    """Estimates (D,) and standard errors and degrees of freedom (D, D) of differences, in ranked order."""
    pairs, D = ranking.pairs, len(ranking.departments)
    se, df = np.zeros((D, D)), np.full((D, D), np.inf)
    se[pairs.a, pairs.b] = se[pairs.b, pairs.a] = pairs.se
    df[pairs.a, pairs.b] = df[pairs.b, pairs.a] = pairs.df
    theta = np.array([department.average_difference for department in ranking.departments])
    return theta, se, df


def _named(names: tuple[str, ...], chosen: NDArray[np.bool_]) -> tuple[str, ...]:
    return tuple(names[j] for j in np.flatnonzero(chosen))
