"""Cautions that every document and page states beside a ranking, so that nobody must open the workbook for
them.

The engine's notes come through whatever their codes: assumptions that failed, careless ballots, statements
that few ballots carry.
"""

from __future__ import annotations

from typing import Final

from survey.facts.base import Impossible
from survey.facts.ranking import RankingFacts, RankingPart
from survey.facts.whole import Facts
from survey.language import current_language
from survey.language import gettext as _
from survey.wording import respondents
from survey.wording.names import class_name, listed

# Codes of notes told in a section of their own, or on tier letters, which long rankings do not show.
_TOLD_ELSEWHERE: Final = ("insufficient", "tiers_covered", "understood")


def heading() -> str:
    return _("需要注意的情况")


def cautions(ranking: RankingFacts) -> list[str]:
    """Notes of the engine on this ranking and on those within groups, each once: failed assumptions, careless
    ballots, fragile statements."""
    overall = _notes(ranking)
    within: dict[str, list[str]] = {}
    for group in ranking.groups:
        for note in _notes(group):
            within.setdefault(note, []).append(class_name(group.name))
    return overall + [listed(names) + _("：") + note for note, names in within.items() if note not in overall]


def _notes(ranking: RankingPart) -> list[str]:
    notes = ranking.told(current_language())
    codes = ranking.note_codes or [""] * len(notes)
    return [note for code, note in zip(codes, notes, strict=True) if code not in _TOLD_ELSEWHERE]


def remarks(facts: Facts) -> list[str]:
    """Further cautions from the facts: careless-looking ballots, unless the ranking's notes say so, and
    classes with more ballots than enterprises."""
    quality, told = facts.quality, facts.ranking.note_codes
    said = list(respondents.crowded(facts))
    if isinstance(quality, Impossible) or not quality.flagged or "careless" in told:
        return said
    return [respondents.careless(quality), *said]
