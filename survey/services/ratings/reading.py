"""Job that reads an uploaded file of ratings: what is understood of it is stored, or what must be asked."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from survey.errors import N_, InvalidInput, NotFound
from survey.language import in_both
from survey.models import RatingAnalysis
from survey.services.operations import own_process
from survey.services.operations.job_kinds import ById, JobKind, Nothing, Running
from survey.services.ratings.analyses import by_id, upload_of
from survey.services.ratings.labels import on_page

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from analysis.foreign.hints import Ambiguous, Hints
    from analysis.foreign.reading import ReadFile
    from analysis.foreign.understood import Understood

KEYS: Final = ("rater", "department", "score", "item")
MAPPING: Final = "mapping.json"
AGAIN = N_("请在下面说明怎样读，或换一个文件。")


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person says about a file, as typed; "" where nothing is said.

    tool: one of `analysis.foreign.layout.TOOLS`; best: high or low; departments: one a line; levels: such as
    很好=100,好=80; missing: codes for no answer, separated by commas; scale: the lowest and the highest mark
    there is, such as 0,100; items: those that count, one a line; rater, department, score, item: headings of
    the columns. mapping: an edited mapping (JSON), beside which nothing else is said; changed: what it
    changed, in Chinese and English.
    """

    tool: str = ""
    best: str = ""
    departments: str = ""
    levels: str = ""
    missing: str = ""
    scale: str = ""
    items: str = ""
    rater: str = ""
    department: str = ""
    score: str = ""
    item: str = ""
    mapping: str = ""
    changed: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ReadingQuestion:
    """What the file does not say: the question and its readings, each as (Chinese, English).

    choices: for each reading the field of `Choices` that decides for it, and its value ("" where nothing on
    the page can); () where it must be typed.
    """

    why: tuple[str, str]
    readings: tuple[tuple[str, str], ...]
    choices: tuple[tuple[str, str], ...]


def read(path: Path, choices: Choices) -> ReadFile:
    """Read the file by the choices; raises `InputError`, or `Ambiguous` with both readings."""
    from analysis.foreign.reading import read_any

    return read_any(path, hints_of(choices))


def hints_of(choices: Choices) -> Hints:
    """Choices as the reader takes them; raises `InputError` for points that are no numbers."""
    from analysis.foreign.hints import Hints
    from analysis.foreign.lists import departments_from, items_from, levels_from
    from analysis.foreign.mapping.content import mapping_from

    if choices.mapping:
        return Hints(mapping=mapping_from(choices.mapping.encode(), MAPPING))
    codes = tuple(code.strip() for code in choices.missing.replace("，", ",").split(",") if code.strip())
    levels = levels_from(choices.levels.replace("\n", ","))
    best: Any = choices.best or None
    keys = {role: choice for role in KEYS if (choice := getattr(choices, role))}
    departments = departments_from(choices.departments.splitlines())
    ends = _ends(choices.scale)
    return Hints(
        choices.tool or None, departments, levels, None, best, keys, codes, ends, items_from(choices.items)
    )


def _ends(text: str) -> tuple[float, float] | None:
    """Lowest and highest mark as typed, such as 0,100; None where nothing is."""
    from analysis.errors import InputError

    if not text.strip():
        return None
    try:
        low, high = (float(part) for part in text.replace("，", ",").split(","))
    except ValueError:
        low, high = 0.0, 0.0
    if not -math.inf < low < high < math.inf:
        raise InputError(*in_both(N_("最低分和最高分“%(text)s”看不懂，请写成 0,100，小的在前。"), text=text))
    return low, high


def choices_of(analysis: RatingAnalysis) -> Choices:
    """Choices as they are stored."""
    return msgspec.convert(analysis.choices, Choices)


def question_of(analysis: RatingAnalysis) -> ReadingQuestion | None:
    """Question that is open, if there is one."""
    return None if analysis.question is None else msgspec.convert(analysis.question, ReadingQuestion)


def mapping_of(analysis: RatingAnalysis) -> bytes:
    """Mapping by which the file was read, to be edited; raises `NotFound` where there is none."""
    from analysis.foreign.mapping.content import written
    from analysis.foreign.understood import Understood

    if analysis.understood is None:
        raise NotFound(N_("还没有对应表：文件还没有读成。"))
    return written(Understood.from_json(analysis.understood)).encode()


def mapped(analysis: RatingAnalysis, data: bytes, filename: str) -> Choices:
    """Choices by an edited mapping, with what it changed; raises `InputError` that names the field."""
    from analysis.foreign.mapping.changes import changes
    from analysis.foreign.mapping.content import mapping_from, written
    from analysis.foreign.understood import Understood

    mapping = mapping_from(data, filename)
    before = None if analysis.understood is None else Understood.from_json(analysis.understood)
    changed = [] if before is None else changes(before, mapping)
    return Choices(mapping=written(mapping), changed=tuple(changed))


def answered(choices: Choices, question: ReadingQuestion, place: int) -> Choices:
    """Choices with the reading at `place` (from 0) chosen; raises `NotFound` where there is none."""
    if not 0 <= place < len(question.choices):
        raise NotFound(N_("没有这种读法。"))
    name, value = question.choices[place]
    if not name:
        raise NotFound(N_("没有这种读法。"))
    if name == "missing" and choices.missing:
        value = f"{choices.missing},{value}"
    return msgspec.convert(asdict(choices) | {name: value}, Choices)


def _run(running: Running[ById, Nothing]) -> None:
    key = running.asked.id
    with running.database.read() as session:
        choices = choices_of(by_id(session, key))
    understood, question = own_process.work_out(running, _understood, upload_of(running.data, key), choices)

    def keep(session: Session) -> Nothing:
        analysis = by_id(session, key)
        analysis.understood, analysis.question = understood, question
        return Nothing()

    running.keep(keep)


def _understood(
    path: Path, choices: Choices, report: Callable[..., None]
) -> tuple[dict[str, object] | None, dict[str, object] | None]:
    """How the file is read and what must be asked first, both as stored; None where there is none."""
    from analysis.errors import InputError
    from analysis.foreign.hints import Ambiguous

    report(N_("读取评分"))
    try:
        return read(path, choices).understood.to_json(), None
    except Ambiguous as error:
        first = _by_first_reading(path, choices)
        return None if first is None else first.to_json(), asdict(_question(error))
    except InputError as error:
        raise InvalidInput.bilingual(*on_page(error.zh, error.en), AGAIN) from error


def _by_first_reading(path: Path, choices: Choices) -> Understood | None:
    """How a file would be read by the first of its readings, to be edited; None where there is none."""
    from analysis.errors import InputError
    from analysis.foreign.library import first_reading

    try:
        return first_reading(path, hints_of(choices))[0].understood
    except InputError:
        return None


def _question(error: Ambiguous) -> ReadingQuestion:
    readings = tuple(on_page(*reading) for reading in error.readings)
    return ReadingQuestion(on_page(*error.why), readings, error.choices)


KIND = JobKind("ratings-read", ById, Nothing, _run)
"""Asked for with the analysis' id; repeating it only reads the file again."""
