"""What several pages say about a round."""

from __future__ import annotations

import json
from typing import Any

from survey.ballot.questionnaire import Questionnaire
from survey.models import Round
from survey.services import closing


def questionnaire_of(a_round: Round) -> Questionnaire:
    """What the round asks."""
    return Questionnaire.from_dict(json.loads(a_round.questionnaire))


def proposer_of(session: Any, a_round: Round) -> str:
    """Who proposed to close the round; empty when nobody did."""
    user = closing.proposer_of(session, a_round)
    return user.name if user else ""
