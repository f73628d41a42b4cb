"""What stands in ranking.json and the facts for the meeting."""

import json
import re

import numpy as np

from analysis import Ratings, for_meeting, rank, rank_estimates
from analysis.answers.identical import Identical
from analysis.meeting.ends import Extremes
from analysis.meeting.grading import NAMES_EN, NAMES_ZH, Grade, Grades


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


def test_above_two_hundred_departments_it_is_said_that_ballots_were_not_looked_at() -> None:
    g = np.random.default_rng(7)
    scores = np.round(70 + 10 * g.normal(size=(12, 201)))
    ratings = Ratings.from_array(scores)
    found = for_meeting(rank(ratings, draws=1000), ratings, first=0, last=0)
    assert found.influence is None
    document = found.to_dict()
    assert document["large"]
    note = next(note for note in document["notes"] if note["code"] == "influence")
    assert "部门超过 200 个" in note["zh"]
    assert "200" in note["en"]


def test_what_was_not_looked_at_is_said_beside_what_was() -> None:
    g = np.random.default_rng(6)
    scores = np.clip(np.round(60 + np.array([30, 0, 0, -30]) + 5 * g.normal(size=(20, 4))), 0, 100)
    ratings = Ratings.from_array(scores)
    document = for_meeting(rank(ratings, draws=1000), ratings, first=1, last=1, line=70.0).to_dict()
    scope = next(note for note in document["notes"] if note["code"] == "influence_scope")
    assert "前几后几" in scope["zh"]
    assert "first and last" in scope["en"]
    kinds = [d["carried_line"]["kind"] for d in document["departments"]]
    assert kinds == ["above_line", "below_line", "below_line", "below_line"]


def _extremes(certain: int, possible: int, excluded: int) -> Extremes:
    names = [
        tuple(f"{part}{i}" for i in range(n))
        for part, n in zip("甲乙丙", (certain, possible, excluded), strict=True)
    ]
    return Extremes("first", 3, 0.95, *names, observed=(), p_value=None, verified=False)


def test_first_and_last_say_only_counts_that_there_are() -> None:
    said = {
        (2, 2, 5): "确定在前 3 名的：甲0、甲1；可能在前 3 名的另有 2 个；确定不在的有 5 个。",
        (3, 0, 5): "确定在前 3 名的：甲0、甲1、甲2；确定不在的有 5 个。",
        (0, 4, 4): "确定在前 3 名的：无；可能在前 3 名的有 4 个；确定不在的有 4 个。",
        (0, 8, 0): "确定在前 3 名的：无；可能在前 3 名的有 8 个。",
    }
    for counts, zh in said.items():
        found = _extremes(*counts)
        assert found.summary("zh") == zh
        assert not re.search(r"\b0\b", found.summary("en"))


def test_grades_say_only_counts_that_there_are() -> None:
    def summary(*verdicts: str) -> tuple[str, str]:
        made = tuple(Grade(f"部门{i}", 0, 0, v) for i, v in enumerate(verdicts))  # type: ignore[arg-type]
        found = Grades((90.0, 80.0, 70.0), NAMES_ZH, NAMES_EN, made)
        return found.summary("zh"), found.summary("en")

    assert summary("certain", "certain")[0].endswith("。等次能够确定的：优秀：部门0、部门1。")
    told = "等次能够确定的：优秀：部门0。其余 1 个部门的等次不能完全确定。"
    assert summary("certain", "unknown")[0].endswith(told)
    assert summary("unknown")[0].endswith("。没有一个部门的等次能够确定。")
    for verdicts in (["certain"], ["unknown"], ["certain", "unknown"]):
        assert not re.search(r"\b0\b", summary(*verdicts)[1].replace("部门0", ""))


def test_small_counts_of_identical_ballots_are_not_said() -> None:
    few = Identical(100, 6, (6,), 0.1, 0.005)
    assert "6" in few.summary("zh")
    for language in ("zh", "en"):
        assert "6" not in few.summary(language, hide=10)
    nearly_all = Identical(100, 95, (95,), 20.0, 0.005)
    assert "95" not in nearly_all.summary("zh", hide=10)
