"""Content of an edition, frozen when it is published: the facts of a round, and
what else the edition says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from survey.facts.base import Fact, Interval, Language, Possible, Withheld, in_language
from survey.facts.composite import ElectorateFacts, ElectorateMove
from survey.facts.ranking import RankingFacts
from survey.facts.whole import Facts


class EditionRound(Fact):
    """Round that the edition publishes: its slug, title and holding bodies."""

    slug: str
    title: str
    body: str


class EditionDepartment(Fact):
    """Department of the questionnaire, with its group."""

    name: str
    group: str


class ThemeCount(Fact):
    """Number of comments on a theme; null where withheld for `reason`."""

    name: str
    n: int | None
    reason: Withheld


class DepartmentThemes(Fact):
    """Counts of themes among all comments on a department; null where withheld for `reason`."""

    department: str
    n: int | None
    """Comments."""
    reason: Withheld
    themes: tuple[ThemeCount, ...]


class ReleasedComment(Fact):
    """Redacted comment that two reviewers agreed to release, with its themes."""

    text: str
    themes: tuple[str, ...]


Evidence = Mapping[str, int | float | str | Interval | None]
"""The numbers that a problem was recorded on, by name; see `survey.facts.evidence`."""


class EditionProblem(Fact):
    """Problem on the round's list that a department has to solve."""

    number: int
    department: str
    source: Literal["line", "gap", "comments", "indicator", "other"]
    item: str
    task: str
    evidence: Evidence
    """The numbers it was recorded on."""
    deadline: str


class OutsideFigure(Fact):
    """Outside indicator (provincial assessment or hotline) of a department, from the newest period of its
    kind; `province`, `city`: averages; `below`: a value in points under 70."""

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
    """Invitations of one day and kind that were added while ballots were being collected, or that replaced
    the unused ones of a lost list (`reissued`): those are no more invitations than before. Of kind
    `interview`: those in whose place the office filled in a ballot with an enterprise on the telephone, of
    the whole round, with its last day."""

    day: str
    kind: Literal["attributed", "slip", "interview"]
    count: int | None
    """null below the threshold."""
    reason: str
    reissued: bool = False


class TelephoneFacts(Fact):
    """Check by telephone: of `population` enterprises that collected, numbers of those called by what they
    said."""

    population: int
    took_part: int
    did_not: int
    not_reached: int


class PaperFacts(Fact):
    """Paper forms of all reading stations (`stations` of them), by what became of them."""

    stations: int
    handed_out: int
    returned: int
    cast: int
    refused: int
    """By the box: their code had been used on a phone, is unknown, or the round had closed."""
    empty: int
    not_counted: int
    """As two people decided."""
    confirmed: int = 0
    """Stations whose count two people signed by keys of their own."""


class EditionCompositePart(Fact):
    """Electorate of a composite with its weight in per cent, and the round that it comes from."""

    name: str
    weight: float
    round: str | None
    """Slug; null for outside figures, as title."""
    title: str | None


class ElectorateBallots(Fact):
    """Number of ballots of an electorate on a department."""

    electorate: str
    department: str
    n: int | None


class CompositeResult(Possible):
    """Several electorates as one index, as it was worked out and kept."""

    level: float
    independent: bool
    electorates: tuple[ElectorateFacts, ...]
    ranking: RankingFacts
    """Version 1, no n."""
    moves: tuple[ElectorateMove, ...]
    not_compared: tuple[str, ...]
    summary_zh: str
    summary_en: str

    def summary(self, language: Language) -> str:
        return in_language(language, self.summary_zh, self.summary_en)


class MendedProblems(Fact):
    """Problems on the list of an earlier published round: how many were `listed`, and how many of them were
    `verified` as put right when the edition was proposed."""

    slug: str
    title: str
    listed: int
    verified: int
    rate: float
    """verified / listed (整改完成率)."""


class EditionComposite(Fact):
    """Composite of several electorates, published with the edition."""

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
    """Content of one edition of a round."""

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
    telephone: TelephoneFacts | None = None
    """Once every result is in."""
    paper: PaperFacts | None = None
    mended: tuple[MendedProblems, ...] = ()
    """Newest round first."""
    restored: int | None = None
    """Where a backup was put back while the round collected: ballots beyond the credentials known to be
    collected."""
