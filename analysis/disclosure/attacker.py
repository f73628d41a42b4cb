"""Attack on a release: bounds that a reader with a linear program can derive for withheld counts.

Every published sum is a linear statement about counts that are at least zero; the attacker finds the smallest
and largest value a withheld count can have (Fischetti & Salazar 2001; Hundepool et al. 2012, ch. 4). Solved
with HiGHS, separately for each connected set of statements.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.disclosure.components import Component
from analysis.explain import Result, listed, pick
from analysis.values.arguments import (
    checked,
    flag,
    instance,
    mapping,
    optional,
    real,
    refusal,
    several,
    text,
    whole,
)

Terms = Mapping[Hashable, float]
Floats = NDArray[np.float64]

_TOLERANCE = 1e-6
_MOST_KEPT = 50


@dataclass(frozen=True)
class Statement:
    """One published number: it says that Σ coefficient × cell (terms) lies within `rounding` of `value`."""

    label: str
    terms: Terms
    value: float
    rounding: float = 0.0
    """Half the last published digit; 0 for an exact number."""
    cost: float = 1.0
    """Loss of information if it is withheld; cheaper statements are withheld first."""
    required: bool = False
    """True if it must be published."""
    bundle: Hashable = None
    """Statements of one bundle are withheld together."""


def terms_rule(name: str, value: Any) -> Terms:
    """Check an argument: a mapping from cell to coefficient, with at least one cell."""
    found: Terms = mapping(real())(name, value)
    if not found:
        raise refusal(name, "没有任何一格。", "names no cell.")
    return found


def statement_rule(name: str, value: Any) -> Statement:
    """Check an argument: a `Statement` whose numbers are finite."""
    found: Statement = instance("disclosure.attacker.Statement")(name, value)
    terms_rule(name, found.terms)
    real()(name, found.value)
    real(0)(name, found.rounding)
    real()(name, found.cost)
    return found


@checked(label=text, points=terms_rule, n=real(0, above=True), mean=real(), decimals=optional(whole(0, 15)))
def published_mean(
    label: str, points: Terms, n: float, mean: float, *, decimals: int | None = None, **options: Any
) -> Statement:
    """`Statement` for a published mean of n answers: it fixes their sum, up to rounding.

    points: cell → points of an answer in that cell; decimals: printed digits, None for an exact mean. To ask
    what is learnt of a group, attack its sum of points with integer=False and protection in points.

    >>> from analysis import published_mean
    >>> published_mean("mean", {"bad": 1, "good": 5}, n=10, mean=4.6).value
    46.0
    """
    rounding = 0.0 if decimals is None else n * 0.5 * 10.0**-decimals
    return Statement(label, points, n * mean, rounding, **options)


@dataclass(frozen=True)
class Bound(Result):
    """Smallest and largest value of one withheld count that the attacker can prove; disclosed: they are too
    close."""

    label: str
    lower: float
    upper: float
    disclosed: bool


@dataclass(frozen=True)
class Audit(Result):
    """Result of `attack`: the attacker's bounds of every withheld count."""

    bounds: tuple[Bound, ...]

    @property
    def disclosed(self) -> tuple[str, ...]:
        """Labels of the withheld counts that the attacker can work out."""
        return tuple(bound.label for bound in self.bounds if bound.disclosed)

    def summary(self, language: str = "zh") -> str:
        """Whether withheld counts can be worked out, one sentence in `language` ("zh" or "en")."""
        n, found = len(self.bounds), self.disclosed
        if not found:
            return pick(
                language,
                f"已对 {n} 个不公布的数做攻击检验，没有一个能从公布的数推算出来。",
                f"{n} withheld counts were attacked; none can be worked out from what is published.",
            )
        return pick(
            language,
            f"{n} 个不公布的数中有 {len(found)} 个可以推算出来，不能这样发布：{listed(found, 'zh')}。",
            f"{len(found)} of {n} withheld counts can be worked out; do not release: {listed(found, 'en')}.",
        )


@dataclass
class Attacker:
    """Linear system of the statements that are published (all but `withheld`), with bounds of any target."""

    statements: Sequence[Statement]
    integer: bool = True
    protection: float = 1.0
    """A target is safe when its possible values span at least this much."""
    withheld: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._using: dict[Hashable, list[int]] = {}
        for i, statement in enumerate(self.statements):
            for cell in statement.terms:
                self._using.setdefault(cell, []).append(i)
        self._found: list[Mapping[Hashable, float]] = []
        self._known: tuple[frozenset[int], dict[Hashable, Component]] = (frozenset(), {})

    def bound(self, label: str, target: Terms) -> tuple[Bound, tuple[int, ...]]:
        """Bounds of a target, and, if it is disclosed, the indices of the statements that prove them.

        target: cell → coefficient. Raises InputError when the statements contradict each other.
        """
        component = self._component(target)
        if (box := component.box(target)) and not self._narrow(*box):
            return Bound(label, *box, False), ()
        low, proof_low = self._extreme(component, target, 1.0)
        high, proof_high = self._extreme(component, target, -1.0)
        return Bound(label, low, high, self._narrow(low, high)), tuple(sorted({*proof_low, *proof_high}))

    def disclosed(self, label: str, target: Terms) -> bool:
        """Whether `bound` calls the target disclosed; skips the linear program where known solutions lie far
        apart."""
        values = self._component(target).values(target)
        if values.size and not self._narrow(float(values.min()), float(values.max())):
            return False
        return self.bound(label, target)[0].disclosed

    def _narrow(self, low: float, high: float) -> bool:
        if self.integer:
            low, high = float(np.ceil(low - _TOLERANCE)), float(np.floor(high + _TOLERANCE))
        return bool(high - low < self.protection - _TOLERANCE)

    def _component(self, target: Terms) -> Component:
        """Component (connected cells and published statements) that contains the target's cells."""
        now = frozenset(self.withheld)
        if self._known[0] != now:
            self._known = now, {}
        known = self._known[1]
        first = known.get(next(iter(target)))
        if first is None or not first.place.keys() >= target.keys():
            first = Component(self.statements, *self._connected(target), self._found[-_MOST_KEPT:])
            self._found += first.spread()
            known.update(dict.fromkeys(first.place, first))
        return first

    def _connected(self, target: Terms) -> tuple[list[Hashable], list[int]]:
        cells: dict[Hashable, None] = dict.fromkeys(target)
        used: dict[int, None] = {}
        queue = list(target)
        while queue:
            for i in self._using.get(queue.pop(), ()):
                if i not in self.withheld and i not in used:
                    used[i] = None
                    fresh = [cell for cell in self.statements[i].terms if cell not in cells]
                    cells.update(dict.fromkeys(fresh))
                    queue += fresh
        return list(cells), sorted(used)

    def _extreme(self, component: Component, target: Terms, sign: float) -> tuple[float, list[int]]:
        found, proof = component.least({cell: sign * value for cell, value in target.items()})
        if found is None:
            return -sign * float("inf"), []
        self._found.append(found)
        component.witness(found)
        return sum(value * found[cell] for cell, value in target.items()), proof


@checked(statements=several(statement_rule, 0), targets=mapping(terms_rule), integer=flag, protection=real(0))
def attack(
    statements: Iterable[Statement],
    targets: Mapping[str, Terms],
    *,
    integer: bool = True,
    protection: float = 1.0,
) -> Audit:
    """Bounds of every target (label → terms) from all statements of a release together.

    integer: whether cells are counts, so that bounds narrow to whole numbers before judging; protection: how
    far apart the possible values must lie. Raises InputError when the statements contradict each other.

    >>> from analysis import attack
    >>> from analysis.disclosure.attacker import Statement
    >>> total = Statement("total", {"yes": 1, "no": 1}, 12)
    >>> yes = Statement("yes", {"yes": 1}, 10)
    >>> attack([total, yes], {"no": {"no": 1}}).disclosed
    ('no',)
    """
    attacker = Attacker(tuple(statements), integer, protection)
    return Audit(tuple(attacker.bound(label, terms)[0] for label, terms in targets.items()))
