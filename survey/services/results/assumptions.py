"""Tests of what the ranking assumes, by strata that enterprises declare of themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache

from analysis.assumptions.additivity import not_additive
from analysis.assumptions.standardised import Standardised, standardise
from analysis.blurring import p_class
from analysis.compare.group_samples import Fits
from analysis.errors import InputError
from analysis.ranking.results import Note
from survey.facts.assumptions import (
    AdditivityFacts,
    AssumptionsFacts,
    StandardisedFacts,
    StandardisedScore,
    TestedStratum,
)
from survey.facts.base import Impossible, finite, interval
from survey.facts.comparisons import StratumNotCompared, TreatmentFacts
from survey.services.disclosure import told
from survey.services.results.comparisons import (
    DRAWS,
    Kinds,
    Treated,
    comparable,
    direction,
    english_names,
    not_compared,
    treatment,
)
from survey.services.results.ranking import LEVEL, SEED
from survey.services.results.respondents import Class, class_name, withheld_silence
from survey.services.results.scored_round import ScoredRound, impossible
from survey.wording import reasons

Roster = Mapping[str, Mapping[str, int]]


def by_kinds(
    scored: ScoredRound, roster: Roster, errors: Mapping[str, float]
) -> tuple[tuple[Treated, ...], AssumptionsFacts]:
    """Comparison of the kinds of enterprises of every stratum, the test whether they rate departments alike,
    and the ranking standardised by each stratum.

    errors: department → published less exact score, for departments whose scores comparisons may use.
    """
    ranked = list(errors)

    @cache
    def fits() -> Fits:
        return Fits(scored.ratings(departments=scored.places(ranked)), scored.threshold)

    places = range(len(scored.questionnaire.strata))
    asked = (Kinds(scored, place, comparable(scored, place, ranked), fits) for place in places)
    # Stratum by stratum: both questions use the fits of its kinds, which are then forgotten.
    answers = [(treatment(kinds), _standardised(kinds, roster, errors)) for kinds in asked]
    treated = tuple(treated for treated, _ in answers)
    return treated, AssumptionsFacts(
        additivity=additivity(treated), standardised=tuple(standardised for _, standardised in answers)
    )


def additivity(treatment: Sequence[Treated]) -> AdditivityFacts | Impossible:
    """One test over the comparisons of all strata, whose p-values share the error rate (Bonferroni)."""
    tested = [part for part in treatment if part.possible]
    if not tested:
        return impossible(reasons.KINDS_TOO_FEW if treatment else reasons.KINDS_NOT_ASKED)
    p = min(1.0, len(tested) * min(1.0 if part.p_equal is None else part.p_equal for part in tested))
    rejected = p <= 1 - LEVEL
    note = _note(tested, p) if rejected else None
    return AdditivityFacts(
        p=p,
        rejected=rejected,
        strata=tuple(
            TestedStratum(stratum=part.stratum, stratum_en=part.stratum_en, p=part.p_equal) for part in tested
        ),
        note_zh=note.zh if note else "",
        note_en=note.en if note else "",
    )


def _note(tested: Sequence[TreatmentFacts], p: float) -> Note:
    chinese: dict[str, list[str]] = {}
    english: dict[str, list[str]] = {}
    for part in tested:
        told_apart = [d for d in part.differences if d.p is not None and d.p * len(tested) <= 1 - LEVEL]
        if differing := list(dict.fromkeys(d.department for d in told_apart)):
            chinese[part.stratum] = english[part.named("en")] = differing
    (note,), (note_en,) = (not_additive(names, p_class(p)) for names in (chinese, english))
    return Note(note.code, note.zh, note_en.en)


def _standardised(
    kinds: Kinds, roster: Roster, errors: Mapping[str, float]
) -> StandardisedFacts | StratumNotCompared:
    scored, place, stratum, compared = kinds.scored, kinds.place, kinds.stratum, kinds.compared
    if len(compared) < 2:
        return not_compared(stratum)
    enterprises = _enterprises(compared, roster.get(stratum.name, {}))
    try:
        fits = kinds.fits()
        result = standardise(
            fits.ratings,
            kinds.labels(fits.ratings),
            enterprises,
            level=LEVEL,
            threshold=scored.threshold,
            draws=DRAWS,
            seed=SEED,
            fits=fits,
        )
    except InputError:
        return not_compared(stratum)  # the error names one class
    result = told.shifts(result, errors)
    if withheld_silence(scored, place):  # shares of those who said would tell how many did not
        result = replace(result, answered={})
    english = _renamed(result, dict(english_names(scored, place, compared)))
    return StandardisedFacts(
        stratum=stratum.name,
        stratum_en=stratum.name_en,
        by_roster=enterprises is not None,
        shares=dict(result.shares),
        p=finite(result.p),
        moved=tuple(s.department for s in result.moved),
        departments=_departments(result),
        not_compared=tuple(result.not_compared),
        summary_zh=result.summary("zh"),
        summary_en=english.summary("en"),
    )


def _enterprises(compared: Sequence[Class], margin: Mapping[str, int]) -> dict[str, int] | None:
    """Enterprises of every class on the roster; None, for equal shares, where
    the roster has none of a class."""
    counted = {class_name(c): sum(margin.get(option, 0) for option in c) for c in compared}
    return counted if all(counted.values()) else None


def _renamed(result: Standardised, names: Mapping[str, str]) -> Standardised:
    shares, answered = ({names[k]: v for k, v in x.items()} for x in (result.shares, result.answered))
    return replace(result, shares=shares, answered=answered)


def _departments(result: Standardised) -> tuple[StandardisedScore, ...]:
    """Standardised scores in the order of the standardised ranking."""
    shifts = {s.department: s for s in result.shifts}
    return tuple(
        StandardisedScore(
            name=d.name,
            rank=d.rank,
            rank_set=d.rank_set,
            plain=shifts[d.name].plain,
            standardised=shifts[d.name].standardised,
            difference=shifts[d.name].difference,
            ci=interval(shifts[d.name].ci),
            direction=direction(shifts[d.name].direction),
        )
        for d in result.ranking.departments
    )
