"""Chart of a ranking: score with simultaneous interval, rank range and tiers of every department."""

import math
from collections.abc import Sequence
from statistics import median

from matplotlib.figure import Figure

from analysis.charts.forest import Column, Forest, Row, Section, draw_forest
from analysis.charts.marks import RankMarks, TierMarks
from analysis.charts.palette import COLOURS, INK, MARKERS, MUTED
from analysis.charts.rendering import chart_style
from analysis.charts.sheet import DASHED, Key
from analysis.charts.texts import Language, listing, percent, term
from analysis.charts.tierbars import split_tiers
from analysis.explain import bounded, number
from analysis.ranking.reading import MOST_WITH_TIERS, Rule, reading
from analysis.ranking.results import DepartmentResult, Ranking, Source

# Codes of notes not printed on the chart: it shows these facts itself, does not draw their subject, or they
# are about the file that was read.
UNSHOWN = ("insufficient", "tiers_covered", "understood")


def ranking_chart(
    ranking: Ranking,
    *,
    groups: Sequence[tuple[str, Ranking]] = (),
    title: str = "",
    language: Language = "zh",
    warning_line: float | None = None,
) -> Figure:
    """Chart of one ranking, or of the rankings within `groups` followed by the overall one.

    Every row shows rank, simultaneous rank range, adjusted score with simultaneous interval, raw mean
    (hollow diamond) and number of raters; few departments also their tiers, many their rank ranges on an
    axis. Departments under the threshold are listed below, never ranked.
    """
    with chart_style():
        return draw_forest(ranking_forest(ranking, groups, title, language, warning_line))


def ranking_forest(
    ranking: Ranking,
    groups: Sequence[tuple[str, Ranking]],
    title: str,
    language: Language,
    warning_line: float | None,
) -> Forest:
    """Content of `ranking_chart` as a `Forest`."""
    parts = [*groups, (term(language, "overall") if groups else "", ranking)]
    source = ranking.source
    given = ranking.n_raters is None
    every = [department for _, part in parts for department in part.departments]
    digits = decimals([department.se for department in every])
    lines = () if warning_line is None else (warning_line,)
    sections = tuple(
        section for name, part in parts for section in _sections(name, part, language, digits, lines)
    )
    return Forest(
        title=title or term(language, "estimates_title" if source == "estimate" else "ranking_title"),
        name_heading=term(language, "unit" if source == "estimate" else "department"),
        axis_label=term(language, f"axis_{source}", level=percent(ranking.level)),
        sections=sections,
        before=(Column(term(language, "rank"), 0.45),),
        after=(Column(term(language, "rank_set"), 0.62),),
        right=_right_columns(source, language),
        keys=_keys(every, sections, language, given=given),
        notes=(
            *_rules(sections, language, units=source == "estimate"),
            *([term(language, "group_scores")] if groups else []),
            *_notes(ranking, language),
        ),
        lines=_warning(warning_line, language),
    )


def _right_columns(source: Source, language: Language) -> tuple[Column, ...]:
    score = Column(term(language, source), 0.65, "right")
    return (score, Column(term(language, "n"), 0.6, "right")) if source == "adjusted" else (score,)


def _keys(
    every: Sequence[DepartmentResult], sections: Sequence[Section], language: Language, *, given: bool
) -> tuple[Key, ...]:
    kinds = [k for k in ("above", "same", "below") if any(d.vs_average == k for d in every)]
    bars = any(isinstance(section.marks, RankMarks) for section in sections)
    keys = [
        Key(term(language, kind), COLOURS[kind], MARKERS[kind], bar=kind if bars else "") for kind in kinds
    ]
    if not given:
        keys.append(Key(term(language, "raw_mean"), MUTED, "D", hollow=True))
    return (*keys, Key(term(language, "average"), INK, DASHED))


def _sections(
    name: str, ranking: Ranking, language: Language, digits: int, lines: Sequence[float]
) -> list[Section]:
    components = sorted({d.component for d in ranking.departments})
    sections = []
    for place, component in enumerate(components, start=1):
        members = [d for d in ranking.departments if d.component == component]
        split = term(language, "component", number=place) if len(components) > 1 else ""
        average = sum(d.adjusted for d in members) / len(members)
        heading = "  ".join(filter(None, (name, split)))
        rows = tuple(_row(d, digits, lines) for d in members)
        sections.append(Section(heading, rows, average, _marks(members, language)))
    return sections


def _marks(members: Sequence[DepartmentResult], language: Language) -> TierMarks | RankMarks:
    if len(members) <= MOST_WITH_TIERS:
        return TierMarks(term(language, "tiers"), tuple(split_tiers(d.tier) for d in members))
    ranks = tuple((d.rank_set[0], d.rank, d.rank_set[1]) for d in members)
    return RankMarks(term(language, "rank_axis"), ranks, len(members))


def _row(department: DepartmentResult, digits: int, lines: Sequence[float]) -> Row:
    best, worst = department.rank_set
    cells = (
        str(department.rank),
        str(best) if best == worst else f"{best}–{worst}",
        bounded(number(department.adjusted, digits, *lines), department.bound),
    )
    return Row(
        label=department.name,
        estimate=department.adjusted,
        low=department.ci[0],
        high=department.ci[1],
        kind=department.vs_average,
        cells=cells if department.n is None else (*cells, str(department.n)),
        raw=math.nan if department.n is None else department.mean,
    )


def decimals(se: Sequence[float]) -> int:
    """Number of decimals for scores, 1 to 4, from the median standard error (that of its first digit)."""
    usual = median([s for s in se if math.isfinite(s) and s > 0] or [1.0])
    return min(max(1, -math.floor(math.log10(usual))), 4)


def _rules(sections: Sequence[Section], language: Language, *, units: bool) -> list[str]:
    """Sentences on how this chart may be read: by tiers or, with rank ranges, by pairs."""
    tiers = any(isinstance(section.marks, TierMarks) for section in sections)
    ranks = any(isinstance(section.marks, RankMarks) for section in sections)
    rules: list[Rule] = []
    if tiers:
        rules.append("parts" if len(sections) > 1 else "bars")
    if ranks:
        rules.append("pairs")
    return [reading(rule, language, units=units) for rule in rules]


def _notes(ranking: Ranking, language: Language) -> tuple[str, ...]:
    sure = term(language, "how_sure", level=percent(ranking.level))
    others = [note for note in ranking.notes if note.code not in UNSHOWN]
    return (
        sure,
        term(language, "against_average"),
        *_insufficient(ranking, language),
        *(note.text(language) for note in others),
    )


def _insufficient(ranking: Ranking, language: Language) -> tuple[str, ...]:
    if not ranking.insufficient:
        return ()
    entries = [
        d.name if d.n is None else term(language, "insufficient_entry", name=d.name, n=d.n)
        for d in ranking.insufficient
    ]
    return (term(language, "insufficient") + listing(language, entries),)


def _warning(value: float | None, language: Language) -> tuple[tuple[float, str], ...]:
    return () if value is None else ((value, term(language, "warning_line", value=f"{value:g}")),)
