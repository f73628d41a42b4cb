"""Who may look at results: nobody before the opening."""

from __future__ import annotations

from typing import Any

from survey.models import Round
from survey.services.rounds import lifecycle


def opened_round(session: Any, slug: str) -> Round:
    """The round; raises `Forbidden` before its opening."""
    found = lifecycle.get_round(session, slug)
    lifecycle.require_opened(found)
    return found
