"""Questionnaire of a round for a new one: departments that were renamed since have their present names."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.orm import Session

from survey.models import Round
from survey.protocol.questionnaire import Department, Questionnaire
from survey.services.departments.lineage import read_lineage
from survey.services.rounds.defaults import make_department
from survey.services.rounds.descriptions import questionnaire_of


def copied_questionnaire(session: Session, earlier: Round) -> Questionnaire:
    """Questionnaire of `earlier` to begin a new round with."""
    lineage, questionnaire = read_lineage(session), questionnaire_of(earlier)
    names = {d.name for d in questionnaire.departments}

    def present(old: Department) -> Department:
        name = lineage.chain(old.name)[-1]
        return old if name in names else make_department(name, old.group, common=old.common)

    return replace(questionnaire, departments=tuple(map(present, questionnaire.departments)))
