"""What a ranking assumes, in the page's language, and what the declared facts say of it."""

from __future__ import annotations

from collections.abc import Iterator

from analysis.assumptions.sentences import premises
from survey.language import current_language
from survey.language import gettext as _
from survey.parts import Part


def assumed() -> list[str]:
    """What every ranking assumes, in the words of the documents."""
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
        yield _own(additivity, "reason")
    elif additivity["rejected"]:
        yield _own(additivity, "note")
    else:
        strata = _("、").join(stratum(one) for one in additivity["strata"])
        yield _("按%(strata)s检验，没有发现各类企业对部门高低的看法不同。", strata=strata)
    for one in part["standardised"]:
        if one["possible"]:
            yield stratum(one) + _("：") + _own(one, "summary")


def standardised(facts: Part | None) -> list[Part]:
    """The strata by which the ranking was standardised."""
    return [part for part in (facts or {}).get("assumptions", {}).get("standardised", ()) if part["possible"]]


def stratum(part: Part) -> str:
    """Its name in the page's language."""
    return str(part["stratum_en"] if current_language() == "en" and part["stratum_en"] else part["stratum"])


def _own(part: Part, key: str) -> str:
    return str(part[f"{key}_{current_language()}"])
