"""Files of a ranking, ready to be written or downloaded: ranking.json, .xlsx, .png, .svg and .pdf."""

import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

from msgspec import convert

from analysis.charts.ranking import ranking_chart
from analysis.charts.rendering import FORMATS, render
from analysis.electorates.composite import Composite
from analysis.errors import InputError
from analysis.meeting.summary import Meeting
from analysis.ranking.results import Note, Ranking
from survey.documents.ranking.electorates_xlsx import write_electorates
from survey.documents.ranking.meeting_xlsx import write_meeting
from survey.documents.ranking.workbook import RankingWriter, ranking_workbook
from survey.errors import N_
from survey.facts.meeting import MeetingFacts
from survey.language import in_both

Language = Literal["zh", "en"]
MOST_WITH_PAIRS = 200
"""Above so many departments the pairs, 20,000 and more, are nine tenths of the file."""


@dataclass(frozen=True)
class GroupRanking:
    """Ranking within one department group; `ranking` is None, with notes why, where it could not be made."""

    name: str
    ranking: Ranking | None
    notes: tuple[Note, ...] = field(default=())


def ranking_files(
    ranking: Ranking,
    *,
    groups: Sequence[GroupRanking] = (),
    title: str = "",
    language: Language = "zh",
    warning_line: float | None = None,
    composite: Composite | None = None,
    all_pairs: bool = True,
    meeting: Meeting | None = None,
) -> dict[str, bytes]:
    """Contents of the files of a ranking, by file name. The chart is drawn once
    and saved in three formats.

    composite: the composite that `ranking` ranks; its electorates go into the JSON and a sheet of their own,
    and so does `meeting`. all_pairs: write the pairs of more than 200 departments into the JSON too.
    """
    ranked = [(group.name, group.ranking) for group in groups if group.ranking is not None]
    figure = ranking_chart(ranking, groups=ranked, title=title, language=language, warning_line=warning_line)
    files = {
        "ranking.json": ranking_json(
            ranking,
            groups=groups,
            language=language,
            composite=composite,
            all_pairs=all_pairs,
            meeting=meeting,
        ),
        "ranking.xlsx": ranking_workbook(
            ranking,
            groups=ranked,
            title=title,
            language=language,
            more=partial(_more_sheets, composite=composite, meeting=meeting),
        ),
    }
    return files | {f"ranking.{fmt}": render(figure, fmt) for fmt in FORMATS}


def ranking_json(
    ranking: Ranking,
    *,
    groups: Sequence[GroupRanking] = (),
    language: Language = "zh",
    composite: Composite | None = None,
    all_pairs: bool = True,
    meeting: Meeting | None = None,
) -> bytes:
    """Bytes of ranking.json, version 1: UTF-8, valid JSON without NaN.

    Without `all_pairs` the pairs of more than 200 departments are left out, and counted as `pairs_left_out`.
    """
    left_out = len(ranking.pairs) if not all_pairs and len(ranking.departments) > MOST_WITH_PAIRS else 0
    if left_out:
        ranking = replace(ranking, pairs=ranking.pairs.part(slice(0)))
        groups = [without_pairs(group, MOST_WITH_PAIRS) for group in groups]
    extra: dict[str, Any] = {"groups": [group_as_dict(group, language) for group in groups]} if groups else {}
    if composite is not None:
        extra["composite"] = composite.beside()
    if left_out:
        extra["pairs_left_out"] = left_out
    if meeting is not None:
        extra["meeting"] = meeting.to_dict()
    return ranking.to_json(language, **extra)


def _more_sheets(writer: RankingWriter, composite: Composite | None, meeting: Meeting | None) -> None:
    if composite is not None:
        write_electorates(writer, composite)
    if meeting is not None:
        write_meeting(writer, convert(meeting.to_dict(), MeetingFacts))


def without_pairs(group: GroupRanking, most: int) -> GroupRanking:
    """The group; without its pairs if it has more than `most` departments."""
    if group.ranking is None or len(group.ranking.departments) <= most:
        return group
    return replace(group, ranking=replace(group.ranking, pairs=group.ranking.pairs.part(slice(0))))


def group_as_dict(group: GroupRanking, language: Language) -> dict[str, object]:
    """Entry of the group in ranking.json."""
    if group.ranking is None:
        return {"name": group.name, "departments": [], "notes": [n.text(language) for n in group.notes]}
    document = group.ranking.to_dict(language)
    del document["version"]
    return {"name": group.name, **document}


def check_folder(folder: Path) -> None:
    """Make `folder` where it is missing; raise InputError where files cannot be written into it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        refused = N_("写不进“%(folder)s”（%(why)s）。请用 --out 换一个可写的文件夹。")
        raise InputError(*in_both(refused, folder=folder, why=error.strerror)) from error


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write the files under temporary names, then rename them: an interrupted
    run leaves the old ones whole."""
    with tempfile.TemporaryDirectory(prefix=".ranking-", dir=folder) as temporary:
        for name, content in files.items():
            path = Path(temporary, name)
            path.write_bytes(content)
            with path.open("rb") as file:
                os.fsync(file.fileno())
        for name in files:
            Path(temporary, name).replace(folder / name)
