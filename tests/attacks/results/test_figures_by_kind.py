"""The same integer program with kinds of firms told apart: differences between kinds, standardised scores.

Everybody rated everything and said what it is; the attacker knows how many firms there are of each kind.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from rounds_of_scores import description, round_json, scores, strata

from tests.attacks.results.test_published_figures import (
    ALMOST,
    FEW,
    LEAST_FEWER,
    ONE_ITEM,
    SCALE,
    Attacker,
    Cells,
    D,
    K,
    L,
    N,
    _earlier,
    rated,
)

NIGHTLY = os.environ.get("NIGHTLY") == "1"
SIZES = [(26, 12), (19, 19), (28, 10)] if NIGHTLY else [(26, 12)]
WANTED = list(itertools.product(range(D), range(K))) if NIGHTLY else [(ONE_ITEM, 1), (ALMOST, 0)]
ORIGIN = 1
"""Number of the stratum that has exactly two kinds."""


class AttackerByKind(Attacker):
    """Unknown counts by kind of firm as well; sizes: firms of each kind, as published."""

    def __init__(self, facts: dict[str, Any], sizes: Sequence[int]) -> None:
        self.sizes, self.unknown = sizes, len(sizes) * D * K * L
        super().__init__(facts)
        for kind, d, k in itertools.product(range(len(sizes)), range(D), range(K)):
            self.add(self.of_kind(kind, d, k, range(L)), sizes[kind], sizes[kind])
        self.by_kind(facts["treatment"][ORIGIN], facts["assumptions"]["standardised"][ORIGIN])

    def of_kind(self, kind: int, d: int, k: int, which: Any) -> Cells:
        return {((kind * D + d) * K + k) * L + level: 1.0 for level in which}

    def levels(self, d: int, k: int, which: Any) -> Cells:
        return self.total(*(self.of_kind(kind, d, k, which) for kind in range(len(self.sizes))))

    def item_mean(self, d: int, k: int, factor: float = 1.0) -> Cells:
        among = [self.levels(d, k, [level]) for level in range(L)]
        return {c: factor * SCALE[level] / N for level in range(L) for c in among[level]}

    def kind_mean(self, kind: int, d: int, factor: float) -> Cells:
        each = factor / K / self.sizes[kind]
        cells = [self.of_kind(kind, d, k, [level]) for k in range(K) for level in range(L)]
        return {c: each * SCALE[n % L] for n, cell in enumerate(cells) for c in cell}

    def relative(self, weights: Sequence[float], d: int, among: Sequence[int]) -> Cells:
        """A weighted sum of what the kinds gave department d, less its average over `among`."""
        parts = [self.kind_mean(kind, d, w) for kind, w in enumerate(weights)]
        parts += [self.kind_mean(kind, o, -w / len(among)) for kind, w in enumerate(weights) for o in among]
        return self.total(*parts)

    def by_kind(self, treated: dict[str, Any], standardised: dict[str, Any]) -> None:
        among = [self.names.index(told["department"]) for told in treated["differences"]]
        for d, told in zip(among, treated["differences"], strict=True):
            cells = self.relative([1.0, -1.0], d, among)
            self.add(cells, told["difference"] - 0.25, told["difference"] + 0.25)
        moved = [self.names.index(told["name"]) for told in standardised["departments"]]
        shares = [standardised["shares"][name] for name in treated["groups"]]
        weights = [share - size / N for share, size in zip(shares, self.sizes, strict=True)]
        for d, told in zip(moved, standardised["departments"], strict=True):
            cells = self.relative(weights, d, moved)
            self.add(cells, told["difference"] - 0.05, told["difference"] + 0.05)


def found_by_kind(sizes: Sequence[int]) -> list[tuple[Any, ...]]:
    """Withheld items whose mean follows; answers by few firms, of all or of one kind, that are certain."""
    answers, declared = rated(), strata(N, (0, 22, 16, 0), (0, *sizes))
    facts = round_json(description(), scores(answers, declared), {}, [_earlier()])
    assert list(facts["treatment"][ORIGIN]["groups"].values()) == list(sizes)
    attacker, found = AttackerByKind(facts, sizes), []
    of = declared[:, ORIGIN] - 1
    for d, k in WANTED:
        if facts["profiles"][d]["items"][k]["reason"]:
            low, high = attacker.bounds(attacker.item_mean(d, k))
            assert low - 1e-6 <= SCALE[answers[:, d, k] - 1].mean() <= high + 1e-6
            found += [(d, k)] if high - low < 7 * 20 / N - 1e-6 else []
            continue
        for level, among in [*((i, [i]) for i in range(L)), (-1, list(range(attacker.first, L)))]:
            gave = np.isin(answers[:, d, k], np.array(among) + 1)
            for who, cells, actual in [
                (None, attacker.levels(d, k, among), int(gave.sum())),
                *(
                    (kind, attacker.of_kind(kind, d, k, among), int(gave[of == kind].sum()))
                    for kind in range(len(sizes))
                ),
            ]:
                if 0 < actual < FEW:
                    low, high = attacker.bounds(cells)
                    assert low - 1e-6 <= actual <= high + 1e-6
                    found += [(d, k, level, who)] if round(low) > max(0, actual - LEAST_FEWER) else []
    return found


@pytest.mark.parametrize("sizes", SIZES)
def test_nothing_withheld_follows_with_kinds_told_apart(sizes: tuple[int, int]) -> None:
    assert found_by_kind(sizes) == []
