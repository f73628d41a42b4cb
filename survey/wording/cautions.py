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
from survey.wording.cells import withheld
from survey.wording.names import class_name, is_long, listed

# Codes of notes told in a section of their own, or on tier letters, which long rankings do not show.
_TOLD_ELSEWHERE: Final = ("insufficient", "tiers_covered", "understood")

_WITHHELD: Final = ("threshold", "unanimous", "complementary")


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


def left_out(facts: Facts) -> str:
    """Sentence naming the departments that the means in `facts["items"]` leave out, by item where that
    differs; "" where none.

    A mean over all departments would tell what is withheld of one.
    """
    items: dict[tuple[str, ...], list[str]] = {}
    for number, item in enumerate(facts.items):
        parts = ((p.name, p.items[number].reason) for p in facts.profiles)
        missing = tuple(
            _("%(name)s（%(why)s）", name=name, why=withheld(why)) for name, why in parts if why in _WITHHELD
        )
        items.setdefault(missing, []).append(item.named(current_language()))
    said = [_said(names, missing, len(items) == 1) for missing, names in items.items() if missing]
    return _("；").join(said) + _("。") if said else ""


def _said(items: list[str], missing: tuple[str, ...], alone: bool) -> str:
    names = _(" %(count)s 个部门", count=len(missing)) if is_long(missing) else listed(missing)
    if alone:
        return _("不含%(names)s", names=names)
    return _("%(items)s不含%(names)s", items=listed(items), names=names)
