"""Ratings in parts give the ranking of the same ratings in memory; a killed worker costs its part only."""

from __future__ import annotations

import dataclasses
import gzip
import os
import re
import signal
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from pyarrow import csv, parquet

from analysis import InputError, Ratings, rank
from analysis.answers import quality
from analysis.inference import exchanged
from analysis.model import freedom
from analysis.parted import ratings as parted
from analysis.parted.runners import processes, runner, serial
from analysis.parted.splitting import deal, number_of_parts
from analysis.parted.tables import long_files

INSTEVAL = Path(__file__).resolve().parents[2] / "data/insteval.csv.gz"
SETTINGS = {"level": 0.95, "threshold": 10, "seed": 7, "stepdown": False, "scale": None, "draws": 20_000}


def insteval(raters: int = 700):
    """Real ratings of lecturers' departments by students, in random order."""
    with gzip.open(INSTEVAL) as file:
        table = csv.read_csv(file)
    table = table.filter(pc.less_equal(table["rater"], raters))
    table = table.take(np.random.default_rng(1).permutation(len(table)))
    texts = {name: table[name].cast(pa.string()) for name in ("rater", "department", "service")}
    return pa.table(
        {"rater": texts["rater"], "department": texts["department"], "score": table["score"]}
    ), texts


def with_owners(table):
    """Three raters an owner, but for one in ten raters, who has none; and unequal weights."""
    number = np.array(table["rater"].to_pylist(), dtype=int)
    owner = np.where(number % 10 == 0, "", np.char.add("o", (number // 3).astype(str)))
    return table.append_column("cluster", pa.array(owner)).append_column("weight", pa.array(1.0 + number % 3))


def with_items(table, texts):
    """Marks of ordinary and of service lectures as two items; few raters gave both to a department."""
    return table.append_column("item", texts["service"])


def files_of(table, folder, n: int = 3):
    """Table in several Parquet files, so that the ratings of one rater lie in all of them."""
    edges = np.linspace(0, len(table), n + 1).astype(int)
    paths = [folder / f"{i}.parquet" for i in range(n)]
    for path, low, high in zip(paths, edges, edges[1:], strict=False):
        parquet.write_table(table.slice(low, high - low), path, row_group_size=1000)
    return paths


def in_parts(table, folder, run=serial, parts: int = 5, files: int = 3):
    dealt = deal(long_files(files_of(table, folder, files), {}), folder, parts, lambda _done: None)
    return parted.prepared(dealt, run)


def in_memory(table):
    columns = {name: table[name].to_pylist() for name in table.column_names}
    columns["score"] = table["score"].to_numpy()
    if "weight" in columns:
        columns["weight"] = table["weight"].to_numpy()
    return Ratings.from_columns(**columns)


@pytest.fixture
def many(monkeypatch):
    """Let these raters count as very many, as if marks of so many were not exchanged."""
    monkeypatch.setattr(parted, "MOST_RATERS", 0)
    monkeypatch.setattr(exchanged, "MOST_CELLS", 0)


def apart(one, two, where=""):
    """Places where two results differ by more than 1e-10, relative to numbers above 1."""
    if dataclasses.is_dataclass(one):
        names = [field.name for field in dataclasses.fields(one)]
        return [x for name in names for x in apart(getattr(one, name), getattr(two, name), f"{where}.{name}")]
    if isinstance(one, tuple | list):
        if len(one) != len(two):
            return [where]
        return [
            x for i, (a, b) in enumerate(zip(one, two, strict=True)) for x in apart(a, b, f"{where}[{i}]")
        ]
    if isinstance(one, dict):
        return [x for key in one for x in apart(one[key], two[key], f"{where}.{key}")]
    if isinstance(one, float | np.ndarray):
        close = np.allclose(one, two, rtol=1e-10, atol=1e-10, equal_nan=True)
        return [] if close else [f"{where}: {one} {two}"]
    return [] if one == two else [f"{where}: {one} {two}"]


DESIGNS = {
    "plain": lambda: insteval()[0],
    "owners and weights": lambda: with_owners(insteval()[0]),
    "items with gaps": lambda: with_items(*insteval(500)),
    "items, owners and weights": lambda: with_owners(with_items(*insteval(500))),
}


@pytest.mark.parametrize("design", DESIGNS)
def test_the_ranking_is_that_in_memory(design, tmp_path, many, monkeypatch):
    monkeypatch.setattr(quality, "_MOST_ANSWERS", 3000)  # so that raters are sampled to be screened
    monkeypatch.setattr(quality, "_FEWEST_RATERS", 100)
    table = DESIGNS[design]()
    expected = rank(in_memory(table), **SETTINGS)
    found = in_parts(table, tmp_path).ranked(**SETTINGS)
    assert apart(expected, found) == []
    assert (expected.pairs.p_additive < 0.5).any()
    assert ("items" in design) == np.isfinite(expected.pairs.p_latent).all()  # gaps ask the ordinal scale


def test_departments_with_few_raters_and_sets_linked_by_three_stand_apart_as_in_memory(tmp_path, many):
    g = np.random.default_rng(3)
    rows = [(f"r{r}", f"{'ABCD'[j]}", 60 + 10 * j + g.integers(0, 30)) for r in range(400) for j in range(4)]
    rows += [(f"s{r}", f"{'WXYZ'[j]}", 60 + 5 * j + g.integers(0, 30)) for r in range(400) for j in range(4)]
    rows += [(f"t{r}", name, 70 + 5 * r) for r in range(3) for name in "AW"]  # too weak a link
    rows += [(f"r{r}", "few", 80) for r in range(5)]
    table = pa.table(dict(zip(("rater", "department", "score"), zip(*rows, strict=True), strict=True)))
    expected, found = rank(in_memory(table), **SETTINGS), in_parts(table, tmp_path).ranked(**SETTINGS)
    assert apart(expected, found) == []
    assert expected.n_components == 2
    assert [entry.name for entry in expected.insufficient] == ["few"]


def test_every_kth_of_very_many_raters_is_the_same_in_parts(tmp_path, many, monkeypatch):
    monkeypatch.setattr(freedom, "_MANY", 200)
    monkeypatch.setattr(freedom, "_CLOSE", 0.5)
    table = insteval()[0].group_by(["rater", "department"]).aggregate([("score", "min")])
    table = table.rename_columns(["rater", "department", "score"])
    expected = rank(in_memory(table), **SETTINGS)
    assert apart(expected, in_parts(table, tmp_path).ranked(**SETTINGS)) == []
    monkeypatch.setattr(freedom, "_MANY", 10**9)
    assert apart(expected.pairs.df, rank(in_memory(table), **SETTINGS).pairs.df) != []


def test_few_raters_are_ranked_in_memory(tmp_path):
    table = with_owners(insteval(120)[0])
    found = in_parts(table, tmp_path)
    assert found.few
    assert found.ranked(**SETTINGS) == rank(in_memory(table), **SETTINGS)


def test_whole_ratings_and_those_of_some_raters(tmp_path):
    table = with_items(*insteval(100))
    found, expected = in_parts(table, tmp_path), in_memory(table)
    assert found.whole() == expected
    some = np.array([3, 50, 7])
    assert found.whole(some).rater_names == tuple(expected.rater_names[i] for i in sorted(some))
    assert found.n_units == found.n_raters == expected.n_raters
    assert found.repeated == len(table) - len(table.group_by(["rater", "department", "item"]).aggregate([]))


def once_killed(function, marks, task):
    """The function of a part, whose process is killed the first time it has the third part."""
    at = task[0].stem if isinstance(task, tuple) else task.path.stem
    with (marks / at).open("a") as file:
        file.write("x")
    if at == "002" and (marks / at).stat().st_size == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return function(task)


def test_a_killed_worker_costs_its_part_only(tmp_path, many):
    table = insteval(300)[0]
    expected = in_parts(table, tmp_path).ranked(**SETTINGS)
    with processes(2) as run:
        passes = []

        def killing(function, tasks):
            marks = tmp_path / f"pass{len(passes)}"
            marks.mkdir()
            passes.append(marks)
            return run(partial(once_killed, function, marks) if len(passes) < 3 else function, tasks)

        found = in_parts(table, tmp_path, killing).ranked(**SETTINGS)
    assert apart(expected, found) == []
    for marks in passes[:2]:
        assert {mark.name: mark.stat().st_size for mark in marks.iterdir()} == {
            "000": 1,
            "001": 1,
            "002": 2,
            "003": 1,
            "004": 1,
        }


def die(_task):
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_part_that_kills_every_worker_is_given_up():
    with processes(1) as run, pytest.raises(InputError, match="memory ran out"):
        list(run(die, [1, 2]))


def test_one_worker_is_this_process():
    with runner(1) as run:
        assert list(run(lambda _: os.getpid(), [1])) == [os.getpid()]


def test_number_of_parts():
    assert number_of_parts(100_000_000, 2) == 100
    assert number_of_parts(10, 4) == 4
    assert number_of_parts(10**10, 2) == 400


ROWS = {"rater": ["a", "a", "b"], "department": ["A", "B", "A"], "score": [5.0, 4.0, 3.0]}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"department": ["A", "B ", "A"]}, r"0\.parquet, row 3: the department 'B ' would need correcting"),
        ({"department": ["A", "合计", "A"]}, r"row 3: the department '合计' would need correcting"),
        ({"rater": ["a", "a", ""]}, r"row 4: the rater is empty"),
        ({"rater": ["a", "a", None]}, r"row 4: the rater is empty"),
        ({"rater": ["a", "a", "匿名"]}, r"the rater of 1 ratings is"),
        ({"cluster": ["o", "p", "o"]}, r"row [23], rater 'a': cluster"),
        ({"cluster": ["o", None, "o"]}, r"row [23], rater 'a': cluster"),
        ({"weight": [1.0, 2.0, 1.0]}, r"row 2, rater 'a': weight differs"),
        ({"weight": [0.0, 0.0, 1.0]}, r"row 2, rater 'a': weight .* not positive"),
        ({"weight": [1.0, 1.0, 1e-13]}, r"row 4, rater 'b': weight .* too small"),
        ({"score": ["5", "vier", "3"]}, r"a score or weight is no number"),
        ({"score": [None, None, None]}, r"No row has a score"),
        ({"状态": ["有效", "无效", "有效"]}, r"'状态' bears on which ratings count"),
        ({"年度": ["2024", "2025", "2024"]}, r"'年度' bears on which ratings count"),
        ({"stratum": ["x", "x", "y"]}, r"'stratum' bears on"),
    ],
)
def test_what_would_be_read_otherwise_in_memory_is_refused(change, said, tmp_path):
    with pytest.raises(InputError) as refused:
        in_parts(pa.table(ROWS | change), tmp_path, parts=4, files=1)
    assert re.search(said, refused.value.en), refused.value.en


def test_a_part_that_is_not_complete_is_refused(tmp_path):
    dealt = deal(long_files(files_of(pa.table(ROWS), tmp_path, 1), {}), tmp_path, 1, lambda _done: None)
    dealt.counts += 1
    with pytest.raises(InputError, match="not complete"):
        parted.prepared(dealt, serial)


def test_csv_is_read_like_parquet_and_files_must_have_the_same_columns(tmp_path):
    table = insteval(100)[0]
    csv.write_csv(table, tmp_path / "r.csv")
    dealt = deal(long_files([tmp_path / "r.csv"], {}), tmp_path, 3, lambda _done: None)
    assert parted.prepared(dealt, serial).whole() == in_memory(table)
    (tmp_path / "other.csv").write_text("rater,department,score,weight\na,A,1,2\n")
    with pytest.raises(InputError, match="different columns"):
        long_files([tmp_path / "r.csv", tmp_path / "other.csv"], {})
    with pytest.raises(InputError, match="cannot be read"):
        long_files([tmp_path / "none.csv"], {})


def test_rows_without_a_score_and_codes_for_no_answer_are_left_out(tmp_path):
    paths = files_of(pa.table(ROWS | {"score": [5.0, None, -3.0]}), tmp_path, 1)
    dealt = deal(long_files(paths, {}), tmp_path, 2, lambda _done: None, missing=[-3.0])
    assert (int(dealt.counts.sum()), dealt.unanswered) == (1, 2)
