"""Who may look at results: nobody before the opening."""

from __future__ import annotations

from typing import Any

from survey.errors import N_, Forbidden
from survey.models import Round, State
from survey.services import rounds


def opened_round(session: Any, slug: str) -> Round:
    """The round; raises `Forbidden` before its opening."""
    found = rounds.get_round(session, slug)
    if found.state != State.OPENED:
        raise Forbidden(
            N_("这一轮还没有开箱，没有结果可看。"), remedy=N_("截止并由持钥人开箱后，这里会有排名。")
        )
    return found
