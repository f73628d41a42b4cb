"""What a publication freezes: the facts of a round, and what else an edition says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from survey.facts.base import Fact, Interval, Withheld
from survey.facts.composite import ElectorateFacts, ElectorateMove
from survey.facts.ranking import RankingFacts
from survey.facts.whole import Facts


class EditionRound(Fact):
    """Which round it is."""

    slug: str
    title: str
    body: str


class EditionDepartment(Fact):
    """A department of the questionnaire."""

    name: str
    group: str


class ThemeCount(Fact):
    """How often a theme occurs; null where withheld."""

    name: str
    n: int | None
    reason: Withheld


class DepartmentThemes(Fact):
    """The themes of all comments on a department."""

    department: str
    n: int | None
    """Comments."""
    reason: Withheld
    themes: tuple[ThemeCount, ...]


class ReleasedComment(Fact):
    """A comment that two reviewers agreed to release, redacted."""

    text: str
    themes: tuple[str, ...]


class EditionProblem(Fact):
    """A problem to be solved."""

    number: int
    department: str
    source: Literal["line", "gap", "comments", "indicator", "other"]
    item: str
    task: str
    evidence: Mapping[str, int | float | str | Interval | None]
    """The numbers it was recorded on."""
    deadline: str


class OutsideFigure(Fact):
    """An outside indicator of the newest period of its kind."""

    kind: Literal["assessment", "hotline"]
    period: str
    department: str
    name: str
    value: float
    unit: str
    province: float | None
    city: float | None
    below: bool


class AddedInvitations(Fact):
    """Invitations added while collecting."""

    day: str
    kind: Literal["attributed", "slip"]
    count: int | None
    """null below the threshold."""
    reason: str


class EditionCompositePart(Fact):
    """An electorate with its weight in per cent."""

    name: str
    weight: float
    round: str | None
    """Slug; null for outside figures, as title."""
    title: str | None


class ElectorateBallots(Fact):
    """Ballots of an electorate on a department."""

    electorate: str
    department: str
    n: int | None


class EditionComposite(Fact):
    """Several electorates as one index, published with a round."""

    name: str
    fixed_on: str
    event: int
    """Number in the audit log."""
    digest: str
    """Of name and weights."""
    parts: tuple[EditionCompositePart, ...]
    ballots: tuple[ElectorateBallots, ...]
    level: float
    independent: bool
    electorates: tuple[ElectorateFacts, ...]
    ranking: RankingFacts
    """Version 1, no n."""
    moves: tuple[ElectorateMove, ...]
    not_compared: tuple[str, ...]
    summary_zh: str
    summary_en: str


class EditionContent(Fact):
    """One edition of what is published of a round."""

    format: Literal["pingyi-publication"]
    version: Literal[1]
    round: EditionRound
    departments: tuple[EditionDepartment, ...]
    """In the order of the questionnaire."""
    facts: Facts
    """As they stood when the edition was proposed."""
    themes: tuple[DepartmentThemes, ...]
    comments: Mapping[str, tuple[ReleasedComment, ...]]
    """By department, sorted."""
    problems: tuple[EditionProblem, ...]
    indicators: tuple[OutsideFigure, ...]
    added: tuple[AddedInvitations, ...] = ()
    composites: tuple[EditionComposite, ...] = ()
