"""Edition of a round as documents read it: every number comes from the frozen content alone."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Final

from analysis.charts.ranking import decimals
from analysis.ranking.results import Ranking
from survey.facts.analysed import as_analysed, groups_as_analysed
from survey.facts.base import Impossible
from survey.facts.comparisons import CombinedFacts
from survey.facts.differences import ValueDifference, differences
from survey.facts.profiles import Profile
from survey.facts.publication import (
    DepartmentThemes,
    EditionComposite,
    EditionContent,
    EditionProblem,
    ReleasedComment,
)
from survey.facts.ranking import GroupRankingFacts, RankedDepartment
from survey.facts.round import RoundFacts
from survey.facts.whole import Facts
from survey.language import gettext as _
from survey.wording import editions, telephone
from survey.wording.correction import sentences as corrections
from survey.wording.english_facts import content_in_page_language

Groups = Sequence[tuple[str, Ranking]]
_END_OF_YEAR: Final = 12


@dataclass(frozen=True)
class Edition:
    """Edition of a round: `content` as frozen by the publication (docs/formats.md), `digest` the SHA-256 of
    it in hex.

    `published_on` is None while the edition waits for confirmation; `log` is number and hash (hex) of the
    audit log's newest entry when the edition was proposed, None in older editions. `before` is the content of
    the edition that this one corrects, None for the first.
    """

    content: EditionContent
    number: int = 1
    digest: str = ""
    published_on: date | None = None
    correction: str = ""
    log: tuple[int, str] | None = None
    before: EditionContent | None = None

    def in_page_language(self) -> "Edition":
        """The edition with English names and notes where English is spoken, else itself."""
        before = content_in_page_language(self.before) if self.before else None
        return replace(self, content=content_in_page_language(self.content), before=before)

    @property
    def facts(self) -> Facts:
        """Facts of the round (docs/facts.md)."""
        return self.content.facts

    @property
    def round(self) -> RoundFacts:
        return self.facts.round

    @property
    def title(self) -> str:
        return self.round.title

    @property
    def body(self) -> str:
        return self.round.body

    @property
    def opens_on(self) -> date:
        return date.fromisoformat(self.round.opens_on)

    @property
    def closes_on(self) -> date:
        return date.fromisoformat(self.round.closes_on)

    @property
    def planned_closes_on(self) -> date | None:
        """Announced last day, where the round was closed before it; else None."""
        day = self.round.planned_closes_on
        return date.fromisoformat(day) if day else None

    @property
    def warning_line(self) -> float:
        return self.facts.scale.warning_line

    def made_on(self, issued_on: date | None) -> date:
        """Day that a document of the edition bears as that of its making."""
        return issued_on or self.published_on or self.closes_on

    @property
    def profiles(self) -> Sequence[Profile]:
        return self.facts.profiles

    @property
    def ranked(self) -> Sequence[RankedDepartment]:
        """Departments of the overall ranking, by rank."""
        return self.facts.ranking.departments

    @property
    def group_parts(self) -> Sequence[GroupRankingFacts]:
        """Rankings within groups of departments, as facts; empty where there are fewer than two."""
        parts = [part for part in self.facts.ranking.groups if part.departments]
        return parts if len(parts) > 1 else []

    @cached_property
    def ranking(self) -> Ranking:
        return as_analysed(self.facts.ranking)

    @cached_property
    def groups(self) -> Groups:
        """Rankings within groups, as `analysis` objects with names; empty where there are fewer than two."""
        found = groups_as_analysed(self.facts.ranking)
        return found if len(found) > 1 else []

    @cached_property
    def digits(self) -> int:
        """Decimals of adjusted scores, the same as in the chart."""
        return decimals([d.se for _, part in [*self.groups, ("", self.ranking)] for d in part.departments])

    @property
    def combined(self) -> CombinedFacts | None:
        """Combined ranking of the year's rounds; None where it could not be made, as with only one round."""
        found = self.facts.combined
        return None if isinstance(found, Impossible) else found

    @property
    def ends_year(self) -> bool:
        """Whether this round ends its year: a yearly round, or one that closes in December."""
        return self.round.period == "year" or self.closes_on.month == _END_OF_YEAR

    @property
    def composites(self) -> Sequence[EditionComposite]:
        """Composites published with the edition."""
        return self.content.composites

    @property
    def log_line(self) -> str:
        """Number and digest of the audit log's newest entry, for paper, so that a log cut off later can be
        detected."""
        return editions.log_line(self.log)

    @property
    def added_lines(self) -> list[str]:
        """Sentences on invitations that were added while the round was collecting."""
        return [editions.added(entry, self.round.threshold) for entry in self.content.added]

    @property
    def restored_lines(self) -> list[str]:
        """Sentence on a backup that was put back while the round collected, if one was."""
        return editions.restored(self.content.restored)

    @property
    def telephone_lines(self) -> list[str]:
        """Sentences on the check by telephone, if there was one."""
        return telephone.stated(self.content.telephone)

    @property
    def paper_lines(self) -> list[str]:
        """Sentences on the count of paper forms, if there were any."""
        return editions.paper_forms(self.content.paper)

    @property
    def collecting_sentences(self) -> list[str]:
        """What is to be told of how ballots were collected: `added_lines` to `paper_lines`, in full."""
        added = [_("%(said)s。", said=line) for line in self.added_lines]
        return [*added, *self.restored_lines, *self.telephone_lines, *self.paper_lines]

    @cached_property
    def differences(self) -> Sequence[ValueDifference]:
        """Values that differ from the edition before; none for the first."""
        return differences(self.before, self.content) if self.before else ()

    @property
    def correction_lines(self) -> list[str]:
        """What this edition says differently from the one before, and why; nothing for the first."""
        return corrections.with_reason(self.correction, self.differences, self.number) if self.before else []

    def correction_in_short(self, most: int) -> list[str]:
        """The first of `correction_lines`, and how many more there are."""
        if not self.before:
            return []
        return corrections.in_short(self.correction, self.differences, self.number, most)

    def correction_of(self, department: str) -> list[str]:
        """What this edition says differently of the department, and why; nothing for the first."""
        if not self.before:
            return []
        names = [profile.name for profile in self.profiles]
        return corrections.of_department(self.correction, self.differences, self.number, department, names)

    def comments_of(self, department: str) -> Sequence[ReleasedComment]:
        """Comments released to the department."""
        return self.content.comments.get(department, ())

    def themes_of(self, department: str) -> DepartmentThemes | None:
        """Counts of themes among all comments on the department, as far as they may be shown; None where
        there are none."""
        return next((t for t in self.content.themes if t.department == department), None)

    def problems_of(self, department: str) -> Sequence[EditionProblem]:
        return [p for p in self.content.problems if p.department == department]
