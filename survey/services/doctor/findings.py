"""Findings of checks of the installation, with what to do about each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from survey.errors import worded


class Severity(StrEnum):
    OK = "ok"
    WARNING = "warning"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """Finding of a check: `topic` in one word; message and remedy are Chinese message ids with named
    placeholders."""

    level: Severity
    topic: str
    message: str
    remedy: str = ""
    values: dict[str, object] = field(default_factory=dict)

    def say(self, translate: Callable[[str], str] = str) -> str:
        return worded(self.message, self.values, translate)

    def say_remedy(self, translate: Callable[[str], str] = str) -> str:
        return worded(self.remedy, self.values, translate)


def ok(topic: str, message: str, **values: object) -> Finding:
    return Finding(Severity.OK, topic, message, "", values)


def warning(topic: str, message: str, remedy: str, **values: object) -> Finding:
    return Finding(Severity.WARNING, topic, message, remedy, values)


def bad(topic: str, message: str, remedy: str, **values: object) -> Finding:
    return Finding(Severity.BAD, topic, message, remedy, values)
