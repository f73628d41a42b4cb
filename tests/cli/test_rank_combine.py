"""`pingyi rank --combine`: several files, one index."""

import json

import numpy as np
import pytest
from click.testing import CliRunner
from openpyxl import load_workbook

from analysis import Ratings, composite
from survey.cli import main

DEPARTMENTS = ("税务局", "公安局", "供电公司", "供水公司")


def scores(seed, raters=40):
    rng = np.random.default_rng(seed)
    return np.round(80 + rng.normal(0, 8, (raters, 1)) - 4 * np.arange(4) + rng.normal(0, 9, (raters, 4)), 1)


def written(path, X):
    rows = [f"r{r},{d},{X[r, j]}" for r in range(len(X)) for j, d in enumerate(DEPARTMENTS)]
    path.write_text("评议人,部门,得分\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def files(tmp_path):
    written(tmp_path / "企业.csv", scores(1))
    written(tmp_path / "代表委员.csv", scores(2, 30))
    points = "部门,得分\n" + "\n".join(f"{d},{90 - i}" for i, d in enumerate(DEPARTMENTS))
    (tmp_path / "省市评估.csv").write_text(points, encoding="utf-8")
    return [f"{tmp_path / name}.csv={w}" for name, w in (("企业", 60), ("代表委员", "30%"), ("省市评估", 10))]


def run(tmp_path, *args):
    return CliRunner().invoke(main, ["rank", *map(str, args), "--out", str(tmp_path / "out")])


def named(files):
    return [word for file in files for word in ("--combine", file)]


def test_the_five_files_hold_the_composite_that_the_engine_gives(tmp_path, files):
    result = run(tmp_path, *named(files), "--different-raters")
    assert result.exit_code == 0, result.output
    document = json.loads((tmp_path / "out/ranking.json").read_text(encoding="utf-8"))
    assert document["version"] == 1
    parts = {
        "企业": Ratings.from_array(scores(1), department_names=DEPARTMENTS),
        "代表委员": Ratings.from_array(scores(2, 30), department_names=DEPARTMENTS),
        "省市评估": {d: 90.0 - i for i, d in enumerate(DEPARTMENTS)},
    }
    expected = composite(parts, {"企业": 6, "代表委员": 3, "省市评估": 1}, independent=True)
    ours = {d["name"]: d["adjusted"] for d in document["departments"]}
    assert ours == pytest.approx({d.name: d.adjusted for d in expected.ranking.departments})
    assert [e["weight"] for e in document["composite"]["electorates"]] == pytest.approx([0.6, 0.3, 0.1])
    assert len(document["composite"]["moves"]) == 12
    assert "composite_points" in document["note_codes"]
    assert {path.suffix for path in (tmp_path / "out").glob("ranking.*")} == {
        ".json", ".xlsx", ".png", ".svg", ".pdf",
    }  # fmt: skip
    sheet = load_workbook(tmp_path / "out/ranking.xlsx")["各方影响"]
    assert sheet.max_row == 13
    assert sheet["A2"].value == "企业"
    assert sheet["B2"].value == pytest.approx(0.6)
    assert (tmp_path / "out/electorates.png").exists()
    assert "综合得分由事先定好的权重合成：企业 60%、代表委员 30%、省市评估 10%" in result.output
    assert "省市评估按给定的分数计入，不带误差" in result.output


def test_raters_are_not_taken_as_different_unless_that_is_declared(tmp_path, files):
    said = run(tmp_path, *named(files), "--language", "en").output
    assert "Electorates may share raters" in said
    assert "Composite by weights fixed beforehand" in said


@pytest.mark.parametrize(
    ("more", "word"),
    [
        (("--combine", "企业60"), "看不懂"),
        (("--combine", "=60"), "看不懂"),
        (("--previous", "x.csv"), "--previous"),
        (("--stepdown",), "--stepdown"),
        (("x.csv",), "x.csv"),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path, files, more, word):
    result = run(tmp_path, *named(files), *more)
    assert result.exit_code == 2
    assert word in result.output


def test_one_name_for_two_files_and_a_single_file_are_refused(tmp_path, files):
    assert "改一个文件名" in run(tmp_path, *named([files[0], files[0]])).output
    assert "两个部分" in run(tmp_path, *named(files[:1])).output
