"""A small ranking with everything a document has to cope with, as the version-1 dictionary."""

import json
from typing import Any

import numpy as np

from analysis.answers.ratings import Ratings
from analysis.ranking.rank import rank
from survey.facts.round import BallotCounts

NAMES = (
    "行政审批局",
    "税务局",
    "公安局",
    "县自然资源和规划局不动产登记中心行政审批服务大厅窗口分局",
    "供水公司",
    "气象局",
    "消防队",
)
GROUPS = {"行政管理": NAMES[:4], "公共服务": NAMES[4:]}
COUNTS = BallotCounts(
    invited=400, collected=380, cast=377, replaced=0, valid=375, invalid=2, merkle_root="ab" * 32
)
DIGEST = "cd" * 32
_EFFECTS = (12.0, 6.0, 0.0, 0.0, -6.0, -14.0)


def make_ranking(seed: int = 3) -> dict[str, Any]:
    """Six departments that differ, one (消防队) with too few ratings; two groups."""
    chance = np.random.default_rng(seed)
    scores = np.full((150, len(NAMES), 1), np.nan)
    for rater in range(len(scores)):
        for department in chance.choice(6, 4, replace=False):
            points = 72 + _EFFECTS[department] + chance.normal(0, 10)
            scores[rater, department] = np.clip(np.round(points / 20) * 20, 20, 100)
    scores[:4, 6] = 60
    ratings = Ratings.from_array(scores, department_names=list(NAMES), item_names=["总体评价"])
    groups = []
    for name, members in GROUPS.items():
        part = ratings.take_departments([NAMES.index(member) for member in members])
        groups.append({"name": name} | rank(part, draws=2000).to_dict())
    whole: dict[str, Any] = rank(ratings, draws=2000).to_dict() | {"groups": groups}
    return json.loads(json.dumps(whole))
