"""Completion of facts stored by earlier versions of the program: fields that they lack are filled with what
says "not known"."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

Json = dict[str, Any]


def completed(facts: Json) -> Json:
    """`facts` (parsed JSON, changed in place) with the fields that were added to the format since scores are
    published in steps."""
    method = facts.get("method")
    if not isinstance(method, dict) or "step" in method:
        return facts
    with suppress(KeyError, TypeError, AttributeError):  # the conversion that follows names the faulty place
        _complete(facts)
    return facts


def counts_by_level(facts: Json) -> dict[tuple[str, str], tuple[int, ...]]:
    """Numbers of answers at each level by (department, item), from `facts` (parsed JSON) that were stored
    before small counts were merged; empty for later ones."""
    return {
        (profile["name"], item["name"]): tuple(item["levels"])
        for profile in facts.get("profiles", ())
        for item in profile["items"]
        if item.get("levels")
    }


def _complete(facts: Json) -> None:
    facts.setdefault("assumptions", None)
    for item in facts["items"]:
        _missing(item, "satisfied_at_least", "satisfied_at_most")
    for ranking in _rankings(facts):
        complete_ranking(ranking)
    if facts["quality"]["possible"]:
        _missing(facts["quality"], "one_mark")
    for profile in facts["profiles"]:
        _complete_profile(profile)


def _missing(value: Json, *names: str) -> None:
    for name in names:
        value.setdefault(name, None)


def _rankings(facts: Json) -> Iterator[Json]:
    yield facts["ranking"]
    if facts["combined"]["possible"]:
        yield facts["combined"]["ranking"]


def complete_ranking(ranking: Json) -> None:
    """Fill in, in place, the fields that rankings stored by earlier versions lack."""
    level = ranking.get("level", 0.95)
    for part in (ranking, *ranking.get("groups", ())):
        _complete_part(part, level)
    _complete_meeting(ranking.get("meeting"))


def _complete_part(ranking: Json, level: float) -> None:
    if "method" in ranking:
        ranking["method"].setdefault("scale", None)
        ranking["method"].setdefault("critical_values", {})
    for department in ranking["departments"]:
        department.setdefault("component", 0)
        department.setdefault("average_ci", [None, None])
        _missing(department, "average_difference", "df")
    for pair in ranking.get("pairs", ()):
        pair.setdefault("significant", pair["p_adjusted"] < 1 - level)
        pair.setdefault("ci", [None, None])
        _missing(pair, "se", "df", "p_additive", "p_latent", "se_cr0")


def _complete_meeting(meeting: Json | None) -> None:
    if meeting is not None:
        meeting.setdefault("large", False)
        for department in meeting["departments"]:
            _missing(department, "carried_line")


def _complete_profile(profile: Json) -> None:
    profile.setdefault("reason_en", "")
    _missing(profile["satisfied"], "at_least", "at_most")
    for place in (profile["overall"], profile["in_group"]):
        if place is not None:
            place.setdefault("bound", "")
    for item in profile["items"]:
        _missing(item, "satisfied_at_least", "satisfied_at_most")
        if "levels" in item:  # a count of each level
            counts = item.pop("levels")
            item["classes"] = counts and [{"first": i, "last": i, "count": n} for i, n in enumerate(counts)]
    for entry in profile["importance"]:
        if "low" not in entry:  # stored before intervals of weights were looked at
            entry |= {"low": None, "quadrant": None}
