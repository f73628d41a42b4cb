"""What a ranking assumes, and what the declared facts say of it."""

from __future__ import annotations

from collections.abc import Iterator

from analysis.assumptions.sentences import premises
from survey.language import current_language
from survey.language import gettext as _
from survey.parts import Part
from survey.wording.names import listed
from survey.wording.round import why


def assumed() -> list[str]:
    """What every ranking assumes, in the words of the analysis."""
    return premises(current_language())


def tested(facts: Part | None) -> Iterator[str]:
    """Whether kinds of enterprises think alike, and what standardising moves.

    Nothing in rounds that were opened before this was worked out.
    """
    part = (facts or {}).get("assumptions")
    if not part:
        return
    additivity = part["additivity"]
    if not additivity["possible"]:
        yield why(additivity)
    elif additivity["rejected"]:
        yield str(additivity[f"note_{current_language()}"])
    else:
        strata = listed([stratum(one) for one in additivity["strata"]])
        yield _("按%(strata)s检验，没有发现各类企业对部门高低的看法不同。", strata=strata)
    for one in standardised(facts):
        yield stratum(one) + _("：") + str(one[f"summary_{current_language()}"])


def standardised(facts: Part | None) -> list[Part]:
    """The strata by which the ranking was standardised."""
    return [part for part in (facts or {}).get("assumptions", {}).get("standardised", ()) if part["possible"]]


def stratum(part: Part) -> str:
    """Its name in the current language."""
    return str(part["stratum_en"] if current_language() == "en" and part["stratum_en"] else part["stratum"])
