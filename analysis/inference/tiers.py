"""Tiers: letters such that two departments share one exactly when they are not declared different.

Piepho (2004), An algorithm for a letter-based representation of all-pairwise comparisons, JCGS 13:456-466.
Its letters are the maximal sets of departments none of which differ (maximal cliques).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_MOST_LETTERS = 500
_MOST_STEPS = 20_000

Mask = int


@dataclass(frozen=True, eq=False)
class Tiers:
    """Letters of departments; member: (D, L), True where department d has letter l; complete: no letter was
    left out.

    With too many maximal sets, just enough are kept that departments share a letter exactly when not declared
    different.
    """

    member: NDArray[np.bool_]
    complete: bool

    @property
    def letters(self) -> tuple[str, ...]:
        """Letters of each department as one text, such as "ab", (D,)."""
        names = [letter(i) for i in range(self.member.shape[1])]
        return tuple("".join(names[i] for i in np.flatnonzero(row)) for row in self.member)


def letter(index: int) -> str:
    """Letter of tier `index`: a … z, A … Z, then the same with leading dots (as multcompView)."""
    rounds, position = divmod(index, len(_ALPHABET))
    return "." * rounds + _ALPHABET[position]


def tiers(different: NDArray[np.bool_]) -> Tiers:
    """Tiers from a symmetric (D, D) matrix of declared differences, rows in ranked order (best first)."""
    alike = _masks(~different & ~np.eye(different.shape[0], dtype=bool))
    cliques = _maximal_cliques(alike)
    complete = cliques is not None
    found = cliques if cliques is not None else _covering_cliques(alike)
    found.sort(key=lambda mask: _members(mask))
    member = np.zeros((different.shape[0], len(found)), dtype=bool)
    for column, mask in enumerate(found):
        member[_members(mask), column] = True
    return Tiers(member, complete)


def _masks(adjacent: NDArray[np.bool_]) -> list[Mask]:
    packed = np.packbits(adjacent, axis=1, bitorder="little")
    return [int.from_bytes(row.tobytes(), "little") for row in packed]


def _members(mask: Mask) -> list[int]:
    members = []
    while mask:
        low = mask & -mask
        members.append(low.bit_length() - 1)
        mask ^= low
    return members


def _maximal_cliques(alike: list[Mask]) -> list[Mask] | None:
    """All maximal cliques (Bron & Kerbosch 1973, with pivot); None when there are too many."""
    found: list[Mask] = []
    stack: list[tuple[Mask, Mask, Mask]] = [(0, (1 << len(alike)) - 1, 0)]
    for _ in range(_MOST_STEPS):
        if not stack:
            return found
        clique, candidates, excluded = stack.pop()
        if not candidates and not excluded:
            found.append(clique)
            if len(found) > _MOST_LETTERS:
                return None
            continue
        stack.extend(_branches(alike, clique, candidates, excluded))
    return found if not stack else None


def _branches(
    alike: list[Mask], clique: Mask, candidates: Mask, excluded: Mask
) -> list[tuple[Mask, Mask, Mask]]:
    pivot = max(_members(candidates | excluded), key=lambda v: (candidates & alike[v]).bit_count())
    branches = []
    for v in _members(candidates & ~alike[pivot]):
        branches.append((clique | 1 << v, candidates & alike[v], excluded & alike[v]))
        candidates &= ~(1 << v)
        excluded |= 1 << v
    return branches


def _covering_cliques(alike: list[Mask]) -> list[Mask]:
    """Maximal cliques that together contain every pair that is not different, found greedily in ranked
    order."""
    uncovered = list(alike)
    found: list[Mask] = []
    for v in range(len(alike)):
        if not alike[v]:
            found.append(1 << v)
        while uncovered[v]:
            clique = _grow(alike, uncovered, v)
            for member in _members(clique):
                uncovered[member] &= ~clique
            found.append(clique)
    return found


def _grow(alike: list[Mask], uncovered: list[Mask], start: int) -> Mask:
    clique, candidates, wanted = 1 << start, alike[start], uncovered[start]
    while candidates:
        pool = candidates & wanted or candidates
        low = pool & -pool
        clique |= low
        candidates &= alike[low.bit_length() - 1]
    return clique
