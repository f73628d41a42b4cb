"""Rules that decide whether two values of one field, seen one after the other, are reported as a finding.

A rule takes the fields seen before and now, and the field's name; it returns a code in `NAMED`, or "" for no
finding.
"""

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
    """Finding: its code in `NAMED`, the field (`thing.name`, or a thing alone), and its values before and now
    as texts."""

    code: str
    field: str
    before: str
    now: str

    def say(self, label: str, translate: Callable[[str], str] = str) -> str:
        """The finding in words, with the label (a message id) of its field."""
        values = {"what": translate(label), "before": self.before, "now": self.now}
        return worded(NAMED[self.code], values, translate)


def changed(before: Values, now: Values, name: str) -> str:
    """Rule: report a value that is not the same as before."""
    return "changed" if before[name] != now[name] else ""


def fell(before: Values, now: Values, name: str) -> str:
    """Rule: report a number that became smaller."""
    return "fell" if now[name] < before[name] else ""


def settled(before: Values, now: Values, name: str) -> str:
    """Rule for a count that is published once and for all: report any change, a smaller one as "fell"."""
    return fell(before, now, name) or changed(before, now, name)


def for_ever(before: Values, now: Values, name: str) -> str:
    """Rule for a truth value: report one that was true and is no longer."""
    return changed(before, now, name) if before[name] else ""


def grown(before: Values, now: Values, name: str) -> str:
    """Rule for a list that may only grow at its end: report any other change."""
    return "" if now[name][: len(before[name])] == before[name] else changed(before, now, name)


def added(before: Values, now: Values, name: str) -> str:
    """Rule for a list in any order that may only grow: report it when something is gone."""
    return "" if set(before[name]) <= set(now[name]) else changed(before, now, name)


def at_one_number(before: Values, now: Values, name: str) -> str:
    """Rule for the hash of a numbered file: report other bytes under the same `number`."""
    return changed(before, now, name) if before["number"] == now["number"] else ""


def unlike_sources(before: Values, now: Values, name: str) -> str:
    """Rule for the hash of a page: report other bytes, unless both pages are exactly what the sources make
    from the data in them; changed data are reported by their own fields."""
    as_sources = before.get("as_sources") is True and now.get("as_sources") is True
    return "" if as_sources else changed(before, now, name)


def backward(before: Values, now: Values, name: str) -> str:
    """Rule for a round's state: report a step that does not lead from draft towards opened."""
    steps = [FORWARD.index(side[name]) if side[name] in FORWARD else -1 for side in (before, now)]
    return changed(before, now, name) if -1 in steps or steps[1] < steps[0] else ""


@dataclass(frozen=True, slots=True)
class Field:
    """Field of a thing: its label (a message id), the rule by which a change is reported, and `between`:
    whether two watchers must see the same value at one time."""

    label: str
    rule: Rule = changed
    between: bool = True
