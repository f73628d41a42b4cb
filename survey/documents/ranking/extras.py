"""Additional charts beside a ranking, as files in three formats, with their numbers as JSON."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
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
    """Chart beside the ranking; `numbers`: contents of its JSON, None where ranking.json has them all."""

    name: str
    figure: Figure
    numbers: Mapping[str, object] | None = None
    summary: str = ""

    def files(self) -> dict[str, bytes]:
        """Files NAME.png, .svg, .pdf, and NAME.json where `numbers` is given, by file name."""
        charts = {f"{self.name}.{fmt}": render(self.figure, fmt) for fmt in FORMATS}
        if self.numbers is None:
            return charts
        text = json.dumps(self.numbers, ensure_ascii=False, allow_nan=False, indent=1) + "\n"
        return {f"{self.name}.json": text.encode(), **charts}


def _extra(name: str, figure: Figure, language: Language, **results: Explains) -> Extra:
    summary = "\n".join(result.summary(language) for result in results.values())
    numbers = {key: result.to_dict() for key, result in results.items()}
    return Extra(name, figure, {"summary": summary, **numbers}, summary)


def pairs_extra(ranking: Ranking, language: Language) -> Extra:
    """Matrix of which departments differ."""
    return Extra("pairs", pair_matrix_chart(ranking, language=language))


def items_extra(ratings: Ratings, ranking: Ranking, language: Language, threshold: int) -> Extra:
    """Heat map of adjusted scores by item, ranked departments first, in ranked order."""
    found = item_scores(ratings, threshold=threshold)
    ranked = [d.name for d in ranking.departments]
    order = ranked + [name for name in found.departments if name not in set(ranked)]
    rows = [found.departments.index(name) for name in order]
    figure = item_heatmap_chart(order, found.items, found.adjusted[rows], language=language)
    return _extra("items", figure, language, items=found)


def overall_item(ratings: Ratings) -> str | None:
    """Name of the item that asks for the overall impression, recognised by its name; None without one."""
    return next((item for item in ratings.item_names if item.strip().casefold() in OVERALL), None)


def importance_extra(ratings: Ratings, outcome: str, language: Language, settings: ChartSettings) -> Extra:
    """Chart of the importance of the items for `outcome`, against their mean points over all departments."""
    options = _shared(settings)
    drivers = importance(ratings, outcome, method=_method(ratings), **options)
    points = importance_performance(ratings, drivers, threshold=settings["threshold"])
    figure = importance_performance_chart(points, language=language)
    return _extra("importance", figure, language, drivers=drivers, importance_performance=points)


def _shared(settings: ChartSettings) -> ChartSettings:
    return ChartSettings(level=settings["level"], seed=settings["seed"], threshold=settings["threshold"])


def _method(ratings: Ratings) -> Literal["lmg", "johnson"]:
    return "lmg" if len(ratings.item_names) <= 9 else "johnson"


def groups_extra(
    ratings: Ratings, groups: Mapping[str, str], language: Language, settings: ChartSettings
) -> Extra:
    """Chart of the differences between groups of raters; `groups`: rater → group."""
    options = _shared(settings)
    found = compare_groups(ratings, groups, **options)
    return _extra("groups", group_differences_chart(found, language=language), language, groups=found)


def change_extra(
    before: Ratings,
    after: Ratings,
    language: Language,
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
    extra = _extra("change", change_chart(found, language=language), language, change=found)
    if told is None:
        return extra
    summary = f"{extra.summary}\n{told.text(language)}"
    return replace(extra, summary=summary, numbers={**(extra.numbers or {}), "summary": summary})


def electorates_extra(found: Composite, language: Language) -> Extra:
    """Chart of how much each electorate of a composite changed the scores; the numbers are in
    ranking.json."""
    return Extra("electorates", electorates_chart(found, language=language), None, found.summary(language))
