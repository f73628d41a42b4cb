"""Names in a sentence: all of them, or how many, where they are too many for one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from survey.language import current_language
from survey.language import gettext as _

# Characters of names that a sentence can carry; longer lists belong into a table.
MOST_NAMED: Final = 240


def is_long(names: Sequence[str]) -> bool:
    """Whether names are too many or too long for a sentence."""
    return sum(map(len, names)) > MOST_NAMED


def listed(names: Sequence[str]) -> str:
    """Names as a list in running text."""
    return _("、").join(names)


def with_names(said: str, names: Sequence[str]) -> str:
    """A clause on how many departments there are, and which as far as a sentence can carry them."""
    if is_long(names):
        return _("%(said)s，名单见排名表。", said=said)
    return _("%(said)s：%(names)s。", said=said, names=listed(names))


def class_name(name: str) -> str:
    """A class of departments; Chinese names that say 类 themselves (甲类) say it once."""
    return name if current_language() == "en" or "类" in name else f"{name}类"
