"""One invented review in the shapes that other tools export, with the values that ranking each must give."""

import csv
import json
from pathlib import Path

import openpyxl
import pytest

from analysis import rank, read_ratings

DATA = Path(__file__).parents[2] / "data"
FILES = DATA / "foreign"
EXPECTED = json.loads((FILES / "expected.json").read_text("utf-8"))
SAME = ("gforms.csv", "long_pct.csv", "long_words.csv", "wide_points.xlsx", "wjx_text.xlsx")


@pytest.mark.parametrize("name", [*SAME, "long_unknown.csv"])
def test_every_shape_of_one_review_gives_its_ranking(name):
    right = EXPECTED.get(name, EXPECTED["all but long_unknown.csv"])
    ratings = read_ratings(FILES / name)
    assert (ratings.n_raters, ratings.n_ratings) == (right["n_raters"], right["n_ratings"])
    found = {d.name: d for d in rank(ratings, draws=500).departments}
    assert len(found) == len(right["departments"])
    for department in right["departments"]:
        result = found[department["name"]]
        assert (result.n, result.rank) == (department["n"], department["rank"])
        for field in ("mean", "adjusted", "se"):
            assert getattr(result, field) == pytest.approx(department[field], rel=1e-9)


def test_rank_ranges_differ_by_the_guard_alone():
    """As docs/formats-foreign.md says: the ordinal check withholds one pair."""
    ratings = read_ratings(FILES / "gforms.csv")
    right = {d["name"]: d["rank_set"] for d in EXPECTED["all but long_unknown.csv"]["departments"]}
    free, guarded = (
        {d.name: list(d.rank_set) for d in rank(ratings, latent_guard=guard).departments}
        for guard in (False, True)
    )
    assert free == right
    differ = {name: found for name, found in guarded.items() if found != right[name]}
    assert differ == {"市场监督管理局": [1, 4], "税务局": [2, 6]}


POINTS = {"非常满意": 100, "满意": 80, "一般": 60, "不满意": 40, "非常不满意": 20}


def words_of_the_long_file():
    """(firm, department, item) → points of the second invented review, without the reader."""
    book = openpyxl.load_workbook(DATA / "cases" / "long-level-words.xlsx")
    rows = list(book.active.iter_rows(values_only=True))[1:]
    return {row[:3]: POINTS[row[3]] for row in rows if row[3] != "不了解"}


@pytest.mark.parametrize(
    "name",
    [
        "long-level-words.xlsx",
        "wide-google-forms.csv",
        "wide-wjx-text.xlsx",
        "semi-long-items-as-columns.xlsx",
    ],
)
def test_the_second_review_gives_the_same_ratings_in_every_shape(name):
    right = words_of_the_long_file()
    ratings = read_ratings(DATA / "cases" / name)
    firms = list(dict.fromkeys(firm for firm, _, _ in right))
    found = {
        (
            firms[ratings.rater[i]],
            ratings.department_names[ratings.department[i]],
            ratings.item_names[ratings.item[i]],
        ): ratings.score[i]
        for i in range(ratings.n_ratings)
    }
    assert found == right


@pytest.mark.parametrize("name", ["long-dont-know-mixed.csv", "long-score-with-unit.csv"])
def test_unknown_and_units_in_long_files(name):
    with (DATA / "cases" / name).open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    right = [float(row["得分"].rstrip("分")) for row in rows if row["得分"] != "不了解"]
    assert read_ratings(DATA / "cases" / name).score.tolist() == right
