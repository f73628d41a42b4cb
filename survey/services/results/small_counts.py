"""Small counts: which answers by level, and which shares of satisfied answers, the facts may tell.

No count of answers below the publication threshold is told, nor one that follows from what is: neighbouring
levels are merged (analysis.disclosure.coarsening), a share that would tell a few dissatisfied answers becomes
a bound, and the sums over items and over departments are attacked together (analysis.disclosure.attacker).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from survey.parts import Part

if TYPE_CHECKING:
    from analysis.disclosure.coarsening import Coarse

SHARES = "satisfied", "satisfied_at_least", "satisfied_at_most"
_FUZZ = 1e-6


def protect(facts: Part) -> Part:
    """The facts with classes in the place of counts by level, and shares only where they may be told.

    Facts that were kept before counts were merged come out as they would today.
    """
    threshold = facts["round"]["threshold"]
    cells = dict(_cells(facts))
    told = _sums_that_hold(facts, cells)
    profiles = [
        profile
        | {
            "items": [
                _item(item, cells.get((profile["name"], item["name"])), threshold)
                for item in profile["items"]
            ],
            "satisfied": _share(
                profile["satisfied"],
                told=("department", profile["name"]) in told,
                most_below=_most_below(profile, cells, facts),
                threshold=threshold,
            ),
        }
        for profile in facts["profiles"]
    ]
    items = [_total(item, ("item", item["name"]) in told, threshold) for item in facts["items"]]
    return facts | {"profiles": profiles, "items": items}


def _cells(facts: Part) -> Iterator[tuple[tuple[str, str], Coarse | None]]:
    """(department, item) → what may be told of its answers; None where even the mean may not."""
    from analysis.blurring import PROTECTION
    from analysis.disclosure.coarsening import coarsen

    points = [level["points"] for level in facts["scale"]["levels"]]
    satisfied, threshold = facts["scale"]["satisfied"], facts["round"]["threshold"]
    for profile in facts["profiles"]:
        for item in profile["items"]:
            if item["levels"]:
                found = coarsen(
                    item["levels"],
                    points,
                    satisfied=satisfied,
                    threshold=threshold,
                    room=tuple(item.get("room") or (0.0, 0.0)),
                    protection=PROTECTION if "room" in item else 1,
                    sums_told="room" in item,
                )
                yield (profile["name"], item["name"]), found


def _item(item: Part, coarse: Coarse | None, threshold: int) -> Part:
    rest = {key: value for key, value in item.items() if key not in ("levels", "room")}
    empty = dict.fromkeys(("n", "mean", "classes", "not_known", "group", "change", *SHARES))
    if item["reason"]:
        return rest | empty
    if coarse is None:
        return rest | empty | {"reason": "unanimous"}
    few = item["not_known"] is not None and item["not_known"] < threshold
    return rest | {
        "classes": [{"first": a, "last": b, "count": n} for a, b, n in coarse.classes],
        "not_known": None if few else item["not_known"],
        **_bounds(item["satisfied"], item["n"], coarse.satisfied is not None, threshold),
    }


def _bounds(share: float, n: int, exact: bool, threshold: int) -> Part:
    """The share itself, or the bound that its being a few answers from 0 or 1 gives, or neither."""
    content = round(share * n)
    few, most = n - content < threshold, content < threshold
    return {
        "satisfied": share if exact else None,
        "satisfied_at_least": 1 - (threshold - 1) / n if few and not exact else None,
        "satisfied_at_most": (threshold - 1) / n if most and not few and not exact else None,
    }


def _share(satisfied: Part, *, told: bool, most_below: int | None, threshold: int) -> Part:
    """A department's share over all its items, or a bound on it, or the reason why there is neither.

    most_below: most answers below the satisfied levels by what its items tell.
    """
    share, n = satisfied["share"], satisfied["ratings"]
    if share is None:
        return satisfied | {"at_least": None, "at_most": None}
    bounds = _bounds(share, n, told, threshold)
    at_least, at_most = bounds["satisfied_at_least"], bounds["satisfied_at_most"]
    if not told and at_least is None and at_most is None and most_below is not None:
        at_least = 1 - most_below / n
    nothing = not told and at_least is None and at_most is None
    reason = "complementary" if nothing else ""
    bound = {"at_least": at_least, "at_most": at_most}
    return {"share": bounds["satisfied"], "ratings": n, "reason": reason} | bound


def _most_below(profile: Part, cells: dict[tuple[str, str], Coarse | None], facts: Part) -> int | None:
    """Most answers below the satisfied levels that the shares and bounds of all weighted items allow."""
    weighted = {item["name"] for item in facts["items"] if item["weight"] > 0}
    first, few, total = facts["scale"]["satisfied"], facts["round"]["threshold"], 0
    for item in profile["items"]:
        if item["name"] not in weighted:
            continue
        coarse = cells.get((profile["name"], item["name"]))
        if coarse is None:
            return None
        below = sum(item["levels"][first:])
        if coarse.satisfied is None and below >= few:
            return None
        total += below if coarse.satisfied is not None else few - 1
    return total


def _total(item: Part, told: bool, threshold: int) -> Part:
    if item["satisfied"] is None:
        return item | dict.fromkeys(SHARES)
    return item | _bounds(item["satisfied"], item["n"], told, threshold)


def _sums_that_hold(facts: Part, cells: dict[tuple[str, str], Coarse | None]) -> set[tuple[str, str]]:
    """("department", name) and ("item", name) whose share may be told without telling a small count.

    An unknown is a cell's answers below the satisfied levels, within what the cell's own figures leave
    open: of few such answers it must stay possible that `PROTECTION` fewer were given, or none. A department
    with a withheld item has no share: the item's answers would follow from it.
    """
    from analysis.blurring import PROTECTION
    from analysis.disclosure.attacker import Statement, attack

    unknown, sums, few = _unknown(facts, cells), _sums(facts, cells), facts["round"]["threshold"]
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
        found = [small[b.label] for b in audit.bounds if b.lower > most[b.label] + _FUZZ]
        # The share of a department goes before that of an item over all of them.
        telling = {place for cell in found for place in [p for p in parts if cell in parts[p]][:1]}
        if not telling:
            break
        told -= telling
    return told


def _terms(cells: Iterable[tuple[str, str]]) -> Mapping[Hashable, float]:
    return dict.fromkeys(cells, 1.0)


def _sums(
    facts: Part, cells: dict[tuple[str, str], Coarse | None]
) -> dict[tuple[str, str], list[tuple[str, str]]]:
    """What the share of each department, and of each item over all departments, adds up."""
    weighted = [item["name"] for item in facts["items"] if item["weight"] > 0]
    shown = {place for place, coarse in cells.items() if coarse is not None}
    departments = {
        ("department", profile["name"]): [(profile["name"], name) for name in weighted]
        for profile in facts["profiles"]
    }
    whole = {place: parts for place, parts in departments.items() if shown.issuperset(parts)}
    items = {
        ("item", item["name"]): [place for place in cells if place[1] == item["name"] and place in shown]
        for item in facts["items"]
    }
    return whole | items


def _tellable(facts: Part, place: tuple[str, str]) -> bool:
    """Whether neither the satisfied answers of a sum nor the others are few."""
    kind, name = place
    few = facts["round"]["threshold"]
    if kind == "item":
        share, n = next((i["satisfied"], i["n"]) for i in facts["items"] if i["name"] == name)
    else:
        satisfied = next(p["satisfied"] for p in facts["profiles"] if p["name"] == name)
        share, n = satisfied["share"], satisfied["ratings"]
    return share is not None and few <= round(share * n) <= n - few


def _unknown(
    facts: Part, cells: dict[tuple[str, str], Coarse | None]
) -> dict[tuple[str, str], tuple[int, int, int]]:
    """(department, item) → fewest, most and actual answers below the satisfied levels, where not told."""
    first = facts["scale"]["satisfied"]
    found = {}
    for profile in facts["profiles"]:
        for item in profile["items"]:
            place = (profile["name"], item["name"])
            coarse = cells.get(place)
            if coarse is not None and coarse.satisfied is None:
                found[place] = (*coarse.below, sum(item["levels"][first:]))
    return found
