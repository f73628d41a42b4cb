"""Lists of names in a sentence: every name, or only the number where the list would be too long."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from survey.language import current_language
from survey.language import gettext as _

# Characters of names that a sentence can carry; longer lists belong into a table.
MOST_NAMED: Final = 240


def is_long(names: Sequence[str]) -> bool:
    """Whether the names together have more than `MOST_NAMED` characters, too many for a sentence; a Latin
    letter counts for half of one."""
    return sum(0.5 if character.isascii() else 1 for name in names for character in name) > MOST_NAMED


def in_a_row(*said: str) -> str:
    """Sentences one after another; in English with a space between them."""
    return (" " if current_language() == "en" else "").join(filter(None, said))


def listed(names: Sequence[str]) -> str:
    """Names joined as a list in running text."""
    return _("、").join(names)


def with_names(said: str, names: Sequence[str]) -> str:
    """Sentence made of the clause `said` and the names; refers to the ranking table instead where they are
    too many."""
    if is_long(names):
        return _("%(said)s，名单见排名表。", said=said)
    return _("%(said)s：%(names)s。", said=said, names=listed(names))


def class_name(name: str) -> str:
    """Name of a class of departments, in Chinese with 类 at the end unless the name already has it (甲类)."""
    return name if current_language() == "en" or "类" in name else f"{name}类"
