"""What was seen before, and what has changed since."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from survey.watch.rules import NamedChange
from survey.watch.things import THINGS, Thing

Seen = Mapping[str, dict[str, Any] | None]
Keep = Callable[[str], bytes | None]
"""Bytes that were kept, by their SHA-256."""


class Memory:
    """The last that was seen of every thing of one round.

    What could not be looked at changes nothing here, so that a change behind an interruption is found.
    """

    def __init__(self) -> None:
        self._last: dict[str, dict[str, Any] | None] = {}
        self._known: dict[str, dict[str, Any]] = {}

    def remember(self, seen: Seen) -> None:
        """Take in what was seen now."""
        for name, values in seen.items():
            self._last[name] = values
            known = self._known.setdefault(name, {})
            known.update({field: value for field, value in (values or {}).items() if value is not None})

    def knows_round(self) -> bool:
        """Whether the round was ever seen."""
        return "page" in self._known and bool(self._known["page"])

    def findings(self, seen: Seen, kept: Keep) -> Iterator[NamedChange]:
        """Yield what is other than before; a thing that is gone is named once."""
        for thing in (thing for thing in THINGS if thing.name in seen):
            last, known, now = self._last.get(thing.name), self._known.get(thing.name, {}), seen[thing.name]
            if now is not None:
                yield from _compared(thing, last or {}, known, now)
                yield from _lost(thing, known, now, kept)
            elif last is not None:
                yield NamedChange(
                    "gone", thing.name, short(last.get("sha256") or last.get("digest") or last), ""
                )


def _compared(
    thing: Thing, last: Mapping[str, Any], known: Mapping[str, Any], now: Mapping[str, Any]
) -> Iterator[NamedChange]:
    for name in dict.fromkeys((*last, *now)):
        field, value, path = thing.fields.get(name, thing.others), now.get(name), f"{thing.name}.{name}"
        if field is None:
            continue
        if value is None and last.get(name) is not None and name != "state":
            yield NamedChange("gone", path, short(last[name]), "")
        elif value is not None and known.get(name) is not None:
            if code := field.rule(known, now, name):
                yield NamedChange(code, path, short(known[name]), short(value))
        elif value is not None and thing.others is field and known:
            yield NamedChange("changed", path, "–", short(value))


def _lost(
    thing: Thing, known: Mapping[str, Any], now: Mapping[str, Any], kept: Keep
) -> Iterator[NamedChange]:
    if thing.lost is None or known.get("sha256") in (None, now.get("sha256")):
        return
    before, after = kept(known["sha256"]), kept(now["sha256"])
    if before is not None and after is not None and (lost := thing.lost(before, after)):
        yield NamedChange("missing", thing.name, " ".join(lost), "")


def differences(one: Seen, other: Seen, kept: Keep) -> Iterator[NamedChange]:
    """Yield what two visitors at one time were shown differently."""
    for thing in (thing for thing in THINGS if thing.name in one and thing.name in other):
        for path, a, b in differing(thing, one[thing.name], other[thing.name]):
            yield NamedChange("visitors", path, short(a), short(b))
        for a, b in ((one, other), (other, one)):
            yield from _lost(thing, a[thing.name] or {}, b[thing.name] or {"sha256": None}, kept)


def differing(
    thing: Thing, one: Mapping[str, Any] | None, other: Mapping[str, Any] | None
) -> Iterator[tuple[str, Any, Any]]:
    """Yield (path, value, other value) of what two visitors must be shown alike and were not."""
    if one is None or other is None:
        if one is not other:
            yield thing.name, one and "+", other and "+"
        return
    for name in dict.fromkeys((*one, *other)):
        field = thing.fields.get(name, thing.others)
        if field and field.between and one.get(name) != other.get(name):
            yield f"{thing.name}.{name}", one.get(name), other.get(name)


def short(value: Any) -> str:
    """A value as a text for people and logs."""
    if value is None:
        return "–"
    return "、".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
