"""Forecast of how many declared facts the rule against singling out would keep, tried on the roster before a
round is set up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.models import Enterprise
from survey.protocol.box.blanking import NOT_SAID, blanked
from survey.protocol.questionnaire import Questionnaire

TRIED = (3, 5, 10)
SHARES = (2, 1)
"""One ballot of so many enterprises: every second one answers, or all do."""


@dataclass(frozen=True, slots=True)
class KeptFacts:
    """Numbers of enterprises, of `firms` that answer, that would keep each declared fact under `at_least`, by
    name of the stratum."""

    at_least: int
    firms: int
    kept: dict[str, int]


def foreseen(session: Session, questionnaire: Questionnaire) -> list[KeptFacts]:
    """Forecasts of how many enterprises would keep each declared fact, for each k in `TRIED`, when every
    second enterprise of the roster answers, and when all do.

    Empty without strata or without a roster that has options for one of them.
    """
    firms = [
        _said(questionnaire, strata)
        for strata in session.scalars(select(Enterprise.strata).where(~Enterprise.retired))
    ]
    if not any(map(any, firms)):
        return []
    # Sorted, so that every second one is a fair share of each kind.
    firms.sort()
    names = [stratum.name for stratum in questionnaire.strata]
    found = []
    for share in SHARES:
        answering = firms[::share]
        for at_least in TRIED:
            columns = zip(*blanked(answering, at_least), strict=True)
            kept = {n: sum(v != NOT_SAID for v in column) for n, column in zip(names, columns, strict=True)}
            found.append(KeptFacts(at_least, len(answering), kept))
    return found


def _said(questionnaire: Questionnaire, strata: dict[str, str]) -> bytes:
    """Codes that an enterprise's ballot would declare if it said what the roster says."""
    return bytes(_place(stratum.options, strata.get(stratum.name, "")) for stratum in questionnaire.strata)


def _place(options: Sequence[str], option: str) -> int:
    return options.index(option) + 1 if option in options else NOT_SAID
