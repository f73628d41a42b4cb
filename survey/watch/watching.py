"""Watcher: looks at a round, compares with its own log, and writes a new entry to that log."""

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
    """Result of one look, not yet compared: `seen` by thing (None: the site says that there is none),
    `missed` (reason and detail) for things that could not be fetched or read."""

    look: Look
    seen: dict[str, dict[str, Any] | None]
    missed: dict[str, dict[str, str]]


class Watcher:
    """Watcher with its log, which is read once, at the start, to know what was seen before."""

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
        """Fetch every thing of the round as this visitor; writes nothing to the log.

        A failure is put into `missed` and never counts as a change. When the survey page is missing,
        nothing else is fetched: what answers may not be the site.
        """
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
        """Compare a look with earlier ones, and with `beside`, that of another visitor in this run; sign the
        entry, write it to the log and return it."""
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
        """Memory of this visitor for the round; on its first visit, that of all visitors together."""
        url = look.round.url
        return self._memories.get((url, _name(look.visitor))) or self._memories.get((url, "")) or Memory()

    def _remember(self, url: str, visitor: str, seen: dict[str, dict[str, Any] | None]) -> None:
        for name in ("", visitor):
            self._memories.setdefault((url, name), Memory()).remember(seen)


def _name(visitor: Visitor) -> str:
    return str(sorted(visitor.to_dict().items()))


def _time() -> str:
    return now().strftime("%Y-%m-%dT%H:%M:%SZ")
