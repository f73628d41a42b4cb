"""How a department of one round is joined to that of another: the one place that compares names across
rounds."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.facts.profiles import Predecessor
from survey.models import Succession, SuccessionKind


@dataclass(frozen=True, slots=True)
class SuccessionStep:
    """Succession as a value: `before` was renamed to, merged into or split off as `after` on the day `on`."""

    before: str
    after: str
    kind: SuccessionKind
    on: date


@dataclass(frozen=True, slots=True)
class Joined:
    """How the departments of an earlier round are joined to those of a later one.

    names: earlier name → name in the later round, for those whose names differ; apart: names of either round
    that must not be compared, since a merger or split lies between; predecessors: by name in the later round,
    what readers have to know.
    """

    names: Mapping[str, str]
    apart: frozenset[str]
    predecessors: Mapping[str, tuple[Predecessor, ...]]


@dataclass(frozen=True)
class Lineage:
    """All successions; a name that stands in none of them is itself in every round."""

    steps: tuple[SuccessionStep, ...] = ()

    @cached_property
    def _renamed(self) -> dict[str, str]:
        return {s.before: s.after for s in self.steps if s.kind == SuccessionKind.RENAMED}

    def chain(self, name: str) -> tuple[str, ...]:
        """All names that the department with this name ever had, oldest first."""
        earlier = {after: before for before, after in self._renamed.items()}
        found = [name]
        while (before := earlier.get(found[0])) and before not in found:
            found.insert(0, before)
        while (after := self._renamed.get(found[-1])) and after not in found:
            found.append(after)
        return tuple(found)

    def called(self, name: str, names: Collection[str]) -> str:
        """Name of this department among `names`: its own, else another that it had, else its own again."""
        if name in names:
            return name
        chain = self.chain(name)
        place = chain.index(name)
        return next((n for n in (*chain[place:], *reversed(chain[:place])) if n in names), name)

    def inherited(self, name: str) -> frozenset[str]:
        """Names whose tasks the department with this name answers for: all its own, and those of departments
        merged into it. What was split off stays with the department that it was handed to."""
        found: set[str] = set()
        waiting = [name]
        while waiting:
            own = set(self.chain(waiting.pop())) - found
            found |= own
            waiting += (s.before for s in self._of(SuccessionKind.MERGED) if s.after in own)
        return frozenset(found)

    def successors(self, name: str) -> frozenset[str]:
        """Names that this department goes on under, by whatever step."""
        found: set[str] = set()
        waiting = [name]
        while waiting:
            here = waiting.pop()
            new = {s.after for s in self.steps if s.before == here} - found - {name}
            found |= new
            waiting += new
        return frozenset(found)

    def ended(self, name: str) -> SuccessionStep | None:
        """Merger by which the department with this name ceased to be; None where it goes on."""
        return next((s for s in self._of(SuccessionKind.MERGED) if s.before in self.chain(name)), None)

    def join(self, then: Collection[str], then_on: date, now: Collection[str], now_on: date) -> Joined:
        """Join the departments `then` of a round that opened on `then_on` to those `now` of a later one."""
        between = [s for s in self.steps if s.kind != SuccessionKind.RENAMED and then_on < s.on <= now_on]
        parted = {name for s in between for end in (s.before, s.after) for name in self.chain(end)}
        names: dict[str, str] = {}
        for name in then:
            new = self.called(name, now)
            # A name that the earlier round has itself belongs to that department.
            if new != name and new in now and new not in then and new not in names.values():
                names[name] = new
        return Joined(
            names, frozenset(parted & {*then, *now, *names.values()}), self._told(now, names, between)
        )

    def _told(
        self, now: Collection[str], names: Mapping[str, str], between: Iterable[SuccessionStep]
    ) -> dict[str, tuple[Predecessor, ...]]:
        former = {new: old for old, new in names.items()}
        told: dict[str, tuple[Predecessor, ...]] = {}
        for name in now:
            steps = [s for s in between if {s.before, s.after} & set(self.chain(name))]
            found = [self._parted(s, name) for s in steps]
            if name in former:
                found.insert(0, Predecessor(name=former[name], kind="renamed", on=self._day(name)))
            if found:
                told[name] = tuple(found)
        return told

    def _parted(self, step: SuccessionStep, name: str) -> Predecessor:
        """What readers of the department `name` have to know of a merger or split that concerns it."""
        day, came = step.on.isoformat(), step.after in self.chain(name)
        if step.kind == SuccessionKind.MERGED:
            return (
                Predecessor(name=step.before, kind="merged", on=day)
                if came
                else Predecessor(name=step.after, kind="merged_into", on=day)
            )
        return (
            Predecessor(name=step.before, kind="split", on=day)
            if came
            else Predecessor(name=step.after, kind="split_off", on=day)
        )

    def _day(self, name: str) -> str:
        """Day of the last renaming of the department with this name."""
        days = [s.on for s in self._of(SuccessionKind.RENAMED) if s.before in self.chain(name)]
        return max(days).isoformat()

    def _of(self, kind: SuccessionKind) -> list[SuccessionStep]:
        return [s for s in self.steps if s.kind == kind]


def read_lineage(session: Session) -> Lineage:
    """All successions, oldest first."""
    query = select(Succession).order_by(Succession.on, Succession.before, Succession.after)
    return Lineage(
        tuple(SuccessionStep(s.before, s.after, SuccessionKind(s.kind), s.on) for s in session.scalars(query))
    )
