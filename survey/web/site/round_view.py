"""Helpers on a round that several pages use."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from survey.models import Round
from survey.protocol.questionnaire import Questionnaire
from survey.services.rounds import closing

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def questionnaire_of(a_round: Round) -> Questionnaire:
    """Questionnaire of the round, parsed."""
    return Questionnaire.from_dict(json.loads(a_round.questionnaire))


def proposer_of(session: Session, a_round: Round) -> str:
    """Name of the user who proposed to close the round; "" when nobody did."""
    user = closing.proposer_of(session, a_round)
    return user.name if user else ""
