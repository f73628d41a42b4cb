"""Looking, comparing with what the log says of before, and writing to the log."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from survey.clock import now
from survey.errors import PingyiError
from survey.watch.asking import CouldNotLook, Visitor
from survey.watch.log import Entry
from survey.watch.look import Look, RoundAddress, Sources
from survey.watch.memory import Memory, differences
from survey.watch.rules import NamedChange
from survey.watch.store import WatchFiles
from survey.watch.things import THINGS

Looks = Callable[[RoundAddress, Visitor, Sources | None], Look]


@dataclass(frozen=True, slots=True)
class Sighting:
    """What one look gave, before it is compared."""

    look: Look
    seen: dict[str, dict[str, Any] | None]
    missed: dict[str, dict[str, str]]


class Watcher:
    """One watcher with its log. What it saw before is read from the log once."""

    def __init__(self, store: WatchFiles, sources: Sources | None, looks: Looks = Look) -> None:
        self._store, self._sources, self._looks = store, sources, looks
        self._key = store.key()
        log = store.continued(_time())
        self._number, self._previous = len(log.entries), log.hashes[-1]
        self._memories = dict[tuple[str, str], Memory]()
        for entry in log.entries:
            self._remember(entry.url, str(sorted(entry.visitor.items())), entry.seen)

    @property
    def head(self) -> str:
        """Hash of the last line of the log, to be written down elsewhere."""
        return self._previous

    def look(self, round_: RoundAddress, visitor: Visitor) -> Sighting:
        """Ask for everything; nothing is written. What could not be looked at is said, and no change."""
        look = self._looks(round_, visitor, self._sources)
        found = Sighting(look, {}, {})
        for thing in THINGS:
            try:
                found.seen[thing.name] = thing.look(look)
            except CouldNotLook as error:
                found.missed[thing.name] = {"reason": error.reason, "detail": error.detail}
            except PingyiError as error:
                found.missed[thing.name] = {"reason": "unreadable", "detail": error.say()}
            if found.seen.get("page") is None:
                break  # whatever else answers here may not be the site
        if "page" in found.seen and not found.seen["page"] and not self._memory(look).knows_round():
            return Sighting(look, {}, {"page": {"reason": "no_round", "detail": ""}})
        return found

    def write(self, found: Sighting, beside: Sighting | None = None) -> Entry:
        """Compare with what was seen before, and `beside` by another visitor of this run; write the entry."""
        look, memory = found.look, self._memory(found.look)

        def kept(digest: str) -> bytes | None:
            own = look.kept.get(digest) or (beside.look.kept.get(digest) if beside else None)
            return own if own is not None else self._store.kept(digest)

        findings: list[NamedChange] = [*look.findings, *memory.findings(found.seen, kept)]
        if beside:
            findings += differences(beside.seen, found.seen, kept)
        self._number += 1
        entry = Entry(
            self._number,
            self._previous,
            _time(),
            look.round.url,
            look.visitor.to_dict(),
            found.seen,
            found.missed,
            tuple(findings),
        ).signed(self._key)
        self._store.append(look.kept, entry)
        self._previous = entry.digest()
        self._remember(entry.url, _name(look.visitor), found.seen)
        return entry

    def _memory(self, look: Look) -> Memory:
        """What this visitor saw of the round, or, if this is its first visit, what any did."""
        url = look.round.url
        return self._memories.get((url, _name(look.visitor))) or self._memories.get((url, "")) or Memory()

    def _remember(self, url: str, visitor: str, seen: dict[str, dict[str, Any] | None]) -> None:
        for name in ("", visitor):
            self._memories.setdefault((url, name), Memory()).remember(seen)


def _name(visitor: Visitor) -> str:
    return str(sorted(visitor.to_dict().items()))


def _time() -> str:
    return now().strftime("%Y-%m-%dT%H:%M:%SZ")
