"""Ranking departments from anonymous ratings, with every statement right at joint confidence.

Arrays in, frozen results out: numpy and scipy, nothing of the survey application.
"""

from analysis.errors import InputError, NothingToRankError
from analysis.ranking import rank, rank_estimates
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

__all__ = [
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
    "rank",
    "rank_estimates",
]
