"""What stands in ranking.json and the facts for the meeting."""

import json

import numpy as np

from analysis import Ratings, for_meeting, rank, rank_estimates
from analysis.identical import Identical


def test_document_is_json_and_agrees_with_its_parts() -> None:
    g = np.random.default_rng(6)
    scores = 20.0 * np.clip(np.round(4 + np.array([0.8, 0, 0, 0, -1.2]) + g.normal(size=(60, 5))), 1, 5)
    ratings = Ratings.from_array(scores, department_names=list("abcde"))
    ranking = rank(ratings)
    found = for_meeting(ranking, ratings, first=1, last=2)
    document = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert [d["name"] for d in document["departments"]] == [d.name for d in ranking.departments]
    assert document["grade_lines"] == [90, 80, 70]
    assert {note["code"] for note in document["notes"]} >= {"first", "last", "grades", "luck", "influence"}
    assert all(note["zh"] and note["en"] for note in document["notes"])
    for entry, department in zip(document["departments"], ranking.departments, strict=True):
        assert (entry["carried"] is None) == (department.vs_average == "same")
        assert entry["last"] in ("certain", "possible", "excluded")
    assert document["last"]["count"] == 2


def test_estimates_have_no_ballots_to_look_at() -> None:
    found = for_meeting(rank_estimates(list("abcde"), [5, 4, 3, 2, 1.0], [0.2] * 5))
    assert found.influence is None
    assert found.grades is None
    assert found.to_dict()["departments"][0]["carried"] is None
    assert for_meeting(rank_estimates(list("ab"), [2, 1.0], [0.2] * 2), first=0, last=0).first is None


def test_small_counts_of_identical_ballots_are_not_said() -> None:
    few = Identical(100, 6, (6,), 0.1, 0.005)
    assert "6" in few.summary("zh")
    for language in ("zh", "en"):
        assert "6" not in few.summary(language, hide=10)
    nearly_all = Identical(100, 95, (95,), 20.0, 0.005)
    assert "95" not in nearly_all.summary("zh", hide=10)
