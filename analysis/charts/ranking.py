"""The ranking: score with simultaneous interval, tier bars, and the rank range beside every rank."""

import math
from collections.abc import Sequence
from statistics import median

from matplotlib.figure import Figure

from analysis.charts.forest import Column, Forest, Row, Section, draw_forest
from analysis.charts.palette import COLOURS, INK, MARKERS, MUTED
from analysis.charts.rendering import chart_style
from analysis.charts.sheet import Key
from analysis.charts.texts import Language, listing, percent, say
from analysis.charts.tierbars import split_tiers
from analysis.results import DepartmentResult, Ranking


def ranking_chart(
    ranking: Ranking,
    *,
    groups: Sequence[tuple[str, Ranking]] = (),
    title: str = "",
    language: Language = "zh",
    warning_line: float | None = None,
) -> Figure:
    """Chart of one ranking, or of the rankings within `groups` followed by the overall one.

    Every row shows rank, simultaneous rank range, tiers, adjusted score with simultaneous interval, raw mean
    (hollow diamond) and number of raters. Departments under the threshold are listed below, never ranked.
    """
    parts = [*groups, (say(language, "overall") if groups else "", ranking)]
    given = ranking.n_raters is None
    every = [department for _, part in parts for department in part.departments]
    digits = decimals([department.se for department in every])
    forest = Forest(
        title=title or say(language, "estimates_title" if given else "ranking_title"),
        name_heading=say(language, "unit" if given else "department"),
        axis_label=say(language, "axis_estimate" if given else "axis", level=percent(ranking.level)),
        sections=tuple(
            section for name, part in parts for section in _sections(name, part, language, digits)
        ),
        before=(Column(say(language, "rank"), 0.45),),
        after=(Column(say(language, "rank_set"), 0.62),),
        right=_right_columns(language, given=given),
        tiers_heading=say(language, "tiers"),
        keys=_keys(every, language, given=given),
        too_many_tiers=say(language, "too_many_tiers"),
        notes=_notes(ranking, language, given=given),
        lines=_warning(warning_line, language),
    )
    with chart_style():
        return draw_forest(forest)


def _right_columns(language: Language, *, given: bool) -> tuple[Column, ...]:
    score = Column(say(language, "estimate" if given else "adjusted"), 0.65, "right")
    return (score,) if given else (score, Column(say(language, "n"), 0.6, "right"))


def _keys(every: Sequence[DepartmentResult], language: Language, *, given: bool) -> tuple[Key, ...]:
    kinds = [k for k in ("above", "same", "below") if any(d.vs_average == k for d in every)]
    keys = [Key(say(language, kind), COLOURS[kind], MARKERS[kind]) for kind in kinds]
    if not given:
        keys.append(Key(say(language, "raw_mean"), MUTED, "D", hollow=True))
    return (*keys, Key(say(language, "average"), INK, "|"))


def _sections(name: str, ranking: Ranking, language: Language, digits: int) -> list[Section]:
    components = sorted({d.component for d in ranking.departments})
    sections = []
    for number, component in enumerate(components, start=1):
        members = [d for d in ranking.departments if d.component == component]
        split = say(language, "component", number=number) if len(components) > 1 else ""
        average = sum(d.adjusted for d in members) / len(members)
        heading = "  ".join(filter(None, (name, split)))
        sections.append(Section(heading, tuple(_row(d, digits) for d in members), average))
    return sections


def _row(department: DepartmentResult, digits: int) -> Row:
    best, worst = department.rank_set
    cells = (
        str(department.rank),
        str(best) if best == worst else f"{best}–{worst}",
        f"{department.adjusted:.{digits}f}",
    )
    return Row(
        label=department.name,
        estimate=department.adjusted,
        low=department.ci[0],
        high=department.ci[1],
        kind=department.vs_average,
        cells=cells if department.n is None else (*cells, str(department.n)),
        tiers=split_tiers(department.tier),
        raw=math.nan if department.n is None else department.mean,
    )


def decimals(se: Sequence[float]) -> int:
    """Decimals at which scores differ visibly: the place of the median standard error, 1 to 4."""
    usual = median([s for s in se if math.isfinite(s) and s > 0] or [1.0])
    return min(max(1, -math.floor(math.log10(usual))), 4)


def _notes(ranking: Ranking, language: Language, *, given: bool) -> tuple[str, ...]:
    read = say(language, "how_to_read_estimates" if given else "how_to_read", level=percent(ranking.level))
    others = [note for note in ranking.notes if note.code != "insufficient"]
    return (read, *_insufficient(ranking, language), *(note.text(language) for note in others))


def _insufficient(ranking: Ranking, language: Language) -> tuple[str, ...]:
    if not ranking.insufficient:
        return ()
    entries = [
        d.name if d.n is None else say(language, "insufficient_entry", name=d.name, n=d.n)
        for d in ranking.insufficient
    ]
    return (say(language, "insufficient") + listing(language, entries),)


def _warning(value: float | None, language: Language) -> tuple[tuple[float, str], ...]:
    return () if value is None else ((value, say(language, "warning_line", value=f"{value:g}")),)
