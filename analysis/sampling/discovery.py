"""Discovery sampling: what calls to a random sample rule out for the whole list that it was drawn from.

Of N on the list D are false; X of n drawn without replacement are, hypergeometrically. What X = x rules out
at level 1 − α is every D with P(X ≤ x) ≤ α: the one-sided exact bound (Clopper and Pearson 1934, for a finite
population: Buonaccorsi 1987). The draw is by hash, so that anybody who has list and seed repeats it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

LEVEL = 0.95
_TIES = 1 + 1e-9
"""A chance of exactly α is at most α, whatever rounding makes of it."""


def most_false(population: int, drawn: int, found: int, level: float = LEVEL) -> int:
    """Largest number of false ones among `population` that `found` of `drawn` does not rule out.

    Raises `ValueError` unless 0 ≤ found ≤ drawn ≤ population.

    >>> most_false(300, 54, 0)
    14
    """
    from scipy import stats  # here, since the server that phones talk to draws nothing

    _check(population, drawn, found)
    least, most = found, population - (drawn - found)
    while least < most:  # P(X ≤ found) falls as there are more false ones
        middle = (least + most + 1) // 2
        if stats.hypergeom.cdf(found, population, middle, drawn) > (1 - level) * _TIES:
            least = middle
        else:
            most = middle - 1
    return least


def calls_for(population: int, false: int, level: float = LEVEL) -> int:
    """Smallest number of calls that find at least one of `false` false ones with probability `level`.

    >>> calls_for(300, 15)
    54
    """
    from scipy import stats

    _check(population, false, 0)
    if not false:
        return population
    least, most = 1, population - false + 1
    while least < most:
        middle = (least + most) // 2
        if stats.hypergeom.pmf(0, population, false, middle) <= (1 - level) * _TIES:
            most = middle
        else:
            least = middle + 1
    return least


def drawn_by_hash(seed: str, names: Iterable[str], size: int) -> list[str]:
    """The `size` names whose SHA-256 of seed ‖ ":" ‖ name is smallest, in that order."""

    def place(name: str) -> bytes:
        return hashlib.sha256(f"{seed}:{name}".encode()).digest()

    return sorted(set(names), key=place)[:size]


def _check(population: int, drawn: int, found: int) -> None:
    if not 0 <= found <= drawn <= population:
        raise ValueError(f"{found} of {drawn} of {population}")
