"""Rankings of ratings read from a file: within groups of departments, and a note on repeated ratings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from analysis.answers.ratings import Ratings
from analysis.errors import InputError
from analysis.ranking.rank import rank
from analysis.ranking.results import Note
from survey.documents.ranking.extras import ChartSettings
from survey.documents.ranking.files import GroupRanking
from survey.errors import N_
from survey.language import in_both

MOST_MARKS: Final = 1 << 30


class RankSettings(ChartSettings):
    """Arguments of `analysis.rank`; `scale`: worst and best mark there is."""

    stepdown: bool
    scale: tuple[float, float] | None


def rank_groups(group_of: Mapping[str, str], ratings: Ratings, settings: RankSettings) -> list[GroupRanking]:
    """Rankings within each group that a rated department is in; `group_of`: department → group."""
    present = {group_of[name] for name in ratings.department_names} if group_of else set()
    names = [name for name in dict.fromkeys(group_of.values()) if name in present]
    return [_rank_group(name, group_of, ratings, settings) for name in names]


def _rank_group(
    name: str, group_of: Mapping[str, str], ratings: Ratings, settings: RankSettings
) -> GroupRanking:
    """Ranking within one group; if it cannot be ranked, the reason is kept and the overall ranking still
    stands."""
    members = [group_of[department] == name for department in ratings.department_names]
    part = ratings.take_departments(np.array(members))
    if ratings.stratum is None and ratings.population is None:
        part = part.take(np.unique(part.rater))
    try:
        return GroupRanking(name, rank(part, **settings, screen=False))
    except InputError as error:
        return GroupRanking(name, None, (Note("group_not_ranked", error.zh, error.en),))


def _distinct(key: NDArray[np.int64]) -> int:
    """Number of distinct values of non-negative integers."""
    if int(key.max()) > MOST_MARKS:
        return int(np.unique(key).size)
    seen = np.zeros(int(key.max()) + 1, dtype=bool)
    seen[key] = True
    return int(np.count_nonzero(seen))


def repeated(ratings: Ratings) -> tuple[Note, ...]:
    """Note on ratings that repeat a rater and department; () if there are none."""
    key = ratings.rater.astype(np.int64) * ratings.n_departments + ratings.department
    if ratings.item is not None:
        key = key * len(ratings.item_names) + ratings.item
    return repeated_note(ratings.n_ratings - _distinct(key))


def repeated_note(count: int) -> tuple[Note, ...]:
    """Note on so many ratings that repeat a rater and department; () for none."""
    if not count:
        return ()
    said = in_both(N_("有 %(count)s 条评分是同一评议人对同一部门的再次评分，每条都计入。"), count=count)
    return (Note("repeated_ratings", *said),)
