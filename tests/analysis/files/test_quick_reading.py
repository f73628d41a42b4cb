"""The quick reader of large files against the careful one: the same table, or none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from analysis import InputError, Ratings
from analysis.files import quick as columnar
from analysis.files import ratings
from analysis.files.ratings import RatingsTable, read_ratings
from analysis.foreign.reading import read_any

pytest.importorskip("pyarrow")


@pytest.fixture(autouse=True)
def every_file_is_large(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(columnar, "LEAST_BYTES", 0)


def careful(path: Path, names=None) -> RatingsTable:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(columnar, "LEAST_BYTES", 1 << 40)
        return read_ratings(path, names)


def ratings_of(table: RatingsTable) -> Ratings:
    return Ratings.from_columns(table.rater, table.department, table.score, item=table.item)


def written(path: Path, lines: list[str], encoding: str = "utf-8", end: str = "\n") -> Path:
    path.write_bytes((end.join(lines) + end).encode(encoding))
    return path


PLAIN = ["rater,department,score", "企业1,公安局,80", "企业2,公安局,60.5", "企业1,法院,1e2"]


@pytest.mark.parametrize(
    ("lines", "encoding", "end"),
    [
        (PLAIN, "utf-8", "\n"),
        (PLAIN, "utf-8-sig", "\r\n"),
        ([line.replace(",", "\t") for line in PLAIN], "utf-8", "\n"),
        ([line.replace(",", ";") for line in PLAIN], "utf-8", "\n"),
        ([*PLAIN, ""], "utf-8", "\n"),
        (['"rater","department","score"', '"a","b",1', 'c,"b, c",2', '"d ""e""",b,3'], "utf-8", "\r\n"),
        (["rater,department,score", "a\u200b,b,1", "c,b,2"], "utf-8", "\n"),
        (["评议人,部门,得分,指标", "a,b,1,快", "a,b,2,好", "c,b,3,快"], "utf-8", "\n"),
        ([PLAIN[0], *(f"{i % 50000},{i % 7},{i % 5}" for i in range(60_000))], "utf-8", "\n"),
    ],
)
def test_plain_files_give_the_same_ratings(tmp_path, lines, encoding, end):
    path = written(tmp_path / "r.csv", lines, encoding, end)
    quick = ratings.quick_long(path, {}, ())
    assert quick is not None or "\u200b" in lines[1]  # the careful reader may clean what is not seen
    found = read_ratings(path)
    assert ratings_of(found) == ratings_of(careful(path))
    assert list(found.rater) == list(careful(path).rater)


@pytest.mark.parametrize(
    "lines",
    [
        ["rater,department,score", '"a\nb",b,1'],
        ["rater,department,score", 'a,"b,c,1', 'd,e",2,3'],
        ["rater,department,score", '"a, b",c'],
        ["rater,department,score", "a,b,1", "", "c,b,2"],
        ["rater,department,score,cluster", "a,b,1,", "c,b,2,x"],
        ["rater,department,score,weight", "a,b,1,0"],
        ["rater,department,score,stratum", "a,b,1,", "c,b,2,x"],
        ["rater,department,score", " a,b,1"],
        ["rater,department,score", "a,,1"],
        ["rater,department,score", "a,b,x"],
        ["rater,department,score", "a,b,"],
        ["rater,department,score", "a,b,nan"],
        ["rater,department,score", "a,b,inf"],
        ["rater,department,score", "a,b,1_000"],
        ["rater,department,score", "a,b,1", "合计,b,3"],
        ["rater,department,score", "a,b,1", "c,b,不了解"],
        ["rater,department,score", "企业（甲）,b,1", "企业(甲),c,2"],
        ["rater,department,score", "#N/A,b,1"],
        ["某某评议汇总", "rater,department,score", "a,b,1"],
        ["rater,department,score", "a,b,1,2"],
        ["rater,department,score", "a,b"],
        ["rater,department,score"],
        ["", "rater,department,score", "a,b,1"],
        ["rater,department,score,score", "a,b,1,2"],
        ["rater,department,score,remark", "a,b,1,x"],
    ],
)
def test_whatever_needs_care_is_left_to_the_careful_reader(tmp_path, lines):
    path = written(tmp_path / "r.csv", lines)
    assert ratings.quick_long(path, {}, ()) is None
    try:
        expected = careful(path)
    except InputError as error:
        with pytest.raises(InputError, match="^" + error.zh[:5]):
            read_ratings(path)
    else:
        assert list(read_ratings(path).rater) == list(expected.rater)


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16"])
def test_other_encodings_are_read_carefully(tmp_path, encoding):
    path = written(tmp_path / "r.csv", PLAIN, encoding)
    assert ratings.quick_long(path, {}, ()) is None
    assert list(read_ratings(path).department) == ["公安局", "公安局", "法院"]


def test_codes_for_no_answer_are_asked_about_as_by_the_careful_reader(tmp_path, monkeypatch):
    path = written(
        tmp_path / "r.csv", ["评议人,部门,得分", *(f"{i},b,{i % 5}" for i in range(50)), "x,b,-999"]
    )
    for least in (0, 1 << 40):
        monkeypatch.setattr(columnar, "LEAST_BYTES", least)
        with pytest.raises(InputError, match=r"分数 -999（共 1 个，如第 52 行“b”）"):
            read_any(path)
    monkeypatch.setattr(columnar, "LEAST_BYTES", 0)
    assert ratings.quick_long(path, {}, ("-999",)) is None
    assert read_ratings(path, missing=("-999",)).score.size == 50
    assert read_ratings(path, missing=("none",)).score.min() == -999


@pytest.mark.parametrize(
    ("further", "cells", "words"),
    [
        ("adjusted score", (1, 2), "同一件事有几列分数"),
        ("满分", (5, 10), "不同的满分"),
        ("票数", (1, 3), "一行代表多张票"),
    ],
)
def test_further_columns_of_large_files_are_looked_at(tmp_path, further, cells, words):
    """They were passed over: 1,000,000 rows with two scores were ranked by the first."""
    rows = (f"{i},b,{i % 5},{cells[i % 2]}" for i in range(50))
    path = written(tmp_path / "r.csv", [f"rater,department,score,{further}", *rows])
    with pytest.raises(InputError, match=words):
        read_any(path)


def test_columns_named_by_options(tmp_path):
    path = written(tmp_path / "r.csv", ["x,department,score", "a,b,1", "c,b,2"])
    quick = ratings.quick_long(path, {"rater": "x"}, ())
    assert quick is not None
    assert list(quick.rater) == ["a", "c"]
    assert np.array_equal(quick.score, [1, 2])
    with pytest.raises(InputError, match="缺少"):
        read_ratings(path, {"rater": "无"})


def test_columns_of_raters_and_departments_are_read_quickly_too(tmp_path):
    rows = [
        f"{r},{d},{(r + d) % 5},{1 + r % 3},{'AB'[r % 2]},c{r // 2},g{d % 2},k{r % 4}"
        for r in range(60)
        for d in range(4)
    ]
    path = written(
        tmp_path / "r.csv", ["rater,department,score,weight,stratum,cluster,group,rater_group", *rows]
    )
    quick, slow = ratings.quick_long(path, {}, ()), careful(path)
    assert quick is not None
    for of in (
        ratings.weights_of,
        ratings.strata_of,
        ratings.clusters_of,
        ratings.groups_of,
        ratings.rater_groups_of,
    ):
        assert of(quick) == of(slow)


@pytest.mark.parametrize("column", ["weight", "stratum", "cluster", "rater_group"])
def test_a_rater_with_two_values_is_named_as_by_the_careful_reader(tmp_path, column):
    path = written(
        tmp_path / "r.csv", [f"rater,department,score,{column}", "a,b,1,1", "a,c,2,1", "d,b,1,1", "d,c,2,2"]
    )
    of = {
        "weight": "weights_of",
        "stratum": "strata_of",
        "cluster": "clusters_of",
        "rater_group": "rater_groups_of",
    }
    said = []
    for table in (ratings.quick_long(path, {}, ()), careful(path)):
        with pytest.raises(InputError) as caught:
            getattr(ratings, of[column])(table)
        said.append((caught.value.zh, caught.value.en, caught.value.row))
    assert said[0] == said[1]
