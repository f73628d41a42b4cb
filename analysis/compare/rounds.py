"""Comparison of rounds: which departments moved significantly, relative to the others.

For each department d, Δ_d = θ̂_d(after) − θ̂_d(before), centred over the departments that both rounds can
compare, with max-t intervals over all departments; where the data cast doubt on distances between levels, the
latent scale must agree. Ballots are anonymous, so nobody knows who answered twice. The covariance V₁ + V₂ is
right if nobody did, and too large if those who did kept their opinions; if opinions turned round, twice that
is needed, and V₁ + V₂ was wrong in 7 to 18 % of simulated rounds. Errors are therefore bounded for any
dependence (`analysis/compare/pooling.py`), about 1.4 times as wide, unless the caller declares that the
raters differ, or that raters of one name are the same and are paired. `combine_rounds` has the same bound.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from analysis.answers.ratings import Ratings
from analysis.compare import relabelled
from analysis.compare.contrast_family import ContrastFamily, family
from analysis.compare.pooling import inflated, labels_of
from analysis.compare.samples import centring, common_blocks, guarded_where_doubtful, left_out, sample_of
from analysis.explain import NOT_CARRIED, Result, level_text, listed, pick, with_interval
from analysis.ranking.results import Note
from analysis.values.arguments import MOST_DRAWS, checked, confidence, enough_draws, flag, refusal, whole
from analysis.values.arguments import ratings as comparable

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
    same_raters: bool = False
    """True if raters of one name were declared to be the same in both rounds, and were paired."""
    held: bool = False
    """Whether changes as large come up often when raters are exchanged between the rounds, so that none is
    declared."""
    unlike_marks: bool = False
    """Whether raters, exchanged between the rounds, use quite different marks in them, so that a declared
    change is false more often."""

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
        told = f"（括号里是区间，{level_text(self.level)} 同时成立）" if up or down else ""
        told_en = f", with intervals that hold jointly at {level_text(self.level)}" if up or down else ""
        said = said_of_raters(self.independent, same=self.same_raters)
        moved = f"{_moved_zh('上升', up)}；{_moved_zh('下降', down)}"
        moved += f"；其余 {rest} 个部门的变化没有超出偶然" if rest else ""
        moved_en = f"relatively up {listed(up_en, 'en')}; relatively down {listed(down_en, 'en')}"
        moved_en += f"; the other {rest} did not move beyond chance" if rest else ""
        if rest == n:
            moved, moved_en = "没有部门相对上升或下降，变化都没有超出偶然", "none moved beyond chance"
        zh = f"{n} 个部门可以比较{told}，{moved}。变化是相对于各部门平均变化而言的。{said.zh}"
        en = f"{n} departments compared{told_en}: {moved_en}. "
        en += f"Changes are relative to the average change of all departments. {said.en}"
        if self.held:
            zh += "把企业在两轮之间任意调换，也常常出现这么大的变化，所以没有认定有变化。"
            en += " Exchanging enterprises between the rounds often gives changes as large as these, so that "
            en += "none is declared."
        if self.unlike_marks:
            zh, en = zh + relabelled.UNLIKE_MARKS[0], f"{en} {relabelled.UNLIKE_MARKS[1]}"
        if up or down:
            zh, en = zh + NOT_CARRIED[0], f"{en} {NOT_CARRIED[1]}"
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
    same_raters=flag,
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
    same_raters: bool = False,
) -> Change:
    """Test the change of every department that both rounds can compare; departments are matched by name.

    independent: declare that no rater answered both rounds (or that those who did kept their opinions); as
    long as it is not declared, the errors hold under any dependence and are about 1.4 times as wide.
    same_raters: declare that raters of one name are one and the same, and all others different; they are
    paired. Raises InputError when the rounds share no two departments at the threshold, when both are
    declared, and for same_raters when no name is in both rounds or raters belong to clusters.

    >>> from analysis import Ratings, compare_rounds
    >>> ratings = Ratings.from_array([[9, 7, 5], [8, 7, 4], [7, 8, 3]] * 4, department_names=list("ABC"))
    >>> after = Ratings.from_array([[9, 7, 9], [8, 7, 8], [7, 8, 7]] * 4, department_names=list("ABC"))
    >>> change = compare_rounds(ratings, after, draws=1000)
    >>> [moved.department for moved in change.moved("up")]
    ['C']
    """
    enough_draws(draws, level)
    codes = _paired(before, after, independent) if same_raters else None
    samples = [sample_of(r, threshold=threshold, guard=False, keep=same_raters) for r in (before, after)]
    blocks = common_blocks(samples)
    labels = labels_of(independent or same_raters, 2)
    samples = guarded_where_doubtful(samples) if latent_guard else samples
    if codes is not None:
        samples = [replace(s, unit=unit) for s, unit in zip(samples, codes, strict=True)]
    earlier, later = inflated(samples, blocks, (1.0, 1.0), labels)
    contrasts = [-centring(earlier, blocks), centring(later, blocks)]
    found = family([earlier, later], contrasts, level=level, draws=draws, seed=seed, labels=labels)
    held = unlike = False
    if independent:
        found, held = relabelled.gate(found, [earlier, later], contrasts, level, seed)
        unlike = relabelled.doubtful(found, [earlier, later], [before.score, after.score])
    scores = [dict(zip(s.names, s.adjusted.tolist(), strict=True)) for s in (earlier, later)]
    changes = tuple(_changes(found, scores, [name for block in blocks for name in block]))
    return Change(
        changes,
        found.critical,
        level,
        threshold,
        left_out({"before": earlier, "after": later}, blocks),
        independent,
        same_raters,
        held,
        unlike,
    )


def _paired(before: Ratings, after: Ratings, independent: bool) -> list[NDArray[np.intp]]:
    """Codes of the raters of each round, (R,) per round, equal for the same name; InputError where pairing is
    impossible."""
    if independent:
        raise refusal(
            "same_raters",
            "不能同时声明两轮评议人相同和不同。",
            "raters cannot be declared both the same and different.",
        )
    if before.cluster is not None or after.cluster is not None:
        raise refusal(
            "same_raters",
            "评议人按所有人归了群（cluster），不能再按代码配对。",
            "raters who belong to clusters cannot be paired by name.",
        )
    code = {name: i for i, name in enumerate(dict.fromkeys((*before.rater_names, *after.rater_names)))}
    if len(code) == before.n_raters + after.n_raters:
        raise refusal(
            "same_raters",
            "两轮没有代码相同的评议人，无从配对。",
            "no rater has the same name in both rounds, so that nobody can be paired.",
        )
    return [np.array([code[name] for name in r.rater_names], dtype=np.intp) for r in (before, after)]


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


def said_of_raters(independent: bool, *, same: bool = False) -> Note:
    """Note on what is assumed about raters who answered several rounds."""
    if same:
        return Note(
            "combined",
            "两轮中代码相同的评议人按同一个人配对，按此声明计算误差。",
            "Raters of one code in both rounds are declared to be the same and are paired.",
        )
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
