"""Helpers on a round that several pages use."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from survey.clock import today
from survey.models import Round, State
from survey.protocol.questionnaire import Questionnaire
from survey.services.rounds import closing, lifecycle
from survey.services.voting import participation
from survey.web.site.request import database

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def questionnaire_of(a_round: Round) -> Questionnaire:
    """Questionnaire of the round, parsed."""
    return Questionnaire.from_dict(json.loads(a_round.questionnaire))


def proposer_of(session: Session, a_round: Round) -> str:
    """Name of the user who proposed to close the round; "" when nobody did."""
    user = closing.proposer_of(session, a_round)
    return user.name if user else ""


def bring_up_to_date(slug: str) -> None:
    """Run the daily batch of participation for an open round if it has not run today."""
    with database().read() as session:
        found = lifecycle.get_round(session, slug)
    if found.state == State.OPEN and found.participation_on != today():
        participation.refresh_due(database(), today())
