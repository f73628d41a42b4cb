"""What people do with ratings and rankings: frames in and out, JSON and back, a look, equality."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import analysis
from analysis import InputError, Ranking, Ratings, rank, rank_estimates

LONG = {
    "rater": ["a", "a", "b", "b", "c", "c"],
    "department": ["甲", "乙", "甲", "乙", "甲", "乙"],
    "score": [80.0, 60.0, 100.0, 80.0, 60.0, 60.0],
    "weight": [1, 1, 2, 2, 1, 1],
    "stratum": ["大", "大", "小", "小", "大", "大"],
}
WIDE = {"rater": ["a", "b", "c"], "甲": [80.0, 100.0, 60.0], "乙": [60.0, 80.0, 60.0]}


def frame_of(library: str, columns: dict[str, Any]) -> Any:
    module = pytest.importorskip(library)
    return module.table(columns) if library == "pyarrow" else module.DataFrame(columns)


def ranking(**options: Any) -> Ranking:
    g = np.random.default_rng(2)
    scores = np.where(g.random((60, 5)) < 0.2, np.nan, 20.0 * g.integers(1, 5, (60, 5)) + [0, 0, 5, 10, 20])
    return rank(
        Ratings.from_array(scores, department_names=["甲", "乙", "丙", "<b>", "戊"]), draws=1000, **options
    )


@pytest.mark.parametrize("library", ["pandas", "polars", "pyarrow"])
def test_long_and_wide_frames_are_the_same_ratings(library):
    expected = Ratings.from_columns(**LONG)
    assert Ratings.from_frame(frame_of(library, LONG)) == expected
    plain = Ratings.from_columns(LONG["rater"], LONG["department"], LONG["score"])
    assert Ratings.from_frame(frame_of(library, WIDE), wide=True) == plain
    assert Ratings.from_frame(frame_of(library, WIDE | {"note": ["x"] * 3}), wide=["甲", "乙"]) == plain


@pytest.mark.parametrize("library", ["pandas", "polars", "pyarrow"])
def test_gaps_of_a_wide_frame_are_not_rated_and_those_of_a_long_one_refused(library):
    gaps = WIDE | {"乙": [60.0, None, 60.0]}
    assert Ratings.from_frame(frame_of(library, gaps), wide=True).n_ratings == 5
    with pytest.raises(InputError, match="第 2 行") as error:
        Ratings.from_frame(frame_of(library, LONG | {"score": [80, None, 100, 80, 60, 60]}))
    assert error.value.column == "score"
    with pytest.raises(InputError, match="第 3 行") as error:
        Ratings.from_frame(frame_of(library, LONG | {"rater": ["a", "a", None, "b", "c", "c"]}))
    assert error.value.column == "rater"


def test_columns_by_other_names_and_those_that_are_missing():
    renamed = {"企业" if key == "rater" else key: column for key, column in LONG.items()}
    assert Ratings.from_frame(renamed, rater="企业") == Ratings.from_frame(LONG)
    for options, argument in (
        ({}, "rater"),
        ({"rater": "无"}, "rater"),
        ({"rater": "企业", "item": "无"}, "item"),
    ):
        with pytest.raises(InputError) as error:
            Ratings.from_frame(renamed, **options)
        assert error.value.column == argument
    for odd in (None, 3, "text", [1, 2]):
        with pytest.raises(InputError) as error:
            Ratings.from_frame(odd)
        assert error.value.column == "frame"


@pytest.mark.parametrize("library", ["pandas", "polars", "pyarrow"])
def test_a_frame_has_a_row_a_department(library):
    pytest.importorskip(library)
    found, whole = ranking(), ranking().to_frame(library)
    column = {"pyarrow": lambda f, c: f[c].to_pylist()}.get(library, lambda f, c: f[c].to_list())
    assert column(whole, "department") == [d.name for d in found.departments]
    assert column(whole, "adjusted") == [d.adjusted for d in found.departments]
    assert len(found.pairs.to_frame(library)) == len(found.pairs)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_json_and_back(language):
    for found in (ranking(), ranking(latent_guard=False), rank_estimates(["a", "b"], [1, 3], [1, 1])):
        back = Ranking.from_json(found.to_json(language))
        assert back == found
        assert back.to_json(language) == found.to_json(language)
        assert [note.text(language) for note in back.notes] == [note.text(language) for note in found.notes]


def test_a_file_of_before_still_opens():
    document = json.loads(ranking().to_json())
    for entry in document["departments"]:
        del entry["average_ci"], entry["df"]
    for pair in document["pairs"]:
        del pair["significant"], pair["se_cr0"]
    del document["method"], document["note_codes"]
    back = Ranking.from_json(json.dumps(document))
    assert back["戊"].rank == ranking()["戊"].rank
    assert (back.pairs.significant == (back.pairs.p_adjusted < 1 - back.level)).all()


@pytest.mark.parametrize(
    "document", ["", "[]", "{}", '{"version": 2}', b"\xff", '{"departments": [1]}', None, 3]
)
def test_what_is_no_ranking_is_refused(document):
    with pytest.raises(InputError) as error:
        Ranking.from_json(document)
    assert error.value.column == "document"


def test_a_ranking_shows_itself_shortly():
    found = ranking()
    text, html = repr(found), found._repr_html_()
    assert len(text.splitlines()) == 2 + len(found.departments)
    assert "<b>" in text
    assert "&lt;b&gt;" in html
    assert "<b>" not in html
    many = rank_estimates([f"u{i}" for i in range(40)], np.arange(40), np.ones(40), draws=500)
    assert len(repr(many).splitlines()) == 15
    assert len(repr(many.pairs)) < 80
    assert repr(Ratings.from_columns(**LONG)) == "Ratings: 6 by 3 raters of 2 departments"


def test_departments_are_found_by_name():
    found = ranking()
    assert found[found.departments[2].name] is found.departments[2]
    with pytest.raises(KeyError):
        found["无"]


def test_equality_sees_every_number():
    found = ranking()
    assert found == ranking()
    assert found != ranking(seed=5)
    assert found != dataclasses.replace(found, level=0.9)
    assert hash(found) == hash(ranking())
    moved = dataclasses.replace(found.pairs, se=found.pairs.se + 1e-9)
    assert found.pairs != moved


def test_arrays_are_read_only():
    found, given = ranking(), np.array([80.0, 60, 100])
    ratings = Ratings.from_columns([1, 1, 2], [1, 2, 1], given)
    weights = analysis.cell_weights(["a", "b"], {"a": 1, "b": 2}, limit=None)
    for array in (found.pairs.se, ratings.score, ratings.department, weights.values):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1
    given[0] = 70


def test_a_ranking_plots_itself(tmp_path: Path):
    figure = ranking().plot(title="t")
    figure.savefig(tmp_path / "x.png")
    assert (tmp_path / "x.png").stat().st_size > 1000
