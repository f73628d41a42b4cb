"""A composite lies within what its parts can give, however few raters make it uncertain."""

from __future__ import annotations

import numpy as np

from analysis import Ratings, composite
from survey.services.disclosure import told
from survey.services.disclosure.released_ranking import Scores

LEVELS = (100.0, 80.0, 60.0, 40.0, 20.0)
ENDS = (0.75 * 20 + 0.25 * 95, 0.75 * 100 + 0.25 * 97)


def made():
    marks = np.array([[100, 100, 80], [100, 80, 60], [80, 100, 100], [100, 100, 40], [100, 80, 100]], float)
    ratings = Ratings.from_array(marks, department_names=list("甲乙丙"))
    figures = {"甲": 97.0, "乙": 96.0, "丙": 95.0}
    return composite({"企业": ratings, "省评": figures}, {"企业": 3, "省评": 1}, threshold=5)


def test_published_scores_and_intervals_of_a_composite_end_where_its_parts_do() -> None:
    exact = made()
    assert max(d.ci[1] for d in exact.ranking.departments) > ENDS[1]
    ranking = told.composite(exact, {}, Scores(LEVELS, 5, ends=ENDS)).ranking
    for d in ranking.departments:
        assert ENDS[0] <= d.ci[0] <= d.adjusted <= d.ci[1] <= ENDS[1]
    assert "scale_cut" in [note.code for note in ranking.notes]
    same = ("name", "rank", "rank_set", "tier", "vs_average")
    for before, after in zip(exact.ranking.departments, ranking.departments, strict=True):
        assert [getattr(before, key) for key in same] == [getattr(after, key) for key in same]
