"""Where everything stands on a paper form: printing and reading take positions from here and cannot disagree.

Millimetres from the top left corner of an upright A4 page; a box is given by its centre.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

PAGE = (210.0, 297.0)
CODE_SIDE = 15.0
CODE_EDGE = 9.0
"""Between a corner code and the edges of the page."""
MOST_PAGES = 32
"""What the one letter for the page in a corner code can number."""


class QuestionKind(StrEnum):
    """What a question asks for: a rating, a fact of whoever answers, whether there was anything to rate."""

    RATING = "rating"
    STRATUM = "stratum"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class Question:
    """Question of which at most one box is marked; `index`: department or stratum, `item` of a rating."""

    kind: QuestionKind
    index: int
    item: int = 0


@dataclass(frozen=True, slots=True)
class MarkBox:
    """Box to mark with centre (x, y); `value` is what a mark in it says, as in an answer's bytes."""

    x: float
    y: float
    side: float
    question: Question
    value: int


@dataclass(frozen=True, slots=True)
class Area:
    """Rectangle from (x, y) in which a comment on a department is written."""

    x: float
    y: float
    width: float
    height: float
    department: int


@dataclass(frozen=True, slots=True)
class Label:
    """Words in a rectangle from (x, y); `size` in points at most, smaller where they would not fit.

    `key` names words of the form itself (`words.py`), otherwise `zh` and `en` are printed.
    """

    x: float
    y: float
    width: float
    height: float
    zh: str = ""
    en: str = ""
    key: str = ""
    size: float = 10.0
    align: str = "left"
    bold: bool = False
    upright: bool = False


@dataclass(slots=True)
class PageLayout:
    """One side of a sheet; `rules`: (x, y, width) of thin lines."""

    boxes: list[MarkBox] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    areas: list[Area] = field(default_factory=list)
    rules: list[tuple[float, float, float]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Style:
    """How a form is printed: 大字版, and with areas for comments. Its number stands in the corner codes."""

    large: bool = False
    comments: bool = False

    @property
    def number(self) -> int:
        return self.large + 2 * self.comments

    @classmethod
    def numbered(cls, number: int) -> Style:
        return cls(bool(number & 1), bool(number & 2))


@dataclass(frozen=True, slots=True)
class FormLayout:
    """All pages of a form, in order."""

    style: Style
    pages: tuple[PageLayout, ...]

    @property
    def boxes(self) -> list[MarkBox]:
        return [box for page in self.pages for box in page.boxes]


def corner_places() -> tuple[tuple[float, float], ...]:
    """Top left corners of the four corner codes: top left, top right, bottom right, bottom left."""
    right, bottom = PAGE[0] - CODE_EDGE - CODE_SIDE, PAGE[1] - CODE_EDGE - CODE_SIDE
    return (CODE_EDGE, CODE_EDGE), (right, CODE_EDGE), (right, bottom), (CODE_EDGE, bottom)
