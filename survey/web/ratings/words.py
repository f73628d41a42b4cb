"""What was understood of a file of ratings, and what must be asked, as rows and texts in the page's
language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from survey.language import current_language
from survey.language import gettext as _
from survey.services.ratings.reading import Choices, ReadingQuestion

if TYPE_CHECKING:
    from analysis.foreign.understood import Understood

MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file was read: sentences, and rows (what stands in the file, what it was taken for)."""

    sentences: tuple[str, ...]
    columns: tuple[tuple[str, str], ...]
    levels: tuple[tuple[str, str, int], ...]
    more: int
    """Columns that are not shown."""


@dataclass(frozen=True, slots=True)
class FileQuestion:
    """Question about a file and its readings, each with whether a button can say it; `answers`: whether a
    button can say any, else it is typed."""

    why: str
    readings: tuple[tuple[str, bool], ...]
    answers: bool


def question(asked: ReadingQuestion | None) -> FileQuestion | None:
    """Question in the page's language; None where nothing is asked."""
    if asked is None:
        return None
    place = 0 if current_language() == "zh" else 1
    names = [name for name, _value in asked.choices] or [""] * len(asked.readings)
    told = tuple(
        (_without_option(reading[place]), bool(name))
        for reading, name in zip(asked.readings, names, strict=True)
    )
    return FileQuestion(asked.why[place], told, bool(asked.choices))


def _without_option(reading: str) -> str:
    """Reading without the option of the command line that would choose it."""
    for bracket in ("（--", " (--"):
        reading = reading.partition(bracket)[0]
    return reading


def understood(content: Mapping[str, object] | None) -> Reading | None:
    """How the file was read; None where it was not."""
    if content is None:
        return None
    from analysis.foreign.sentences import sentences
    from analysis.foreign.understood import Understood

    found = Understood.from_json(content)
    place = 0 if current_language() == "zh" else 1
    columns = list(_columns(found))
    levels = tuple((level.word, f"{level.points:g}", level.count) for level in found.levels)
    remarks = [(remark.zh, remark.en) for remark in found.remarks]
    told = tuple(said[place] for said in (*sentences(found), *remarks))
    return Reading(told, tuple(columns[:MOST_SHOWN]), levels, max(len(columns) - MOST_SHOWN, 0))


def changed(choices: Choices) -> list[str] | None:
    """What an edited mapping changed; None where the file is read without one."""
    place = 0 if current_language() == "zh" else 1
    return [said[place] for said in choices.changed] if choices.mapping else None


def _columns(found: Understood) -> Iterator[tuple[str, str]]:
    roles = {
        "rater": _("评议人"),
        "department": _("部门"),
        "item": _("指标"),
        "group": _("部门类别"),
        "rater_group": _("评议人类别"),
        "stratum": _("分层"),
        "weight": _("权重"),
        "cluster": _("集团"),
    }
    for key in found.keys:
        yield key.heading or key.column, roles[key.role]
    for column in found.columns:
        parts = [(_("部门"), column.department), (_("指标"), column.item), (_("评议人"), column.rater)]
        said = [f"{name} {value}" for name, value in parts if value is not None]
        yield column.heading or column.column, _("，").join([_("评分"), *said])


def tools() -> list[tuple[str, str]]:
    """Choices of where a file comes from."""
    from analysis.foreign.layout import TOOLS

    place = 0 if current_language() == "zh" else 1
    return [("", _("由文件看出")), *((tool, names[place]) for tool, names in TOOLS.items())]
