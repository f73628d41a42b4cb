"""Results for the meeting that decides on a ranking, and how firm they are (key "meeting" beside the
ranking)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from analysis.answers.identical import Identical, identical_ballots
from analysis.answers.ratings import Ratings
from analysis.explain import Result, plain
from analysis.influence import sentences as words
from analysis.influence.ballots import Influence, carried
from analysis.meeting.ends import COUNT, Extremes, both_ends
from analysis.meeting.grading import LINES, Grades, grades
from analysis.meeting.shrinkage import Shrunken, shrunken
from analysis.ranking.results import Note, Ranking
from analysis.values.arguments import checked, instance, optional, real, whole
from analysis.values.arguments import ratings as comparable
from analysis.values.arrays import scale_ends, vector

BEST = 100.0
MOST_DEPARTMENTS = 200
"""With more departments nothing is computed from ratings: tests and influence would take minutes."""


@dataclass(frozen=True)
class Meeting(Result):
    """Result of `for_meeting`: first and last departments, grades, shrunken scores, influence of ballots,
    identical ballots.

    A field is None where it was not asked for or cannot be computed; large: because of too many departments.
    hide: counts of identical ballots below this are not named.
    """

    first: Extremes | None
    last: Extremes | None
    grades: Grades | None
    corrected: Shrunken
    influence: Influence | None
    identical: Identical | None
    hide: int = 0
    large: bool = False

    def notes(self) -> list[Note]:
        """Notes that concern all departments; their codes are first, last, first_tested, last_tested, grades,
        luck, influence, influence_scope, identical."""
        said = [("grades", self.grades), ("luck", self.corrected), ("influence", self.influence)]
        notes = [
            Note(code, part.summary("zh"), part.summary("en"))
            for code, part in said
            if part is not None and part.summary("zh")
        ]
        for end in filter(None, (self.last, self.first)):
            tested = [Note(f"{end.end}_tested", end.tested("zh"), end.tested("en"))] if end.tested() else []
            notes = [Note(end.end, end.summary("zh"), end.summary("en")), *tested, *notes]
        if self.large:
            notes.append(Note("influence", *(text.format(most=MOST_DEPARTMENTS) for text in words.TOO_MANY)))
        if self.influence is not None and self.influence.statements:
            notes.append(Note("influence_scope", *words.SCOPE))
        if self.identical is not None and self.identical.excessive:
            texts = (self.identical.summary(language, hide=self.hide) for language in ("zh", "en"))
            notes.append(Note("identical", *texts))
        return notes

    def to_dict(self) -> dict[str, Any]:
        """JSON-safe values; docs/facts.md describes their shape."""
        influence, kept = self.influence, self.grades
        statements = () if influence is None else influence.statements
        return {
            "notes": [plain(note) for note in self.notes()],
            "first": plain(self.first),
            "last": plain(self.last),
            "grade_lines": None if kept is None else list(kept.lines),
            "departments": [self._department(i) for i in range(len(self.corrected.names))],
            "fragile_pairs": [plain(s) for s in statements if s.kind == "pair" and s.fragile],
            "least": None if influence is None else influence.least,
            "omitted": None if influence is None else influence.omitted,
            "large": self.large,
        }

    def _department(self, i: int) -> dict[str, Any]:
        name, kept, influence = self.corrected.names[i], self.grades, self.influence
        grade = None if kept is None else kept.grades[i]
        statements = () if influence is None else influence.statements
        mine = next((s for s in statements if s.a == name and s.kind in ("above", "below")), None)
        line = next((s for s in statements if s.a == name and s.kind in ("above_line", "below_line")), None)
        return {
            "name": name,
            "first": None if self.first is None else self.first.place(name),
            "last": None if self.last is None else self.last.place(name),
            "grade": plain(grade),
            "grade_zh": "" if kept is None or grade is None else kept.words(grade, "zh"),
            "grade_en": "" if kept is None or grade is None else kept.words(grade, "en"),
            "corrected": plain(float(self.corrected.corrected[i])),
            "corrected_bound": self.corrected.bound(i),
            "carried": plain(mine),
            "carried_line": plain(line),
        }


@checked(
    ranking=instance("ranking.results.Ranking"),
    ratings=optional(comparable),
    first=whole(0),
    last=whole(0),
    lines=optional(vector(1)),
    scale=optional(scale_ends),
    hide=whole(0),
    line=optional(real()),
)
def for_meeting(
    ranking: Ranking,
    ratings: Ratings | None = None,
    *,
    first: int = COUNT,
    last: int = COUNT,
    lines: Sequence[float] | None = None,
    scale: tuple[float, float] | None = None,
    hide: int = 0,
    line: float | None = None,
) -> Meeting:
    """Compute the results for a meeting; what needs ratings is left out without them.

    first, last: how many at each end, 0 for none; lines: of grades, 90, 80, 70 unless given where the best
    mark is 100; scale: worst and best mark, those that occur unless given; hide: counts of identical ballots
    under this are not said; line: the warning line, in points. All fixed before the round.

    >>> from analysis import for_meeting, rank_estimates
    >>> ranking = rank_estimates(["A", "B", "C"], [95, 85, 75], [1, 1, 1])
    >>> found = for_meeting(ranking, first=1, last=1, lines=[90, 80])
    >>> [found.grades.words(grade, "en") for grade in found.grades.grades]
    ['certainly grade 1', 'certainly grade 2', 'certainly grade 3']
    """
    best = scale[1] if scale else None if ratings is None else float(ratings.score.max())
    wanted = LINES if lines is None and best == BEST else lines
    large = ratings is not None and len(ranking.departments) > MOST_DEPARTMENTS
    if large:
        ratings = None
    of_first, of_last = both_ends(ranking, first, last, ratings)
    return Meeting(
        first=of_first,
        last=of_last,
        grades=None if wanted is None else grades(ranking, wanted),
        corrected=shrunken(ranking),
        influence=None if ratings is None else carried(ratings, ranking, scale=scale, line=line),
        identical=None if ratings is None else identical_ballots(ratings),
        hide=hide,
        large=large,
    )
