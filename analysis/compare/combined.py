"""Combination of several rounds: the weighted average of their contrasts, with errors that hold for any
overlap of raters."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.answers.ratings import Ratings
from analysis.compare.pooling import Independent, Pool, inflated, labels_of, pool, shares, sharing, stretched
from analysis.compare.rounds import said_of_raters
from analysis.compare.samples import common_blocks, left_out, sample_of
from analysis.errors import InputError
from analysis.explain import Result, listed, number, pick, plain
from analysis.inference.simultaneous import pair_errors
from analysis.ranking.results import Ranking
from analysis.values.arguments import (
    MOST_DRAWS,
    checked,
    confidence,
    enough_draws,
    flag,
    optional,
    several,
    whole,
)
from analysis.values.arguments import ratings as comparable
from analysis.values.arrays import vector

Floats = NDArray[np.float64]
_LEVEL = 0.95


@dataclass(frozen=True)
class Combined(Result):
    """Result of `combine_rounds`: weighted average of the rounds' adjusted scores."""

    names: tuple[str, ...]
    estimates: Floats
    """(D,) points."""
    covariance: Floats
    """(D, D) of the estimates relative to the average department; an upper bound, whoever answered several
    rounds (`analysis/compare/pooling.py`)."""
    df: Floats
    """(D, D) degrees of freedom of differences at joint confidence 0.95; inf on the diagonal."""
    rounds: int
    weights: tuple[float, ...]
    """Weight of each round; they sum to 1."""
    not_combined: tuple[str, ...]
    independent: bool
    """True if all rounds were declared to have different raters."""
    pool: Pool = field(repr=False)

    def to_dict(self) -> dict[str, Any]:
        """All fields as JSON-safe values, except `pool`, which repeats them."""
        return {f.name: plain(getattr(self, f.name)) for f in fields(self) if f.name != "pool"}

    @checked(level=confidence, draws=whole(1, MOST_DRAWS), seed=whole(0), stepdown=flag)
    def ranking(
        self, *, level: float = _LEVEL, draws: int = 10_000, seed: int = 20260101, stepdown: bool = False
    ) -> Ranking:
        """Ranking by the combined scores; a difference is declared only if the rounds' latent scales agree.

        Raises InputError for options out of range, and for stepdown unless every round has raters of its own:
        one-sided critical values are not known to hold under arbitrary dependence.
        """
        enough_draws(draws, level)
        if stepdown and not self.independent:
            raise InputError(
                "各轮评议人可能相同时不能用逐步下降法。",
                "stepdown needs rounds that are declared to have different raters.",
                column="stepdown",
            )
        found = self.pool.ranking(level=level, draws=draws, seed=seed, stepdown=stepdown)
        return replace(found, notes=(said_of_raters(self.independent), *found.notes))

    def summary(self, language: str = "zh") -> str:
        """Numbers of rounds and departments combined, and the median standard error in points, one paragraph
        in `language` ("zh" or "en")."""
        zh = f"{self.rounds} 轮合并，{len(self.names)} 个部门在各轮中都可以比较。"
        en = f"{self.rounds} rounds combined; {len(self.names)} departments can be compared in each."
        # In tenths, upwards, as standard errors are published.
        se = np.ceil(10 * np.median(pair_errors(self.covariance)[~np.eye(len(self.names), dtype=bool)])) / 10
        zh += f"两个部门之差的误差，中位数不超过 {number(float(se), 1)} 分。"
        en += f" Median error of a difference: at most {number(float(se), 1)} points."
        said = said_of_raters(self.independent)
        zh, en = zh + said.zh, f"{en} {said.en}"
        if self.not_combined:
            zh += f"未合并：{listed(self.not_combined, 'zh')}。"
            en += f" Left out: {listed(self.not_combined, 'en')}."
        return pick(language, zh, en)


@checked(
    rounds=several(comparable, 0),
    weights=optional(vector()),
    threshold=whole(1),
    independent=sharing,
    latent_guard=flag,
)
def combine_rounds(
    rounds: Sequence[Ratings],
    *,
    weights: Sequence[float] | None = None,
    threshold: int = 10,
    independent: Independent = False,
    latent_guard: bool = True,
) -> Combined:
    """Weighted average of several rounds, such as the quarters of a year, with joint errors.

    weights: one positive number per round, equal unless given. independent: whether all rounds have different
    raters, or a label per round (rounds of different labels have none in common); as long as it is not
    declared, the errors hold under any dependence (`analysis/compare/pooling.py`). The estimand is the
    weighted mean of the rounds' own contrasts, so a busy quarter does not count more. Raises InputError when
    rounds share no connected set of departments; of several sets the largest is combined.

    >>> from analysis import Ratings, combine_rounds
    >>> ratings = Ratings.from_array([[9, 7, 5], [8, 7, 4], [7, 8, 3]] * 4, department_names=list("ABC"))
    >>> year = combine_rounds([ratings, ratings])
    >>> year.rounds, year.names
    (2, ('A', 'B', 'C'))
    """
    w = shares(weights, len(rounds))
    labels = labels_of(independent, len(rounds))
    samples = [sample_of(r, threshold=threshold, guard=latent_guard) for r in rounds]
    block = max(common_blocks(samples), key=len)
    ready = inflated([stretched(s, block) for s in samples], [block], w, labels)
    found = pool(ready, block, w, labels)
    return Combined(
        names=found.names,
        estimates=found.adjusted,
        covariance=found.contrast_covariance,
        df=found.freedom(_LEVEL)[0],
        rounds=len(rounds),
        weights=w,
        not_combined=left_out({str(i): s for i, s in enumerate(samples)}, [block]),
        independent=len(set(labels)) == len(rounds),
        pool=found,
    )
