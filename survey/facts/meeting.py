"""What a meeting decides, and how firm it is."""

from __future__ import annotations

from typing import Literal

from survey.facts.base import Fact, Language, in_language

Place = Literal["certain", "possible", "excluded"]
Statement = Literal["above", "below", "pair", "above_line", "below_line"]


class MeetingNote(Fact):
    """A sentence on all departments together."""

    code: str
    """first, last, first_tested, last_tested, grades, luck, influence, influence_scope, identical."""
    zh: str
    en: str

    def text(self, language: Language) -> str:
        return in_language(language, self.zh, self.en)


class EndFacts(Fact):
    """Who can be among the first, or the last, so many."""

    end: Literal["first", "last"]
    count: int
    level: float
    certain: tuple[str, ...]
    possible: tuple[str, ...]
    excluded: tuple[str, ...]
    observed: tuple[str, ...]
    p_value: float | None
    """Of "observed are the count"; null where untested."""
    verified: bool


class GradeFacts(Fact):
    """Grades count from 0, the best."""

    name: str
    best: int
    worst: int
    verdict: Literal["certain", "at_least", "at_most", "between", "unknown"]


class CarriedStatement(Fact):
    """How many ballots carry a declared statement."""

    kind: Statement
    a: str
    b: str
    """Only of kind pair, else ""."""
    removed: int | None
    """So many ballots undo it when they are removed; null: no number does."""
    falsified: int | None
    """So many undo it when they are turned into the worst answer; null: not looked at."""
    verified: bool
    falsified_verified: bool
    """By ranking again; else about."""
    fragile: bool
    at_least: int | None = None
    """No fewer removed do; exact where equal; absent in older rounds."""


class MeetingDepartment(Fact):
    """What the meeting decides on a department."""

    name: str
    first: Place | None
    last: Place | None
    grade: GradeFacts | None
    grade_zh: str
    grade_en: str
    corrected: float | None
    """Score without the luck of having been picked."""
    carried: CarriedStatement | None
    """Of kind above or below."""
    carried_line: CarriedStatement | None
    """Of kind above_line or below_line."""
    corrected_bound: Literal["", "at_least", "at_most"] | None = None
    """at_least or at_most where corrected is published as a bound; "" where it is the score; absent in older
    rounds."""

    def graded(self, language: Language) -> str:
        return in_language(language, self.grade_zh, self.grade_en)


class MeetingFacts(Fact):
    """What the meeting decides."""

    notes: tuple[MeetingNote, ...]
    first: EndFacts | None
    """null where not asked or not to be had."""
    last: EndFacts | None
    grade_lines: tuple[float, ...] | None
    """Falling points."""
    departments: tuple[MeetingDepartment, ...]
    """In ranked order."""
    fragile_pairs: tuple[CarriedStatement, ...]
    least: int | None
    """Fewer ballots are fragile; null without ratings or above 200 departments."""
    omitted: int | None
    """Declared statements that were not looked at; null likewise."""
    large: bool
    """Whether more than 200 departments are why nothing was looked at."""
