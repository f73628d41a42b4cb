"""Ranking departments from anonymous ratings, with every statement right at joint confidence.

Arrays in, frozen results out: numpy and scipy, nothing of the survey application. `rank` and `rank_estimates`
come at once; what stands beside the ranking is loaded when it is first asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from analysis.errors import InputError, NothingToRankError
from analysis.ranking import DEFAULT_SEED, rank, rank_estimates
from analysis.ratings import Ratings
from analysis.results import (
    DepartmentResult,
    GlobalTest,
    Insufficient,
    Note,
    PairResult,
    Pairs,
    Ranking,
)

if TYPE_CHECKING:
    from analysis.agreement import intraclass_correlation, kendall_w
    from analysis.cells import cells_of
    from analysis.contrasts import fit
    from analysis.design import design_mean, design_total
    from analysis.disclosure import protect
    from analysis.drivers import importance, importance_performance
    from analysis.groups import compare_groups
    from analysis.krippendorff import krippendorff_alpha, rating_agreement
    from analysis.multiplicity import p_adjust
    from analysis.omega import mcdonald_omega
    from analysis.planner import assumptions_from, plan
    from analysis.quality import rating_quality, response_quality
    from analysis.raking import rake_weights
    from analysis.reliability import cronbach_alpha, rating_reliability
    from analysis.sandwich import covariance
    from analysis.trends import combine_rounds, compare_rounds
    from analysis.weights import cell_weights, effective_n, trim

_HOME = {
    "assumptions_from": "planner",
    "cell_weights": "weights",
    "cells_of": "cells",
    "combine_rounds": "trends",
    "compare_groups": "groups",
    "compare_rounds": "trends",
    "covariance": "sandwich",
    "cronbach_alpha": "reliability",
    "design_mean": "design",
    "design_total": "design",
    "effective_n": "weights",
    "fit": "contrasts",
    "importance": "drivers",
    "importance_performance": "drivers",
    "intraclass_correlation": "agreement",
    "kendall_w": "agreement",
    "krippendorff_alpha": "krippendorff",
    "mcdonald_omega": "omega",
    "p_adjust": "multiplicity",
    "plan": "planner",
    "protect": "disclosure",
    "rake_weights": "raking",
    "rating_agreement": "krippendorff",
    "rating_quality": "quality",
    "rating_reliability": "reliability",
    "response_quality": "quality",
    "trim": "weights",
}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


__all__ = [
    "DEFAULT_SEED",
    "DepartmentResult",
    "GlobalTest",
    "InputError",
    "Insufficient",
    "Note",
    "NothingToRankError",
    "PairResult",
    "Pairs",
    "Ranking",
    "Ratings",
    "assumptions_from",
    "cell_weights",
    "cells_of",
    "combine_rounds",
    "compare_groups",
    "compare_rounds",
    "covariance",
    "cronbach_alpha",
    "design_mean",
    "design_total",
    "effective_n",
    "fit",
    "importance",
    "importance_performance",
    "intraclass_correlation",
    "kendall_w",
    "krippendorff_alpha",
    "mcdonald_omega",
    "p_adjust",
    "plan",
    "protect",
    "rake_weights",
    "rank",
    "rank_estimates",
    "rating_agreement",
    "rating_quality",
    "rating_reliability",
    "response_quality",
    "trim",
]
