"""Comparison of several watchers' logs: what one was shown and another, at the same time, was not."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any

from survey.watch.log import Entry
from survey.watch.memory import Keep, as_text, differing
from survey.watch.things import THINGS, Thing


@dataclass(frozen=True, slots=True)
class Difference:
    """Value of one field that two watchers were shown differently at the same time.

    `watcher` (index of its log) was shown `value` in `looks` looks from `first` to `last` (UTC, ISO 8601),
    `against` was shown `other`. `lost`: entries that the list shown to `against` lacks; empty unless both
    kept a copy of the list.
    """

    url: str
    field: str
    watcher: int
    against: int
    value: str
    other: str
    first: str
    last: str
    looks: int = 1
    lost: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """Differences between watchers. `compared`: number of looks with a look of another watcher within the
    window; `alone`: number of looks without, which prove nothing."""

    differences: tuple[Difference, ...]
    compared: int
    alone: int


def compare(
    logs: Sequence[Sequence[Entry]], keeps: Sequence[Keep], window: timedelta = timedelta(minutes=30)
) -> Comparison:
    """Compare each look of every watcher with the others' looks at the same round at most `window` earlier or
    later.

    keeps: for each log, a function that returns the bytes kept for a SHA-256, or None. A value counts as a
    difference only when none of another watcher's looks within the window shows it: so a change that both
    saw, one a little later, is none.
    """
    found = dict[tuple[Any, ...], Difference]()
    sorted_logs = [_ByRound(entries) for entries in logs]
    compared = alone = 0
    for mine, entries in enumerate(logs):
        for entry in (entry for entry in entries if entry.seen):
            near = [(at, other.near(entry, window)) for at, other in enumerate(sorted_logs) if at != mine]
            compared, alone = compared + any(n for _, n in near), alone + (not any(n for _, n in near))
            for at, others in near:
                for difference in _differences(entry, others, (mine, at), (keeps[mine], keeps[at])):
                    _merge(found, difference)
    return Comparison(tuple(found.values()), compared, alone)


class _ByRound:
    """Looks of one log at each round, by time."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._rounds = dict[str, list[tuple[datetime, Entry]]]()
        for entry in (entry for entry in entries if entry.seen):
            looks = self._rounds.setdefault(entry.url, [])
            insort(looks, (datetime.fromisoformat(entry.time), entry), key=itemgetter(0))

    def near(self, entry: Entry, window: timedelta) -> list[Entry]:
        """Looks at the same round within the window, the nearest first."""
        looks, time = self._rounds.get(entry.url, []), datetime.fromisoformat(entry.time)
        start = bisect_left(looks, time - window, key=itemgetter(0))
        end = bisect_right(looks, time + window, key=itemgetter(0))
        return [other for _, other in sorted(looks[start:end], key=lambda look: abs(look[0] - time))]


def _differences(
    entry: Entry, others: Sequence[Entry], pair: tuple[int, int], keeps: tuple[Keep, Keep]
) -> Iterator[Difference]:
    for thing in (thing for thing in THINGS if thing.name in entry.seen):
        beside = [other.seen[thing.name] for other in others if thing.name in other.seen]
        if not beside:
            continue
        mine = entry.seen[thing.name]
        everywhere = [{path for path, _, _ in differing(thing, mine, other)} for other in beside]
        for path, value, other in differing(thing, mine, beside[0]):
            if all(path in paths for paths in everywhere):
                lost = _lost(thing, mine, beside[0], keeps)
                said = (entry.url, path, *pair, as_text(value), as_text(other), entry.time, entry.time)
                yield Difference(*said, lost=lost)


def _lost(thing: Thing, mine: Any, other: Any, keeps: tuple[Keep, Keep]) -> tuple[str, ...]:
    if thing.lost is None or not mine or not other:
        return ()
    own, theirs = keeps[0](mine["sha256"]), keeps[1](other["sha256"])
    return () if own is None or theirs is None else tuple(thing.lost(own, theirs))


def _merge(found: dict[tuple[Any, ...], Difference], new: Difference) -> None:
    key = (new.url, new.field, new.watcher, new.against, new.value, new.other)
    known = found.get(key, replace(new, looks=0))
    found[key] = replace(known, last=new.last, looks=known.looks + 1)
