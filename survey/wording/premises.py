"""What a ranking assumes, and what the declared facts say of it."""

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
    """What every ranking assumes, in the words of the analysis."""
    return premises(current_language())


def tested(facts: Facts | None) -> Iterator[str]:
    """Whether kinds of enterprises think alike, and what standardising moves.

    Nothing in rounds that were opened before this was worked out.
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
    """The strata by which the ranking was standardised."""
    if facts is None or facts.assumptions is None or isinstance(facts.assumptions, Impossible):
        return []
    return [part for part in facts.assumptions.standardised if isinstance(part, StandardisedFacts)]


def stratum(part: StandardisedFacts | TestedStratum) -> str:
    """Its name in the current language."""
    return part.named(current_language())
