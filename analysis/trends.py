"""Change from round to round: which departments moved beyond noise, relative to the others.

Δ_d = θ̂_d(after) − θ̂_d(before), centred over the departments that both rounds can compare, covariance V₁
+ V₂, max-t intervals over all departments; the latent scale must agree before a move is declared. Rounds
are taken as independent: ballots are anonymous, so nobody knows who answered twice. Where many did,
intervals are too wide rather than too narrow as long as an enterprise that liked a department goes on
liking it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.comparison import centring, common_blocks, family, left_out, sample_of
from analysis.errors import InputError
from analysis.explain import Result, listed, number, pick
from analysis.ranking import rank_estimates
from analysis.ratings import Ratings
from analysis.results import Ranking
from analysis.simultaneous import pair_errors

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class DepartmentChange(Result):
    """One department from one round to the next."""

    department: str
    before: float
    after: float
    """Adjusted points; their levels depend on who answered, so compare `change` instead."""
    change: float
    """Points relative to the average change of the departments compared."""
    se: float
    df: float
    ci: tuple[float, float]
    p_adjusted: float
    direction: str
    """up, down, or same when the move is within noise."""


@dataclass(frozen=True)
class Change(Result):
    """All changes between two rounds, right together at `level`."""

    changes: tuple[DepartmentChange, ...]
    """In the order of the earlier round."""
    critical: float
    level: float
    threshold: int
    not_compared: tuple[str, ...]

    def moved(self, direction: str) -> tuple[DepartmentChange, ...]:
        """Departments that moved up or down beyond noise, the largest move first."""
        found = [c for c in self.changes if c.direction == direction]
        return tuple(sorted(found, key=lambda c: -abs(c.change)))

    def summary(self, language: str = "zh") -> str:
        """Who moved between the two rounds, whichever they are, in one paragraph."""
        up, down = ([_words(c) for c in self.moved(way)] for way in ("up", "down"))
        n, rest = len(self.changes), len(self.changes) - len(up) - len(down)
        zh = (
            f"{n} 个部门可以比较（{self.level:.0%} 同时成立），"
            + _moved_zh("上升", up)
            + "；"
            + _moved_zh("下降", down)
            + (f"；其余 {rest} 个部门的变化没有超出偶然" if rest else "")
            + "。变化是相对于各部门平均变化而言的。"
        )
        en = (
            f"{n} departments compared, {self.level:.0%} jointly: relatively up {listed(up, 'en')}; "
            f"relatively down {listed(down, 'en')}"
            + (f"; the other {rest} did not move beyond chance" if rest else "")
            + ". Changes are relative to the average change of all departments."
        )
        if self.not_compared:
            zh += f"样本不足或只在一轮中、未比较：{listed(self.not_compared, 'zh')}。"
            en += f" Too few ratings or in one round only: {listed(self.not_compared, 'en')}."
        return pick(language, zh, en)


def _words(change: DepartmentChange) -> str:
    return f"{change.department} {change.change:+.1f}".replace("-", "−")


def _moved_zh(way: str, departments: list[str]) -> str:
    return f"相对{way}的有 {listed(departments, 'zh')}" if departments else f"没有部门相对{way}"


def compare_rounds(
    before: Ratings,
    after: Ratings,
    *,
    level: float = 0.95,
    threshold: int = 10,
    draws: int = 10_000,
    seed: int = 20260101,
    latent_guard: bool = True,
) -> Change:
    """Change of every department that both rounds can compare; departments are matched by name.

    Raises InputError when the rounds share no two departments at the threshold.
    """
    earlier, later = (sample_of(r, threshold=threshold, guard=latent_guard) for r in (before, after))
    blocks = common_blocks([earlier, later])
    contrasts = [-centring(earlier, blocks), centring(later, blocks)]
    found = family([earlier, later], contrasts, level=level, draws=draws, seed=seed)
    scores = [dict(zip(s.names, s.adjusted.tolist(), strict=True)) for s in (earlier, later)]
    changes = tuple(
        DepartmentChange(
            department=name,
            before=scores[0][name],
            after=scores[1][name],
            change=float(found.estimate[i]),
            se=float(found.se[i]),
            df=float(found.df[i]),
            ci=(float(found.lower[i]), float(found.upper[i])),
            p_adjusted=float(found.p[i]),
            direction=("up" if found.estimate[i] > 0 else "down") if found.significant[i] else "same",
        )
        for i, name in enumerate(name for block in blocks for name in block)
    )
    return Change(
        changes, found.critical, level, threshold, left_out({"before": earlier, "after": later}, blocks)
    )


@dataclass(frozen=True)
class Combined(Result):
    """Several rounds as one: average of the rounds' adjusted scores over the departments all can compare."""

    names: tuple[str, ...]
    estimates: Floats
    """(D,) points."""
    covariance: Floats
    """(D, D) of the estimates, each centred on the average department."""
    df: Floats
    """(D, D) of pairs, Satterthwaite; inf on the diagonal."""
    rounds: int
    weights: tuple[float, ...]
    """Share of each round."""
    not_combined: tuple[str, ...]

    def ranking(
        self, *, level: float = 0.95, draws: int = 10_000, seed: int = 20260101, stepdown: bool = False
    ) -> Ranking:
        """Ranking of the combined scores. The latent guard belongs to single rounds and is not applied."""
        return rank_estimates(
            self.names,
            self.estimates,
            self.covariance,
            level=level,
            draws=draws,
            seed=seed,
            stepdown=stepdown,
            df=self.df,
        )

    def summary(self, language: str = "zh") -> str:
        """What was combined, in one paragraph."""
        zh = f"{self.rounds} 轮合并，{len(self.names)} 个部门在各轮中都可以比较。"
        en = f"{self.rounds} rounds combined; {len(self.names)} departments can be compared in each."
        se = pair_errors(self.covariance)[~np.eye(len(self.names), dtype=bool)]
        zh += f"两个部门之差的标准误中位数为 {number(float(np.median(se)))} 分。"
        en += f" Median standard error of a difference: {number(float(np.median(se)))} points."
        if self.not_combined:
            zh += f"未合并：{listed(self.not_combined, 'zh')}。"
            en += f" Left out: {listed(self.not_combined, 'en')}."
        return pick(language, zh, en)


def combine_rounds(
    rounds: Sequence[Ratings], *, weights: Sequence[float] | None = None, threshold: int = 10
) -> Combined:
    """Average of several rounds, such as the quarters of a year, with the uncertainty of all of them.

    weights: one positive number per round, equal unless given. The estimand is the weighted mean of the
    rounds' own contrasts, so a busy quarter does not count more. Raises InputError when rounds share no
    connected set of departments; of several sets the largest is combined.
    """
    shares = _shares(rounds, weights)
    samples = [sample_of(r, threshold=threshold, guard=False) for r in rounds]
    block = max(common_blocks(samples), key=len)
    D = len(block)
    theta, level, V, bottom = np.zeros(D), 0.0, np.zeros((D, D)), np.zeros((D, D))
    for sample, w in zip(samples, shares, strict=True):
        L = centring(sample, [block])
        place = [sample.names.index(name) for name in block]
        theta += w * L @ sample.theta
        level += w * float(sample.adjusted[place].mean())
        part = w**2 * L @ sample.covariance @ L.T
        V += part
        nu = sample.selection.freedom.pairs[np.ix_(place, place)]
        bottom += pair_errors(part) ** 4 / np.where(np.isfinite(nu), nu, np.inf)
    top = pair_errors(V) ** 4
    df = np.divide(top, bottom, out=np.full((D, D), np.inf), where=bottom > 0)
    left = left_out({str(i): s for i, s in enumerate(samples)}, [block])
    return Combined(tuple(block), theta + level, V, df, len(rounds), tuple(shares), left)


def _shares(rounds: Sequence[Ratings], weights: Sequence[float] | None) -> list[float]:
    if len(rounds) < 2:
        raise InputError("至少需要两轮才能合并。", "At least two rounds are needed to combine.")
    w = np.ones(len(rounds)) if weights is None else np.asarray(weights, dtype=float)
    if w.shape != (len(rounds),) or not np.isfinite(w).all() or (w <= 0).any():
        raise InputError(
            f"各轮权重须为 {len(rounds)} 个正数。", f"Round weights must be {len(rounds)} positive numbers."
        )
    return [float(x) for x in w / w.sum()]
