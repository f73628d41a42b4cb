"""How often each level was answered, and which of these counts may be told."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np

from analysis.coarsening import coarsen
from analysis.disclosure import Rule, primary_reason
from survey.ballot.questionnaire import Item
from survey.services.material import Material, Part


class Answers:
    """Counts of answers, and which of them may be told."""

    def __init__(self, material: Material) -> None:
        self._material = material
        self._rule = Rule(material.threshold)

    @cached_property
    def counts(self) -> Any:
        """(D, K, L) answers by level."""
        levels = range(1, len(self._material.scale) + 1)
        return np.stack([(self._material.levels == level).sum(axis=0) for level in levels], axis=2)

    @cached_property
    def not_known(self) -> Any:
        """(D, K)"""
        return (self._material.levels == 255).sum(axis=0)

    @cached_property
    def reasons(self) -> list[list[str]]:
        """(D, K) why an item's answers are withheld, "" when they are not."""
        return [self._reasons(d) for d in range(len(self._material.names))]

    def _reasons(self, d: int) -> list[str]:
        counts = self.counts[d]
        if self._material.raters[d] < self._material.threshold:
            return ["threshold" if n.sum() else "none" for n in counts]
        reasons = [self._reason(n) if n.sum() else "none" for n in counts]
        self._complement(counts, reasons)
        return reasons

    def _reason(self, n: Any) -> str:
        """Why an item is withheld by itself; answers that follow from the mean alone are nearly unanimous."""
        scale = self._material.questionnaire.scale
        reason = primary_reason(n, self._rule)
        if reason:
            return reason
        told = coarsen(n, self._material.scale, satisfied=scale.satisfied, threshold=self._material.threshold)
        return "" if told else "unanimous"

    def _complement(self, counts: Any, reasons: list[str]) -> None:
        """Withhold more items until the department's own mean does not give away a withheld one.

        The mean is of all weighted items: one withheld item would follow from it, and so would several in
        which everybody chose the same end of the scale.
        """
        weighted = self._material.weighted_items
        while True:
            secret = [k for k in weighted if reasons[k] not in ("", "none")]
            left = [k for k in weighted if reasons[k] == ""]
            dissent = any(reasons[k] != "unanimous" for k in secret)
            if not secret or not left or (len(secret) > 1 and dissent):
                return
            closest = min(left, key=lambda k: counts[k].sum() - counts[k].max())
            reasons[closest] = "complementary"

    def mean(self, d: int, k: int) -> float:
        n = self.counts[d, k]
        return float((n * self._material.scale).sum() / n.sum())

    def satisfied(self, d: int, k: int) -> int:
        return int(self.counts[d, k, : self._material.questionnaire.scale.satisfied].sum())


def items(material: Material, answers: Answers) -> list[Part]:
    """Each item over the departments that show it, so that nothing follows about the others."""
    return [_item_total(answers, k, item) for k, item in enumerate(material.questionnaire.items)]


def _item_total(answers: Answers, k: int, item: Item) -> Part:
    shown = [d for d, reasons in enumerate(answers.reasons) if reasons[k] == ""]
    n = sum(int(answers.counts[d, k].sum()) for d in shown)
    points = sum(answers.mean(d, k) * int(answers.counts[d, k].sum()) for d in shown)
    return {
        "name": item.name,
        "name_en": item.name_en,
        "weight": item.weight,
        "overall": item.overall,
        "n": n,
        "mean": points / n if n else None,
        "satisfied": sum(answers.satisfied(d, k) for d in shown) / n if n else None,
    }
