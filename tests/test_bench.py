"""The measurements of the ballot protocol run, on a handful of ballots; their figures are for people."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import pytest

import bench.growth.__main__ as growth
from bench import ballot, bundle, desk, opening, ranking_in_r, ranking_targets, serving, witness
from bench.growth import building, parted, steps
from survey.documents.edition.bundle import archive
from survey.protocol.holders import keyfile


def test_arithmetic_and_services(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(ballot, "CREDENTIALS", 3)
    monkeypatch.setattr(keyfile, "ITERATIONS", 1000)
    key, holders = ballot.round_key(), []
    names = [
        f["name"]
        for f in ballot.show([*ballot.arithmetic(key, ballot.describe(key, holders)), *ballot.services(3)])
    ]
    assert "issue a credential" in names
    assert "cast, all of the service, CPU" in names
    assert "x " in capsys.readouterr().out


def test_every_ballot_of_a_measured_box_is_opened() -> None:
    figures = opening.main((30,))
    assert any(figure["name"] == "open 30 ballots" for figure in figures)


def test_every_figure_of_the_desk_stands_beside_another(capsys: pytest.CaptureFixture[str]) -> None:
    figures = desk.main(links=20, slips=4, rows=30)
    assert len(figures) == 7
    assert all(figure["ratio"] > 0 for figure in figures)
    assert "20 links issued and stored; sqlite3" in capsys.readouterr().out


def test_every_document_stands_beside_an_empty_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bundle, "FORMATS", ("svg",))
    monkeypatch.setattr(bundle, "write_bundle", lambda edition, content: archive({"a.docx": content}))
    figures = bundle.main(departments=5, rounds=1, ballots=40)
    assert [figure["target"] for figure in figures] == [2, 2, 60]
    assert all(figure["ratio"] > 0 for figure in figures)
    assert "bundle of 2 files; as many empty ones" in capsys.readouterr().out


def test_serving_and_casting_stand_beside_what_costs_least(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(serving, "databases", lambda: contextlib.nullcontext({"SQLite": None}))
    weight, *figures = serving.main(ballots=70, seconds=0.2, turns=1)
    assert weight["value"] <= 30 * 1024
    names = [figure["name"] for figure in figures]
    assert names.count("page") == 3
    assert {"hello", "same bytes", "bare hello", "casting on SQLite"} <= set(names)
    baselines = {f["name"]: f for f in figures if f["name"].startswith("nothing")}
    assert baselines.keys() == {"nothing", "nothing, one thread"}
    faster = max(baselines.values(), key=lambda figure: figure["value"])
    assert faster["ratio"] == 1
    [casting] = [f for f in figures if f["name"] == "casting on SQLite"]
    assert casting["ratio"] == pytest.approx(casting["value"] / faster["value"])
    assert all(figure["ratio"] > 0 and figure["errors"] == 0 for figure in figures)
    assert "hello under the same headers (target 0.80)" in capsys.readouterr().out


def test_two_machines_stand_beside_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(witness, "databases", lambda: contextlib.nullcontext({"SQLite": None}))
    figures = witness.main(codes=70, batches=2, seconds=0.2, turns=1)
    names = [figure["name"] for figure in figures]
    assert names == ["credential", "stamp and ticket", "nothing", "ballots on SQLite"]
    assert all(figure["ratio"] > 0 and figure["errors"] == 0 for figure in figures)
    assert "a bare Flask route (target 0.60)" in capsys.readouterr().out


def test_a_target_of_ranking_stands_beside_what_was_measured(capsys: pytest.CaptureFixture[str]) -> None:
    small = ranking_targets.Target("12 units", 1, lambda: ranking_targets.ranked(12, 500))
    lines = ranking_targets.rows((small,))
    assert lines[-1].startswith("| 12 units | ")
    assert lines == capsys.readouterr().out.splitlines()
    names = [target.name for target in ranking_targets.TARGETS]
    assert [target.seconds for target in ranking_targets.TARGETS] == [10, 1, 30], names
    with ranking_targets.csv_of(30, 3, 5) as path:
        assert len(path.read_text(encoding="utf-8").splitlines()) == 91


def test_nothing_is_said_of_r_where_it_is_not(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(ranking_in_r.shutil, "which", lambda name: None)
    ranking_in_r.main()
    monkeypatch.setattr(ranking_in_r.shutil, "which", lambda name: name)
    monkeypatch.setattr(ranking_in_r, "_installed", lambda package: package == "csranks")
    monkeypatch.setattr(ranking_in_r, "_seconds", lambda code, folder: "2 s CPU")
    ranking_in_r.main()
    assert capsys.readouterr().out == "R, csranks: rank sets of 300 units: 2 s CPU\n"


def test_what_grows_is_measured_step_by_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(keyfile, "ITERATIONS", 1000)
    monkeypatch.setattr(building, "WAITING", 3)
    folder = tmp_path / "county"
    building.build(folder, 12)
    assert len(building.read(folder).codes) == 3
    for step in ("participation", "closing, the request", "export", "verify"):
        steps.main(step, folder, None)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line.keys() for line in lines] == [{"wall", "CPU", "MB"}] * 4
    same = {"database": "SQLite", "name": "verify"}
    growth._exponents([{**same, "size": 10, "CPU": 1.0}, {**same, "size": 1000, "CPU": 100.0}])
    assert capsys.readouterr().out.endswith("CPU  grows with the power 1.00\n")


def test_ratings_in_parts_are_measured_with_all_processes(capsys: pytest.CaptureFixture[str]) -> None:
    (figure,) = parted.main((8_000,), workers=1)
    assert figure["peak"] > 50_000_000
    assert "| 8,000 |" in capsys.readouterr().out
