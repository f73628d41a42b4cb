"""Notes between a view and the front server (survey/web/fast/front.py): what may be repeated, and what
failed."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request

NOTE = "pingyi.note"
"""Key of the `Note` in the WSGI environment."""


@dataclass(slots=True)
class Note:
    """Note that the front server attaches to a request, and that the view may fill in."""

    # Time of the monotonic clock until which the answer is the same for everybody; None: it is not.
    until: float | None = None
    # Error that occurred before Flask was called, for Flask to answer.
    failed: Exception | None = None
    # Receipt for which Flask makes the answer, without casting a ballot.
    receipt: str | None = None


def repeatable(until: float = float("inf")) -> None:
    """Declare that the present answer is the same for everybody until `until` (monotonic clock, seconds).

    Ignored under addresses such as //static/… that only lead here, of which there are unlimited many.
    """
    note = _note()
    if note is not None and request.environ.get("PATH_INFO") == request.path:
        note.until = until


def raise_failure() -> None:
    """Raise the error that the front server met with, so that Flask answers it."""
    note = _note()
    if note is not None and note.failed is not None:
        raise note.failed


def told_receipt() -> str | None:
    """Receipt for which the front server wants the answer, without casting anything; None for an ordinary
    request."""
    note = _note()
    return note.receipt if note is not None else None


def _note() -> Note | None:
    note: Note | None = request.environ.get(NOTE)
    return note
