"""All files of an opened round, from one ranking, so that they agree to the digit."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from analysis.charts.ranking import decimals, ranking_chart
from analysis.charts.rendering import FORMATS, render
from analysis.errors import InputError
from analysis.results import Ranking
from survey.ballot.questionnaire import RoundDescription
from survey.documents.bulletin import BulletinContext, write_bulletin
from survey.documents.progress import Progress, silent
from survey.documents.ranking_dict import group_rankings, ranking_from_dict
from survey.documents.ranking_xlsx import ranking_workbook
from survey.errors import N_, InvalidInput

MEDIA_TYPES: Final = {
    "png": "image/png",
    "svg": "image/svg+xml",
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
_BULLETIN_DPI: Final = 200
_STEPS: Final = len(FORMATS) + 2


@dataclass(frozen=True, slots=True)
class Artifact:
    """A finished file."""

    name: str
    media_type: str
    content: bytes


def make_artifacts(
    description: RoundDescription,
    ranking: dict[str, Any],
    counts: Mapping[str, Any],
    progress: Progress | None = None,
    *,
    issued_on: date | None = None,
) -> list[Artifact]:
    """ranking.png, .svg, .pdf, ranking.xlsx and bulletin.docx from a version-1 `ranking` and the counts.

    Raises `InvalidInput` when a name cannot be drawn, naming the character.
    """
    try:
        return _make(description, ranking, counts, progress or silent, issued_on)
    except InputError as error:
        raise InvalidInput(N_("文件没有生成：%(why)s"), why=error.zh) from error


def _overall_chart(ranking: Ranking, title: str, line: float) -> bytes:
    """The chart of all departments alone: with the groups it would be too long for a page of the bulletin."""
    return render(ranking_chart(ranking, title=title, warning_line=line), "png", dpi=_BULLETIN_DPI)


def _make(
    description: RoundDescription,
    ranking: dict[str, Any],
    counts: Mapping[str, Any],
    progress: Progress,
    issued_on: date | None,
) -> list[Artifact]:
    result, groups = ranking_from_dict(ranking), group_rankings(ranking)
    shown = groups if len(groups) > 1 else []
    line = description.questionnaire.scale.warning_line
    progress(N_("绘制排名图"), 0, _STEPS)
    figure = ranking_chart(result, groups=shown, title=description.title, warning_line=line)
    files = {}
    for done, fmt in enumerate(FORMATS, start=1):
        files[f"ranking.{fmt}"] = render(figure, fmt)
        progress(N_("绘制排名图"), done, _STEPS)
    progress(N_("填写排名表"), len(FORMATS), _STEPS)
    files["ranking.xlsx"] = ranking_workbook(result, groups=shown, title=description.title)
    progress(N_("撰写通报"), len(FORMATS) + 1, _STEPS)
    parts = [result, *(part for _, part in shown)]
    context = BulletinContext(
        round_title=description.title,
        body=description.body,
        opens_on=date.fromisoformat(description.opens_on),
        closes_on=date.fromisoformat(description.closes_on),
        ranking=ranking,
        counts=counts,
        chart_png=_overall_chart(result, description.title, line) if shown else files["ranking.png"],
        issued_on=issued_on,
        digits=decimals([d.se for part in parts for d in part.departments]),
    )
    files["bulletin.docx"] = write_bulletin(context)
    progress(N_("完成"), _STEPS, _STEPS)
    return [Artifact(name, MEDIA_TYPES[name.rpartition(".")[2]], content) for name, content in files.items()]
