"""Counts of ballots by what enterprises declare of themselves, and classes of options large enough to work
with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import cast

from analysis.disclosure.protection import Protected, Rule, Table, protect
from survey.facts.base import Withheld
from survey.services.results.scored_round import Material

NOT_SAID = ""
Class = tuple[str, ...]


def counts_of(material: Material, stratum: int) -> dict[str, int]:
    """Number of ballots by option; `NOT_SAID` for those that leave the stratum unanswered."""
    counted = Counter(label or NOT_SAID for label in material.declared(stratum))
    return {option: counted[option] for option in (*material.questionnaire.strata[stratum].options, NOT_SAID)}


def withheld(material: Material, stratum: int) -> dict[str, Withheld]:
    """Options (or `NOT_SAID`) whose number of ballots must not be published → reason; the total is public.

    Strata need not be protected together: margins of different strata say nothing about each other.
    """
    counts = counts_of(material, stratum)
    name = material.questionnaire.strata[stratum].name
    table = Table(name, {name: tuple(counts)}, tuple(counts.values()))
    found: Protected = protect([table], Rule(material.threshold, 0))
    if () in found.reasons:  # all ballots together are too few: even an empty option would tell of the others
        return dict.fromkeys(counts, cast("Withheld", found.reasons[()]))
    return {group[0][1]: cast("Withheld", reason) for group, reason in found.reasons.items() if group}


def withheld_silence(material: Material, stratum: int) -> bool:
    """Whether the number of ballots that leave the stratum unanswered must be withheld; then no sum of the
    others may be published either."""
    return NOT_SAID in withheld(material, stratum)


def classes(
    options: Sequence[str],
    size: Callable[[Class], int],
    *,
    least: int,
    hidden: Sequence[str] = (),
) -> list[Class]:
    """Options merged with the smaller neighbour until every class has size `least`; hidden options never
    stand alone.

    What is computed from a class tells its size; so withheld options go into one class, with another option
    when there is only one of them.
    """
    secret = tuple(option for option in options if option in hidden)
    found: list[Class] = []
    for option in options:
        if option not in secret:
            found.append((option,))
        elif option == secret[0]:
            found.append(secret)
    while len(found) > 1:
        bad = [c for c in found if size(c) < least or (len(c) == 1 and c[0] in secret)]
        if not bad:
            break
        _merge(found, min(bad, key=size), size)
    return found


def _merge(found: list[Class], small: Class, size: Callable[[Class], int]) -> None:
    at = found.index(small)
    neighbours = [place for place in (at - 1, at + 1) if 0 <= place < len(found)]
    other = min(neighbours, key=lambda place: size(found[place]))
    first, second = sorted((at, other))
    found[first : second + 1] = [found[first] + found[second]]


def class_name(options: Class) -> str:
    return "/".join(options)


def class_of(found: Sequence[Class]) -> Mapping[str, str]:
    """Name of the class by option."""
    return {option: class_name(options) for options in found for option in options}
