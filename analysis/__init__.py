"""Ranking of departments from anonymous ratings, with statements that hold at joint confidence.

Arrays in, frozen results out; needs numpy and scipy, nothing of the survey application. Names are imported on
first use, so that importing the package for a small rule does not load numpy.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from analysis.errors import InputError, NothingToRankError

if TYPE_CHECKING:
    from analysis.answers.agreement import intraclass_correlation, kendall_w, two_way_correlations
    from analysis.answers.careless import (
        even_odd,
        intra_individual_variability,
        longstring,
        mahalanobis,
        person_total,
    )
    from analysis.answers.identical import identical_ballots
    from analysis.answers.krippendorff import krippendorff_alpha, rating_agreement
    from analysis.answers.quality import Cutoffs, questionnaire, rating_quality, response_quality, screened
    from analysis.answers.ratings import Ratings
    from analysis.assumptions.additivity import additivity_test
    from analysis.assumptions.sentences import premises
    from analysis.assumptions.standardised import standardise
    from analysis.compare.combined import combine_rounds
    from analysis.compare.groups import compare_groups
    from analysis.compare.itemwise import item_scores
    from analysis.compare.rounds import compare_rounds
    from analysis.compare.sensitivity import ranking_sensitivity
    from analysis.disclosure.attacker import attack, published_mean
    from analysis.disclosure.editions import compare_editions
    from analysis.disclosure.protection import Rule, Table, protect
    from analysis.disclosure.subtraction import compare_figures
    from analysis.disclosure.suppression import suppress
    from analysis.electorates.composite import Composite, composite
    from analysis.foreign.library import read_ratings, understand_ratings
    from analysis.foreign.understood import Understood
    from analysis.inference.multiplicity import p_adjust
    from analysis.inference.ranksets import rank_sets
    from analysis.influence.ballots import carried
    from analysis.items.drivers import importance
    from analysis.items.omega import mcdonald_omega, omega_from_covariance
    from analysis.items.performance import importance_performance
    from analysis.items.relative_weights import johnson, lmg
    from analysis.items.reliability import (
        alpha_from_covariance,
        cronbach_alpha,
        feldt_interval,
        rating_reliability,
    )
    from analysis.meeting.ends import extremes
    from analysis.meeting.grading import grades, satisfied
    from analysis.meeting.shrinkage import shrunken
    from analysis.meeting.summary import for_meeting
    from analysis.model.cells import cells_of
    from analysis.model.contrasts import fit
    from analysis.model.latent import bradley_terry
    from analysis.model.sandwich import Strata, covariance
    from analysis.model.satterthwaite import satterthwaite_df
    from analysis.ranking.friedman import friedman_test
    from analysis.ranking.pairs import PairResult, Pairs
    from analysis.ranking.rank import DEFAULT_SEED, rank, rank_estimates
    from analysis.ranking.results import DepartmentResult, GlobalTest, Insufficient, Note, Ranking
    from analysis.sampling.design import Design, design_mean, design_total
    from analysis.sampling.planner import Assumptions, assumptions_from, invitations_needed, plan
    from analysis.sampling.raking import rake_weights
    from analysis.sampling.weights import cell_weights, effective_n, trim

_HOME = {
    "DEFAULT_SEED": "ranking.rank",
    "Assumptions": "sampling.planner",
    "Composite": "electorates.composite",
    "Cutoffs": "answers.quality",
    "DepartmentResult": "ranking.results",
    "Design": "sampling.design",
    "GlobalTest": "ranking.results",
    "Insufficient": "ranking.results",
    "Note": "ranking.results",
    "PairResult": "ranking.pairs",
    "Pairs": "ranking.pairs",
    "Ranking": "ranking.results",
    "Ratings": "answers.ratings",
    "Rule": "disclosure.protection",
    "Strata": "model.sandwich",
    "Table": "disclosure.protection",
    "Understood": "foreign.understood",
    "additivity_test": "assumptions.additivity",
    "alpha_from_covariance": "items.reliability",
    "assumptions_from": "sampling.planner",
    "attack": "disclosure.attacker",
    "bradley_terry": "model.latent",
    "carried": "influence.ballots",
    "cell_weights": "sampling.weights",
    "cells_of": "model.cells",
    "combine_rounds": "compare.combined",
    "compare_editions": "disclosure.editions",
    "compare_figures": "disclosure.subtraction",
    "compare_groups": "compare.groups",
    "compare_rounds": "compare.rounds",
    "composite": "electorates.composite",
    "covariance": "model.sandwich",
    "cronbach_alpha": "items.reliability",
    "design_mean": "sampling.design",
    "design_total": "sampling.design",
    "effective_n": "sampling.weights",
    "even_odd": "answers.careless",
    "extremes": "meeting.ends",
    "feldt_interval": "items.reliability",
    "fit": "model.contrasts",
    "for_meeting": "meeting.summary",
    "friedman_test": "ranking.friedman",
    "grades": "meeting.grading",
    "identical_ballots": "answers.identical",
    "importance": "items.drivers",
    "importance_performance": "items.performance",
    "intra_individual_variability": "answers.careless",
    "intraclass_correlation": "answers.agreement",
    "invitations_needed": "sampling.planner",
    "item_scores": "compare.itemwise",
    "johnson": "items.relative_weights",
    "kendall_w": "answers.agreement",
    "krippendorff_alpha": "answers.krippendorff",
    "lmg": "items.relative_weights",
    "longstring": "answers.careless",
    "mahalanobis": "answers.careless",
    "mcdonald_omega": "items.omega",
    "omega_from_covariance": "items.omega",
    "p_adjust": "inference.multiplicity",
    "person_total": "answers.careless",
    "plan": "sampling.planner",
    "premises": "assumptions.sentences",
    "protect": "disclosure.protection",
    "published_mean": "disclosure.attacker",
    "questionnaire": "answers.quality",
    "rake_weights": "sampling.raking",
    "rank": "ranking.rank",
    "rank_estimates": "ranking.rank",
    "rank_sets": "inference.ranksets",
    "ranking_sensitivity": "compare.sensitivity",
    "rating_agreement": "answers.krippendorff",
    "rating_quality": "answers.quality",
    "rating_reliability": "items.reliability",
    "read_ratings": "foreign.library",
    "response_quality": "answers.quality",
    "satisfied": "meeting.grading",
    "satterthwaite_df": "model.satterthwaite",
    "screened": "answers.quality",
    "shrunken": "meeting.shrinkage",
    "standardise": "assumptions.standardised",
    "suppress": "disclosure.suppression",
    "trim": "sampling.weights",
    "two_way_correlations": "answers.agreement",
    "understand_ratings": "foreign.library",
}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


__all__ = [
    "DEFAULT_SEED",
    "Assumptions",
    "Composite",
    "Cutoffs",
    "DepartmentResult",
    "Design",
    "GlobalTest",
    "InputError",
    "Insufficient",
    "Note",
    "NothingToRankError",
    "PairResult",
    "Pairs",
    "Ranking",
    "Ratings",
    "Rule",
    "Strata",
    "Table",
    "Understood",
    "additivity_test",
    "alpha_from_covariance",
    "assumptions_from",
    "attack",
    "bradley_terry",
    "carried",
    "cell_weights",
    "cells_of",
    "combine_rounds",
    "compare_editions",
    "compare_figures",
    "compare_groups",
    "compare_rounds",
    "composite",
    "covariance",
    "cronbach_alpha",
    "design_mean",
    "design_total",
    "effective_n",
    "even_odd",
    "extremes",
    "feldt_interval",
    "fit",
    "for_meeting",
    "friedman_test",
    "grades",
    "identical_ballots",
    "importance",
    "importance_performance",
    "intra_individual_variability",
    "intraclass_correlation",
    "invitations_needed",
    "item_scores",
    "johnson",
    "kendall_w",
    "krippendorff_alpha",
    "lmg",
    "longstring",
    "mahalanobis",
    "mcdonald_omega",
    "omega_from_covariance",
    "p_adjust",
    "person_total",
    "plan",
    "premises",
    "protect",
    "published_mean",
    "questionnaire",
    "rake_weights",
    "rank",
    "rank_estimates",
    "rank_sets",
    "ranking_sensitivity",
    "rating_agreement",
    "rating_quality",
    "rating_reliability",
    "read_ratings",
    "response_quality",
    "satisfied",
    "satterthwaite_df",
    "screened",
    "shrunken",
    "standardise",
    "suppress",
    "trim",
    "two_way_correlations",
    "understand_ratings",
]
