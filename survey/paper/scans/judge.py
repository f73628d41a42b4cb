"""What boxes say: empty, marked, filled, or doubtful; then each question, of which exactly one box may hold.

Whatever is not plain is left to people: nothing is guessed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from survey.documents.paper.layout import MarkBox, Question, QuestionKind
from survey.paper.scans.measure import INSET, Measured
from survey.protocol.answers import NOT_KNOWN, NOT_RATED

EMPTY_BELOW, MARKED_FROM = 0.008, 0.022
"""Mean darkness inside a box: nothing below the first, a mark from the second, between them a doubt."""
DOT, STROKE, STROKE_INK = 1.0, 1.2, 0.012
"""Millimetres below which the longest piece of ink is no mark, and from which a little ink is one."""
LONG, THIN = 2.0, 0.65
"""Millimetres: where a page's marks are longer than the first, specks are no marks; a stroke up to the second
in width, blur and all, is a thin pen's."""
FULL_GAP, FULL_COVER = 0.30, 0.80
OPEN_GAP, OPEN_COVER = 0.55, 0.60
"""A filled box has no white spot of the first radius (mm); a mark leaves one of the second, or much white."""
WHOLE_FRAME = 0.55
"""Darkness of a side of a frame below which something covers it, such as correction fluid."""
PALE, PALER, THIN_PALE = 0.4, 0.75, 0.3
"""How dark ink is at least, by the darkness of print, and by that of the page's other marks: stains, ink of
the other side and what was rubbed out are paler. A thin stroke is shown paler than it is."""
ORDINARY = 5.2
"""Millimetres: side of a box that is not of large print, for which shares of boxes are given."""
MISSED = 0.06
"""Darkness around an empty box from which a mark may have missed it."""
TIP, TIP_MISSED = 0.003, 0.03
"""Mean darkness inside and around an empty box from which a mark beside it may end in it."""
RINGS, RINGED = 2, 0.06
"""So many questions with ink beside a box and none in any make a page on which boxes may be ringed; there
this share of what is around a box is a ring."""
BETWEEN = 0.5
"""Square millimetres of ink left and right of a box, from which a mark may stand between two boxes."""
DENSE, DENSER = 0.35, 2.5
"""Share of a box that is dark, and how many times that of the page's other marks, from which a scribble may
have undone the only mark of a question."""
TRACED = 0.13
"""Share of an empty box of ordinary size that is a little darker, from which the scan may hardly show a mark;
a stroke is a smaller share of a larger box."""
PART, PALE_MARKS = 0.3, 3
"""On a page with so many boxes of that kind, such as one scanned far too light, this part of what they have
is enough: the rest of the mark may lie outside."""
DIRT = 0.2
"""Faint ink below this share of the question's mark is dirt or rubbed out."""
LIGHTER = 0.65
"""A mark beside a filled box is a correction when it covers less than this share of it."""


class BoxState(StrEnum):
    """BoxState of a box: FAINT, NEARLY (almost filled) and BROKEN (no frame) are doubtful by themselves."""

    EMPTY = "empty"
    MARKED = "marked"
    FILLED = "filled"
    FAINT = "faint"
    NEARLY = "nearly"
    BROKEN = "broken"


class Doubt(StrEnum):
    """Why people must look at a question; NONE: it is plain."""

    NONE = ""
    SEVERAL = "several"
    FAINT = "faint"
    FILLED = "filled"
    BESIDE = "beside"
    FRAME = "frame"
    SKIPPED = "skipped"
    JOINED = "joined"
    HOLE = "hole"


@dataclass(frozen=True, slots=True)
class ReadAnswer:
    """Answer to a question: `value` as in an answer's bytes, 0 none; void where there is a doubt."""

    question: Question
    value: int
    doubt: Doubt = Doubt.NONE


@dataclass(frozen=True, slots=True)
class Habit:
    """How a page was marked: by filling boxes, or with a broad pen; `traced`: share of a box without ink that
    is a little darker, from which there may be a mark; `rings`: whether boxes may be ringed; `cover`: of the
    marks, 1 where there are few."""

    fills: bool
    broad: bool
    traced: float
    rings: bool
    cover: float = 1.0


def states(measured: Measured) -> list[BoxState]:
    """BoxState of each box of a page."""
    marks = (measured.ink >= MARKED_FROM) & (measured.length >= DOT)
    enough = np.count_nonzero(marks) >= 3
    usual = np.quantile(measured.depth[marks], 0.75) if enough else 0.0
    thin = enough & (measured.length >= STROKE) & (measured.width <= THIN)
    pale = measured.depth < np.maximum(np.where(thin, THIN_PALE, PALE), PALER * usual)
    # Whoever marks by dots may make one as small as a speck.
    is_long = enough and np.median(measured.length[marks]) >= LONG
    ink = measured.ink - measured.specks if is_long else measured.ink
    is_mark = np.where(measured.length >= STROKE, ink >= STROKE_INK, ink >= MARKED_FROM)
    is_mark &= (measured.length >= DOT) & ~pale
    rows = zip(ink, measured.cover, measured.gap, measured.frame, strict=True)
    return [_state(*map(float, row), is_mark=bool(m)) for row, m in zip(rows, is_mark, strict=True)]


def _state(ink: float, cover: float, gap: float, frame: float, *, is_mark: bool) -> BoxState:
    if frame < WHOLE_FRAME:
        return BoxState.BROKEN
    if ink < EMPTY_BELOW:
        return BoxState.EMPTY
    if not is_mark:
        return BoxState.FAINT
    if gap <= FULL_GAP and cover >= FULL_COVER:
        return BoxState.FILLED
    return BoxState.MARKED if gap >= OPEN_GAP or cover <= OPEN_COVER else BoxState.NEARLY


def judge(boxes: Sequence[MarkBox], measured: Measured) -> list[ReadAnswer]:
    """Answers to the questions of a page, in the order of their first boxes."""
    found = states(measured)
    by_question: dict[Question, list[int]] = defaultdict(list)
    for number, box in enumerate(boxes):
        by_question[box.question].append(number)
    habit = _habit(by_question.values(), found, measured, boxes[0].side)
    answers = []
    for question, numbers in by_question.items():
        value, doubt = _question(numbers, found, measured, habit, boxes)
        answers.append(ReadAnswer(question, value, doubt))
    return _with_skips(answers)


def _habit(questions: Iterable[list[int]], found: list[BoxState], measured: Measured, side: float) -> Habit:
    """How a page was marked, from the questions with one inked box, the boxes that may hold a mark that the
    scan hardly shows, and those with ink beside them alone."""
    plain = TRACED * min(1, (ORDINARY - 2 * INSET) / (side - 2 * INSET))
    hardly = measured.trace[(measured.trace >= plain) & (measured.ink < MARKED_FROM)]
    traced = PART * float(np.median(hardly)) if len(hardly) >= PALE_MARKS else plain
    lone, missed = [], 0
    for numbers in questions:
        inked = [n for n in numbers if found[n] in (BoxState.MARKED, BoxState.FILLED, BoxState.NEARLY)]
        if len(inked) == 1:
            lone.append(inked[0])
        missed += not inked and any(measured.ring[n] > MISSED for n in numbers)
    rings = missed >= RINGS
    if len(lone) < 3:
        return Habit(fills=False, broad=False, traced=traced, rings=rings)
    dark = np.mean([found[n] != BoxState.MARKED for n in lone])
    cover = float(np.median([measured.cover[n] for n in lone]))
    return Habit(fills=bool(dark >= 0.6), broad=cover >= 0.4, traced=traced, rings=rings, cover=cover)


def _question(
    numbers: list[int], found: list[BoxState], measured: Measured, habit: Habit, boxes: Sequence[MarkBox]
) -> tuple[int, Doubt]:
    if any(found[n] == BoxState.BROKEN for n in numbers):
        return NOT_RATED, Doubt.FRAME
    most = max(measured.ink[n] for n in numbers)
    inked = [n for n in numbers if found[n] != BoxState.EMPTY]
    inked = [n for n in inked if found[n] != BoxState.FAINT or not _is_dirt(n, measured, most)]
    if not inked:
        return NOT_RATED, _unmarked(numbers, measured, habit)
    if any(found[n] == BoxState.FAINT for n in inked):
        return NOT_RATED, Doubt.FAINT
    if any(n in measured.joined for n in inked):
        return NOT_RATED, Doubt.JOINED
    if any(n in measured.holes for n in inked):
        return NOT_RATED, Doubt.HOLE
    if habit.rings and any(measured.ringed[n] >= RINGED for n in numbers if n not in inked):
        return NOT_RATED, Doubt.BESIDE  # of a large ring the side may lie in the next box
    if len(inked) == 1:
        plain = _is_plain(inked[0], found, measured, habit)
        return (boxes[inked[0]].value, Doubt.NONE) if plain else (NOT_RATED, Doubt.FILLED)
    chosen = _corrected(inked, found, measured, habit)
    return (NOT_RATED, Doubt.SEVERAL) if chosen is None else (boxes[chosen].value, Doubt.NONE)


def _is_dirt(number: int, measured: Measured, most: float) -> bool:
    """Whether faint ink is little beside the question's mark, and no stroke of the same pen."""
    stroke = measured.length[number] >= LONG and measured.depth[number] >= PALE
    return bool(measured.ink[number] <= DIRT * most and not stroke)


def _unmarked(numbers: list[int], measured: Measured, habit: Habit) -> Doubt:
    """Doubt about a question without ink in its boxes."""
    if any(measured.ring[n] > MISSED or (habit.rings and measured.ringed[n] >= RINGED) for n in numbers):
        return Doubt.BESIDE
    if len(numbers) > 1 and any(measured.between[n] >= BETWEEN for n in numbers):
        return Doubt.BESIDE
    if any(measured.ink[n] >= TIP and measured.ring[n] >= TIP_MISSED for n in numbers):
        return Doubt.BESIDE
    return Doubt.FAINT if any(measured.trace[n] >= habit.traced for n in numbers) else Doubt.NONE


def _is_plain(number: int, found: list[BoxState], measured: Measured, habit: Habit) -> bool:
    """Whether the only inked box of a question is a mark and not one undone."""
    state, cover = found[number], measured.cover[number]
    if state == BoxState.NEARLY:
        return habit.fills or habit.broad
    if state == BoxState.MARKED and not habit.fills:
        return number not in measured.struck and not cover >= max(DENSE, DENSER * habit.cover)
    return state == BoxState.MARKED or habit.fills


def _corrected(inked: list[int], found: list[BoxState], measured: Measured, habit: Habit) -> int | None:
    """The mark beside boxes that were filled to undo them; None where that is not plain."""
    marks = [n for n in inked if found[n] == BoxState.MARKED]
    filled = [n for n in inked if found[n] == BoxState.FILLED]
    if habit.fills or len(marks) != 1 or len(marks) + len(filled) != len(inked):
        return None
    lightest = min(measured.cover[n] for n in filled)
    return marks[0] if measured.cover[marks[0]] <= LIGHTER * lightest else None


def _with_skips(answers: list[ReadAnswer]) -> list[ReadAnswer]:
    """Answers where a department both skipped and rated is doubtful."""
    skipped = {a.question.index for a in answers if a.question.kind == QuestionKind.SKIP and a.value}
    rated = {
        a.question.index
        for a in answers
        if a.question.kind == QuestionKind.RATING and (a.value not in (NOT_RATED, NOT_KNOWN) or a.doubt)
    }
    both = skipped & rated
    return [
        ReadAnswer(a.question, a.value, Doubt.SKIPPED)
        if a.question.kind == QuestionKind.SKIP and a.question.index in both
        else a
        for a in answers
    ]
