"""`pingyi rank FILE … --workers N`: the ranking of the same ratings read whole, and what it lacks is said."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pytest
from click.testing import CliRunner
from pyarrow import csv, parquet

from analysis.inference import exchanged
from analysis.parted import ratings as parted
from survey.cli import main


@pytest.fixture
def files(tmp_path):
    """The same ratings as two Parquet files and as one CSV, among them two without a score."""
    g = np.random.default_rng(4)
    rows = [
        (f"r{r}", f"部门{j}", float(np.clip(60 + 3 * j + g.normal(0, 10), 0, 100).round()))
        for r in range(250)
        for j in range(6)
        if g.random() < 0.8
    ]
    table = pa.table(dict(zip(("评议人", "部门", "得分"), map(list, zip(*rows, strict=True)), strict=True)))
    parquet.write_table(table.slice(0, 700), tmp_path / "1.parquet")
    parquet.write_table(table.slice(700), tmp_path / "2.parquet")
    csv.write_csv(table, tmp_path / "whole.csv")
    return tmp_path


def pingyi(*args):
    return CliRunner().invoke(main, ["rank", *map(str, args)])


def leaves(value):
    if isinstance(value, dict | list):
        return [x for part in (value.values() if isinstance(value, dict) else value) for x in leaves(part)]
    return [value]


def numbers(value):
    return [x for x in leaves(value) if isinstance(x, int | float)]


def texts(value):
    return [x for x in leaves(value) if not isinstance(x, int | float)]


def test_several_files_give_the_ranking_of_the_whole(files, monkeypatch):
    monkeypatch.setattr(parted, "MOST_RATERS", 0)
    monkeypatch.setattr(exchanged, "MOST_CELLS", 0)
    done = pingyi(files / "1.parquet", files / "2.parquet", "--workers", 1, "--out", files / "parts")
    assert done.exit_code == 0, done.output
    assert pingyi(files / "whole.csv", "--out", files / "out").exit_code == 0
    one, two = (json.loads((files / name / "ranking.json").read_text("utf-8")) for name in ("parts", "out"))
    for key in ("departments", "pairs", "global_test"):
        assert numbers(one[key]) == pytest.approx(numbers(two[key]), rel=1e-10, abs=1e-10), key
        assert texts(one[key]) == texts(two[key]), key
    lacking = [note for note in one["notes"] if "分批计算" in note]
    assert len(lacking) == 1
    assert set(two["notes"]) <= set(one["notes"])
    assert one["meeting"]["fragile_pairs"] == []
    assert "分批计算" in done.output
    assert [path.name for path in (files / "parts").iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["1.parquet", "2.parquet"], "--workers 2"),
        (["1.parquet", "--workers", 1, "--previous", "whole.csv"], "--previous"),
        (["1.parquet", "--workers", 1, "--population", "500"], "--population"),
        (["1.parquet", "--workers", 1, "--best", "low"], "--best low"),
        (["1.parquet", "--workers", 1, "--missing", "无"], "--missing"),
        (["1.parquet", "--workers", 1, "--explain"], "--explain"),
        (["1.parquet", "--dask", "tcp://h:1", "--previous", "whole.csv"], "--previous"),
        (["1.parquet", "--workers", 1, "--dask", "tcp://h:1"], "--dask"),
        (["--estimates", "whole.csv", "--workers", 2], "--workers"),
        (["1.parquet", "none.parquet", "--workers", 1], "none.parquet"),
    ],
)
def test_what_parts_cannot_do_is_refused(files, monkeypatch, args, said):
    monkeypatch.chdir(files)
    done = pingyi(*args, "--out", "out")
    assert done.exit_code == 2
    assert said in done.output
    assert "Traceback" not in done.output
    assert not (files / "out" / "ranking.json").exists()
