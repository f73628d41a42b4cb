"""What the ranking assumes, as far as the declared facts can test it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from analysis.assumptions.additivity import not_additive
from analysis.assumptions.standardised import Standardised, standardise
from analysis.blurring import p_class
from analysis.errors import InputError
from analysis.explain import plain
from analysis.ranking.results import Note
from survey.parts import Part
from survey.services.disclosure import told
from survey.services.results.comparisons import DRAWS, comparable, english_names
from survey.services.results.ranking import LEVEL, SEED
from survey.services.results.respondents import Class, class_name, class_of, withheld_silence
from survey.services.results.scored_round import Material, impossible
from survey.wording import reasons

Roster = Mapping[str, Mapping[str, int]]


def assumptions(material: Material, roster: Roster, treatment: Sequence[Part], ranking: Part) -> Part:
    """Whether kinds of enterprises see departments alike, and the ranking standardised by each of them."""
    errors = {d["name"]: d["error"] for d in ranking["departments"]}
    places = range(len(material.questionnaire.strata))
    return {
        "possible": True,
        "additivity": additivity(treatment),
        "standardised": [_by_stratum(material, roster, place, errors) for place in places],
    }


def additivity(treatment: Sequence[Part]) -> Part:
    """The comparisons of all strata as one test: their p-values share the error rate."""
    tested = [part for part in treatment if part["possible"]]
    if not tested:
        return impossible(reasons.KINDS_TOO_FEW if treatment else reasons.KINDS_NOT_ASKED)
    p = min(1.0, len(tested) * min(float(part["p_equal"]) for part in tested))
    rejected = p <= 1 - LEVEL
    note = _note(tested, p) if rejected else None
    return {
        "possible": True,
        "p": p,
        "rejected": rejected,
        "strata": [
            {key: part[key] for key in ("stratum", "stratum_en")} | {"p": part["p_equal"]} for part in tested
        ],
        "note_zh": note.zh if note else "",
        "note_en": note.en if note else "",
    }


def _note(tested: Sequence[Part], p: float) -> Note:
    seen: dict[str, dict[str, list[str]]] = {"stratum": {}, "stratum_en": {}}
    for part in tested:
        differing = [d["department"] for d in part["differences"] if d["p"] * len(tested) <= 1 - LEVEL]
        if differing:
            seen["stratum"][part["stratum"]] = list(dict.fromkeys(differing))
            seen["stratum_en"][part["stratum_en"] or part["stratum"]] = list(dict.fromkeys(differing))
    (chinese,), (english,) = (not_additive(names, p_class(p)) for names in seen.values())
    return Note(chinese.code, chinese.zh, english.en)


def _by_stratum(material: Material, roster: Roster, place: int, errors: Mapping[str, float]) -> Part:
    stratum = material.questionnaire.strata[place]
    head: Part = {"stratum": stratum.name, "stratum_en": stratum.name_en}
    ranked = list(errors)
    found = comparable(material, place, ranked)
    if len(found) < 2:
        return head | impossible(reasons.ONE_KIND)
    names = class_of(found)
    labels = {str(row): names[option] for row, option in enumerate(material.declared(place)) if option}
    enterprises = _enterprises(found, roster.get(stratum.name, {}))
    try:
        result = standardise(
            material.ratings(departments=material.places(ranked)),
            labels,
            enterprises,
            level=LEVEL,
            threshold=material.threshold,
            draws=DRAWS,
            seed=SEED,
        )
    except InputError:
        return head | impossible(reasons.ONE_KIND)  # the error names one class
    result = told.shifts(result, errors)
    if withheld_silence(material, place):  # shares of those who said would tell how many did not
        result = replace(result, answered={})
    english = _renamed(result, dict(english_names(material, place, found)))
    return head | {
        "possible": True,
        "by_roster": enterprises is not None,
        "shares": plain(result.shares),
        "p": plain(result.p),
        "moved": [s.department for s in result.moved],
        "departments": _departments(result),
        "not_compared": list(result.not_compared),
        "summary_zh": result.summary("zh"),
        "summary_en": english.summary("en"),
    }


def _enterprises(found: Sequence[Class], margin: Mapping[str, int]) -> dict[str, int] | None:
    """Enterprises of every class on the roster; None, for equal shares, where it lacks one."""
    counted = {class_name(c): sum(margin.get(option, 0) for option in c) for c in found}
    return counted if all(counted.values()) else None


def _renamed(result: Standardised, names: Mapping[str, str]) -> Standardised:
    shares, answered = ({names[k]: v for k, v in x.items()} for x in (result.shares, result.answered))
    return replace(result, shares=shares, answered=answered)


def _departments(result: Standardised) -> list[Part]:
    """In the order of the standardised ranking."""
    shifts = {s.department: s for s in result.shifts}
    return [
        {
            "name": d.name,
            "rank": d.rank,
            "rank_set": list(d.rank_set),
            "plain": shifts[d.name].plain,
            "standardised": shifts[d.name].standardised,
            "difference": shifts[d.name].difference,
            "ci": plain(shifts[d.name].ci),
            "direction": shifts[d.name].direction,
        }
        for d in result.ranking.departments
    ]
