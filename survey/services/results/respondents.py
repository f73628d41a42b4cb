"""Counts of ballots by what enterprises declare of themselves, and classes of options large enough to work
with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import cast

import numpy as np

from analysis.disclosure.protection import Protected, Rule, Table, protect
from survey.facts.base import Withheld
from survey.services.results.scored_round import ScoredRound

NOT_SAID = ""
Class = tuple[str, ...]


def counts_of(scored: ScoredRound, stratum: int) -> dict[str, int]:
    """Number of ballots by option; `NOT_SAID` for those that leave the stratum unanswered."""
    options = scored.questionnaire.strata[stratum].options
    silent, *counts = np.bincount(scored.scores.strata_columns()[:, stratum], minlength=len(options) + 1)
    return {option: int(n) for option, n in zip((*options, NOT_SAID), (*counts, silent), strict=True)}


def withheld(scored: ScoredRound, stratum: int) -> dict[str, Withheld]:
    """Options (or `NOT_SAID`) whose number of ballots must not be published → reason; the total is public.

    Strata need not be protected together: margins of different strata say nothing about each other.
    """
    counts = counts_of(scored, stratum)
    name = scored.questionnaire.strata[stratum].name
    table = Table(name, {name: tuple(counts)}, tuple(counts.values()))
    protected: Protected = protect([table], Rule(scored.threshold, 0))
    # All ballots together are too few: even an empty option would tell of the others.
    if () in protected.reasons:
        return dict.fromkeys(counts, cast("Withheld", protected.reasons[()]))
    return {group[0][1]: cast("Withheld", reason) for group, reason in protected.reasons.items() if group}


def withheld_silence(scored: ScoredRound, stratum: int) -> bool:
    """Whether the number of ballots that leave the stratum unanswered must be withheld; then no sum of the
    others may be published either."""
    return NOT_SAID in withheld(scored, stratum)


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
    merged: list[Class] = []
    for option in options:
        if option not in secret:
            merged.append((option,))
        elif option == secret[0]:
            merged.append(secret)
    while len(merged) > 1:
        bad = [c for c in merged if size(c) < least or (len(c) == 1 and c[0] in secret)]
        if not bad:
            break
        _merge(merged, min(bad, key=size), size)
    return merged


def _merge(merged: list[Class], small: Class, size: Callable[[Class], int]) -> None:
    at = merged.index(small)
    neighbours = [place for place in (at - 1, at + 1) if 0 <= place < len(merged)]
    other = min(neighbours, key=lambda place: size(merged[place]))
    first, second = sorted((at, other))
    merged[first : second + 1] = [merged[first] + merged[second]]


def class_name(options: Class) -> str:
    return "/".join(options)


def class_of(merged: Sequence[Class]) -> Mapping[str, str]:
    """Name of the class by option."""
    return {option: class_name(options) for options in merged for option in options}
