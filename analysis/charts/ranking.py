"""The ranking: score with simultaneous interval, tier bars, and the rank range beside every rank."""

from collections.abc import Sequence

from matplotlib.figure import Figure

from analysis.charts.forest import Column, Forest, Row, Section, draw_forest
from analysis.charts.palette import COLOURS, INK, MARKERS, MUTED
from analysis.charts.rendering import chart_style
from analysis.charts.sheet import Key
from analysis.charts.texts import Language, percent, say
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
    forest = Forest(
        title=title or say(language, "ranking_title"),
        name_heading=say(language, "unit" if given else "department"),
        axis_label=say(language, "axis_estimate" if given else "axis", level=percent(ranking.level)),
        sections=tuple(section for name, part in parts for section in _sections(name, part, language)),
        before=(Column(say(language, "rank"), 0.45),),
        after=(Column(say(language, "rank_set"), 0.62),),
        right=_right_columns(language, given=given),
        tiers_heading=say(language, "tiers"),
        keys=_keys(ranking, language, given=given),
        notes=(say(language, "how_to_read", level=percent(ranking.level)), *_insufficient(ranking, language)),
        lines=_warning(warning_line, language),
    )
    with chart_style():
        return draw_forest(forest)


def _right_columns(language: Language, *, given: bool) -> tuple[Column, ...]:
    score = Column(say(language, "estimate" if given else "adjusted"), 0.65, "right")
    return (score,) if given else (score, Column(say(language, "n"), 0.6, "right"))


def _keys(ranking: Ranking, language: Language, *, given: bool) -> tuple[Key, ...]:
    kinds = [k for k in ("above", "same", "below") if any(d.vs_average == k for d in ranking.departments)]
    keys = [Key(say(language, kind), COLOURS[kind], MARKERS[kind]) for kind in kinds]
    if not given:
        keys.append(Key(say(language, "raw_mean"), MUTED, "D", hollow=True))
    return (*keys, Key(say(language, "average"), INK, "|"))


def _sections(name: str, ranking: Ranking, language: Language) -> list[Section]:
    components = sorted({d.component for d in ranking.departments})
    sections = []
    for number, component in enumerate(components, start=1):
        members = [d for d in ranking.departments if d.component == component]
        split = say(language, "component", number=number) if len(components) > 1 else ""
        average = sum(d.adjusted for d in members) / len(members)
        heading = "  ".join(filter(None, (name, split)))
        sections.append(Section(heading, tuple(map(_row, members)), average))
    return sections


def _row(department: DepartmentResult) -> Row:
    best, worst = department.rank_set
    cells = (
        str(department.rank),
        str(best) if best == worst else f"{best}–{worst}",
        f"{department.adjusted:.1f}",
    )
    return Row(
        label=department.name,
        estimate=department.adjusted,
        low=department.ci[0],
        high=department.ci[1],
        kind=department.vs_average,
        cells=cells if department.n is None else (*cells, str(department.n)),
        tiers=split_tiers(department.tier),
        raw=department.mean,
    )


def _insufficient(ranking: Ranking, language: Language) -> tuple[str, ...]:
    if not ranking.insufficient:
        return ()
    entries = [say(language, "insufficient_entry", name=d.name, n=d.n) for d in ranking.insufficient]
    return (say(language, "insufficient") + ("、" if language == "zh" else ", ").join(entries),)


def _warning(value: float | None, language: Language) -> tuple[tuple[float, str], ...]:
    return () if value is None else ((value, say(language, "warning_line", value=f"{value:g}")),)
