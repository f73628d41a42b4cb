"""Memory of what was seen of a round, and the changes found by comparing with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from survey.watch.rules import NamedChange
from survey.watch.things import THINGS, Thing

Seen = Mapping[str, dict[str, Any] | None]
Keep = Callable[[str], bytes | None]
"""Bytes that were kept, by their SHA-256."""


class Memory:
    """Values last seen of every thing of one round.

    A thing that could not be fetched keeps its old values, so that a change made during an outage of the
    site is found afterwards.
    """

    def __init__(self) -> None:
        self._last: dict[str, dict[str, Any] | None] = {}
        self._known: dict[str, dict[str, Any]] = {}

    def remember(self, seen: Seen) -> None:
        """Replace the values of the things in `seen`; None: the site says that there is no such thing."""
        for name, values in seen.items():
            self._last[name] = values
            known = self._known.setdefault(name, {})
            known.update({field: value for field, value in (values or {}).items() if value is not None})

    def knows_round(self) -> bool:
        """Whether the round was ever seen."""
        return "page" in self._known and bool(self._known["page"])

    def findings(self, seen: Seen, kept: Keep) -> Iterator[NamedChange]:
        """Yield the findings of `seen` against this memory; a thing that is gone is reported once.

        kept: returns the bytes kept for a SHA-256, or None.
        """
        for thing in (thing for thing in THINGS if thing.name in seen):
            last, known, now = self._last.get(thing.name), self._known.get(thing.name, {}), seen[thing.name]
            if now is not None:
                yield from _compared(thing, last or {}, known, now)
                yield from _lost(thing, known, now, kept)
            elif last is not None:
                yield NamedChange(
                    "gone", thing.name, as_text(last.get("sha256") or last.get("digest") or last), ""
                )


def _compared(
    thing: Thing, last: Mapping[str, Any], known: Mapping[str, Any], now: Mapping[str, Any]
) -> Iterator[NamedChange]:
    for name in dict.fromkeys((*last, *now)):
        field, value, path = thing.fields.get(name, thing.others), now.get(name), f"{thing.name}.{name}"
        if field is None:
            continue
        if value is None and last.get(name) is not None and name != "state":
            yield NamedChange("gone", path, as_text(last[name]), "")
        elif value is not None and known.get(name) is not None:
            if code := field.rule(known, now, name):
                yield NamedChange(code, path, as_text(known[name]), as_text(value))
        elif value is not None and thing.others is field and known:
            yield NamedChange("changed", path, "–", as_text(value))


def _lost(
    thing: Thing, known: Mapping[str, Any], now: Mapping[str, Any], kept: Keep
) -> Iterator[NamedChange]:
    if thing.lost is None or known.get("sha256") in (None, now.get("sha256")):
        return
    before, after = kept(known["sha256"]), kept(now["sha256"])
    if before is not None and after is not None and (lost := thing.lost(before, after)):
        yield NamedChange("missing", thing.name, " ".join(lost), "")


def differences(one: Seen, other: Seen, kept: Keep) -> Iterator[NamedChange]:
    """Yield findings for what two visitors were shown differently at one time."""
    for thing in (thing for thing in THINGS if thing.name in one and thing.name in other):
        for path, a, b in differing(thing, one[thing.name], other[thing.name]):
            yield NamedChange("visitors", path, as_text(a), as_text(b))
        for a, b in ((one, other), (other, one)):
            yield from _lost(thing, a[thing.name] or {}, b[thing.name] or {"sha256": None}, kept)


def differing(
    thing: Thing, one: Mapping[str, Any] | None, other: Mapping[str, Any] | None
) -> Iterator[tuple[str, Any, Any]]:
    """Yield (path, value of one, value of the other) for each field that must be the same for two visitors
    and was not.

    None for a visitor to whom the site said that there is no such thing: then the thing as a whole, with
    "+" for the one who saw it.
    """
    if one is None or other is None:
        if one is not other:
            yield thing.name, one and "+", other and "+"
        return
    for name in dict.fromkeys((*one, *other)):
        field = thing.fields.get(name, thing.others)
        if field and field.between and one.get(name) != other.get(name):
            yield f"{thing.name}.{name}", one.get(name), other.get(name)


def as_text(value: Any) -> str:
    """Value as text for people and logs: a dash for None, the members of a list joined."""
    if value is None:
        return "–"
    return "、".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
