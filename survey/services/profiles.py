"""Each department by itself: answers, items against its group, importance beside performance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from analysis.disclosure import Rule, primary_reason
from analysis.drivers import importance
from analysis.errors import InputError
from analysis.explain import plain
from survey.ballot.questionnaire import Item
from survey.services import comparisons
from survey.services.material import Material, Part, impossible
from survey.services.rankings import LEVEL, SEED

FEW_COMPLETE = (
    "把所有指标都答全、且评了两个以上部门的企业太少，或者某个指标人人打分都相同，不能分析影响因素。",
    "Too few enterprises answered every item for two or more departments, or an item does not vary.",
)
NO_OVERALL = ("问卷没有总体评价指标。", "The questionnaire has no item for the overall rating.")
OVERALL_KEYS = (
    "rank",
    "rank_set",
    "adjusted",
    "ci",
    "mean",
    "se",
    "tier",
    "vs_average",
    "average_difference",
    "average_ci",
)


def drivers(material: Material) -> Part:
    """Which items go with the overall rating, within raters."""
    items = material.questionnaire.items
    outcome = next((item.name for item in items if item.overall), None)
    if outcome is None:
        return impossible(NO_OVERALL)
    try:
        ratings = material.ratings(items=range(len(items)))
        found = importance(ratings, outcome, level=LEVEL, seed=SEED, threshold=material.threshold)
    except InputError:
        return impossible(FEW_COMPLETE)  # the error counts them
    return {
        "possible": True,
        "outcome": outcome,
        "r_squared": plain(found.r_squared),
        "n_raters": found.n_raters,
        "items": [plain(d) for d in found.drivers],
        "summary_zh": found.summary("zh"),
        "summary_en": found.summary("en"),
    }


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
        reasons = [primary_reason(n, self._rule) if n.sum() else "none" for n in counts]
        self._complement(counts, reasons)
        return reasons

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


def profiles(material: Material, answers: Answers, facts: Part, latest: Material | None) -> list[Part]:
    """A profile a department; `facts` holds ranking, items, drivers, treatment and changes already."""
    level = item_level(material)
    against, since = _against(material, level), _since(material, latest, level)
    found = []
    for d, department in enumerate(material.questionnaire.departments):
        position = _position(facts["ranking"], department.name, department.group)
        shown = _items(material, answers, d, against, since)
        found.append(
            {
                "index": d,
                "name": department.name,
                "group": department.group,
                **position,
                "n": _raters(material, d),
                "line": _line(position["overall"], material.questionnaire.scale.warning_line),
                "satisfied": _satisfied(material, answers, d),
                "items": shown,
                "importance": _importance(facts["drivers"], shown, facts["items"]),
                "changes": _changes(facts["changes"], department.name),
                "treatment": _treatment(facts["treatment"], department.name),
            }
        )
    return found


def item_level(material: Material) -> float:
    """Each item's joint level, so that all items of a department are right together at `LEVEL`."""
    return 1 - (1 - LEVEL) / len(material.questionnaire.items)


def _raters(material: Material, d: int) -> int | None:
    n = int(material.raters[d])
    return n if n >= material.threshold or n == 0 else None


def _position(ranking: Part, name: str, group: str) -> Part:
    within: Part = next((g for g in ranking["groups"] if g["name"] == group), {"departments": []})
    overall = _place(ranking["departments"], name)
    why = {entry["name"]: entry["reason"] for entry in ranking["insufficient"]}
    missing = why.get(name, "" if overall else "没有收到可以计入的评分。")
    return {
        "ranked": overall is not None,
        "reason_zh": missing,
        "overall": overall,
        "in_group": _place(within["departments"], name),
    }


def _place(departments: Sequence[Part], name: str) -> Part | None:
    for entry in departments:
        if entry["name"] == name:
            return {key: entry[key] for key in OVERALL_KEYS} | {"of": len(departments)}
    return None


def _line(overall: Part | None, line: float) -> str | None:
    if overall is None or None in overall["ci"]:
        return None
    low, high = overall["ci"]
    if low > line:
        return "above"
    return "below" if high < line else "undecided"


def _satisfied(material: Material, answers: Answers, d: int) -> Part:
    n = sum(int(answers.counts[d, k].sum()) for k in material.weighted_items)
    if material.raters[d] < material.threshold:
        return {"share": None, "ratings": None, "reason": "threshold" if n else "none"}
    content = sum(answers.satisfied(d, k) for k in material.weighted_items)
    return {"share": content / n, "ratings": n, "reason": ""}


Family = Mapping[int, Mapping[str, Part]]


def _against(material: Material, level: float) -> Family:
    """Item → department → against its group."""
    questionnaire = material.questionnaire
    found: dict[int, dict[str, Part]] = {}
    for group in questionnaire.groups:
        places = [d for d, department in enumerate(questionnaire.departments) if department.group == group]
        for k in range(len(questionnaire.items)):
            found.setdefault(k, {}).update(comparisons.against_group(material, places, k, level))
    return found


def _since(material: Material, latest: Material | None, level: float) -> Family:
    if latest is None:
        return {}
    places = range(len(material.questionnaire.items))
    return {k: comparisons.item_changes(material, latest, k, level) for k in places}


def _items(material: Material, answers: Answers, d: int, against: Family, since: Family) -> list[Part]:
    return [_item(material, answers, d, k, against, since) for k in range(len(material.questionnaire.items))]


def _item(material: Material, answers: Answers, d: int, k: int, against: Family, since: Family) -> Part:
    item, reason, name = material.questionnaire.items[k], answers.reasons[d][k], material.names[d]
    head: Part = {"name": item.name, "name_en": item.name_en, "reason": reason}
    if reason:
        empty = ("n", "mean", "satisfied", "levels", "not_known", "group", "change")
        return head | dict.fromkeys(empty)
    n = int(answers.counts[d, k].sum())
    return head | {
        "n": n,
        "mean": answers.mean(d, k),
        "satisfied": answers.satisfied(d, k) / n,
        "levels": answers.counts[d, k].tolist(),
        "not_known": int(answers.not_known[d, k]),
        "group": against.get(k, {}).get(name),
        "change": since.get(k, {}).get(name),
    }


def _importance(found: Part, shown: Sequence[Part], totals: Sequence[Part]) -> list[Part]:
    if not found["possible"]:
        return []
    performance = {item["name"]: item["mean"] for item in shown}
    average = {item["name"]: item["mean"] for item in totals}
    known = [performance[d["item"]] for d in found["items"] if performance[d["item"]] is not None]
    if not known:
        return []
    middle, typical = sum(known) / len(known), 1 / len(found["items"])
    return [
        {
            "item": d["item"],
            "importance": d["importance"],
            "ci": d["ci"],
            "performance": performance[d["item"]],
            "average": average[d["item"]],
            "quadrant": _quadrant(d["importance"] >= typical, performance[d["item"]], middle),
        }
        for d in found["items"]
    ]


def _quadrant(important: bool, performance: float | None, middle: float) -> str | None:
    if performance is None:
        return None
    if performance >= middle:
        return "keep" if important else "enough"
    return "improve" if important else "watch"


def _changes(found: Sequence[Part], name: str) -> list[Part]:
    return [
        {"slug": since["slug"], "title": since["title"]} | _without(change)
        for since in found
        if since["possible"]
        for change in since["changes"]
        if change["department"] == name
    ]


def _treatment(found: Sequence[Part], name: str) -> list[Part]:
    return [
        {"stratum": stratum["stratum"]} | _without(difference)
        for stratum in found
        if stratum["possible"]
        for difference in stratum["differences"]
        if difference["department"] == name
    ]


def _without(entry: Part) -> Part:
    return {key: value for key, value in entry.items() if key != "department"}
