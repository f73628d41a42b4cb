"""What weighs on the overall rating, for all departments together and beside what each of them gets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from analysis.drivers import Drivers, importance
from analysis.errors import InputError
from analysis.explain import plain
from survey.ballot.questionnaire import Item
from survey.services.material import Material, Part, impossible
from survey.services.rankings import LEVEL, SEED

FEW_COMPLETE = (
    "把所有指标都答全、且评了两个以上部门的企业太少，或者某个指标人人打分都相同，不能分析影响因素。",
    "Too few enterprises answered every item for two or more departments, or an item does not vary.",
)
NO_OVERALL = ("问卷没有总体评价指标。", "The questionnaire has no item for the overall rating.")


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
        "summary_en": _in_english(found, items).summary("en"),
    }


def _in_english(found: Drivers, items: Sequence[Item]) -> Drivers:
    """The same with the items' English names, as far as they were entered."""
    named = {item.name: item.name_en or item.name for item in items}
    drivers = tuple(replace(d, item=named[d.item]) for d in found.drivers)
    return replace(found, outcome=named[found.outcome], drivers=drivers)


def importance_performance(found: Part, shown: Sequence[Part], totals: Sequence[Part]) -> list[Part]:
    """`drivers` beside the means of one department's items; nothing where either is not to be had."""
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
