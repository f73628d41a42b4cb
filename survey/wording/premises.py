"""Sentences on what every ranking assumes, and on tests of it by stratum (declared facts about enterprises):
whether kinds of enterprises rate departments alike, what standardising moves."""

from __future__ import annotations

from collections.abc import Iterator

from analysis.assumptions.sentences import premises
from survey.facts.assumptions import StandardisedFacts, TestedStratum
from survey.facts.base import Impossible
from survey.facts.whole import Facts
from survey.language import current_language
from survey.language import gettext as _
from survey.wording.names import listed
from survey.wording.round import why


def assumed() -> list[str]:
    """Assumptions of every ranking, in the words of the analysis."""
    return premises(current_language())


def tested(facts: Facts | None) -> Iterator[str]:
    """Sentences on whether kinds of enterprises rate departments alike, and on what standardising by each
    stratum moves.

    Nothing in rounds opened before this was worked out.
    """
    if facts is None or facts.assumptions is None or isinstance(facts.assumptions, Impossible):
        return
    additivity = facts.assumptions.additivity
    if isinstance(additivity, Impossible):
        yield why(additivity)
    elif additivity.rejected:
        yield additivity.note(current_language())
    else:
        strata = listed([stratum(one) for one in additivity.strata])
        yield _("按%(strata)s检验，没有发现各类企业对部门高低的看法不同。", strata=strata)
    for one in standardised(facts):
        yield stratum(one) + _("：") + one.summary(current_language())


def standardised(facts: Facts | None) -> list[StandardisedFacts]:
    """Rankings standardised by a stratum, as far as they could be worked out."""
    if facts is None or facts.assumptions is None or isinstance(facts.assumptions, Impossible):
        return []
    return [part for part in facts.assumptions.standardised if isinstance(part, StandardisedFacts)]


def stratum(part: StandardisedFacts | TestedStratum) -> str:
    """Name of the stratum in the current language."""
    return part.named(current_language())
