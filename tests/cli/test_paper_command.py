"""`pingyi paper print|read|report` by hand, and forms of a round with two machines."""

from __future__ import annotations

import json
from pathlib import Path

import pypdfium2
import pytest
from click.testing import CliRunner, Result
from county import County
from keys_of_examples import VECTORS
from PIL import Image

from survey.cli import main
from survey.database.engine import Database
from survey.paper.station.folder import Station
from survey.paper.station.settling import Settling
from survey.protocol.canonical_json import canonical_json


@pytest.fixture
def place(
    sqlite_database: Database, _cheap_keys: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> County:
    monkeypatch.setenv("PINGYI_DATABASE_URL", sqlite_database.url)
    monkeypatch.setenv("PINGYI_SECRET_KEY", "a secret of the tests, long enough to be one")
    monkeypatch.setenv("PINGYI_DATA", str(tmp_path))
    monkeypatch.setenv("PINGYI_BASE_URL", "https://pingyi.example")
    return County(sqlite_database).populate().draft()


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["paper", *map(str, arguments)])


def test_print_and_read(place: County, tmp_path: Path) -> None:
    forms, station = tmp_path / "forms.pdf", tmp_path / "station"
    result = run("print", place.slug, "--count", 3, "--out", forms)
    assert result.exit_code == 0, result.output
    assert place.round().frozen
    assert (forms.stat().st_mode & 0o077) == 0
    assert "已签发 3 份" in result.output
    again = run("print", place.slug, "--count", 3, "--out", forms)
    assert again.exit_code == 2
    assert "不会覆盖" in again.output
    (tmp_path / "round.json").write_bytes(canonical_json(place.description().to_dict()))
    Image.new("L", (1600, 2300), 255).save(tmp_path / "blank.png")
    url = f"https://pingyi.example/s/{place.slug}"
    offline = ("--url", url, "--round", tmp_path / "round.json", "--workers", 1)
    result = run("read", station, forms, tmp_path / "blank.png", *offline)
    assert result.exit_code == 0, result.output
    assert "blank.png 第 1 页：空白页" in result.output
    assert "收回 3 份" in result.output
    assert len(Settling(Station(station)).forms()) == 3
    result = run("report", station, "--handed-out", 3, "--out", tmp_path / "report.txt")
    assert "没有填写，不计  3" in (tmp_path / "report.txt").read_text("utf-8")
    assert run("report", station, "--handed-out", 2).exit_code == 2


def test_a_folder_that_is_no_station_is_refused(tmp_path: Path) -> None:
    Image.new("L", (100, 100)).save(tmp_path / "a.png")
    result = run("read", tmp_path, tmp_path / "a.png")
    assert result.exit_code == 2
    assert "不是阅表站的目录" in result.output


def test_forms_of_two_machines(tmp_path: Path) -> None:
    known = json.loads(VECTORS.read_text("utf-8"))["witness"]["round"]
    (tmp_path / "round.json").write_bytes(canonical_json(known))
    made = ["make", tmp_path / "round.json", "--count", 4, "--base-url", "https://pingyi.example"]
    made += ["--out", tmp_path / "out", "--forms", "--large"]
    result = CliRunner().invoke(main, ["invitations", *map(str, made)])
    assert result.exit_code == 0, result.output
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [
        "codes-box.json",
        "codes-witness.json",
        "forms.pdf",
    ]
    assert len(pypdfium2.PdfDocument(tmp_path / "out/forms.pdf")) % 4 == 0
