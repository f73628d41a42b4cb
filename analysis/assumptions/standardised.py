"""Direct standardisation: the ranking if every kind of rater had answered in proportion to the roster.

Each kind of rater g is fitted by itself; θ̂_std = Σ_g π_g θ̂_g with π_g the shares of the roster (or equal).
Where all kinds see the departments alike, this estimates the same as the plain ranking, less precisely; where
they do not and one kind answered more, the plain ranking leans to that kind. The covariance of (standardised
− plain) is its own delete-one jackknife, since the same raters are in both; it is tested by max-t over all
departments.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.answers.ratings import Ratings
from analysis.compare.group_samples import Fits, apart, fits_of, group_labels, rater_groups
from analysis.compare.pooling import Pool, inflated, pool, stretched
from analysis.compare.samples import Sample, centring, common_blocks
from analysis.errors import InputError
from analysis.explain import Result, listed, p_text, pick, plain, share, with_interval
from analysis.inference.simultaneous import Family, each
from analysis.model.sandwich import influences
from analysis.ranking.results import Note, Ranking
from analysis.values.arguments import (
    MOST_DRAWS,
    checked,
    confidence,
    enough_draws,
    flag,
    instance,
    mapping,
    optional,
    real,
    whole,
)
from analysis.values.arguments import ratings as comparable

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Shift(Result):
    """Standardised against plain score of one department, both in points relative to the average
    department."""

    department: str
    plain: float
    standardised: float
    difference: float
    """standardised − plain."""
    se: float
    df: float
    ci: tuple[float, float]
    p_adjusted: float
    direction: str
    """"up" or "down" where the difference is significant, else "same"."""


@dataclass(frozen=True)
class Standardised(Result):
    """Result of `standardise`: the standardised ranking and each department's shift; shifts hold jointly at
    `level`."""

    ranking: Ranking
    shares: dict[str, float]
    """Kind of rater → its share in the standardised ranking."""
    answered: dict[str, float]
    """Kind of rater → its share among those that answered and said where they belong."""
    shifts: tuple[Shift, ...]
    p: float
    """Max-t p-value of the hypothesis that plain and standardised scores are the same."""
    level: float
    not_compared: tuple[str, ...]

    @property
    def moved(self) -> tuple[Shift, ...]:
        """Departments whose score shifts significantly, the largest shift first."""
        return tuple(
            sorted((s for s in self.shifts if s.direction != "same"), key=lambda s: -abs(s.difference))
        )

    def summary(self, language: str = "zh") -> str:
        """Which scores standardising moves significantly, one paragraph in `language` ("zh" or "en")."""
        told = _shares(self.answered)
        zh = f"按{_shares(self.shares)}折算" + (f"（答卷中是{told}）" if told else "") + "，"
        en = f"Standardised to {_shares(self.shares)}" + (f" (of those who answered: {told})" if told else "")
        en += ", "
        if self.moved:
            up, down = ([s for s in self.moved if s.direction == way] for way in ("up", "down"))
            zh += "有的部门得分变了，超出了偶然：" + "；".join(
                f"{word} {listed([_shifted(s, 'zh') for s in group], 'zh')}"
                for word, group in (("升高", up), ("降低", down))
                if group
            )
            zh += "。它们的名次与哪类企业答得多有关。"
            en += "some scores move beyond chance: " + "; ".join(
                f"{word} {listed([_shifted(s, 'en') for s in group], 'en')}"
                for word, group in (("up", up), ("down", down))
                if group
            )
            en += ". Their ranks depend on which kind of rater answered more."
        else:
            zh += f"各部门的得分没有超出偶然的变化（p {p_text(self.p)}）。"
            en += f"no score moves beyond chance (p {p_text(self.p)})."
        if self.not_compared:
            zh += f"有的类别评得太少、未折算：{listed(self.not_compared, 'zh')}。"
            en += f" Not standardised, too few ratings of some kind: {listed(self.not_compared, 'en')}."
        return pick(language, zh, en)

    def to_dict(self) -> dict[str, Any]:
        """JSON-safe values of the fields; `ranking` in format version 1 of ranking.json."""
        return {key: plain(getattr(self, key)) for key in ("shares", "answered", "shifts", "p", "level")} | {
            "not_compared": list(self.not_compared),
            "ranking": self.ranking.to_dict(),
        }


def _shares(shares: Mapping[str, float]) -> str:
    return " / ".join(f"{name} {share(value)}" for name, value in shares.items())


def _shifted(shift: Shift, language: str) -> str:
    return with_interval(shift.department, shift.difference, shift.ci, language)


@checked(
    ratings=comparable,
    groups=rater_groups,
    roster=optional(mapping(real(0))),
    level=confidence,
    threshold=whole(1),
    draws=whole(1, MOST_DRAWS),
    seed=whole(0),
    latent_guard=flag,
    fits=optional(instance("compare.group_samples.Fits")),
)
def standardise(
    ratings: Ratings,
    groups: Sequence[Any] | Mapping[str, Any],
    roster: Mapping[Any, float] | None = None,
    *,
    level: float = 0.95,
    threshold: int = 10,
    draws: int = 10_000,
    seed: int = 20260101,
    latent_guard: bool = True,
    fits: Fits | None = None,
) -> Standardised:
    """Rank departments as if every group of raters had answered in proportion to the roster.

    groups: as in `compare_groups`; roster: group → enterprises on the roster (any positive numbers), equal
    shares when None. A rater without a group counts in the plain ranking only. Raises InputError where a
    group is not on the roster, or cannot compare two departments at the threshold, naming it.

    >>> from analysis import Ratings, standardise
    >>> ratings = Ratings.from_array([[9, 7, 5], [8, 7, 4], [7, 8, 3]] * 8, department_names=list("ABC"))
    >>> place = ["town"] * 12 + ["village"] * 12
    >>> found = standardise(ratings, place, {"town": 30, "village": 70}, draws=1000)
    >>> found.shares
    {'town': 0.3, 'village': 0.7}
    """
    enough_draws(draws, level)
    labels = group_labels(ratings, groups)
    shared = fits_of(ratings, threshold, fits)
    of_group = shared.members(labels)
    shares = _roster_shares(list(of_group), roster)
    samples = [shared.group(name, who) for name, who in of_group.items()]
    samples = [s.guarded for s in samples] if latent_guard else samples
    whole = shared.whole
    names = max(common_blocks([whole, *samples]), key=len)
    disjoint = apart(whole.fit.cells.unit, list(of_group.values()))
    codes = tuple(range(len(samples))) if disjoint else (0,) * len(samples)
    weights = list(shares.values())
    ready = inflated([stretched(s, names) for s in samples], [names], weights, codes)
    pooled = pool(ready, names, weights, codes)
    ranking = pooled.ranking(level=level, draws=draws, seed=seed)
    found, shifts = _shifts(pooled, shared, samples, list(of_group.values()), weights, level, draws, seed)
    answered = {name: float(who.sum()) for name, who in of_group.items()}
    return Standardised(
        ranking=replace(ranking, threshold=threshold, notes=(_note(shares), *ranking.notes)),
        shares=shares,
        answered={name: n / sum(answered.values()) for name, n in answered.items()},
        shifts=shifts,
        p=float(found.p.min()),
        level=level,
        not_compared=tuple(name for name in whole.names if name not in names),
    )


def _roster_shares(groups: Sequence[str], roster: Mapping[Any, float] | None) -> dict[str, float]:
    given = dict.fromkeys(groups, 1.0) if roster is None else {str(k): v for k, v in roster.items()}
    for name in groups:
        if not (name in given and np.isfinite(given[name]) and given[name] > 0):
            raise InputError(
                f"名录里没有“{name}”的企业数（应为正数）。",
                f"The roster has no positive number of enterprises for group {name}.",
                column="roster",
                name=name,
            )
    total = sum(given[name] for name in groups)
    return {name: float(given[name] / total) for name in groups}


def _shifts(
    pooled: Pool,
    fits: Fits,
    samples: Sequence[Sample],
    masks: Sequence[NDArray[np.bool_]],
    weights: Sequence[float],
    level: float,
    draws: int,
    seed: int,
) -> tuple[Family, tuple[Shift, ...]]:
    """Max-t test of (standardised − plain) over the departments, and a `Shift` for each."""
    names = pooled.names
    at_first = centring(fits.whole, [names]) @ fits.whole.theta
    covariance = _covariance(names, fits, samples, masks, weights)
    difference = pooled.theta - at_first
    _, df = pooled.freedom(level)
    found = each(difference, covariance, df, level=level, draws=draws, seed=seed)
    se = np.sqrt(np.diagonal(covariance))
    shifts = tuple(
        Shift(
            department=name,
            plain=float(at_first[j]),
            standardised=float(pooled.theta[j]),
            difference=float(difference[j]),
            se=float(se[j]),
            df=float(df[j]),
            ci=(float(difference[j] - found.bound[j]), float(difference[j] + found.bound[j])),
            p_adjusted=float(found.p[j]),
            direction=("up" if difference[j] > 0 else "down") if found.rejected[j] else "same",
        )
        for j, name in enumerate(names)
    )
    return found, shifts


def _covariance(
    names: Sequence[str],
    fits: Fits,
    samples: Sequence[Sample],
    masks: Sequence[NDArray[np.bool_]],
    weights: Sequence[float],
) -> Floats:
    """Jackknife covariance (D, D) of the differences: how much each unit of raters moves both scores
    together."""
    cells = fits.whole.fit.cells
    moved = -fits.influences @ centring(fits.whole, [names]).T
    for sample, who, w in zip(samples, masks, weights, strict=True):
        unit = np.zeros(sample.fit.cells.n_units, dtype=np.intp)
        unit[sample.fit.cells.unit] = cells.unit[who]
        np.add.at(moved, unit, w * influences(sample.fit) @ centring(sample, [names]).T)
    found: Floats = (cells.n_units - 1) / cells.n_units * moved.T @ moved
    return found


def _note(shares: Mapping[str, float]) -> Note:
    return Note(
        "standardised",
        f"按{_shares(shares)}折算。",
        f"Standardised to {_shares(shares)}.",
    )
