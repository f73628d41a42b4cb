"""Additional charts beside a ranking, as files in three formats, with their numbers as JSON."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Literal, Protocol, TypedDict

from matplotlib.figure import Figure

from analysis.answers.ratings import Ratings
from analysis.charts.change import change_chart
from analysis.charts.differences import group_differences_chart
from analysis.charts.electorates import electorates_chart
from analysis.charts.heatmap import item_heatmap_chart
from analysis.charts.importance import importance_performance_chart
from analysis.charts.matrix import pair_matrix_chart
from analysis.charts.rendering import FORMATS, render
from analysis.compare.groups import compare_groups
from analysis.compare.itemwise import item_scores
from analysis.compare.rounds import compare_rounds
from analysis.electorates.composite import Composite
from analysis.items.drivers import importance
from analysis.items.performance import importance_performance
from analysis.ranking.results import Note, Ranking

Language = Literal["zh", "en"]


class ChartSettings(TypedDict):
    """How the figures of a chart are worked out; `threshold`: raters behind each."""

    level: float
    seed: int
    threshold: int


OVERALL = ("总体评价", "总体满意度", "总评", "overall")


class Explains(Protocol):
    """Result of the analysis with a summary and a dictionary for JSON."""

    def summary(self, language: str = "zh") -> str: ...
    def to_dict(self) -> dict[str, object]: ...


@dataclass(frozen=True)
class Extra:
    """Chart beside the ranking, drawn by `draw` in the language asked for, with what it shows.

    results: name in the JSON → result; apart: whether they have a JSON of their own, or ranking.json has them
    all; told: a further sentence.
    """

    name: str
    draw: Callable[..., Figure]
    results: Mapping[str, Explains] = field(default_factory=dict)
    apart: bool = True
    told: Note | None = None

    def summary(self, language: Language) -> str:
        """What the chart shows in sentences, one a line; "" where ranking.json says it all."""
        told = [] if self.told is None else [self.told.text(language)]
        return "\n".join([*(result.summary(language) for result in self.results.values()), *told])

    def svg(self, language: Language) -> bytes:
        """Chart as SVG."""
        return render(self.draw(language=language), "svg")

    def files(self, language: Language) -> dict[str, bytes]:
        """Files NAME.png, .svg, .pdf, and NAME.json where the results are `apart`, by file name."""
        figure = self.draw(language=language)
        charts = {f"{self.name}.{fmt}": render(figure, fmt) for fmt in FORMATS}
        if not self.apart:
            return charts
        numbers = {key: result.to_dict() for key, result in self.results.items()}
        document = {"summary": self.summary(language), **numbers}
        text = json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1) + "\n"
        return {f"{self.name}.json": text.encode(), **charts}


def pairs_extra(ranking: Ranking) -> Extra:
    """Matrix of which departments differ."""
    return Extra("pairs", partial(pair_matrix_chart, ranking), apart=False)


def items_extra(ratings: Ratings, ranking: Ranking, threshold: int) -> Extra:
    """Heat map of adjusted scores by item, ranked departments first, in ranked order."""
    found = item_scores(ratings, threshold=threshold)
    ranked = [d.name for d in ranking.departments]
    order = ranked + [name for name in found.departments if name not in set(ranked)]
    rows = [found.departments.index(name) for name in order]
    return Extra(
        "items", partial(item_heatmap_chart, order, found.items, found.adjusted[rows]), {"items": found}
    )


def overall_item(ratings: Ratings) -> str | None:
    """Name of the item that asks for the overall impression, recognised by its name; None without one."""
    return next((item for item in ratings.item_names if item.strip().casefold() in OVERALL), None)


def importance_extra(ratings: Ratings, outcome: str, settings: ChartSettings) -> Extra:
    """Chart of the importance of the items for `outcome`, against their mean points over all departments."""
    drivers = importance(ratings, outcome, method=_method(ratings), **_shared(settings))
    points = importance_performance(ratings, drivers, threshold=settings["threshold"])
    results: dict[str, Explains] = {"drivers": drivers, "importance_performance": points}
    return Extra("importance", partial(importance_performance_chart, points), results)


def _shared(settings: ChartSettings) -> ChartSettings:
    return ChartSettings(level=settings["level"], seed=settings["seed"], threshold=settings["threshold"])


def _method(ratings: Ratings) -> Literal["lmg", "johnson"]:
    return "lmg" if len(ratings.item_names) <= 9 else "johnson"


def groups_extra(ratings: Ratings, groups: Mapping[str, str], settings: ChartSettings) -> Extra:
    """Chart of the differences between groups of raters; `groups`: rater → group."""
    found = compare_groups(ratings, groups, **_shared(settings))
    return Extra("groups", partial(group_differences_chart, found), {"groups": found})


def change_extra(
    before: Ratings,
    after: Ratings,
    settings: ChartSettings,
    *,
    independent: bool,
    same_raters: bool,
    told: Note | None = None,
) -> Extra:
    """Chart of the change since the round before; independent, same_raters: what is declared about the
    raters; told: a further note for the summary."""
    found = compare_rounds(
        before, after, **_shared(settings), independent=independent, same_raters=same_raters
    )
    return Extra("change", partial(change_chart, found), {"change": found}, told=told)


def electorates_extra(found: Composite) -> Extra:
    """Chart of how much each electorate of a composite changed the scores; the numbers are in
    ranking.json."""
    return Extra("electorates", partial(electorates_chart, found), {"electorates": found}, apart=False)
