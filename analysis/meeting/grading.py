"""Grades (等次) of departments by lines fixed before the round, as far as the joint intervals determine
them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from analysis.answers.ratings import Ratings
from analysis.explain import Result, counted, listed, pick
from analysis.ranking.results import Ranking
from analysis.values.arguments import checked, instance, names_of, optional, real, refusal
from analysis.values.arrays import vector

LINES = (90.0, 80.0, 70.0)
NAMES_ZH = ("优秀", "良好", "一般", "较差")
NAMES_EN = ("excellent", "good", "fair", "poor")
Verdict = Literal["certain", "at_least", "at_most", "between", "unknown"]


@dataclass(frozen=True)
class Grade(Result):
    """Grade of one department; best, worst: grades (0 is best) at the two ends of its joint interval.

    verdict: certain (both equal), at_least (worst or better), at_most (best or worse), between (neither end
    of the grades), unknown (every grade is possible, or there is no interval).
    """

    name: str
    best: int
    worst: int
    verdict: Verdict


@dataclass(frozen=True)
class Grades(Result):
    """Grades of all departments, which hold jointly at the level of the ranking; lines: lowest score (points)
    of each of the G grades but the last, (G - 1,), falling."""

    lines: tuple[float, ...]
    names_zh: tuple[str, ...]
    names_en: tuple[str, ...]
    grades: tuple[Grade, ...]

    def words(self, grade: Grade, language: str = "zh") -> str:
        """Grade of one department in words, such as "at least good"."""
        names = (pick(language, "zh", "en") == "zh" and self.names_zh) or self.names_en
        best, worst = names[grade.best], names[grade.worst]
        zh, en = _WORDS[grade.verdict]
        return pick(language, zh, en).format(best=best, worst=worst)

    def summary(self, language: str = "zh") -> str:
        """Departments whose grade is certain, and the number of those whose grade is not."""
        told = [
            f"{name}{pick(language, '：', ': ')}{listed(having, language)}"
            for place, name in enumerate(self.names_zh if language == "zh" else self.names_en)
            if (having := [g.name for g in self.grades if g.verdict == "certain" and g.best == place])
        ]
        rest = sum(g.verdict != "certain" for g in self.grades)
        certain = pick(language, "；", "; ").join(told)
        lines = self._defined(language)
        if not told:
            return lines + pick(
                language, "没有一个部门的等次能够确定。", f"None of the {rest} grades is certain."
            )
        open_zh = f"其余 {rest} 个部门的等次不能完全确定。" if rest else ""
        open_en = f" Not settled: {counted(rest, 'other department')}." if rest else ""
        return lines + pick(
            language, f"等次能够确定的：{certain}。{open_zh}", f"Grades that are certain: {certain}.{open_en}"
        )

    def _defined(self, language: str) -> str:
        """Sentence that says which scores each grade covers."""
        names = self.names_zh if language == "zh" else self.names_en
        least = zip(names, self.lines, strict=False)
        zh = "，".join(f"{name} {line:g} 分及以上" for name, line in least)
        zh = f"等次看得分的区间整个落在哪一段：{zh}，{names[-1]}不到 {self.lines[-1]:g} 分。"
        en = ", ".join(f"{name} from {line:g}" for name, line in zip(names, self.lines, strict=False))
        en = f"Grades go by where the whole interval of the score lies: {en}, {names[-1]} below. "
        return pick(language, zh, en)


_WORDS: dict[Verdict, tuple[str, str]] = {
    "certain": ("确定{best}", "certainly {best}"),
    "at_least": ("至少{worst}", "at least {worst}"),
    "at_most": ("至多{best}", "at most {best}"),
    "between": ("{worst}至{best}", "{worst} to {best}"),
    "unknown": ("不能确定", "cannot be said"),
}


@checked(
    ranking=instance("ranking.results.Ranking"),
    lines=vector(1),
    names_zh=optional(names_of),
    names_en=optional(names_of),
)
def grades(
    ranking: Ranking,
    lines: Sequence[float] = LINES,
    *,
    names_zh: Sequence[str] | None = None,
    names_en: Sequence[str] | None = None,
) -> Grades:
    """Grades by ``lines``, the lower bound of each grade but the last, fixed before the round.

    names: one more than lines; 优秀, 良好, 一般, 较差 for three lines. The intervals are joint, so all grades
    hold together. Raises InputError for lines that do not fall and for a wrong number of names.

    >>> from analysis import grades, rank_estimates
    >>> ranking = rank_estimates(["A", "B"], [95, 80], [1, 1])
    >>> [grade.verdict for grade in grades(ranking, [90, 80, 70]).grades]
    ['certain', 'between']
    """
    at = np.asarray(lines, dtype=float)
    if (np.diff(at) >= 0).any():
        raise refusal("lines", "等次线应从高到低，例如 90,80,70。", "must fall, such as 90,80,70.")
    zh = tuple(names_zh or _default_names(at.size, NAMES_ZH, "第 {} 等"))
    en = tuple(names_en or _default_names(at.size, NAMES_EN, "grade {}"))
    if len(zh) != at.size + 1 or len(en) != at.size + 1:
        name = "names_zh" if len(zh) != at.size + 1 else "names_en"
        grades_wanted = at.size + 1
        raise refusal(name, f"应有 {grades_wanted} 个等次名称。", f"{grades_wanted} names are needed.")
    found = []
    for department, (low, high) in ranking.levels():
        best, worst = int((high < at).sum()), int((low < at).sum())
        found.append(Grade(department.name, best, worst, _verdict(best, worst, at.size)))
    return Grades(tuple(at.tolist()), zh, en, tuple(found))


@checked(ratings=instance("answers.ratings.Ratings"), at_least=real())
def satisfied(ratings: Ratings, at_least: float) -> Ratings:
    """Copy of the ratings with 100 where the score is ``at_least`` and 0 elsewhere; ranked, it gives
    satisfaction rates.

    >>> from analysis import Ratings, satisfied
    >>> satisfied(Ratings.from_array([[90, 60]]), at_least=80).score.tolist()
    [100.0, 0.0]
    """
    return replace(ratings, score=np.where(ratings.score >= at_least, 100.0, 0.0))


def _verdict(best: int, worst: int, last: int) -> Verdict:
    if best == worst:
        return "certain"
    if best == 0:
        return "unknown" if worst == last else "at_least"
    return "at_most" if worst == last else "between"


def _default_names(lines: int, usual: tuple[str, ...], pattern: str) -> tuple[str, ...]:
    if lines == len(usual) - 1:
        return usual
    return tuple(pattern.format(i + 1) for i in range(lines + 1))
