"""Facts for the meeting that decides on awards and grades: first and last places, grades, and how many
ballots each statement rests on."""

from __future__ import annotations

from typing import Literal

from survey.facts.base import Fact, Language, in_language

End = Literal["first", "last"]
Place = Literal["certain", "possible", "excluded"]
Statement = Literal["above", "below", "pair", "above_line", "below_line"]


class MeetingNote(Fact):
    """Sentence on all departments together, in both languages."""

    code: str
    """first, last, first_tested, last_tested, grades, luck, influence, influence_scope, identical."""
    zh: str
    en: str

    def text(self, language: Language) -> str:
        return in_language(language, self.zh, self.en)


class EndFacts(Fact):
    """Departments that certainly are, possibly are and are not among the first (or last) `count`."""

    end: End
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
    """Best and worst grade that a department's score may have; `best` and `worst` are numbers of grades from
    0, the best."""

    name: str
    best: int
    worst: int
    verdict: Literal["certain", "at_least", "at_most", "between", "unknown"]


class CarriedStatement(Fact):
    """Statement that the ranking declares on department `a` (or the pair `a`, `b`), and how few ballots,
    removed or falsified, undo it."""

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
    """Department's places, grade and the number of ballots on which its verdicts rest."""

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

    def place(self, end: End) -> Place | None:
        return self.first if end == "first" else self.last

    def graded(self, language: Language) -> str:
        return in_language(language, self.grade_zh, self.grade_en)


class MeetingFacts(Fact):
    """Facts for the meeting beside the ranking: notes, first and last places, grades, and statements that few
    ballots carry."""

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

    def at(self, end: End) -> EndFacts | None:
        return self.first if end == "first" else self.last
