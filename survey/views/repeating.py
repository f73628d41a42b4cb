"""What a view and the front (survey/serving/front.py) tell each other."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request

NOTE = "pingyi.note"


@dataclass(slots=True)
class Note:
    """Goes along with a request that came through the front."""

    # Until when, by the monotonic clock, the answer is the same for everybody.
    until: float | None = None
    # What was raised before Flask was asked; Flask answers it.
    failed: Exception | None = None


def repeatable(until: float = float("inf")) -> None:
    """Say that the present answer is the same for everybody until `until` of the monotonic clock."""
    note = _note()
    if note is not None:
        note.until = until


def raise_failure() -> None:
    """Raise what the front met with, for Flask to answer."""
    note = _note()
    if note is not None and note.failed is not None:
        raise note.failed


def _note() -> Note | None:
    note: Note | None = request.environ.get("asgi.scope", {}).get(NOTE)
    return note
