"""Importance of items for the overall rating, over all departments, and beside each department's means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from analysis.errors import InputError
from analysis.items.drivers import Driver, Drivers, importance
from survey.facts.base import Impossible, Interval, Side, finite, interval
from survey.facts.items import DriverFacts, DriversFacts, Importance, ItemFacts, ItemTotal, Quadrant
from survey.protocol.questionnaire import Item
from survey.services.results.ranking import LEVEL, SEED
from survey.services.results.scored_round import ScoredRound, impossible
from survey.wording import reasons


def drivers(scored: ScoredRound) -> DriversFacts | Impossible:
    """Drivers of the overall rating: each item's importance, within raters."""
    items = scored.questionnaire.items
    outcome = next((item.name for item in items if item.overall), None)
    if outcome is None:
        return impossible(reasons.NO_OVERALL_ITEM)
    try:
        ratings = scored.ratings(items=range(len(items)))
        estimated = importance(ratings, outcome, level=LEVEL, seed=SEED, threshold=scored.threshold)
    except InputError:
        return impossible(reasons.FEW_COMPLETE)  # the error counts them
    return DriversFacts(
        outcome=outcome,
        r_squared=finite(estimated.r_squared),
        n_raters=estimated.n_raters,
        items=tuple(map(_driver, estimated.drivers)),
        summary_zh=estimated.summary("zh"),
        summary_en=_in_english(estimated, items).summary("en"),
    )


def _driver(d: Driver) -> DriverFacts:
    return DriverFacts(
        item=d.item,
        raw=finite(d.raw),
        importance=finite(d.importance),
        ci=interval(d.ci),
        correlation=finite(d.correlation),
    )


def _in_english(estimated: Drivers, items: Sequence[Item]) -> Drivers:
    """`estimated` with the items' English names, as far as they were entered."""
    named = {item.name: item.name_en or item.name for item in items}
    drivers = tuple(replace(d, item=named[d.item]) for d in estimated.drivers)
    return replace(estimated, outcome=named[estimated.outcome], drivers=drivers)


def importance_performance(
    estimated: DriversFacts | Impossible, shown: Sequence[ItemFacts], totals: Sequence[ItemTotal], line: float
) -> tuple[Importance, ...]:
    """Importance of each item beside one department's mean (`shown`: its items, `totals`: over all
    departments); empty where either is missing.

    quadrant: only where the interval of the importance excludes an equal share; an item is low that is below
    the warning line or certainly below the group, and high that is neither and certainly above the group.
    """
    if not estimated.possible:
        return ()
    items = {item.name: item for item in shown}
    average = {item.name: item.mean for item in totals}
    if all(items[d.item].mean is None for d in estimated.items):
        return ()
    return tuple(
        Importance(
            item=d.item,
            importance=d.importance,
            ci=d.ci,
            performance=items[d.item].mean,
            average=average[d.item],
            low=_is_low(items[d.item], line),
            quadrant=_quadrant(d.ci, 1 / len(estimated.items), items[d.item], line),
        )
        for d in estimated.items
    )


def _is_low(item: ItemFacts, line: float) -> bool | None:
    return None if item.mean is None else item.mean < line or _against(item) == "below"


def _against(item: ItemFacts) -> Side:
    return item.group.direction if item.group else "same"


def _quadrant(ci: Interval, equal: float, item: ItemFacts, line: float) -> Quadrant | None:
    low, high = ci
    low_score = _is_low(item, line)
    if low is None or high is None or low_score is None or low <= equal <= high:
        return None
    if low_score:
        return "improve" if low > equal else "watch"
    if _against(item) != "above":
        return None
    return "keep" if low > equal else "enough"
