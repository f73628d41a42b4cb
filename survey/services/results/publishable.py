"""Removal of counts of ballots below the threshold from a ranking."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from survey.facts.ranking import AnyRanking, NotRanked, RankingFacts
from survey.language import in_both
from survey.protocol.description import RoundDescription
from survey.wording import reasons
from survey.wording.ranking import NOT_RANKED


def publishable(ranking: RankingFacts, raters: Sequence[int], description: RoundDescription) -> RankingFacts:
    """`ranking` without counts that are below the threshold, directly or by subtraction."""
    departments = description.questionnaire.departments
    few = {d.name for d, n in zip(departments, raters, strict=True) if 0 < n < description.threshold}

    def told(part: AnyRanking) -> AnyRanking:
        entries = tuple(_insufficient(entry, few) for entry in part.insufficient)
        said = {"notes": _notes(part.note_codes, part.notes, 0)}
        if part.notes_en is not None:
            said["notes_en"] = _notes(part.note_codes, part.notes_en, 1)
        # The total counts ratings of departments that are not ranked too, and would give theirs away.
        total = {"n_ratings": None} if entries else {}
        return replace(part, insufficient=entries, **said, **total)

    return replace(told(ranking), groups=tuple(map(told, ranking.groups)))


def _insufficient(entry: NotRanked, few: set[str]) -> NotRanked:
    zh, en = in_both(NOT_RANKED.get(entry.code, NOT_RANKED["df"]))
    return replace(entry, n=None if entry.name in few else entry.n, reason=zh, reason_en=en)


def _notes(codes: Sequence[str], notes: tuple[str, ...], language: int) -> tuple[str, ...]:
    single, said = in_both(reasons.SINGLE_DEPARTMENT)[language], zip(codes, notes, strict=False)
    return tuple(single if code == "single_department" else text for code, text in said) or notes
