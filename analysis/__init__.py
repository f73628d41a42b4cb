"""Ranking departments from anonymous ratings, with every statement right at joint confidence.

Arrays in, frozen results out: numpy and scipy, nothing of the survey application. Importing the package
costs nothing: every name is loaded when it is first asked for, so that a web request which needs a small rule
of one module does not pay for numpy.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from analysis.errors import InputError, NothingToRankError

if TYPE_CHECKING:
    from analysis.additivity import additivity_test
    from analysis.agreement import intraclass_correlation, kendall_w, two_way_correlations
    from analysis.attacker import attack, published_mean
    from analysis.careless import (
        even_odd,
        intra_individual_variability,
        longstring,
        mahalanobis,
        person_total,
    )
    from analysis.cells import cells_of
    from analysis.contrasts import fit
    from analysis.design import Design, design_mean, design_total
    from analysis.disclosure import Rule, Table, protect
    from analysis.drivers import importance
    from analysis.editions import compare_editions
    from analysis.electorates import Composite, composite
    from analysis.ends import extremes
    from analysis.friedman import friedman_test
    from analysis.grading import grades, satisfied
    from analysis.groups import compare_groups
    from analysis.identical import identical_ballots
    from analysis.influence import carried
    from analysis.itemwise import item_scores
    from analysis.krippendorff import krippendorff_alpha, rating_agreement
    from analysis.latent import bradley_terry
    from analysis.meeting import for_meeting
    from analysis.multiplicity import p_adjust
    from analysis.omega import mcdonald_omega, omega_from_covariance
    from analysis.pairs import PairResult, Pairs
    from analysis.performance import importance_performance
    from analysis.planner import Assumptions, assumptions_from, invitations_needed, plan
    from analysis.premise_words import premises
    from analysis.quality import Cutoffs, questionnaire, rating_quality, response_quality, screened
    from analysis.raking import rake_weights
    from analysis.ranking import DEFAULT_SEED, rank, rank_estimates
    from analysis.ranksets import rank_sets
    from analysis.ratings import Ratings
    from analysis.relative_weights import johnson, lmg
    from analysis.reliability import alpha_from_covariance, cronbach_alpha, feldt_interval, rating_reliability
    from analysis.results import (
        DepartmentResult,
        GlobalTest,
        Insufficient,
        Note,
        Ranking,
    )
    from analysis.sandwich import Strata, covariance
    from analysis.satterthwaite import satterthwaite_df
    from analysis.sensitivity import ranking_sensitivity
    from analysis.shrinkage import shrunken
    from analysis.standardised import standardise
    from analysis.subtraction import compare_figures
    from analysis.suppression import suppress
    from analysis.trends import combine_rounds, compare_rounds
    from analysis.weights import cell_weights, effective_n, trim

_HOME = {
    "DEFAULT_SEED": "ranking",
    "Assumptions": "planner",
    "Composite": "electorates",
    "Cutoffs": "quality",
    "DepartmentResult": "results",
    "Design": "design",
    "GlobalTest": "results",
    "Insufficient": "results",
    "Note": "results",
    "PairResult": "pairs",
    "Pairs": "pairs",
    "Ranking": "results",
    "Ratings": "ratings",
    "Rule": "disclosure",
    "Strata": "sandwich",
    "Table": "disclosure",
    "additivity_test": "additivity",
    "alpha_from_covariance": "reliability",
    "assumptions_from": "planner",
    "attack": "attacker",
    "bradley_terry": "latent",
    "carried": "influence",
    "cell_weights": "weights",
    "cells_of": "cells",
    "combine_rounds": "trends",
    "compare_editions": "editions",
    "compare_figures": "subtraction",
    "compare_groups": "groups",
    "compare_rounds": "trends",
    "composite": "electorates",
    "covariance": "sandwich",
    "cronbach_alpha": "reliability",
    "design_mean": "design",
    "design_total": "design",
    "effective_n": "weights",
    "even_odd": "careless",
    "extremes": "ends",
    "feldt_interval": "reliability",
    "fit": "contrasts",
    "for_meeting": "meeting",
    "friedman_test": "friedman",
    "grades": "grading",
    "identical_ballots": "identical",
    "importance": "drivers",
    "importance_performance": "performance",
    "intra_individual_variability": "careless",
    "intraclass_correlation": "agreement",
    "invitations_needed": "planner",
    "item_scores": "itemwise",
    "johnson": "relative_weights",
    "kendall_w": "agreement",
    "krippendorff_alpha": "krippendorff",
    "lmg": "relative_weights",
    "longstring": "careless",
    "mahalanobis": "careless",
    "mcdonald_omega": "omega",
    "omega_from_covariance": "omega",
    "p_adjust": "multiplicity",
    "person_total": "careless",
    "plan": "planner",
    "premises": "premise_words",
    "protect": "disclosure",
    "published_mean": "attacker",
    "questionnaire": "quality",
    "rake_weights": "raking",
    "rank": "ranking",
    "rank_estimates": "ranking",
    "rank_sets": "ranksets",
    "ranking_sensitivity": "sensitivity",
    "rating_agreement": "krippendorff",
    "rating_quality": "quality",
    "rating_reliability": "reliability",
    "response_quality": "quality",
    "satisfied": "grading",
    "satterthwaite_df": "satterthwaite",
    "screened": "quality",
    "shrunken": "shrinkage",
    "standardise": "standardised",
    "suppress": "suppression",
    "trim": "weights",
    "two_way_correlations": "agreement",
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
    "response_quality",
    "satisfied",
    "satterthwaite_df",
    "screened",
    "shrunken",
    "standardise",
    "suppress",
    "trim",
    "two_way_correlations",
]
