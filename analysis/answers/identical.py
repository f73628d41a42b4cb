"""Test for identical ballots: are there more than chance explains, as if answers had been agreed on
(coached)?

It only counts; no ballot is removed.

Two ballots are identical when they rated the same departments with the same answers throughout. A ballot of
one mark throughout is left aside: with many top marks such are common, and say nothing about differences.

Null model: given who rated what, marks are independent with P(mark l of ballot r for department d)
proportional to exp(b_dl + a_r x_l + s_r x_l²), fitted so that the marks of every department, and the mean and
spread of every ballot (its leniency and style), are those observed. The mark of several items is their
rounded mean; all answers of the cell are then drawn from those that the department got with that mark, so
that items about a department stay together. p = (1 + #{T* >= T}) / (1 + draws), T the pairs of identical
ballots.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.answers.ratings import Ratings
from analysis.explain import Result, counted, number, pick
from analysis.values.arguments import MOST_DRAWS, checked, instance, whole

Ints = NDArray[np.intp]
Codes = NDArray[np.int32]
Floats = NDArray[np.float64]

LEAST_DEPARTMENTS = 4
"""Ballots on fewer departments agree by chance too easily to be looked at."""
LEAST_FOUND = 5
ALPHA = 0.01
MOST_CELLS = 60_000
_MOST_MARKS = 20
_ROUNDS = 40
_RIDGE = 0.05


@dataclass(frozen=True)
class Identical(Result):
    """Result of `identical_ballots`.

    n: ballots looked at; found: those that share all their answers with another; groups: sizes of groups of
    identical ballots, largest first; expected: mean of `found` under the null model; p_value: one-sided.
    p_value is None where there are too many ballots to look at, expected also where fewer than `LEAST_FOUND`
    were found.
    """

    n: int
    found: int
    groups: tuple[int, ...]
    expected: float | None
    p_value: float | None

    @property
    def excessive(self) -> bool:
        """Whether more ballots are identical than the null model allows at level `ALPHA`."""
        return self.p_value is not None and self.p_value <= ALPHA

    def summary(self, language: str = "zh", hide: int = 0) -> str:
        """Number of identical ballots and whether chance explains it, in words.

        hide: if any of the counts is below this, none is named (only the verdict).
        """
        if self.p_value is None:
            zh, en = "选票太多，没有检查是否雷同。", "Too many ballots to look for identical ones."
            return pick(language, zh, en)
        if self.found and min(self.found, self.n - self.found, self.groups[0]) < hide:
            return pick(language, *_HIDDEN[self.excessive])
        zh = f"{self.n} 张可比的选票中，有 {self.found} 张与别的选票答案完全相同"
        en = f"Of {counted(self.n, 'ballot')} {self.found} {'has' if self.found == 1 else 'have'}"
        en += " the same answers as another"
        if self.expected is None:
            return pick(language, zh + "。", en + ".")
        largest, expected = self.groups[0], number(self.expected, 1)
        zh += f"（最多 {largest} 张一样），碰巧相同的预计约 {expected} 张；"
        en += f" (up to {largest} alike); about {expected} are expected by chance; "
        if self.excessive:
            zh += "超出了偶然，可能有人统一了口径。没有剔除任何选票。"
            en += "this is more than chance, and answers may have been agreed on. No ballot was removed."
        else:
            zh, en = zh + "没有超出偶然。", en + "not more than chance."
        return pick(language, zh, en)


_HIDDEN = {
    True: (
        "有选票答案完全相同，超出了偶然，可能有人统一了口径（张数不公布）。没有剔除任何选票。",
        (
            "Some ballots have the same answers throughout, more than chance explains; answers may have been "
            "agreed on (counts are not published). No ballot was removed."
        ),
    ),
    False: ("答案完全相同的选票没有超出偶然。", "Identical ballots are not more than chance explains."),
}


@checked(ratings=instance("answers.ratings.Ratings"), draws=whole(1, MOST_DRAWS), seed=whole(0))
def identical_ballots(ratings: Ratings, *, draws: int = 199, seed: int = 20260101) -> Identical:
    """Test whether more ballots are identical than the null model of this module (departments' marks and each
    ballot's own leniency and style) explains.

    Ballots on at least `LEAST_DEPARTMENTS` departments and with more than one mark are counted.

    >>> from analysis import Ratings, identical_ballots
    >>> scores = [[9, 7, 5, 8]] * 3 + [[1, 2, 3, 4], [9, 8, 6, 4]]
    >>> found = identical_ballots(Ratings.from_array(scores))
    >>> found.n, found.found, found.groups
    (5, 3, (3,))
    """
    R, D = ratings.n_raters, ratings.n_departments
    if R * D > MOST_CELLS:
        return Identical(R, 0, (), None, None)
    mark, answers, counted = _tables(ratings)
    generator = np.random.default_rng(seed)
    random = generator.integers(0, 1 << 62, (D, int(answers.max(initial=0)) + 2), dtype=np.uint64)
    groups, n = _groups(_hashes(answers, random)[counted]), int(counted.sum())
    found = int(groups.sum())
    if found < LEAST_FOUND:
        return Identical(n, found, tuple(groups.tolist()), None, 1.0)
    chance = _chances(mark)
    pools = _pools(mark, answers)
    drawn = [_groups(_hashes(_draw(chance, pools, mark, generator), random)[counted]) for _ in range(draws)]
    p = (1 + sum(_n_pairs(sizes) >= _n_pairs(groups) for sizes in drawn)) / (1 + draws)
    expected = float(np.mean([sizes.sum() for sizes in drawn]))
    return Identical(n, found, tuple(groups.tolist()), expected, p)


def _tables(ratings: Ratings) -> tuple[Codes, Codes, NDArray[np.bool_]]:
    """Mark and code of the whole answer per ballot and department, both (R, D), -1 where not rated; and which
    ballots are counted, (R,)."""
    R, D = ratings.n_raters, ratings.n_departments
    item = np.zeros(ratings.n_ratings, np.intp) if ratings.item is None else ratings.item.astype(np.intp)
    key = ratings.rater.astype(np.intp) * D + ratings.department
    order = np.lexsort((ratings.score, item, key))
    cells, starts = np.unique(key[order], return_index=True)
    levels, level = np.unique(ratings.score, return_inverse=True)
    step = levels
    if levels.size > _MOST_MARKS:
        step = np.quantile(ratings.score, np.linspace(0, 1, _MOST_MARKS))
    texts = np.split(np.stack([item, level], axis=1)[order], starts[1:])
    codes: dict[bytes, int] = {}
    code = [codes.setdefault(text.tobytes(), len(codes)) for text in texts]
    mean = np.bincount(key, ratings.score, R * D)[cells] / np.bincount(key, minlength=R * D)[cells]
    near = np.searchsorted((step[1:] + step[:-1]) / 2, mean)
    mark, answers = np.full(R * D, -1, np.int32), np.full(R * D, -1, np.int32)
    mark[cells], answers[cells] = near, code
    low, high = np.full(R, np.inf), np.full(R, -np.inf)
    np.minimum.at(low, ratings.rater, ratings.score)
    np.maximum.at(high, ratings.rater, ratings.score)
    many = (mark.reshape(R, D) >= 0).sum(axis=1) >= LEAST_DEPARTMENTS
    return mark.reshape(R, D), answers.reshape(R, D), many & (high > low)


def _chances(mark: Codes) -> Floats:
    """Probability of each mark under the null model, (R, D, L), fitted by turns: departments by proportional
    fitting, ballots by Newton steps."""
    L = int(mark.max()) + 1
    rated = mark >= 0
    seen = rated[..., None] & (mark[..., None] == np.arange(L))
    x = np.linspace(-1, 1, L) if L > 1 else np.zeros(1)
    shape = np.stack([x, x**2 - (x**2).mean()], axis=1)
    wanted, margin = seen.sum(axis=1) @ shape, seen.sum(axis=0)
    rows, columns = np.zeros((mark.shape[0], 2)), np.log(np.maximum(margin, 1e-9))
    for _ in range(_ROUNDS):
        P = _softmax(columns + (rows @ shape.T)[:, None, :]) * rated[..., None]
        columns += np.log(np.maximum(margin, 1e-9) / np.maximum(P.sum(axis=0), 1e-9))
        P = _softmax(columns + (rows @ shape.T)[:, None, :]) * rated[..., None]
        mean = P @ shape
        second = np.einsum("rdl,li,lj->rij", P, shape, shape) - np.einsum("rdi,rdj->rij", mean, mean)
        gradient = wanted - mean.sum(axis=1) - _RIDGE * rows
        step = np.linalg.solve(second + _RIDGE * np.eye(2), gradient[..., None])[..., 0]
        rows += np.clip(step, -1, 1)
    return np.asarray(_softmax(columns + (rows @ shape.T)[:, None, :]))


def _softmax(values: Floats) -> Floats:
    power = np.exp(values - values.max(axis=-1, keepdims=True))
    return np.asarray(power / power.sum(axis=-1, keepdims=True))


Pools = tuple[NDArray[np.int32], Ints, Ints]


def _pools(mark: Codes, answers: Codes) -> Pools:
    """Observed answers sorted by department and mark, and for each (D, L) where its answers begin and how
    many there are."""
    D, L = mark.shape[1], int(mark.max()) + 1
    rater, department = np.nonzero(mark >= 0)
    key = department * L + mark[rater, department]
    order = np.argsort(key, kind="stable")
    count = np.bincount(key, minlength=D * L)
    start = np.cumsum(count) - count
    return answers[rater, department][order], start.reshape(D, L), count.reshape(D, L)


def _draw(chance: Floats, pools: Pools, mark: Codes, generator: np.random.Generator) -> Codes:
    """Draw answers (R, D) from the null model: a mark from `chance`, then an observed answer with that mark;
    -1 where not rated."""
    stock, start, count = pools
    sums = chance.cumsum(axis=2)
    drawn = (generator.random(mark.shape)[..., None] >= sums[..., :-1]).sum(axis=2)
    department = np.arange(mark.shape[1])
    place = (generator.random(mark.shape) * count[department, drawn]).astype(np.intp)
    at = np.minimum(start[department, drawn] + place, stock.size - 1)
    return np.asarray(np.where(mark >= 0, stock[at], -1), dtype=np.int32)


def _n_pairs(groups: Ints) -> int:
    return int((groups * (groups - 1)).sum()) // 2


def _hashes(answers: Codes, random: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Hash of each ballot, (R,): sum of one random number per (department, answer)."""
    return np.asarray(random[np.arange(random.shape[0]), answers].sum(axis=1, dtype=np.uint64))


def _groups(ballots: NDArray[np.uint64]) -> Ints:
    """Sizes of the groups of equal hashes with two members or more, largest first."""
    count = np.unique(ballots, return_counts=True)[1]
    return np.asarray(np.sort(count[count > 1])[::-1], dtype=np.intp)
