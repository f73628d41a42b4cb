"""Protection of small counts: which answers by level, and which shares of satisfied answers, the facts may
tell.

No count of answers below the publication threshold is told, nor one that follows from what is: neighbouring
levels are merged (analysis.disclosure.coarsening), a share that would tell a few dissatisfied answers becomes
a bound, and the sums over items and over departments are attacked together (analysis.disclosure.attacker).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from msgspec.structs import replace

from survey.facts.base import Withheld
from survey.facts.items import AnswerClass, ItemFacts, ItemTotal
from survey.facts.profiles import Profile, SatisfiedShare
from survey.facts.whole import Facts

if TYPE_CHECKING:
    from analysis.disclosure.coarsening import Coarse

Cell = tuple[str, str]
"""Department and item."""
_FUZZ = 1e-6


@dataclass(frozen=True, slots=True)
class AnswersByLevel:
    """Numbers of answers by level, best first.

    room: by how much the sum of points may be lower and higher without changing a published score; None where
    scores are published unrounded.
    """

    levels: tuple[int, ...]
    room: tuple[float, float] | None = None


def protect(facts: Facts, answers: Mapping[Cell, AnswersByLevel]) -> Facts:
    """`facts` with classes of levels instead of counts by level, and with shares only where they may be told,
    else bounds.

    answers: counts of the items that are not withheld.
    """
    threshold = facts.round.threshold
    cells = dict(_cells(facts, answers))
    below = {cell: sum(counted.levels[facts.scale.satisfied :]) for cell, counted in answers.items()}
    told = _sums_that_hold(facts, cells, below)
    profiles = tuple(
        replace(
            profile,
            items=tuple(
                _item(item, cells.get((profile.name, item.name)), threshold) for item in profile.items
            ),
            satisfied=_share(
                profile.satisfied,
                told=("department", profile.name) in told,
                most_below=_most_below(profile, cells, below, facts),
                threshold=threshold,
            ),
        )
        for profile in facts.profiles
    )
    items = tuple(_total(item, ("item", item.name) in told, threshold) for item in facts.items)
    return replace(facts, profiles=profiles, items=items)


def _cells(facts: Facts, answers: Mapping[Cell, AnswersByLevel]) -> Iterator[tuple[Cell, Coarse | None]]:
    """Yield ((department, item), coarsened counts of its answers that may be published, or None where not
    even its mean may)."""
    from analysis.blurring import PROTECTION
    from analysis.disclosure.coarsening import coarsen

    points = [level.points for level in facts.scale.levels]
    for cell, counted in answers.items():
        yield (
            cell,
            coarsen(
                counted.levels,
                points,
                satisfied=facts.scale.satisfied,
                threshold=facts.round.threshold,
                room=counted.room or (0.0, 0.0),
                protection=PROTECTION if counted.room is not None else 1,
                sums_told=counted.room is not None,
            ),
        )


def _item(item: ItemFacts, coarse: Coarse | None, threshold: int) -> ItemFacts:
    if item.reason:
        return item
    if coarse is None or item.satisfied is None or item.n is None:
        return _withheld(item)
    share, at_least, at_most = _bounds(item.satisfied, item.n, coarse.satisfied is not None, threshold)
    few = item.not_known is not None and item.not_known < threshold
    return replace(
        item,
        classes=tuple(AnswerClass(first=a, last=b, count=n) for a, b, n in coarse.classes),
        not_known=None if few else item.not_known,
        satisfied=share,
        satisfied_at_least=at_least,
        satisfied_at_most=at_most,
    )


def _withheld(item: ItemFacts) -> ItemFacts:
    return ItemFacts(
        name=item.name,
        name_en=item.name_en,
        reason="unanimous",
        n=None,
        mean=None,
        satisfied=None,
        satisfied_at_least=None,
        satisfied_at_most=None,
        classes=None,
        not_known=None,
        group=None,
        change=None,
    )


Bounds = tuple[float | None, float | None, float | None]
"""The share itself, or a lower or upper bound of it."""


def _bounds(share: float, n: int, exact: bool, threshold: int) -> Bounds:
    """Share, lower bound and upper bound, of which at most one is not None: the bound is that fewer than
    `threshold` answers are missing from 1 or 0."""
    content = round(share * n)
    few, most = n - content < threshold, content < threshold
    return (
        share if exact else None,
        1 - (threshold - 1) / n if few and not exact else None,
        (threshold - 1) / n if most and not few and not exact else None,
    )


def _share(
    satisfied: SatisfiedShare, *, told: bool, most_below: int | None, threshold: int
) -> SatisfiedShare:
    """Department's share over all weighted items, or a bound on it, or the reason why there is neither.

    most_below: greatest number of answers below the satisfied levels that the items' figures allow, None if
    unknown.
    """
    share, n = satisfied.share, satisfied.ratings
    if share is None or n is None:
        return satisfied
    exact, at_least, at_most = _bounds(share, n, told, threshold)
    if not told and at_least is None and at_most is None and most_below is not None:
        at_least = 1 - most_below / n
    nothing = not told and at_least is None and at_most is None
    reason: Withheld = "complementary" if nothing else ""
    return SatisfiedShare(share=exact, ratings=n, reason=reason, at_least=at_least, at_most=at_most)


def _most_below(
    profile: Profile, cells: Mapping[Cell, Coarse | None], below: Mapping[Cell, int], facts: Facts
) -> int | None:
    """Greatest number of answers below the satisfied levels that the shares and bounds of all weighted items
    allow; None if unknown."""
    weighted = {item.name for item in facts.items if item.weight > 0}
    few, total = facts.round.threshold, 0
    for cell in ((profile.name, item.name) for item in profile.items if item.name in weighted):
        coarse = cells.get(cell)
        if coarse is None or (coarse.satisfied is None and below[cell] >= few):
            return None
        total += below[cell] if coarse.satisfied is not None else few - 1
    return total


def _total(item: ItemTotal, told: bool, threshold: int) -> ItemTotal:
    if item.satisfied is None:
        return item
    share, at_least, at_most = _bounds(item.satisfied, item.n, told, threshold)
    return replace(item, satisfied=share, satisfied_at_least=at_least, satisfied_at_most=at_most)


def _sums_that_hold(
    facts: Facts, cells: Mapping[Cell, Coarse | None], below: Mapping[Cell, int]
) -> set[tuple[str, str]]:
    """Places ("department", name) and ("item", name) whose share may be told
    without telling a small count.

    The unknowns are a cell's answers below the satisfied levels, within what the cell's own figures leave
    open: of few such answers it must stay possible that `PROTECTION` fewer were given, or none. A department
    with a withheld item has no share: the item's answers would follow from it.
    """
    from analysis.blurring import PROTECTION
    from analysis.disclosure.attacker import Statement, attack

    unknown, sums, few = _unknown(cells, below), _sums(facts, cells), facts.round.threshold
    own = [
        Statement("·".join(cell), {cell: 1.0}, (low + high) / 2, (high - low) / 2)
        for cell, (low, high, _) in unknown.items()
    ]
    small = {"·".join(cell): cell for cell, (_, _, actual) in unknown.items() if 0 < actual < few}
    told = {place for place in sums if _tellable(facts, place)}
    while told and small:
        parts = {place: [cell for cell in sums[place] if cell in unknown] for place in sorted(told)}
        of_sums = [
            Statement("·".join(place), _terms(part), sum(unknown[cell][2] for cell in part))
            for place, part in parts.items()
            if part
        ]
        audit = attack([*own, *of_sums], {label: _terms([cell]) for label, cell in small.items()})
        most = {label: max(0, unknown[cell][2] - PROTECTION) for label, cell in small.items()}
        exposed = [small[b.label] for b in audit.bounds if b.lower > most[b.label] + _FUZZ]
        # A department's share is withheld before an item's share over all departments.
        telling = {place for cell in exposed for place in [p for p in parts if cell in parts[p]][:1]}
        if not telling:
            break
        told -= telling
    return told


def _terms(cells: Iterable[tuple[str, str]]) -> Mapping[Hashable, float]:
    return dict.fromkeys(cells, 1.0)


def _sums(facts: Facts, cells: Mapping[Cell, Coarse | None]) -> dict[tuple[str, str], list[Cell]]:
    """Cells that the share of each department, and of each item over all departments, adds up."""
    weighted = [item.name for item in facts.items if item.weight > 0]
    shown = {place for place, coarse in cells.items() if coarse is not None}
    departments = {
        ("department", profile.name): [(profile.name, name) for name in weighted]
        for profile in facts.profiles
    }
    whole = {place: parts for place, parts in departments.items() if shown.issuperset(parts)}
    items = {
        ("item", item.name): [place for place in cells if place[1] == item.name and place in shown]
        for item in facts.items
    }
    return whole | items


def _tellable(facts: Facts, place: tuple[str, str]) -> bool:
    """Whether the sum has at least the threshold of satisfied answers, and of others."""
    kind, name = place
    few = facts.round.threshold
    share, n = next(
        ((i.satisfied, i.n) for i in facts.items if i.name == name)
        if kind == "item"
        else ((p.satisfied.share, p.satisfied.ratings) for p in facts.profiles if p.name == name)
    )
    return share is not None and n is not None and few <= round(share * n) <= n - few


def _unknown(
    cells: Mapping[Cell, Coarse | None], below: Mapping[Cell, int]
) -> dict[Cell, tuple[int, int, int]]:
    """Fewest, most and actual answers below the satisfied levels, for the cells that do not tell their
    number."""
    return {
        cell: (*coarse.below, below[cell])
        for cell, coarse in cells.items()
        if coarse is not None and coarse.satisfied is None
    }
