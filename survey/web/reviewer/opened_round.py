"""Access to results: nobody sees them before the opening."""

from __future__ import annotations

from typing import Any

from survey.models import Round
from survey.services.rounds import lifecycle


def opened_round(session: Any, slug: str) -> Round:
    """Round with this slug; raises `Forbidden` if it is not opened yet."""
    found = lifecycle.get_round(session, slug)
    lifecycle.require_opened(found)
    return found
