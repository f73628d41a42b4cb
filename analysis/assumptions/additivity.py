"""Test of additivity: do kinds of raters (local or not, small or large …) see the departments in the same
order?

The ranking assumes score = rater + department; if local enterprises put one department first and others put
it last, that is false. Each declared fact about raters is tested by the largest standardised difference
between its groups (`analysis.compare.groups`; leniency removed, both scales must agree). Several facts share
the error rate (Bonferroni), because they describe the same raters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analysis.answers.ratings import Ratings
from analysis.compare.group_samples import group_labels, rater_groups
from analysis.compare.groups import GroupComparison, compare_groups
from analysis.errors import InputError
from analysis.explain import Result, listed, p_text, pick, significant
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
    """Test of one fact about raters; p: of the hypothesis that all its groups see the departments alike."""

    fact: str
    p: float
    comparison: GroupComparison
    """Differences between its groups; those of all facts hold jointly at `Additivity.level`."""


@dataclass(frozen=True)
class Additivity(Result):
    """Result of `additivity_test`: a test per fact and p, the p-value of all facts together."""

    tests: tuple[FactTest, ...]
    p: float
    level: float
    not_tested: tuple[str, ...]
    """Facts whose groups are too small to be compared."""

    @property
    def rejected(self) -> bool:
        """Whether p is at most 1 − level: some kinds of raters see the departments differently."""
        return significant(self.p, self.level)

    @property
    def departments(self) -> dict[str, tuple[str, ...]]:
        """Departments that groups of raters see differently, by fact; facts without any are left out."""
        found = {
            t.fact: tuple(dict.fromkeys(d.department for d in t.comparison.significant)) for t in self.tests
        }
        return {fact: names for fact, names in found.items() if names}

    def summary(self, language: str = "zh") -> str:
        """Outcome of the test in words, one paragraph in `language` ("zh" or "en")."""
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
        """Note for the ranking (`not_additive`) if the test rejects, else ()."""
        return not_additive(self.departments, self.p) if self.rejected else ()


def not_additive(departments: Mapping[str, Sequence[str]], p: float) -> tuple[Note, ...]:
    """Note that says by which facts departments are seen differently; departments: fact → their names; p: of
    the test."""
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
    """Test whether kinds of raters see the departments in different orders.

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
    """Tests of the facts, and the names of those whose groups are too small to be compared."""
    tests, left = [], []
    for name, labels in facts.items():
        try:
            found = compare_groups(ratings, labels, **options)
        except InputError:
            left.append(name)
        else:
            tests.append(FactTest(name, found.p_equal, found))
    return tests, left
