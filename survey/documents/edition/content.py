"""One frozen edition of a round, as documents read it: every number comes from its content alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Final

from analysis.charts.ranking import decimals
from analysis.ranking.reading_json import group_rankings, ranking_from_dict
from analysis.ranking.results import Ranking
from survey.facts.base import Impossible
from survey.facts.comparisons import CombinedFacts
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
from survey.parts import Part
from survey.wording import editions

Groups = Sequence[tuple[str, Ranking]]
_END_OF_YEAR: Final = 12


@dataclass(frozen=True)
class Edition:
    """`content` is what a publication freezes (docs/formats.md), `digest` its SHA-256 in hex.

    `published_on` is None while the edition waits for its confirmation; `log` is number and hash (hex) of
    the audit log's newest entry when it was proposed, None in editions older than that.
    """

    content: EditionContent
    number: int = 1
    digest: str = ""
    published_on: date | None = None
    correction: str = ""
    log: tuple[int, str] | None = None

    @property
    def facts(self) -> Facts:
        """docs/facts.md."""
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
        """The announced last day of a round that was closed before it."""
        day = self.round.planned_closes_on
        return date.fromisoformat(day) if day else None

    @property
    def warning_line(self) -> float:
        return self.facts.scale.warning_line

    @property
    def profiles(self) -> Sequence[Profile]:
        return self.facts.profiles

    @property
    def ranking_dict(self) -> Part:
        """As the analysis reads a ranking back."""
        return self.facts.ranking

    @property
    def ranked(self) -> Sequence[RankedDepartment]:
        """The departments of the overall ranking, by rank."""
        return self.facts.ranking.departments

    @property
    def group_parts(self) -> Sequence[GroupRankingFacts]:
        """The rankings within groups, where there is more than one."""
        parts = [part for part in self.ranking_dict.groups if part.departments]
        return parts if len(parts) > 1 else []

    @cached_property
    def ranking(self) -> Ranking:
        return ranking_from_dict(self.ranking_dict)

    @cached_property
    def groups(self) -> Groups:
        """As `group_parts`."""
        found = group_rankings(self.ranking_dict)
        return found if len(found) > 1 else []

    @cached_property
    def digits(self) -> int:
        """Decimals of adjusted scores: the same as in the chart."""
        return decimals([d.se for _, part in [*self.groups, ("", self.ranking)] for d in part.departments])

    @property
    def combined(self) -> CombinedFacts | None:
        """The rounds of the year as one, where there are several."""
        found = self.facts.combined
        return None if isinstance(found, Impossible) else found

    @property
    def ends_year(self) -> bool:
        """Whether the year's last round is this one, so that the year is complete."""
        return self.round.period == "year" or self.closes_on.month == _END_OF_YEAR

    @property
    def composites(self) -> Sequence[EditionComposite]:
        """Several electorates as one index, where the edition has any."""
        return self.content.composites

    @property
    def log_line(self) -> str:
        """What paper says of the audit log, to tell later that nothing was cut off its end."""
        return editions.log_line(self.log)

    @property
    def added_lines(self) -> list[str]:
        """Invitations that were added while the round was collecting, each in a sentence."""
        return [editions.added(entry, self.round.threshold) for entry in self.content.added]

    def comments_of(self, department: str) -> Sequence[ReleasedComment]:
        """The comments released to the department."""
        return self.content.comments.get(department, ())

    def themes_of(self, department: str) -> DepartmentThemes | None:
        """How often themes occur among all comments on the department, as far as that may be shown."""
        return next((t for t in self.content.themes if t.department == department), None)

    def problems_of(self, department: str) -> Sequence[EditionProblem]:
        return [p for p in self.content.problems if p.department == department]
