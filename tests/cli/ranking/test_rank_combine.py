"""`pingyi rank --combine`: several files, one index."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from openpyxl import Workbook, load_workbook

from analysis import Ratings, composite
from analysis.files import reading
from analysis.tables.sheets import read_sheets
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


def test_each_file_is_parsed_once(tmp_path, files, monkeypatch):
    parsed = []

    def read(file, limits):
        parsed.append(Path(file.name).stem)
        return read_sheets(file, limits)

    monkeypatch.setattr(reading, "read_sheets", read)
    result = run(tmp_path, *named(files), "--different-raters")
    assert result.exit_code == 0, result.output
    assert parsed == ["企业", "代表委员", "省市评估"]


@pytest.mark.drawn
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


def test_a_weight_that_is_not_positive_names_its_file(tmp_path, files):
    for weight in ("-30", "0", "nan", "1e9"):
        result = run(tmp_path, *named(files[:1]), "--combine", f"{tmp_path}/代表委员.csv={weight}")
        assert result.exit_code == 2
        assert f"代表委员.csv={weight}" in result.stderr


def test_first_last_and_grades_are_given_for_the_composite(tmp_path, files):
    result = run(tmp_path, *named(files), "--first", "1", "--last", "0", "--grades", "85,75")
    assert result.exit_code == 0, result.output
    document = json.loads((tmp_path / "out/ranking.json").read_text(encoding="utf-8"))
    meeting = document["meeting"]
    assert (meeting["first"]["count"], meeting["last"], meeting["grade_lines"]) == (1, None, [85, 75])
    assert "前 1 名" in result.stdout
    assert "等次" in result.stdout
    for d, entry in zip(document["departments"], meeting["departments"], strict=True):
        low, high = d["ci"]
        grades = sorted({sum(x < line for line in (85, 75)) for x in (low, high)})
        assert (entry["grade"]["best"], entry["grade"]["worst"]) == (grades[0], grades[-1])
    assert "结论的稳固程度" in load_workbook(tmp_path / "out/ranking.xlsx").sheetnames
    assert "--first" in run(tmp_path, *named(files), "--first", "4").stdout
    assert "1500" in run(tmp_path, *named(files), "--grades", "1500,80").stderr


@pytest.mark.parametrize(
    "option", [("--groups", "类"), ("--group", "类"), ("--population", "90"), ("--weights", "w.csv")]
)
def test_options_of_one_file_are_refused(tmp_path, files, option):
    result = run(tmp_path, *named(files), *option)
    assert result.exit_code == 2
    assert option[0] in result.stderr


def test_what_was_read_and_left_out_is_said_of_each_file(tmp_path, files):
    with (tmp_path / "企业.csv").open("a", encoding="utf-8") as file:
        file.write("r0,税务局,不了解\n合计,,99\nr1,税务局,80\n")
    with (tmp_path / "省市评估.csv").open("a", encoding="utf-8") as file:
        file.write("\n合计,350\n")
    book = Workbook()
    del book["Sheet"]
    for title, first in (("东片", 0), ("西片", 20)):
        sheet = book.create_sheet(title)
        sheet.append(["评议人", "部门", "得分"])
        for r in range(first, first + 20):
            for j, d in enumerate(DEPARTMENTS):
                sheet.append([f"r{r}", d, 80 - 3 * j + r % 5])
    for row in (["先看这里"], ["逐行填写"]):
        (book["填表说明"] if "填表说明" in book else book.create_sheet("填表说明")).append(row)
    book.save(tmp_path / "公众.xlsx")
    result = run(tmp_path, *named(files), "--combine", f"{tmp_path}/公众.xlsx=5")
    assert result.exit_code == 0, result.output
    assert "“企业.csv”：161 条评分，40 个评议人，4 个部门" in result.stderr
    assert "“省市评估.csv”：4 个部门的分数" in result.stderr
    document = json.loads((tmp_path / "out/ranking.json").read_text(encoding="utf-8"))
    said = "\n".join(document["notes"])
    for words in (
        "“企业.csv”：有 1 行没有评分",
        "“企业.csv”：跳过了 1 行合计",
        "“企业.csv”：有 1 条评分是同一评议人",
        "“省市评估.csv”：跳过了 1 行合计",
        "东片（80 行）、西片（80 行）",
        "填表说明",
    ):
        assert words in said
        assert words in result.stdout
    assert "合计" not in {entry["name"] for entry in document["insufficient"]}


def test_a_bad_cell_is_named_with_its_file(tmp_path, files):
    (tmp_path / "代表委员.csv").write_text("评议人,部门,得分\nr1,税务局,还行\n", encoding="utf-8")
    result = run(tmp_path, *named(files))
    assert result.exit_code == 2
    assert "“代表委员.csv”第 2 行" in result.stderr


def test_weights_and_clusters_of_a_file_count(tmp_path):
    X = scores(1)
    rows = [f"r{r},{d},{X[r, j]},{1 + r % 3},{r // 2}" for r in range(40) for j, d in enumerate(DEPARTMENTS)]
    (tmp_path / "企业.csv").write_text(
        "\n".join(["rater,department,score,weight,cluster", *rows]), encoding="utf-8"
    )
    written(tmp_path / "代表.csv", scores(2))
    result = run(tmp_path, "--combine", f"{tmp_path}/企业.csv=1", "--combine", f"{tmp_path}/代表.csv=1")
    assert result.exit_code == 0, result.output
    document = json.loads((tmp_path / "out/ranking.json").read_text(encoding="utf-8"))
    firms = Ratings.from_array(
        X, department_names=DEPARTMENTS, weight=1 + np.arange(40) % 3, cluster=np.arange(40) // 2
    )
    others = Ratings.from_array(scores(2), department_names=DEPARTMENTS)
    expected = composite({"企业": firms, "代表": others}, {"企业": 1, "代表": 1}).ranking
    assert [d["se"] for d in document["departments"]] == pytest.approx([d.se for d in expected.departments])


def test_brackets_of_another_width_are_the_same_department(tmp_path, files):
    for name, brackets in (("企业", "（县）"), ("代表委员", "(县)"), ("省市评估", "（县）")):
        path = tmp_path / f"{name}.csv"
        text = path.read_text(encoding="utf-8").replace("税务局", f"税务局{brackets}")
        path.write_text(text, encoding="utf-8")
    run(tmp_path, *named(files))
    document = json.loads((tmp_path / "out/ranking.json").read_text(encoding="utf-8"))
    assert (len(document["departments"]), document["insufficient"]) == (4, [])
