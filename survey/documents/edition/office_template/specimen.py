"""Invented bulletin, with every section, on which a template is tried out and shown."""

from __future__ import annotations

from datetime import date
from typing import Final

import numpy as np

from analysis.answers.ratings import Ratings
from analysis.charts.ranking import ranking_chart
from analysis.charts.rendering import render
from analysis.ranking.rank import rank
from survey.documents.edition.bulletin_parts import BulletinContext
from survey.facts.analysed import as_analysed
from survey.facts.round import BallotCounts
from survey.facts.wire import ranking_from

NAMES: Final = ("县政务服务局", "县税务局", "县市场监督管理局", "县自然资源局", "县交通运输局", "县气象局")
_EFFECTS: Final = (12.0, 6.0, 0.0, 0.0, -6.0, -14.0)
_FIRMS, _EACH = 150, 4
_COUNTS: Final = BallotCounts(
    invited=200, collected=155, cast=151, replaced=2, valid=150, invalid=1, merkle_root="ab" * 32
)


def specimen() -> BulletinContext:
    """Contents of a bulletin on a round that never was."""
    ranking = ranking_from(rank(_ratings(), draws=2000).to_dict())
    return BulletinContext(
        round_title="某县 2026 年第四季度企业评议（样张）",
        body="某县人大常委会、某县政协",
        opens_on=date(2026, 10, 8),
        closes_on=date(2026, 11, 6),
        ranking=ranking,
        counts=_COUNTS,
        digest="cd" * 32,
        chart_png=render(ranking_chart(as_analysed(ranking)), "png", dpi=150),
        corrected=("这里写与上一版的不同；第一版没有这一节。",),
        issued_on=date(2026, 12, 1),
    )


def _ratings() -> Ratings:
    chance = np.random.default_rng(3)
    scores = np.full((_FIRMS, len(NAMES), 1), np.nan)
    for firm in range(_FIRMS):
        for department in chance.choice(len(NAMES), _EACH, replace=False):
            points = 72 + _EFFECTS[department] + chance.normal(0, 10)
            scores[firm, department] = np.clip(np.round(points / 20) * 20, 20, 100)
    return Ratings.from_array(scores, department_names=list(NAMES), item_names=["总体评价"])
