"""Comparison and combination of rounds: which departments moved significantly, relative to the others.

For each department d, Δ_d = θ̂_d(after) − θ̂_d(before), centred over the departments that both rounds can
compare, with max-t intervals over all departments; where the data cast doubt on distances between levels, the
latent scale must agree. Ballots are anonymous, so nobody knows who answered twice. The covariance V₁ + V₂ is
right if nobody did, and too large if those who did kept their opinions; if opinions turned round, twice that
is needed, and V₁ + V₂ was wrong in 7 to 18 % of simulated rounds. Errors are therefore bounded for any
dependence (`analysis/compare/pooling.py`), about 1.4 times as wide, unless the caller declares that the
raters differ. `combine_rounds` does the same.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.answers.ratings import Ratings
from analysis.compare.contrast_family import ContrastFamily, family
from analysis.compare.pooling import Independent, Pool, inflated, labels_of, pool, shares, sharing, stretched
from analysis.compare.samples import centring, common_blocks, guarded_where_doubtful, left_out, sample_of
from analysis.errors import InputError
from analysis.explain import Result, listed, number, pick, plain, with_interval
from analysis.inference.simultaneous import pair_errors
from analysis.ranking.results import Note, Ranking
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


@dataclass(frozen=True)
class DepartmentChange(Result):
    """Change of one department from one round to the next."""

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
    """"up" or "down" where the change is significant, else "same"."""


@dataclass(frozen=True)
class Change(Result):
    """Result of `compare_rounds`: change of each department between two rounds, jointly at `level`."""

    changes: tuple[DepartmentChange, ...]
    """One per compared department, in the order of the earlier round."""
    critical: float
    level: float
    threshold: int
    not_compared: tuple[str, ...]
    independent: bool = False
    """True if the rounds were declared to have different raters; if False, intervals hold for any overlap."""

    def moved(self, direction: str) -> tuple[DepartmentChange, ...]:
        """Departments that moved significantly in `direction` ("up" or "down"), the largest move first."""
        found = [c for c in self.changes if c.direction == direction]
        return tuple(sorted(found, key=lambda c: -abs(c.change)))

    def summary(self, language: str = "zh") -> str:
        """Departments that moved up and down significantly, one paragraph in `language` ("zh" or "en")."""
        found = [self.moved(way) for way in ("up", "down")]
        up, down = ([_words(c, "zh") for c in part] for part in found)
        up_en, down_en = ([_words(c, "en") for c in part] for part in found)
        n, rest = len(self.changes), len(self.changes) - len(up) - len(down)
        told = f"（括号里是区间，{self.level:.0%} 同时成立）" if up or down else ""
        told_en = f", with intervals that hold jointly at {self.level:.0%}" if up or down else ""
        said = _said_of_raters(self.independent)
        moved = f"{_moved_zh('上升', up)}；{_moved_zh('下降', down)}"
        moved += f"；其余 {rest} 个部门的变化没有超出偶然" if rest else ""
        moved_en = f"relatively up {listed(up_en, 'en')}; relatively down {listed(down_en, 'en')}"
        moved_en += f"; the other {rest} did not move beyond chance" if rest else ""
        if rest == n:
            moved, moved_en = "没有部门相对上升或下降，变化都没有超出偶然", "none moved beyond chance"
        zh = f"{n} 个部门可以比较{told}，{moved}。变化是相对于各部门平均变化而言的。{said.zh}"
        en = f"{n} departments compared{told_en}: {moved_en}. "
        en += f"Changes are relative to the average change of all departments. {said.en}"
        if self.not_compared:
            zh += f"样本不足或只在一轮中、未比较：{listed(self.not_compared, 'zh')}。"
            en += f" Too few ratings or in one round only: {listed(self.not_compared, 'en')}."
        return pick(language, zh, en)


def _words(change: DepartmentChange, language: str) -> str:
    return with_interval(change.department, change.change, change.ci, language)


def _moved_zh(way: str, departments: list[str]) -> str:
    return f"相对{way}的有 {listed(departments, 'zh')}" if departments else f"没有部门相对{way}"


@checked(
    before=comparable,
    after=comparable,
    level=confidence,
    threshold=whole(1),
    draws=whole(1, MOST_DRAWS),
    seed=whole(0),
    latent_guard=flag,
    independent=flag,
)
def compare_rounds(
    before: Ratings,
    after: Ratings,
    *,
    level: float = 0.95,
    threshold: int = 10,
    draws: int = 10_000,
    seed: int = 20260101,
    latent_guard: bool = True,
    independent: bool = False,
) -> Change:
    """Test the change of every department that both rounds can compare; departments are matched by name.

    independent: declare that no rater answered both rounds (or that those who did kept their opinions); as
    long as it is not declared, the errors hold under any dependence and are about 1.4 times as wide. Raises
    InputError when the rounds share no two departments at the threshold.

    >>> from analysis import Ratings, compare_rounds
    >>> ratings = Ratings.from_array([[9, 7, 5], [8, 7, 4], [7, 8, 3]] * 4, department_names=list("ABC"))
    >>> after = Ratings.from_array([[9, 7, 9], [8, 7, 8], [7, 8, 7]] * 4, department_names=list("ABC"))
    >>> change = compare_rounds(ratings, after, draws=1000)
    >>> [moved.department for moved in change.moved("up")]
    ['C']
    """
    enough_draws(draws, level)
    samples = [sample_of(r, threshold=threshold, guard=False) for r in (before, after)]
    blocks = common_blocks(samples)
    labels = labels_of(independent, 2)
    samples = guarded_where_doubtful(samples) if latent_guard else samples
    earlier, later = inflated(samples, blocks, (1.0, 1.0), labels)
    contrasts = [-centring(earlier, blocks), centring(later, blocks)]
    found = family([earlier, later], contrasts, level=level, draws=draws, seed=seed, labels=labels)
    scores = [dict(zip(s.names, s.adjusted.tolist(), strict=True)) for s in (earlier, later)]
    changes = tuple(_changes(found, scores, [name for block in blocks for name in block]))
    return Change(
        changes,
        found.critical,
        level,
        threshold,
        left_out({"before": earlier, "after": later}, blocks),
        independent,
    )


def _changes(
    found: ContrastFamily, scores: Sequence[Mapping[str, float]], names: Sequence[str]
) -> Iterator[DepartmentChange]:
    for i, name in enumerate(names):
        yield DepartmentChange(
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
    """(D, D) degrees of freedom of differences; inf on the diagonal."""
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

    def ranking(
        self, *, level: float = 0.95, draws: int = 10_000, seed: int = 20260101, stepdown: bool = False
    ) -> Ranking:
        """Ranking by the combined scores; a difference is declared only if the rounds' latent scales agree.

        Raises InputError for stepdown unless every round has raters of its own: one-sided critical values are
        not known to hold under arbitrary dependence.
        """
        if stepdown and not self.independent:
            raise InputError(
                "各轮评议人可能相同时不能用逐步下降法。",
                "stepdown needs rounds that are declared to have different raters.",
                column="stepdown",
            )
        found = self.pool.ranking(level=level, draws=draws, seed=seed, stepdown=stepdown)
        return replace(found, notes=(_said_of_raters(self.independent), *found.notes))

    def summary(self, language: str = "zh") -> str:
        """What was combined and its median standard error, one paragraph in `language` ("zh" or "en")."""
        zh = f"{self.rounds} 轮合并，{len(self.names)} 个部门在各轮中都可以比较。"
        en = f"{self.rounds} rounds combined; {len(self.names)} departments can be compared in each."
        # In tenths, upwards, as standard errors are published.
        se = np.ceil(10 * np.median(pair_errors(self.covariance)[~np.eye(len(self.names), dtype=bool)])) / 10
        zh += f"两个部门之差的标准误，中位数不超过 {number(float(se), 1)} 分。"
        en += f" Median standard error of a difference: at most {number(float(se), 1)} points."
        said = _said_of_raters(self.independent)
        zh, en = zh + said.zh, f"{en} {said.en}"
        if self.not_combined:
            zh += f"未合并：{listed(self.not_combined, 'zh')}。"
            en += f" Left out: {listed(self.not_combined, 'en')}."
        return pick(language, zh, en)


def _said_of_raters(independent: bool) -> Note:
    if independent:
        return Note(
            "combined",
            "各轮由不同的评议人作答，按此声明计算误差。",
            "The rounds are declared to have different raters, and errors are computed so.",
        )
    return Note(
        "combined",
        "不知道谁答了不止一轮；误差按各轮误差同向累加的最大值计算，不论有多少人重复作答都成立。",
        "Who answered more than one round is unknown; errors are added at their largest, which holds however "
        "many did.",
    )


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
        df=found.pair_df,
        rounds=len(rounds),
        weights=w,
        not_combined=left_out({str(i): s for i, s in enumerate(samples)}, [block]),
        independent=len(set(labels)) == len(rounds),
        pool=found,
    )
