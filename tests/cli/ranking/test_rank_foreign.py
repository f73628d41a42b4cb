"""`pingyi rank` with files of other tools: how they are read is said, asked, explained and mapped."""

import json
from pathlib import Path

import pytest
import xlsxwriter
from click.testing import CliRunner

from survey.cli import main

FILES = Path(__file__).parents[2] / "data" / "foreign"
ROWS = "编号,甲-乙,甲-丙,丁-乙,丁-丙\n1,5,4,3,2\n2,4,4,3,1\n"


@pytest.fixture
def call():
    def run(*arguments):
        return CliRunner().invoke(main, ["rank", *map(str, arguments)])

    return run


def test_what_was_understood_is_said_before_ranking(call, tmp_path):
    result = call(FILES / "wjx_text.xlsx", "--out", tmp_path)
    assert result.exit_code == 0, result.output
    assert "按问卷星读，60 个评议人，403 条评分" in result.stderr
    assert "基本满意 60 分（98 次）" in result.stderr
    assert "“(空)”677 次" in result.stderr
    notes = json.loads((tmp_path / "ranking.json").read_text("utf-8"))["notes"]
    assert any("按问卷星读" in note for note in notes)


def test_explain_writes_a_mapping_that_can_be_edited_and_applied(call, tmp_path):
    told = call(FILES / "gforms.csv", "--explain")
    assert told.exit_code == 0, told.output
    mapping = json.loads(told.stdout)
    assert "按谷歌表单读" in told.stderr
    columns = [column for column in mapping["columns"] if column["department"] != "供电公司"]
    mapping["columns"] = columns
    for level in mapping["levels"]:
        level["points"] /= 20
    path = tmp_path / "mapping.json"
    path.write_text(json.dumps(mapping), "utf-8")
    again = json.loads(call(FILES / "gforms.csv", "--explain", "--map", path).stdout)
    assert [column["department"] for column in again["columns"]] == [c["department"] for c in columns]
    assert {level["word"]: level["points"] for level in again["levels"]}["基本满意"] == 3
    assert again["n_ratings"] < mapping["n_ratings"]


def test_explain_writes_into_the_folder_too(call, tmp_path):
    call(FILES / "gforms.csv", "--explain", "--out", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mapping.json"]


def test_two_readings_are_shown_and_a_list_of_departments_decides(call, tmp_path):
    path = tmp_path / "r.csv"
    path.write_text(ROWS, "utf-8")
    asked = call(path, "--explain")
    assert asked.exit_code == 2
    assert "1. 部门是 甲、丁；指标是 乙、丙" in asked.stderr
    assert "2. 部门是 乙、丙；指标是 甲、丁" in asked.stderr
    assert "--departments" in asked.stderr
    names = tmp_path / "names.txt"
    names.write_text("乙\n丙\n", "utf-8")
    told = json.loads(call(path, "--explain", "--departments", names).stdout)
    assert {column["department"] for column in told["columns"]} == {"乙", "丙"}
    assert {column["item"] for column in told["columns"]} == {"甲", "丁"}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--as", "excel"], "--as"),
        (["--levels", "满意80"], "--levels"),
        (["--levels", "满意=好"], "--levels"),
        (["--map", "nowhere.json"], "--map"),
        (["--departments", "nowhere.txt"], "--departments"),
    ],
)
def test_options_that_cannot_be_read_are_named(call, options, words):
    result = call(FILES / "gforms.csv", "--explain", *options)
    assert result.exit_code == 2
    assert words in result.stderr


def test_given_points_replace_the_usual_ones(call):
    levels = "非常满意=5,满意=4,基本满意=3,不满意=2,非常不满意=none"
    told = json.loads(call(FILES / "gforms.csv", "--explain", "--levels", levels).stdout)
    assert {level["word"]: level["points"] for level in told["levels"]}["满意"] == 4
    assert told["n_ratings"] == 403 - 4
    assert {none["word"]: none["count"] for none in told["no_rating"]} == {"非常不满意": 4}


def test_a_ranking_needs_a_folder(call):
    result = call(FILES / "gforms.csv")
    assert result.exit_code == 2
    assert "--out" in result.stderr


def test_explain_of_a_file_with_two_readings_writes_a_mapping_to_be_edited(call, tmp_path):
    path, mapping = tmp_path / "r.csv", tmp_path / "mapping.json"
    path.write_text(ROWS, "utf-8")
    told = call(path, "--explain")
    assert told.exit_code == 2
    assert "第 1 种" in told.stderr
    mapping.write_text(told.stdout, "utf-8")
    content = json.loads(told.stdout)
    for column in content["columns"]:
        column["department"], column["item"] = column["item"], column["department"]
    mapping.write_text(json.dumps(content), "utf-8")
    again = json.loads(call(path, "--explain", "--map", mapping).stdout)
    assert again["rated"] == ["乙", "丙"]


@pytest.mark.parametrize(("own", "role"), [("企业", "department"), ("部门", "rater")])
def test_sheets_that_are_asked_about_are_explained_and_mapped(call, tmp_path, own, role):
    names = ("税务局", "古城", "景区")
    sheets = {name: [[own, "得分"], *([f"甲{n}", 60 + n] for n in range(9))] for name in names}
    path, mapping = tmp_path / "r.xlsx", tmp_path / "mapping.json"
    with xlsxwriter.Workbook(path) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for at, row in enumerate(rows):
                sheet.write_row(at, 0, row)
    told = call(path, "--explain")
    assert told.exit_code == 2
    assert f"--{role} 工作表" in told.stderr
    mapping.write_text(told.stdout, "utf-8")
    again = json.loads(call(path, "--explain", "--map", mapping).stdout)
    assert again["n_ratings"] == 27
    assert len(again["rated"]) == (3 if role == "department" else 9)
