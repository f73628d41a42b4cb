"""Report of a ranking as one HTML file, in Chinese and English: sentences first, then the chart, then tables.

The file asks for nothing from any network, runs no script (two radio buttons choose the language) and prints
on A4. Every sentence is from `survey.wording`, every number is formatted as on pages and in documents.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from msgspec import convert

from analysis.charts.ranking import decimals, ranking_chart
from analysis.charts.rendering import render
from analysis.meeting.summary import Meeting
from analysis.ranking.reading import tiers_rule
from analysis.ranking.results import Ranking
from survey.documents.ranking.files import GroupRanking, group_as_dict, without_pairs
from survey.documents.ranking.inline_svg import Drawings
from survey.facts.meeting import MeetingFacts
from survey.facts.ranking import RankedDepartment, RankingFacts, RankingPart
from survey.language import Language, gettext, speaking
from survey.language import gettext as _
from survey.wording import cautions, cells, method, premises
from survey.wording import meeting as meeting_words
from survey.wording import ranking as words
from survey.wording.names import class_name
from survey.wording.numbers import interval, points, rank_set, whole

if TYPE_CHECKING:
    from survey.documents.ranking.extras import Extra

LANGUAGES: Final[tuple[Language, ...]] = ("zh", "en")
MOST_DRAWN: Final = 200
"""More departments are drawn in ranking.pdf only, whose pages are long enough."""
MOST_LISTED: Final = 40
"""More departments have their pairs in ranking.xlsx only."""
_TEMPLATE: Final = "report.html"


@dataclass(frozen=True)
class Told:
    """What a report is made from; `extras`: further charts; `warning_line`: drawn in the chart, in points."""

    ranking: Ranking
    groups: Sequence[GroupRanking] = ()
    title: str = ""
    meeting: Meeting | None = None
    warning_line: float | None = None
    extras: Sequence[Extra] = ()

    def lines(self) -> tuple[float, ...]:
        """Warning line and grade lines, beside which scores stand."""
        graded = self.meeting.grades if self.meeting else None
        own = () if self.warning_line is None else (self.warning_line,)
        return own if graded is None else (*own, *graded.lines)


def ranking_report(told: Told, language: Language = "zh") -> bytes:
    """Bytes of report.html; it opens in `language`, and the other is one click away."""
    pages = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.globals |= {"_": gettext}
    bodies, drawings = {}, Drawings()
    for spoken in LANGUAGES:
        with speaking(spoken):
            body = _contents(told, spoken, drawings)
            bodies[spoken] = Markup(pages.get_template("report_body.html").render(body))  # noqa: S704 - escaped
    title = told.title or " · ".join(_titles())
    page = pages.get_template(_TEMPLATE)
    return page.render(bodies=bodies, opens_in=language, title=title, glyphs=drawings.glyphs).encode()


def _titles() -> Iterator[str]:
    for spoken in LANGUAGES:
        with speaking(spoken):
            yield _("排名报告")


def said(told: Told, language: Language) -> list[str]:
    """Sentences that the ranking allows, in the language."""
    with speaking(language):
        return _sentences(told, facts_of(told, language))


def _contents(told: Told, language: Language, drawings: Drawings) -> dict[str, object]:
    """Variables of the template, in the current language, which is `language`."""
    ranking, facts = told.ranking, facts_of(told, language)
    firm = facts.meeting
    return {
        "title": told.title or _("排名报告"),
        "counted": method.counted(
            len(ranking.departments), ranking.n_raters, ranking.n_ratings, ranking.level
        ),
        "sentences": _sentences(told, facts),
        "rules": [*method.how_to_read()[:3], *_of_several(told)],
        "chart": _chart(told, language, drawings),
        "tables": list(_tables(told, facts)),
        "score_name": method.score_name(ranking.source),
        "rated": ranking.source == "adjusted",
        "table_notes": _table_notes(ranking, facts),
        "pairs": _pairs(facts) if len(facts.departments) <= MOST_LISTED else None,
        "firm": meeting_words.sentences(facts),
        "firm_headings": meeting_words.headings(),
        "firm_rows": meeting_words.rows(firm) if firm else [],
        "firm_explained": meeting_words.explained() if firm and told.ranking.source == "adjusted" else "",
        "extras": [_extra(extra, language, drawings) for extra in told.extras],
        "left_out": [(entry.name, entry.why(language)) for entry in facts.insufficient],
        "understood": understood(facts),
        "cautions": cautions.cautions(facts),
        "assumed": premises.assumed() if ranking.source != "estimate" else [_given()],
        "method": list(_method(ranking)),
    }


def _of_several(told: Told) -> list[str]:
    """Sentence on the sets of statements in the report of which each has an error of its own, if there are
    several: rankings, the sets that were tested by themselves, comparisons of kinds of raters and of rounds.
    """
    tested = [note for note in told.meeting.notes() if note.code.endswith("_tested")] if told.meeting else []
    rankings = 1 + sum(group.ranking is not None for group in told.groups)
    families = rankings + len(tested) + sum(extra.name in ("groups", "change") for extra in told.extras)
    return [method.several(families, told.ranking.level)] if families > 1 else []


def facts_of(told: Told, language: Language) -> RankingFacts:
    """Ranking as facts in the language; without pairs where they are too many to list."""
    groups = [group_as_dict(without_pairs(group, MOST_LISTED), language) for group in told.groups]
    parts: dict[str, object] = {"groups": groups}
    if told.meeting is not None:
        parts["meeting"] = convert(told.meeting.to_dict(), MeetingFacts)
    ranking = told.ranking
    if len(ranking.departments) > MOST_LISTED:
        ranking = replace(ranking, pairs=ranking.pairs.part(slice(0)))
    return convert(ranking.to_dict(language) | parts, RankingFacts)


def _sentences(told: Told, facts: RankingFacts) -> list[str]:
    """What may be said, of all departments together and then within each group."""
    pairs = told.ranking.pairs
    said = dict.fromkeys(words.sentences(facts, (len(pairs), int(pairs.significant.sum()))))
    said |= dict.fromkeys(words.both_ends(facts))
    for group in facts.groups:
        if group.departments:
            places = (*words.places(group), *words.against_average(group.departments))
            said |= dict.fromkeys(class_name(group.name) + _("：") + sentence for sentence in places)
    return list(said)


def _tables(told: Told, facts: RankingFacts) -> Iterator[dict[str, object]]:
    """Tables of rankings: of all departments, then within each group."""
    every: tuple[RankingPart, ...] = (facts, *facts.groups)
    digits = decimals([d.se or 0 for part in every for d in part.departments])
    lines = told.lines()
    named = [("", facts), *((group.name, group) for group in facts.groups)]
    for name, part in named:
        yield {
            "name": name,
            "rows": [_row(d, digits, lines) for d in part.departments],
            "notes": [*part.notes] if not part.departments else [],
        }


def _row(d: RankedDepartment, digits: int, lines: Sequence[float]) -> dict[str, str]:
    """Cells of a department, by the name of their field in ranking.json; lines: that scores stand beside."""
    return {
        "rank_set": rank_set(d.rank_set),
        "name": d.name,
        "adjusted": points(d.adjusted, digits, lines),
        "ci": interval(d.ci, digits, lines),
        "vs_average": cells.against_average(d.vs_average),
        "tier": d.tier,
        "mean": points(d.mean, digits, lines),
        "n": whole(d.n),
    }


def _table_notes(ranking: Ranking, facts: RankingFacts) -> list[str]:
    """How to read the tables of rankings."""
    tiers = tiers_rule((d.component for d in facts.departments), "letters")
    within = [method.group_scores()] if facts.groups and ranking.source == "adjusted" else []
    return [
        method.score_explained(ranking.source),
        method.rank_ranges(ranking.level),
        words.reading(tiers),
        *within,
    ]


def _pairs(facts: RankingFacts) -> list[tuple[str, list[str], list[str]]]:
    """Each department with those certainly below and those certainly above it."""
    below: dict[str, list[str]] = {d.name: [] for d in facts.departments}
    above: dict[str, list[str]] = {d.name: [] for d in facts.departments}
    for pair in facts.pairs:
        if pair.significant:
            high, low = (pair.a, pair.b) if pair.difference >= 0 else (pair.b, pair.a)
            below[high].append(low)
            above[low].append(high)
    return [(name, below[name], above[name]) for name in below]


def _chart(told: Told, language: Language, drawings: Drawings) -> Markup | None:
    """Chart of the ranking, None where it is too long for a page that is scrolled."""
    groups = [(group.name, group.ranking) for group in told.groups if group.ranking is not None]
    if len(told.ranking.departments) > MOST_DRAWN:
        return None
    figure = ranking_chart(
        told.ranking, groups=groups, title=told.title, language=language, warning_line=told.warning_line
    )
    return drawings.inline(render(figure, "svg"), f"{language}-ranking-")


def _extra(extra: Extra, language: Language, drawings: Drawings) -> tuple[str, list[str], Markup]:
    heading = {
        "pairs": _("两两比较图"),
        "items": _("各项指标"),
        "importance": _("哪些指标分量重"),
        "groups": _("各类评议人的评价"),
        "change": _("与上一轮相比"),
        "electorates": _("各方的作用"),
    }[extra.name]
    return (
        heading,
        extra.summary(language).splitlines(),
        drawings.inline(extra.svg(language), f"{language}-{extra.name}-"),
    )


def understood(facts: RankingFacts) -> list[str]:
    """Sentences on how the file was read, if it was not a plain long table."""
    return [note for code, note in zip(facts.note_codes, facts.notes, strict=True) if code == "understood"]


def _given() -> str:
    """Premise of a ranking of given estimates."""
    return _("给定的估计值近似正态、互不相关，标准误是对的；它们是怎样得来的，这里没有检查。")


def _method(ranking: Ranking) -> Iterator[str]:
    if ranking.source == "adjusted":
        yield method.why_differences()
    yield method.certainty(ranking.level)
    yield method.alike()
    if ranking.source != "estimate":
        yield method.left_out(ranking.threshold)
    yield _(
        "模拟次数 %(draws)s，随机种子 %(seed)s；同样的数据再算一遍，得到同样的数字。",
        draws=ranking.draws,
        seed=ranking.seed,
    )
    yield not_vouched()


def not_vouched() -> str:
    """Sentence on what is not known of ratings that come from a file."""
    return _("评分从文件读入。是谁填的、怎样收集、评议人是否匿名，文件本身不能证明，这里也不作保证。")
