"""Notes between a view and the front (survey/web/fast/front.py): what may be repeated, and what failed."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request

NOTE = "pingyi.note"


@dataclass(slots=True)
class Note:
    """Goes along with a request that came through the front."""

    # Until when, by the monotonic clock, the answer is the same for everybody.
    until: float | None = None
    # What went wrong before Flask was asked; Flask answers it.
    failed: Exception | None = None
    # A receipt to word an answer with; nothing is cast.
    receipt: str | None = None


def repeatable(until: float = float("inf")) -> None:
    """Say that the present answer is the same for everybody until `until` of the monotonic clock.

    Under its own address: others that lead here, such as //static/…, are without number.
    """
    note = _note()
    if note is not None and request.environ.get("PATH_INFO") == request.path:
        note.until = until


def raise_failure() -> None:
    """Raise what the front met with, for Flask to answer."""
    note = _note()
    if note is not None and note.failed is not None:
        raise note.failed


def told_receipt() -> str | None:
    """The receipt that the front wants worded, if that is all that it asks for."""
    note = _note()
    return note.receipt if note is not None else None


def _note() -> Note | None:
    note: Note | None = request.environ.get("asgi.scope", {}).get(NOTE)
    return note
