"""Rules by which something that was seen twice is named."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from survey.errors import N_, worded

FORWARD = ("draft", "due", "open", "closed", "opened")
NAMED = {
    "changed": N_("%(what)s变了：原来是 %(before)s，现在是 %(now)s。"),
    "fell": N_("%(what)s变少了：原来 %(before)s，现在 %(now)s。"),
    "gone": N_("%(what)s不见了，原来是 %(before)s。"),
    "missing": N_("%(what)s里少了：%(before)s。"),
    "contradicts": N_("%(what)s前后不一：一处是 %(before)s，另一处是 %(now)s。"),
    "forged": N_("%(what)s是伪造的：%(now)s"),
    "sources": N_("%(what)s与源代码不同：%(now)s"),
    "visitors": N_("同一时候，两位访客看到的%(what)s不同：一位 %(before)s，另一位 %(now)s。"),
}
"""What a finding says, by its code."""

Values = Mapping[str, Any]
Rule = Callable[[Values, Values, str], str]


@dataclass(frozen=True, slots=True)
class NamedChange:
    """Something to be named: one of `NAMED`, the field (`thing.name`, or a thing), and what it was and is."""

    code: str
    field: str
    before: str
    now: str

    def say(self, label: str, translate: Callable[[str], str] = str) -> str:
        """The finding in words, with the label (a message id) of its field."""
        values = {"what": translate(label), "before": self.before, "now": self.now}
        return worded(NAMED[self.code], values, translate)


def changed(before: Values, now: Values, name: str) -> str:
    """Any other value is named."""
    return "changed" if before[name] != now[name] else ""


def fell(before: Values, now: Values, name: str) -> str:
    """A smaller number is named."""
    return "fell" if now[name] < before[name] else ""


def settled(before: Values, now: Values, name: str) -> str:
    """A count that is published once and for all: any other is named."""
    return fell(before, now, name) or changed(before, now, name)


def for_ever(before: Values, now: Values, name: str) -> str:
    """What was true stays true."""
    return changed(before, now, name) if before[name] else ""


def grown(before: Values, now: Values, name: str) -> str:
    """A list goes on at its end; any other change is named."""
    return "" if now[name][: len(before[name])] == before[name] else changed(before, now, name)


def at_one_number(before: Values, now: Values, name: str) -> str:
    """Other bytes under the same `number` are named."""
    return changed(before, now, name) if before["number"] == now["number"] else ""


def unlike_sources(before: Values, now: Values, name: str) -> str:
    """Other bytes are named, unless both are exactly what the sources make of what the page carries, which is
    named by itself."""
    as_sources = before.get("as_sources") is True and now.get("as_sources") is True
    return "" if as_sources else changed(before, now, name)


def backward(before: Values, now: Values, name: str) -> str:
    """A round goes from draft to opened; any other step is named."""
    steps = [FORWARD.index(side[name]) if side[name] in FORWARD else -1 for side in (before, now)]
    return changed(before, now, name) if -1 in steps or steps[1] < steps[0] else ""


@dataclass(frozen=True, slots=True)
class Field:
    """Something noted of a thing: its label, when it is named, and whether two watchers must see the same."""

    label: str
    rule: Rule = changed
    between: bool = True
