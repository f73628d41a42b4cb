"""Do kinds of raters see the departments in the same order? A test of departments × declared facts.

The ranking adds a rater and a department; where local enterprises put one department first and others put it
last, no such sum is true. Every fact is tested by the largest standardised difference between its groups
(`analysis.compare.groups`, leniency aside, both scales agreeing); several facts share the error rate
(Bonferroni), because the same raters are behind them all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analysis.answers.ratings import Ratings
from analysis.compare.group_samples import group_labels, rater_groups
from analysis.compare.groups import GroupComparison, compare_groups
from analysis.errors import InputError
from analysis.explain import Result, listed, p_text, pick
from analysis.ranking.results import Note
from analysis.values.arguments import (
    MOST_DRAWS,
    checked,
    confidence,
    enough_draws,
    flag,
    mapping,
    renamed,
    whole,
)
from analysis.values.arguments import ratings as comparable


@dataclass(frozen=True)
class FactTest(Result):
    """One fact: p of "all its groups see the departments alike", by itself."""

    fact: str
    p: float
    comparison: GroupComparison
    """Right jointly with those of the other facts at `Additivity.level`."""


@dataclass(frozen=True)
class Additivity(Result):
    """The facts that could be tested, and all of them together."""

    tests: tuple[FactTest, ...]
    p: float
    level: float
    not_tested: tuple[str, ...]
    """Facts whose groups are too small to be compared."""

    @property
    def rejected(self) -> bool:
        """Whether some kinds of raters see the departments differently beyond chance."""
        return self.p <= 1 - self.level

    @property
    def departments(self) -> dict[str, tuple[str, ...]]:
        """Fact → departments seen differently."""
        found = {
            t.fact: tuple(dict.fromkeys(d.department for d in t.comparison.significant)) for t in self.tests
        }
        return {fact: names for fact, names in found.items() if names}

    def summary(self, language: str = "zh") -> str:
        """Whether the ranking's sum of rater and department holds, in one paragraph."""
        facts = [t.fact for t in self.tests]
        if not self.rejected:
            p = p_text(self.p)
            zh = f"按{listed(facts, 'zh')}检验，没有发现各类企业对部门高低的看法不同（p {p}）。"
            en = f"Tested by {listed(facts, 'en')}: no sign that kinds of raters see departments differently "
            en += f"(p {p})."
        else:
            note = self.notes()[0]
            zh, en = note.zh, note.en
        if self.not_tested:
            zh += f"因各类票数太少没有检验：{listed(self.not_tested, 'zh')}。"
            en += f" Not tested, too few of each kind: {listed(self.not_tested, 'en')}."
        return pick(language, zh, en)

    def notes(self) -> tuple[Note, ...]:
        """A note where the test rejects; empty where it does not."""
        return not_additive(self.departments, self.p) if self.rejected else ()


def not_additive(departments: Mapping[str, Sequence[str]], p: float) -> tuple[Note, ...]:
    """The note of a rejected test; departments: fact → those seen differently."""
    zh = "；".join(f"按{fact}分，看法不同的有{listed(names, 'zh')}" for fact, names in departments.items())
    en = "; ".join(f"by {fact}: {listed(names, 'en')}" for fact, names in departments.items())
    shown = p_text(p)
    return (
        Note(
            "not_additive",
            f"各类企业对部门高低的看法不一样（p {shown}）{'：' if zh else ''}{zh}。"
            "总的名次是各类看法的折中，请同时看分类的比较。",
            f"Kinds of raters see the departments differently (p {shown}){': ' if en else ''}{en}. "
            "The overall ranking is a compromise between them; look at the comparison by kind as well.",
        ),
    )


@checked(
    ratings=comparable,
    facts=mapping(rater_groups),
    level=confidence,
    threshold=whole(1),
    draws=whole(1, MOST_DRAWS),
    seed=whole(0),
    latent_guard=flag,
)
def additivity_test(
    ratings: Ratings,
    facts: Mapping[str, Sequence[Any] | Mapping[str, Any]],
    *,
    level: float = 0.95,
    threshold: int = 10,
    draws: int = 10_000,
    seed: int = 20260101,
    latent_guard: bool = True,
) -> Additivity:
    """Test whether the order of departments differs between kinds of raters.

    facts: name → labels of the raters, (R,) or by rater name, None where unknown (as `compare_groups` takes
    them). Facts whose groups cannot be compared at the threshold are left out and named. Raises InputError
    when none can.

    >>> from analysis import Ratings, additivity_test
    >>> ratings = Ratings.from_array([[9, 7, 5], [8, 7, 4], [7, 8, 3]] * 8, department_names=list("ABC"))
    >>> size = ["small"] * 12 + ["large"] * 12
    >>> additivity_test(ratings, {"size": size}, draws=1000).rejected
    False
    """
    if not facts:
        raise InputError("没有给出评议人的类别。", "No facts of the raters were given.", column="facts")
    each = 1 - (1 - level) / len(facts)
    enough_draws(draws, each)
    with renamed(groups="facts"):
        known = {str(name): group_labels(ratings, labels) for name, labels in facts.items()}
    options = {"threshold": threshold, "draws": draws, "seed": seed, "latent_guard": latent_guard}
    tests, left = _tested(ratings, known, level=each, **options)
    if not tests:
        raise InputError(
            f"{listed(left, 'zh')}的各类评分太少，不能检验各类企业的看法是否相同。",
            f"Too few ratings of each kind by {listed(left, 'en')} to test whether kinds see them alike.",
            column="facts",
        )
    p = min(1.0, len(facts) * min(t.p for t in tests))
    return Additivity(tuple(tests), p, level, tuple(left))


def _tested(
    ratings: Ratings, facts: Mapping[str, Sequence[Any]], **options: Any
) -> tuple[list[FactTest], list[str]]:
    """A test of each fact, and the facts whose groups are too small for one."""
    tests, left = [], []
    for name, labels in facts.items():
        try:
            found = compare_groups(ratings, labels, **options)
        except InputError:
            left.append(name)
        else:
            tests.append(FactTest(name, found.p_equal, found))
    return tests, left
