"""Fills the pages of a form from top to bottom: introduction, departments, facts, comments."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from survey.documents.paper.layout import (
    MOST_PAGES,
    Area,
    FormLayout,
    Label,
    MarkBox,
    PageLayout,
    Question,
    QuestionKind,
    Style,
)
from survey.errors import N_, InvalidInput
from survey.protocol.answers import NOT_KNOWN
from survey.protocol.questionnaire import Department, Questionnaire, Stratum

LEFT, RIGHT, TOP, BOTTOM = 10.0, 197.0, 28.0, 270.0
INTRODUCTION = 40.0
GAP = 3.0
"""Between words and the frame of a box, so that no print comes near a mark."""


@dataclass(frozen=True, slots=True)
class Measures:
    """Sizes of one style: side of a box, distance of boxes, height of a row and of the labels above."""

    side: float
    pitch: float
    row: float
    head: float
    columns: int
    size: float


NORMAL = Measures(5.2, 8.0, 8.4, 17.0, 2, 10.0)
LARGE = Measures(7.0, 13.0, 12.5, 22.0, 1, 15.0)


@lru_cache(maxsize=16)
def form_layout(questionnaire: Questionnaire, style: Style) -> FormLayout:
    """Layout of a questionnaire's form; raises `InvalidInput` when it would have more than `MOST_PAGES`."""
    work = _Work(questionnaire, style)
    work.departments()
    work.facts()
    if style.comments and questionnaire.comments:
        work.comments()
    if len(work.pages) > MOST_PAGES:
        raise InvalidInput(
            N_("这份问卷印成纸质评议表有 %(pages)s 页，最多 %(most)s 页。"),
            remedy=N_("请不用大字版，或不留意见栏。"),
            pages=len(work.pages),
            most=MOST_PAGES,
        )
    return FormLayout(style, tuple(work.pages))


class _Work:
    def __init__(self, questionnaire: Questionnaire, style: Style) -> None:
        self.asked = questionnaire
        self.m = LARGE if style.large else NORMAL
        levels = questionnaire.scale.levels
        self.values = [(n, level.label, level.label_en) for n, level in enumerate(levels, start=1)]
        self.values.append((NOT_KNOWN, questionnaire.scale.not_known, questionnaire.scale.not_known_en))
        self.strip = len(self.values) * self.m.pitch
        """Width of the boxes of one item."""
        items = len(questionnaire.items)
        self.dense = not style.large and self.m.pitch + items * (self.strip + 2) <= RIGHT - LEFT - 42
        self.pages: list[PageLayout] = []
        self.y = BOTTOM
        self.turn()
        self.page.labels.append(Label(LEFT, TOP, 150, INTRODUCTION - 3, key="introduction", size=self.m.size))
        self.y = TOP + INTRODUCTION

    @property
    def page(self) -> PageLayout:
        return self.pages[-1]

    def turn(self) -> None:
        self.pages.append(PageLayout())
        self.y = TOP

    def room(self, height: float) -> bool:
        """Turn the page unless `height` is left; whether a new page began."""
        if self.y + height <= BOTTOM:
            return False
        self.turn()
        return True

    def box(self, x: float, y: float, question: Question, value: int) -> None:
        self.page.boxes.append(MarkBox(round(x, 3), round(y, 3), self.m.side, question, value))

    def label(self, x: float, y: float, width: float, height: float, **words: object) -> None:
        words.setdefault("size", self.m.size)
        self.page.labels.append(Label(x, y, width, height, **words))  # type: ignore[arg-type]

    def departments(self) -> None:
        if self.dense:
            self._head_of_grid()
            for number, department in enumerate(self.asked.departments):
                if self.room(self.m.row):
                    self._head_of_grid()
                self._row(number, department)
        else:
            self._blocks()

    def _levels(self, x: float, y: float, height: float) -> None:
        """Names of the levels, upright above the boxes of an item that begin at `x`."""
        for n, (_, zh, en) in enumerate(self.values):
            left = x + n * self.m.pitch
            self.label(left, y, self.m.pitch, height, zh=zh, en=en, align="center", upright=True)

    def _starts(self) -> list[float]:
        """Left ends of the boxes of each item in a grid."""
        step = self.strip + 2
        first = RIGHT - len(self.asked.items) * step + 2
        return [first + n * step for n in range(len(self.asked.items))]

    def _head_of_grid(self) -> None:
        starts, name = self._starts(), 6.0
        for x, item in zip(starts, self.asked.items, strict=True):
            self.label(x, self.y, self.strip, name, zh=item.name, en=item.name_en, align="center", bold=True)
            self._levels(x, self.y + name, self.m.head)
        skip = starts[0] - 2 - self.m.pitch
        self.label(skip, self.y + name, self.m.pitch, self.m.head, key="skip", align="center", upright=True)
        self.y += name + self.m.head + 1

    def _row(self, number: int, department: Department) -> None:
        starts, middle = self._starts(), self.y + self.m.row / 2
        skip = starts[0] - 2 - self.m.pitch / 2
        width = skip - self.m.side / 2 - GAP - LEFT
        self.label(
            LEFT, self.y, width, self.m.row, zh=department.name, en=department.name_en or department.name
        )
        self.box(skip, middle, Question(QuestionKind.SKIP, number), 1)
        for item, x in enumerate(starts):
            self._boxes(x, middle, Question(QuestionKind.RATING, number, item))
        self.page.rules.append((LEFT, self.y, width))
        self.y += self.m.row

    def _boxes(self, x: float, middle: float, question: Question) -> None:
        for n, (value, _, _) in enumerate(self.values):
            self.box(x + (n + 0.5) * self.m.pitch, middle, question, value)

    def _blocks(self) -> None:
        """A block a department, an item a row; blocks stand side by side where there are columns."""
        columns, items = self.m.columns, len(self.asked.items)
        step = (RIGHT - LEFT + 4) / columns
        height = (items + 1) * self.m.row + 2
        departments = list(enumerate(self.asked.departments))
        lines = [departments[at : at + columns] for at in range(0, len(departments), columns)]
        self._head_of_blocks(step)
        for line in lines:
            if self.room(height):
                self._head_of_blocks(step)
            for column, (number, department) in enumerate(line):
                self._block(LEFT + column * step, step - 4, number, department)
            self.y += height

    def _head_of_blocks(self, step: float) -> None:
        for column in range(self.m.columns):
            right = LEFT + column * step + step - 4
            self._levels(right - self.strip, self.y, self.m.head)
        self.y += self.m.head + 1

    def _block(self, x: float, width: float, number: int, department: Department) -> None:
        row, middle = self.m.row, self.y + self.m.row / 2
        right, skip = x + width, x + width - self.m.pitch / 2
        words = 24.0 if self.m is NORMAL else 40.0
        self.page.rules.append((x, self.y, width))
        name = skip - self.m.side / 2 - GAP - words - x
        self.label(
            x, self.y, name, row, zh=department.name, en=department.name_en or department.name, bold=True
        )
        self.label(x + name, self.y, words, row, key="skip", align="right", size=self.m.size * 0.85)
        self.box(skip, middle, Question(QuestionKind.SKIP, number), 1)
        for n, item in enumerate(self.asked.items):
            top = self.y + (n + 1) * row
            start = right - self.strip
            first = start + self.m.pitch / 2 - self.m.side / 2 - GAP
            self.label(x + 3, top, first - x - 3, row, zh=item.name, en=item.name_en)
            self._boxes(start, top + row / 2, Question(QuestionKind.RATING, number, n))

    def facts(self) -> None:
        if self.asked.strata:
            self.room(self.m.row * 3 + 3)
            self.y += 3
            self.label(LEFT, self.y, RIGHT - LEFT, self.m.row, key="facts", bold=True)
            self.y += self.m.row
        for number, stratum in enumerate(self.asked.strata):
            self._fact(number, stratum)

    def _fact(self, number: int, stratum: Stratum) -> None:
        columns = 2 if self.m is LARGE else 4
        name = 34.0 if self.m is NORMAL else 50.0
        step = (RIGHT - LEFT - name) / columns
        lines = -(-len(stratum.options) // columns)
        self.room(min(lines, 20) * self.m.row)
        self.label(LEFT, self.y, name - 3, self.m.row, zh=stratum.name, en=stratum.name_en)
        options = list(zip(stratum.options, stratum.options_en, strict=True))
        for n, (zh, en) in enumerate(options):
            if n and n % columns == 0:
                self.y += self.m.row
                self.room(self.m.row)
            x = LEFT + name + n % columns * step
            self.box(
                x + self.m.side / 2, self.y + self.m.row / 2, Question(QuestionKind.STRATUM, number), n + 1
            )
            left = x + self.m.side + GAP
            self.label(left, self.y, step - self.m.side - GAP - GAP, self.m.row, zh=zh, en=en)
        self.y += self.m.row

    def comments(self) -> None:
        """Areas for comments, two side by side, each under its department's name."""
        columns = self.m.columns
        step, height = (RIGHT - LEFT + 4) / columns, 16.0 if self.m is NORMAL else 26.0
        self.room(self.m.row * 2 + height + 4)
        self.y += 3
        self.label(LEFT, self.y, RIGHT - LEFT, self.m.row, key="comments", bold=True)
        self.y += self.m.row
        for number, department in enumerate(self.asked.departments):
            if number % columns == 0:
                self.room(height + 6)
            x = LEFT + number % columns * step
            self.label(
                x,
                self.y,
                step - 4,
                5,
                zh=department.name,
                en=department.name_en or department.name,
                size=self.m.size - 1,
            )
            self.page.areas.append(Area(x, self.y + 5, step - 4, height - 5, number))
            if number % columns == columns - 1 or number == len(self.asked.departments) - 1:
                self.y += height + 1
