"""Access to results: nobody sees them before the opening."""

from __future__ import annotations

from typing import TYPE_CHECKING

from survey.models import Round
from survey.services.rounds import lifecycle

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def opened_round(session: Session, slug: str) -> Round:
    """Round with this slug; raises `Forbidden` if it is not opened yet."""
    found = lifecycle.get_round(session, slug)
    lifecycle.require_opened(found)
    return found
