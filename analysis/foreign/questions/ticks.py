"""Columns of ticks: questions such as 与哪些部门打过交道, with a column of 0 and 1 for each department."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Final, Protocol, TypeVar

from analysis.foreign.answers import Profile

_TICKS: Final = {0.0, 1.0}
_LEAST: Final = 20


class _WithItem(Protocol):
    @property
    def item(self) -> str: ...


N = TypeVar("N", bound=_WithItem)


def leave_out_ticks(named: dict[int, N], profiles: Mapping[int, Profile], unused: dict[int, str]) -> None:
    """Move from `named` to `unused` the columns of items whose answers are all 0 or 1, where another item has
    marks or words.

    Ones alone, as where boxes that are not ticked stay empty, are ticks if there are at least 20: fewer may
    be the worst mark of a scale.
    """
    items: dict[str, list[int]] = defaultdict(list)
    for column, name in named.items():
        items[name.item].append(column)
    ticks = [columns for columns in items.values() if _are_ticks([profiles[i] for i in columns])]
    if len(ticks) < len(items):
        for i in (i for columns in ticks for i in columns):
            del named[i]
            unused[i] = "ticks"


def _are_ticks(profiles: list[Profile]) -> bool:
    meant = {meaning for profile in profiles for meaning in profile.meanings if meaning.kind != "none"}
    values = {meaning.value for meaning in meant}
    if not values <= _TICKS or any(meaning.kind != "number" for meaning in meant):
        return False
    return values == _TICKS or (values == {1.0} and sum(profile.rated for profile in profiles) >= _LEAST)
