"""Response quality: who may have answered without reading, and what difference they make. Nobody is dropped.

The indices are in `analysis.careless`; here their cut-offs, the flags and the comparison with and without.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis import careless
from analysis.covariances import answers
from analysis.errors import InputError
from analysis.explain import Result, listed, number, pick, share

Vector = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Cutoffs(Result):
    """Where an index becomes a flag. A flag is a reason to look, not a verdict."""

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
        """How many were flagged and why, in one paragraph."""
        counts = {key: int(value.sum()) for key, value in self.flags.items()}
        zh = (
            f"{self.n} 份答卷中 {int(self.flagged.sum())} 份（{share(self.flagged_share)}）可能未认真作答："
            f"一路同分 {counts['straight']} 份，前后不一 {counts['inconsistent']} 份，"
            f"组合罕见 {counts['outlying']} 份，与众相反 {counts['contrary']} 份。"
            "标记只供复核，答卷一份未删；答题时间没有记录。"
        )
        en = (
            f"Of {self.n} responses {int(self.flagged.sum())} ({share(self.flagged_share)}) may be careless: "
            f"straight-lined {counts['straight']}, inconsistent {counts['inconsistent']}, "
            f"outlying {counts['outlying']}, contrary {counts['contrary']}. "
            "Flags are for review; no response was removed, and answering times are not recorded."
        )
        if self.skipped:
            zh += f"未能计算：{listed(self.skipped, 'zh')}。"
            en += f" Not computable here: {listed(self.skipped, 'en')}."
        return pick(language, zh, en)


def response_quality(
    scores: ArrayLike, scales: ArrayLike | None = None, *, cutoffs: Cutoffs | None = None
) -> Quality:
    """Indices and flags of answers (n, k) in questionnaire order, NaN where unanswered.

    scales: (k,) label of the scale (department) of each column, for the even–odd index. An index that
    these data cannot give (too few scales, a constant question) is skipped and named, never guessed.
    """
    X = answers(scores)
    limits = cutoffs or Cutoffs()
    n = len(X)
    skipped: list[str] = []
    nothing = np.full(n, np.nan)
    inconsistency, distance, tail = nothing, nothing, np.ones(n)
    try:
        inconsistency = careless.even_odd(X, np.zeros(X.shape[1]) if scales is None else scales)
    except InputError:
        skipped.append("even_odd")
    try:
        distance, tail = careless.mahalanobis(X)
    except InputError:
        skipped.append("mahalanobis")
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
        n=n,
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


@dataclass(frozen=True)
class Sensitivity(Result):
    """Estimates with everybody and without the flagged."""

    names: tuple[str, ...]
    full: Vector
    without: Vector
    """(D,) NaN for a name that drops out altogether."""
    n: int
    n_flagged: int

    @property
    def difference(self) -> Vector:
        """(D,) without − full."""
        return self.without - self.full

    @property
    def order_changes(self) -> int:
        """Pairs of names whose order turns around."""
        both = ~np.isnan(self.without)
        a, b = self.full[both], self.without[both]
        turned = np.sign(a[:, None] - a) * np.sign(b[:, None] - b) < 0
        return int(turned.sum() // 2)

    def summary(self, language: str = "zh") -> str:
        """The largest difference and the turned pairs, in one paragraph."""
        gaps = np.abs(self.difference)
        if not self.n_flagged or np.isnan(gaps).all():
            return pick(
                language,
                "没有可比较的标记答卷，结果不受影响。",
                "No flagged response to compare; nothing changes.",
            )
        worst = int(np.nanargmax(gaps))
        return pick(
            language,
            f"去掉 {self.n_flagged} 份有标记的答卷（共 {self.n} 份）重算：差别最大的是{self.names[worst]}，"
            f"变动 {number(self.difference[worst])}；有 {self.order_changes} 对部门先后互换。"
            "公布的仍是全部答卷的结果。",
            f"Computed again without {self.n_flagged} flagged responses (of {self.n}): the largest "
            f"difference is {number(self.difference[worst])} ({self.names[worst]}); "
            f"{self.order_changes} pairs change order. "
            "What is published rests on all responses.",
        )


def sensitivity(
    names: tuple[str, ...], estimate: Callable[[Flags], ArrayLike], flagged: ArrayLike
) -> Sensitivity:
    """Run `estimate` on everybody and on the unflagged.

    estimate: takes a boolean (n,) of respondents to use and returns (D,) values in the order of `names`.
    Raises InputError when everybody is flagged.
    """
    out = np.asarray(flagged, dtype=bool)
    if out.all():
        raise InputError(
            "所有答卷都被标记，无从比较；请先检查标记的界限。",
            "Every response is flagged, so there is nothing to compare with; check the cut-offs.",
        )
    full = np.asarray(estimate(np.ones(len(out), dtype=bool)), dtype=float)
    without = np.asarray(estimate(~out), dtype=float)
    return Sensitivity(names, full, without, len(out), int(out.sum()))
