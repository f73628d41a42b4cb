"""Files of an opened round, all made from one ranking, so that their numbers agree."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Final

from matplotlib.figure import Figure

from analysis.charts.matrix import pair_matrix_chart
from analysis.charts.ranking import decimals, ranking_chart
from analysis.charts.rendering import FORMATS, Format, render
from analysis.ranking.reading import MOST_WITH_TIERS
from analysis.ranking.results import Ranking
from survey.documents.edition.bulletin import write_bulletin
from survey.documents.edition.bulletin_parts import BulletinContext
from survey.documents.edition.charts import Chart, pair_pages, rank_pages
from survey.documents.layout.attempts import Attempts, Failure
from survey.documents.layout.progress import Progress
from survey.documents.media_types import media_type
from survey.documents.ranking.meeting_xlsx import write_meeting
from survey.documents.ranking.workbook import ranking_workbook
from survey.errors import N_
from survey.facts.analysed import as_analysed, groups_as_analysed
from survey.facts.ranking import RankingFacts
from survey.facts.round import BallotCounts
from survey.language import current_language, speaking
from survey.protocol.description import RoundDescription

_BULLETIN_DPI: Final = 200
_PAGE_DPI: Final = 150  # sixteen pages for 120 departments, in a document that goes by mail


@dataclass(frozen=True, slots=True)
class OpeningFile:
    """Finished file with its media type."""

    name: str
    media_type: str
    content: bytes


@speaking("zh")
def make_artifacts(
    description: RoundDescription,
    ranking: RankingFacts,
    counts: BallotCounts,
    progress: Progress | None = None,
    *,
    digest: str,
    issued_on: date | None = None,
    failures: list[Failure] | None = None,
) -> list[OpeningFile]:
    """Files ranking.png, .svg, .pdf, ranking.xlsx and bulletin.docx made from a version-1 `ranking` and the
    counts.

    A file that cannot be made is left out and added to `failures`. Raises what `progress` raises.
    """
    attempts = Attempts(progress)
    files = _OpeningFilesMaker(description, ranking, counts, digest, attempts, issued_on).files()
    if failures is not None:
        failures += attempts.failures
    return [OpeningFile(name, media_type(name), content) for name, content in files.items()]


def matrix_png(ranking: Ranking) -> bytes:
    """Matrix of pairs as PNG; empty where departments are few enough for tiers."""
    if len(ranking.departments) <= MOST_WITH_TIERS:
        return b""
    return render(pair_matrix_chart(ranking, language=current_language()), "png", dpi=_BULLETIN_DPI)


def page_pngs(charts: Sequence[Chart], attempts: Attempts, document: str) -> list[bytes]:
    """PNGs of full-page charts for a Word document; a chart that cannot be drawn is left out and recorded as
    a failure of `document`."""
    made = (attempts.make(document, partial(_page, chart)) for chart in charts)
    return [png for png in made if png is not None]


def _page(chart: Chart) -> bytes:
    return render(chart.draw(), "png", dpi=_PAGE_DPI)


class _OpeningFilesMaker:
    """Maker of the files of an opened round, one by one from one ranking."""

    def __init__(
        self,
        description: RoundDescription,
        ranking: RankingFacts,
        counts: BallotCounts,
        digest: str,
        attempts: Attempts,
        issued_on: date | None,
    ) -> None:
        self._description, self._facts, self._counts = description, ranking, counts
        self._digest, self._attempts, self._issued_on = digest, attempts, issued_on
        self._ranking, groups = as_analysed(ranking), groups_as_analysed(ranking)
        self._groups = groups if len(groups) > 1 else []
        self._figure: Figure | None = None

    def files(self) -> dict[str, bytes]:
        steps: list[tuple[str, str, Callable[[], bytes]]] = [
            (f"ranking.{fmt}", N_("绘制排名图"), partial(self._chart, fmt)) for fmt in FORMATS
        ]
        steps += [
            ("ranking.xlsx", N_("填写排名表"), self._workbook),
            ("bulletin.docx", N_("撰写通报"), self._bulletin),
        ]
        made = {}
        for done, (name, words, work) in enumerate(steps):
            self._attempts.report(words, done, len(steps))
            content = self._attempts.make(name, work)
            if content is not None:
                made[name] = content
        self._attempts.report(N_("完成"), len(steps), len(steps))
        return made

    def _chart(self, fmt: Format) -> bytes:
        if self._figure is None:
            self._figure = self._draw(groups=self._groups)
        return render(self._figure, fmt)

    def _draw(self, groups: Sequence[tuple[str, Ranking]] = ()) -> Figure:
        line = self._description.questionnaire.scale.warning_line
        return ranking_chart(self._ranking, groups=groups, title=self._description.title, warning_line=line)

    def _workbook(self) -> bytes:
        part = self._facts.meeting
        more = None if part is None else partial(write_meeting, meeting=part)
        return ranking_workbook(self._ranking, groups=self._groups, title=self._description.title, more=more)

    def _bulletin(self) -> bytes:
        """Bulletin with a chart of all departments alone, since with the groups it would be too long for a
        page."""
        line = self._description.questionnaire.scale.warning_line
        ranks = rank_pages(self._ranking, self._description.title, line)
        parts = [self._ranking, *(part for _, part in self._groups)]
        # A bulletin without its picture still says everything; the picture's own failure names the reason.
        chart = self._attempts.make("bulletin.docx", self._picture)
        matrix = self._attempts.make("bulletin.docx", partial(matrix_png, self._ranking))
        return write_bulletin(
            BulletinContext(
                round_title=self._description.title,
                body=self._description.body,
                opens_on=date.fromisoformat(self._description.opens_on),
                closes_on=date.fromisoformat(self._description.closes_on),
                ranking=self._facts,
                counts=self._counts,
                digest=self._digest,
                chart_png=chart,
                pairs_png=matrix or None,
                chart_pages=page_pngs(ranks, self._attempts, "bulletin.docx"),
                pairs_pages=page_pngs(pair_pages(self._ranking), self._attempts, "bulletin.docx"),
                issued_on=self._issued_on,
                digits=decimals([d.se for part in parts for d in part.departments]),
            )
        )

    def _picture(self) -> bytes:
        return render(self._draw(), "png", dpi=_BULLETIN_DPI)
