"""First and last, grades, and what carries the statements, as the ranking page shows them."""

from __future__ import annotations

from dataclasses import dataclass

from survey.language import current_language
from survey.parts import Part
from survey.wording import meeting as meeting_words


@dataclass(frozen=True, slots=True)
class Firmness:
    """Sentences, table rows and what explains them, in the page's language; empty for rounds opened before
    there were any."""

    sentences: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    explained: str = ""


def firmness(facts: Part | None) -> Firmness:
    """What the facts of the round hold."""
    ranking = (facts or {}).get("ranking", {})
    if "meeting" not in ranking:
        return Firmness()
    english = current_language() == "en"
    rows = meeting_words.rows(ranking["meeting"], lambda zh, en: en if english else zh)
    said = meeting_words.sentences(ranking, "en" if english else "zh", ends=True)
    return Firmness(tuple(said), tuple(rows), meeting_words.EXPLAINED[english])
