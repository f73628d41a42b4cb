"""Charts of an edition, drawn from its frozen numbers alone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
from matplotlib.figure import Figure

from analysis.charts.change import change_chart
from analysis.charts.differences import group_differences_chart
from analysis.charts.heatmap import item_heatmap_chart
from analysis.charts.importance import importance_performance_chart
from analysis.charts.matrix import pair_matrix_chart
from analysis.charts.matrix_pages import matrix_blocks, matrix_page, matrix_slide
from analysis.charts.ranking import ranking_chart
from analysis.charts.slides import MOST_ON_ONE, SHEET, draw_slide, ranking_slides
from analysis.compare.groups import GroupComparison, GroupDifference
from analysis.compare.rounds import Change, DepartmentChange
from analysis.items.performance import ImportancePerformance
from analysis.ranking.results import Note, Ranking
from survey.documents.edition.content import Edition
from survey.errors import N_
from survey.facts.analysed import as_analysed
from survey.facts.comparisons import ChangesFacts, DepartmentMove, TreatedDifferently, TreatmentFacts
from survey.facts.items import DriversFacts
from survey.facts.publication import EditionComposite
from survey.facts.ranking import RankingFacts
from survey.facts.whole import Facts
from survey.language import current_language, in_both
from survey.language import gettext as _

_UNKNOWN: Final = float("nan")
# Rows of a chart that compares kinds of enterprises; 120 departments and six pairs of kinds would have 720.
_MOST_ROWS, _LEAST_ROWS = 120, 10
_ALL_IN_WORKBOOK: Final = Note(
    "largest",
    *in_both(N_("部门较多，每两类企业之间只画差别最大的部门；全部数字在排名表的“企业类别”里。")),
)


@dataclass(frozen=True, slots=True)
class Chart:
    """Chart that `draw` can draw; `name`: file name without ending."""

    name: str
    title: str
    draw: Callable[[], Figure]


def charts_of(edition: Edition) -> list[Chart]:
    """Charts that the edition's numbers allow; empty where nothing is ranked."""
    facts = edition.facts
    found = [
        Chart("ranking", _("部门评议排名"), partial(ranking_figure, edition)),
        *_slides(edition),
        *rank_pages(edition.ranking, edition.title, edition.warning_line),
        Chart("pairs", _("两两比较"), partial(_pairs, edition)),
        Chart("pairs-16x9", _("两两比较（投影用）"), partial(matrix_slide, edition.ranking)),
        *pair_pages(edition.ranking),
        Chart("items", _("各项指标得分"), partial(items_figure, edition)),
    ]
    if facts.drivers.possible:
        found.append(
            Chart("importance", _("各项指标的重要性与得分"), partial(importance_figure, facts, facts.drivers))
        )
    for number, part in enumerate(facts.compared_strata, start=1):
        title = _("不同%(stratum)s企业的评价", stratum=part.stratum)
        found.append(Chart(f"treatment-{number}", title, partial(treatment_figure, facts, part)))
    found += [
        Chart(
            f"change-{part.slug}",
            _("与“%(round)s”相比", round=part.title),
            partial(change_figure, facts, part),
        )
        for part in facts.compared_rounds
    ]
    if combined := edition.combined:
        title = _("%(year)s 年各轮合并的总排名", year=edition.opens_on.year)
        found.append(Chart("combined", title, partial(combined_figure, combined.ranking, title)))
    found += [
        Chart(
            f"composite-{number}", _("综合得分：%(name)s", name=entry.name), partial(composite_figure, entry)
        )
        for number, entry in enumerate(edition.composites, start=1)
    ]
    return found if edition.ranked else []


def _slides(edition: Edition) -> list[Chart]:
    """Charts of the ranking as 16:9 slides for a projector."""
    slides = ranking_slides(edition.ranking, title=edition.title, warning_line=edition.warning_line)
    return [
        Chart(
            f"ranking-16x9-{number}",
            _("部门评议排名（投影用 %(page)s/%(of)s）", page=number, of=len(slides)),
            partial(draw_slide, slide),
        )
        for number, slide in enumerate(slides, start=1)
    ]


def rank_pages(ranking: Ranking, title: str, warning_line: float | None) -> list[Chart]:
    """Charts of the ranking on A4 pages; empty where the ranking fits on one page."""
    if len(ranking.departments) <= MOST_ON_ONE:
        return []
    pages = ranking_slides(
        ranking, title=title, warning_line=warning_line, paper=SHEET, language=current_language()
    )
    return [
        Chart(
            f"ranking-a4-{n:02d}",
            _("部门评议排名（%(page)s/%(of)s）", page=n, of=len(pages)),
            partial(draw_slide, page, SHEET),
        )
        for n, page in enumerate(pages, start=1)
    ]


def pair_pages(ranking: Ranking) -> list[Chart]:
    """Charts of the matrix of pairs in blocks on A4 pages; empty where the matrix fits on one page."""
    if len(ranking.departments) <= MOST_ON_ONE:
        return []
    found = []
    for n, block in enumerate(blocks := matrix_blocks(len(ranking.departments)), start=1):
        title = _("两两比较（%(page)s/%(of)s）", page=n, of=len(blocks))
        draw = partial(matrix_page, ranking, block, title=title, language=current_language())
        found.append(Chart(f"pairs-a4-{n:02d}", title, draw))
    return found


def ranking_figure(edition: Edition, *, with_groups: bool = True) -> Figure:
    """Chart of the ranking, with the rankings within groups first unless `with_groups` is False."""
    return ranking_chart(
        edition.ranking,
        groups=edition.groups if with_groups else (),
        title=edition.title,
        language=current_language(),
        warning_line=edition.warning_line,
    )


def _pairs(edition: Edition) -> Figure:
    return pair_matrix_chart(edition.ranking, language=current_language())


def combined_figure(ranking: RankingFacts, title: str) -> Figure:
    """Chart of the combined ranking of the year's rounds."""
    return ranking_chart(as_analysed(ranking), title=title, language=current_language())


def composite_figure(entry: EditionComposite) -> Figure:
    """Chart of a composite's ranking."""
    return ranking_chart(
        as_analysed(entry.ranking),
        title=_("综合得分：%(name)s", name=entry.name),
        language=current_language(),
    )


def items_figure(edition: Edition) -> Figure:
    """Heat map of mean points by department and item; ranked departments first, in ranked order."""
    places = {department.name: place for place, department in enumerate(edition.ranked)}
    profiles = sorted(edition.profiles, key=lambda p: places.get(p.name, len(places)))
    table = [[_number(item.mean) for item in p.items] for p in profiles]
    names = [item.name for item in edition.facts.items]
    title, language = _("各项指标平均得分"), current_language()
    return item_heatmap_chart([p.name for p in profiles], names, table, title=title, language=language)


def importance_figure(facts: Facts, drivers: DriversFacts) -> Figure:
    """Chart of each item's importance for the overall rating against the mean points over all departments."""
    means = {item.name: item for item in facts.items}
    items = drivers.items
    return importance_performance_chart(
        ImportancePerformance(
            None,
            tuple(i.item for i in items),
            np.array([_number(i.importance) for i in items]),
            np.array([_number(i.ci[0]) for i in items]),
            np.array([_number(i.ci[1]) for i in items]),
            np.array([_number(means[i.item].mean) for i in items]),
            np.array([means[i.item].n for i in items], dtype=np.int64),
        ),
        language=current_language(),
    )


def treatment_figure(facts: Facts, part: TreatmentFacts) -> Figure:
    """Chart of how the classes of one stratum rate each department; with many departments only the largest
    differences."""
    shown, left_out = _largest_differences(part.differences)
    return group_differences_chart(
        GroupComparison(
            groups={name: n or 0 for name, n in part.groups.items()},
            differences=tuple(map(_difference, shown)),
            p_equal=_number(part.p_equal),
            critical=_UNKNOWN,
            level=facts.method.level,
            threshold=facts.method.threshold,
            not_compared=tuple(part.not_compared),
            notes=(_ALL_IN_WORKBOOK,) if left_out else (),
        ),
        title=_("不同%(stratum)s企业的评价有无差别", stratum=part.stratum),
        language=current_language(),
    )


def _largest_differences(
    differences: Sequence[TreatedDifferently],
) -> tuple[list[TreatedDifferently], bool]:
    """Largest differences of each pair of classes, as many as a chart holds, certain ones first; and whether
    any is left out."""
    pairs: dict[tuple[str, str], list[TreatedDifferently]] = {}
    for d in differences:
        pairs.setdefault((d.first, d.second), []).append(d)
    if len(differences) <= _MOST_ROWS:
        return list(differences), False
    most = max(_LEAST_ROWS, _MOST_ROWS // len(pairs))
    return [d for found in pairs.values() for d in sorted(found, key=_by_weight)[:most]], True


def _by_weight(d: TreatedDifferently) -> tuple[bool, float]:
    return d.direction == "same", -abs(d.difference)


def change_figure(facts: Facts, part: ChangesFacts) -> Figure:
    """Chart of every department's change since one earlier round."""
    return change_chart(
        Change(
            changes=tuple(map(_change, part.changes)),
            critical=_UNKNOWN,
            level=facts.method.level,
            threshold=facts.method.threshold,
            not_compared=tuple(part.not_compared),
        ),
        title=_("与“%(round)s”相比", round=part.title),
        language=current_language(),
    )


def _difference(d: TreatedDifferently) -> GroupDifference:
    bounds = (_number(d.ci[0]), _number(d.ci[1]))
    told = d.direction != "same"
    p = _number(d.p)
    return GroupDifference(d.department, d.first, d.second, d.difference, _UNKNOWN, _UNKNOWN, bounds, p, told)


def _change(c: DepartmentMove) -> DepartmentChange:
    bounds = (_number(c.ci[0]), _number(c.ci[1]))
    moved = (c.before, c.after, c.change, _UNKNOWN, _UNKNOWN)
    return DepartmentChange(c.department, *moved, bounds, _number(c.p), c.direction)


def _number(value: float | None) -> float:
    return _UNKNOWN if value is None else float(value)
