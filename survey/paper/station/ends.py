"""How a form ends: in the box, refused by it, empty, not counted, or still open."""

from __future__ import annotations

from typing import Any

from survey.paper.station.forms import CODE, MISSING, UNREADABLE, Form

CAST, REFUSED, EMPTY, NOT_COUNTED, OPEN = "cast", "refused", "empty", "not_counted", "open"
"""Ends of a form: in the box; refused by it; nothing marked; not to be read; still to be settled."""
LATE = "round_closed"
"""Error for a form that is cast after the last day: it is noted as refused, and tried again when asked to, as
the round may have been extended."""
State = dict[str, Any]
"""What is known of a form's cast, as it is kept."""


def state_of(form: Form, settled: dict[str, str], known: State) -> str:
    """Where a form stands, before or after it was cast; "" where it can be cast now."""
    if known.get("state") in (CAST, REFUSED):
        return str(known["state"])
    if any(item.key not in settled for item in form.items):
        return OPEN
    # Only what is still asked counts: a page or a code that was missing may have been found since.
    said = [settled[item.key] for item in form.items if item.key in (MISSING, CODE)]
    return NOT_COUNTED if UNREADABLE in said or not form.pages else ""


def is_late(known: State) -> bool:
    """Whether the round had closed when the form was cast."""
    return known.get("state") == REFUSED and known.get("why") == LATE


def is_over(known: State) -> bool:
    """Whether nothing that is read or decided from now on changes what was cast."""
    return known.get("state") in (CAST, REFUSED) and not is_late(known)


def too_late(form: Form, known: State) -> list[int]:
    """Pages of a form that was cast without them, as they were read only then."""
    if known.get("state") != CAST or "pages" not in known:  # stations of before did not note them
        return []
    return sorted(set(form.pages) - set(known["pages"]))
