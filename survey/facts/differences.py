"""Differences between the contents of two editions, value by value.

Every field of every fact is compared, whatever its meaning, so that what is not among the differences is the
same; `survey.wording.corrections` says them in words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Any, Final

from msgspec import Struct

from survey.facts.publication import EditionContent, ReleasedComment
from survey.facts.wire import decode_edition

_NAMES: Final = (
    "slug", "electorate", "stratum", "department", "name", "option", "item", "a", "b", "label", "day",
)  # fmt: skip
_CODES: Final = ("kind", "code", "end")
_NUMBERS: Final = ("number", "difference")
# Their keys are no names that a reader knows.
_AS_A_WHOLE: Final = {"evidence", "critical_values"}


class Absent(Enum):
    """Value of an entry that an edition does not have."""

    ABSENT = ""


@dataclass(frozen=True, slots=True)
class ValueDifference:
    """One value that differs. `place`: names of the fields on the way to it, from those of `EditionContent`;
    `names`: what tells the entries of lists on the way from their neighbours, such as a department and an
    item; `before`, `after`: a number, a text, a tuple, a fact, null, or `Absent` where the entry or the key
    is in one edition alone."""

    place: tuple[str, ...]
    names: tuple[str, ...]
    before: object
    after: object


def differences(before: EditionContent, after: EditionContent) -> tuple[ValueDifference, ...]:
    """Every value that differs, in the order of the fields; empty exactly where both are equal."""
    return tuple(_walk(before, after, (), ()))


@lru_cache(maxsize=4)
def differences_of(before: str, after: str) -> tuple[ValueDifference, ...]:
    """`differences` of two stored contents; cached, since neither changes. Raises `UnreadableFacts`."""
    return differences(decode_edition(before), decode_edition(after))


def _walk(
    before: object, after: object, place: tuple[str, ...], names: tuple[str, ...]
) -> Iterator[ValueDifference]:
    if before == after:
        return
    if isinstance(before, Struct) and type(before) is type(after):
        for field in before.__struct_fields__:
            yield from _walk(getattr(before, field), getattr(after, field), (*place, field), names)
    elif isinstance(before, Mapping) and isinstance(after, Mapping) and place[-1] not in _AS_A_WHOLE:
        yield from _entries(dict(before), dict(after), place, names)
    elif _told_apart(before) and _told_apart(after):
        yield from _lists(before, after, place, names)  # type: ignore[arg-type] # as just looked at
    else:
        yield ValueDifference(place, names, before, after)


def _lists(
    before: Sequence[Struct], after: Sequence[Struct], place: tuple[str, ...], names: tuple[str, ...]
) -> Iterator[ValueDifference]:
    found = list(_entries(_keyed(before), _keyed(after), place, names))
    if not found:  # the same entries in another order
        found = [ValueDifference(place, names, before, after)]
    yield from found


def _entries(
    before: Mapping[Any, object], after: Mapping[Any, object], place: tuple[str, ...], names: tuple[str, ...]
) -> Iterator[ValueDifference]:
    for key in [*before, *(key for key in after if key not in before)]:
        old, new = before.get(key, Absent.ABSENT), after.get(key, Absent.ABSENT)
        told = (key,) if isinstance(key, str) else _names(new if old is Absent.ABSENT else old)
        yield from _walk(old, new, place, (*names, *told))


def _told_apart(value: object) -> bool:
    """Whether this is a list (perhaps empty) of facts whose fields tell one from another."""
    return isinstance(value, tuple) and all(isinstance(v, Struct) and _key(v) for v in value)


def _keyed(entries: Sequence[Struct]) -> dict[tuple[object, ...], object]:
    """Entries by what tells them apart, with a number where several have that in common."""
    seen: Counter[tuple[object, ...]] = Counter()
    found: dict[tuple[object, ...], object] = {}
    for entry in entries:
        key = _key(entry)
        seen[key] += 1
        found[*key, seen[key]] = entry
    return found


def _key(entry: Struct) -> tuple[object, ...]:
    if isinstance(entry, ReleasedComment):
        return (entry.text,)
    codes = (getattr(entry, name, None) for name in _CODES)
    return (*_names(entry), *(code for code in codes if isinstance(code, str)))


def _names(entry: object) -> tuple[str, ...]:
    """Names for the reader; none of a comment, whose key is its text, which may have been taken back."""
    classes = ("first", "second") if hasattr(entry, "second") else ()  # a department's "first" is no name
    known = [getattr(entry, name, None) for name in (*_NAMES, *classes)]
    numbers = [getattr(entry, name, None) for name in _NUMBERS]
    return (
        *(value for value in known if isinstance(value, str) and value),
        *(str(value) for value in numbers if type(value) is int),
    )
