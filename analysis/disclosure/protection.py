"""Protection of a set of tables: which groups must be withheld before publication.

A group is the set of respondents behind a row of a table (enterprises that rated 公安局; those of them from
elsewhere). A group below the threshold is withheld with all its figures; if nearly all of a group gave the
same answer, its answers are withheld, since they tell what each member answered. Then all tables are attacked
together (`attacker`), and further groups are withheld until nothing can be worked out.
"""

import itertools
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.disclosure.attacker import Audit, Statement, Terms
from analysis.disclosure.suppression import suppress
from analysis.errors import InputError
from analysis.explain import Result, pick, plain
from analysis.values.arguments import checked, instance, optional, real, refusal, several, whole

Counts = NDArray[np.float64]
Group = tuple[tuple[str, str], ...]
"""(axis, label) pairs in the order of axes; () is everybody."""


@dataclass(frozen=True)
class Rule(Result):
    """When a group is withheld for its own figures, and how well a withheld count must stay hidden.

    >>> from analysis import Rule
    >>> Rule(threshold=5).least_dissent
    1
    """

    threshold: int = 10
    """Fewest respondents behind a published figure."""
    least_dissent: int = 1
    """Fewest members who must differ from the commonest answer; 0 allows unanimity."""
    protection: float = 1.0
    """How far apart the possible values of a withheld count must lie; 1: not known exactly."""

    def __post_init__(self) -> None:
        whole(1)("threshold", self.threshold)
        whole(0)("least_dissent", self.least_dissent)
        real(0)("protection", self.protection)
        super().__post_init__()


@dataclass(frozen=True, eq=False)
class Table:
    """Counts of respondents by one or more axes, as it would be printed, totals included.

    axes: name → labels, in the order of the dimensions of counts; response: the axis that holds answers,
    if any. Axes of the same name in different tables must have the same labels; each respondent must be
    in one cell of every table about his department (those who did not say need a label of their own, such
    as 未填).
    apart: axes that are never added up (departments, which one respondent rates several of).

    >>> from analysis import Table
    >>> axes = {"department": ["A", "B"], "answer": ["yes", "no"]}
    >>> Table("answers", axes, [[30, 12], [25, 3]]).axes["answer"]
    ['yes', 'no']
    """

    name: str
    axes: Mapping[str, Sequence[str]]
    counts: ArrayLike
    response: str | None = None
    apart: tuple[str, ...] = ()


@dataclass(frozen=True)
class Protected(Result):
    """Result of `protect`: which groups of the tables are withheld and why."""

    reasons: dict[Group, str]
    """Every withheld group: threshold, unanimous (its size is still shown) or complementary."""
    audit: Audit
    n_groups: int
    rule: Rule

    def to_dict(self) -> dict[str, Any]:
        """JSON-safe values; each withheld group as axis → label, with its reason."""
        withheld = [{"group": dict(group), "reason": why} for group, why in self.reasons.items()]
        rest = {"audit": plain(self.audit), "n_groups": self.n_groups, "rule": plain(self.rule)}
        return {"withheld": withheld, **rest}

    def shown(self, group: Mapping[str, str]) -> bool:
        """Whether the answers of a group (axis → label), and figures computed from them, may be published."""
        return not any(dict(key) == dict(group) for key in self.reasons)

    def summary(self, language: str = "zh") -> str:
        """Number of withheld groups by reason, and the result of the attack, one paragraph."""
        count = {
            r: sum(x == r for x in self.reasons.values()) for r in ("threshold", "unanimous", "complementary")
        }
        zh = (
            f"{self.n_groups} 组数据中：{count['threshold']} 组不足 {self.rule.threshold} 份，"
            f"{count['unanimous']} 组答案几乎一致，{count['complementary']} 组为防止用减法推算，均不公布。"
        )
        en = (
            f"Of {self.n_groups} groups, {count['threshold']} have fewer than {self.rule.threshold} "
            f"responses, {count['unanimous']} are (nearly) unanimous and {count['complementary']} are "
            "withheld so that the others cannot be worked out by subtraction. "
        )
        return pick(language, zh, en) + self.audit.summary(language)


def primary_reason(answers: ArrayLike, rule: Rule | None = None) -> str:
    """Reason to withhold a group with these counts by answer: "threshold", "unanimous", or "" if none."""
    n, limits = np.asarray(answers, dtype=float), rule or Rule()
    if 0 < n.sum() < limits.threshold:
        return "threshold"
    if n.sum() > 0 and n.sum() - n.max() < limits.least_dissent:
        return "unanimous"
    return ""


@checked(
    tables=several(instance("disclosure.protection.Table"), 0),
    rule=optional(instance("disclosure.protection.Rule")),
)
def protect(tables: Sequence[Table], rule: Rule | None = None) -> Protected:
    """Withheld groups, chosen so that no group below the threshold, and no answers of a nearly unanimous one,
    follow from all tables and their totals.

    All tables are attacked together, each with its totals. Raises InputError without tables, for labels or
    values that do not fit, and when tables contradict each other, naming the group.

    >>> from analysis import Rule, Table, protect
    >>> axes = {"department": ["A", "B"], "answer": ["yes", "no"]}
    >>> table = Table("answers", axes, [[30, 12], [3, 1]], response="answer")
    >>> protect([table], Rule(threshold=10)).shown({"department": "B"})
    False
    """
    limits = rule or Rule()
    axes = _axes(tables)
    rows = _rows(tables)
    reasons = {group: why for group, row in rows.items() if (why := _reason(row, limits))}
    statements, targets = _system(rows, reasons, axes)
    if not targets:
        return Protected(reasons, Audit(()), len(rows), limits)
    result = suppress(statements, targets, protection=limits.protection)
    bundle = {s.label: cast(Group, s.bundle) for s in statements}
    for label in result.withheld:
        reasons.setdefault(bundle[label], "complementary")
    return Protected(reasons, result.audit, len(rows), limits)


@dataclass(frozen=True, eq=False)
class _Row:
    """Size of a group and, where a table has them, its counts by (response axis, answer)."""

    n: float
    answers: Mapping[tuple[str, str], float]


def _reason(row: _Row, rule: Rule) -> str:
    return primary_reason(
        list(row.answers.values()) or [row.n], rule if row.answers else Rule(rule.threshold, 0)
    )


def _axes(tables: Sequence[Table]) -> dict[str, tuple[str, ...]]:
    if not tables:
        raise InputError("没有要发布的表。", "There is no table to publish.", column="tables")
    axes: dict[str, tuple[str, ...]] = {}
    for table in tables:
        shape = np.asarray(table.counts).shape
        if shape != tuple(len(labels) for labels in table.axes.values()):
            raise InputError(
                f"表“{table.name}”的形状与其标签不符。",
                f"Table {table.name}: its shape does not fit its labels.",
                name=table.name,
            )
        for axis, labels in table.axes.items():
            if len(set(labels)) < len(labels):
                raise refusal(
                    "tables",
                    f"表“{table.name}”的“{axis}”有重复的名称。",
                    f"{axis} of {table.name} has a label twice.",
                )
            if axes.setdefault(axis, tuple(labels)) != tuple(labels):
                raise InputError(
                    f"“{axis}”在各表中的分类不同（见表“{table.name}”），请统一后再发布。",
                    f"{axis} has different labels in different tables (see {table.name}); make them equal.",
                    name=axis,
                )
    return axes


def _rows(tables: Sequence[Table]) -> dict[Group, _Row]:
    """Size and answers of every group of every table, totals included."""
    rows: dict[Group, _Row] = {}
    for table in tables:
        counts = np.asarray(table.counts, dtype=float)
        if not np.isfinite(counts).all() or (counts < 0).any():
            raise InputError(
                f"表“{table.name}”里有空值或负数。", f"Table {table.name} has gaps or negative counts."
            )
        if (counts != np.floor(counts)).any():
            raise refusal(
                "tables",
                f"表“{table.name}”里的份数不是整数。",
                f"counts of {table.name} are not whole numbers.",
            )
        for kept in _margins(table):
            for labels in itertools.product(*(table.axes[axis] for axis in kept)):
                group = tuple(sorted(zip(kept, labels, strict=True)))
                _merge(rows, group, _row(table, counts, dict(group)), table.name)
    return rows


def _margins(table: Table) -> list[tuple[str, ...]]:
    """Sets of axes by which a table and its totals are broken down."""
    free = [axis for axis in table.axes if axis != table.response and axis not in table.apart]
    return [(*table.apart, *kept) for k in range(len(free) + 1) for kept in itertools.combinations(free, k)]


def _row(table: Table, counts: Counts, group: Mapping[str, str]) -> _Row:
    names = list(table.axes)
    place = tuple(
        list(table.axes[axis]).index(group[axis]) if axis in group else slice(None) for axis in names
    )
    part = counts[place]
    if table.response is None:
        return _Row(float(part.sum()), {})
    left = [axis for axis in names if axis not in group]
    other = tuple(i for i, axis in enumerate(left) if axis != table.response)
    by_answer = part.sum(axis=other)
    answers = {
        (table.response, label): float(n)
        for label, n in zip(table.axes[table.response], by_answer, strict=True)
    }
    return _Row(float(part.sum()), answers)


def _merge(rows: dict[Group, _Row], group: Group, row: _Row, name: str) -> None:
    known = rows.setdefault(group, row)
    agreed = {**row.answers, **known.answers}
    if known.n != row.n or any(agreed[key] != value for key, value in row.answers.items()):
        words = "".join(label for _, label in group) or "合计"
        raise InputError(
            f"表“{name}”的“{words}”与别的表对不上。没有填写分类的答卷请另列一类（如“未填”）。",
            f"Table {name}: {words} disagrees with another table. Those who did not say need a label too.",
            name=words,
        )
    rows[group] = _Row(known.n, agreed)


def _system(
    rows: Mapping[Group, _Row], reasons: Mapping[Group, str], axes: Mapping[str, Sequence[str]]
) -> tuple[list[Statement], dict[str, Terms]]:
    """Statements for all figures that would be published, and the targets (label → terms) that must stay
    unknown."""
    cells = [tuple(zip(axes, labels, strict=True)) for labels in itertools.product(*axes.values())]
    finest = {part: frozenset(c for c in cells if part in c) for part in {p for c in cells for p in c}}
    statements: list[Statement] = []
    targets: dict[str, Terms] = {}
    for group, row in rows.items():
        why = reasons.get(group, "")
        for key, value in _figures(group, row, why):
            label = "·".join(pair[1] for pair in key) or "合计"
            terms = _terms(key, finest, cells)
            if why == "threshold" or (why == "unanimous" and key != group):
                targets[label] = terms
            else:
                statements.append(Statement(label, terms, value, cost=row.n + 1, bundle=group))
    return statements, targets


def _figures(group: Group, row: _Row, why: str) -> list[tuple[Group, float]]:
    """Figures of a group: its size and its counts by answer; only the latter if they are shown (they give the
    size)."""
    answers = [((*group, answer), n) for answer, n in row.answers.items()]
    return answers if answers and not why else [(group, row.n), *answers]


def _terms(
    key: Sequence[tuple[str, str]],
    finest: Mapping[tuple[str, str], frozenset[Hashable]],
    cells: Sequence[Hashable],
) -> Terms:
    if not key:
        return dict.fromkeys(cells, 1.0)
    return dict.fromkeys(frozenset.intersection(*(finest[pair] for pair in key)), 1.0)
