"""Complementary suppression: which further numbers to withhold so that the attacker learns no target.

Greedy: while a target can be worked out, the cheapest statement in the attacker's proof of it (by the
multipliers of the linear program) is withheld; at the end those that turn out unnecessary are published again
(Hundepool et al. 2012, §4.4 on greedy heuristics with a final clean-up).
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

from analysis.disclosure.attacker import Attacker, Audit, Statement, Terms, statement_rule, terms_rule
from analysis.errors import InputError
from analysis.explain import Result, listed, pick
from analysis.values.arguments import checked, flag, mapping, real, several


@dataclass(frozen=True)
class Suppression(Result):
    """Result of `suppress`: labels published and withheld, and the attacker's bounds of the targets."""

    published: tuple[str, ...]
    withheld: tuple[str, ...]
    """Labels withheld to protect others."""
    audit: Audit

    def summary(self, language: str = "zh") -> str:
        """Which numbers were withheld besides the targets, and the result of the attack."""
        extra = pick(
            language,
            f"为防推算，另有 {len(self.withheld)} 个数不公布：{listed(self.withheld, 'zh')}。",
            f"{len(self.withheld)} further numbers are withheld: {listed(self.withheld, 'en')}.",
        )
        return extra + ("" if language == "zh" else " ") + self.audit.summary(language)


@checked(statements=several(statement_rule, 0), targets=mapping(terms_rule), integer=flag, protection=real(0))
def suppress(
    statements: Sequence[Statement],
    targets: Mapping[str, Terms],
    *,
    integer: bool = True,
    protection: float = 1.0,
) -> Suppression:
    """Choose statements to withhold until no target can be worked out from the rest.

    statements: what would be published, the targets already left out; targets: label → terms. integer: the
    attacker knows that cells are whole numbers; protection: width that the attacker's interval for a target
    must reach. Raises InputError naming the target that the required statements alone give away.

    >>> from analysis import suppress
    >>> from analysis.disclosure.attacker import Statement
    >>> total = Statement("total", {"yes": 1, "no": 1}, 12, required=True)
    >>> yes = Statement("yes", {"yes": 1}, 10)
    >>> suppress([total, yes], {"no": {"no": 1}}).withheld
    ('yes',)
    """
    attacker = _protected(statements, targets, integer, protection)
    audit = Audit(tuple(attacker.bound(label, terms)[0] for label, terms in targets.items()))
    shown = [s.label for i, s in enumerate(attacker.statements) if i not in attacker.withheld]
    hidden = [attacker.statements[i].label for i in sorted(attacker.withheld)]
    return Suppression(tuple(shown), tuple(hidden), audit)


def _protected(
    statements: Sequence[Statement], targets: Mapping[str, Terms], integer: bool, protection: float
) -> Attacker:
    """Attacker whose `withheld` set protects all targets, chosen greedily and then reduced."""
    attacker = Attacker(tuple(statements), integer, protection)
    bundles = _bundles(attacker.statements)
    order: dict[Hashable, str] = {}
    for label, terms in targets.items():
        while attacker.disclosed(label, terms):
            _bound, proof = attacker.bound(label, terms)
            key = _cheapest(label, proof, attacker.statements, bundles)
            order[key] = label
            attacker.withheld |= set(bundles[key])
    _publish_again(attacker, targets, order, bundles)
    return attacker


def _bundles(statements: Sequence[Statement]) -> dict[Hashable, list[int]]:
    bundles: dict[Hashable, list[int]] = {}
    for i, statement in enumerate(statements):
        bundles.setdefault(_key(i, statement), []).append(i)
    return bundles


def _key(i: int, statement: Statement) -> Hashable:
    return ("alone", i) if statement.bundle is None else ("bundle", statement.bundle)


def _cost(indices: Sequence[int], statements: Sequence[Statement]) -> float:
    return max(statements[i].cost for i in indices)


def _cheapest(
    label: str, proof: Sequence[int], statements: Sequence[Statement], bundles: Mapping[Hashable, list[int]]
) -> Hashable:
    keys = dict.fromkeys(_key(i, statements[i]) for i in proof)
    free = [key for key in keys if not any(statements[i].required for i in bundles[key])]
    if not free:
        raise InputError(
            f"“{label}”可由必须公布的数直接推算，无法保护；请合并分类或少公布一张表。",
            f"“{label}” follows from numbers that must be published and cannot be protected; "
            "merge categories or publish one table fewer.",
            column="statements",
            name=label,
        )
    return min(free, key=lambda key: _cost(bundles[key], statements))


def _publish_again(
    attacker: Attacker,
    targets: Mapping[str, Terms],
    order: Mapping[Hashable, str],
    bundles: Mapping[Hashable, list[int]],
) -> None:
    for key in sorted(order, key=lambda k: -_cost(bundles[k], attacker.statements)):
        attacker.withheld -= set(bundles[key])
        first = {order[key]: targets[order[key]], **targets}
        if any(attacker.disclosed(label, terms) for label, terms in first.items()):
            attacker.withheld |= set(bundles[key])
