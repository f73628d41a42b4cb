"""`pingyi rank`: what its options refuse, by name, row and file; none is passed over in silence."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

from analysis import Ratings, rank
from survey.cli import main
from survey.documents.ranking.rated import repeated

DEPARTMENTS = ("税务局", "公安局", "供电公司", "供水公司", "住建局")


def table(head="rater,department,score", raters=20, departments=DEPARTMENTS, more=lambda r: ""):
    rows = [
        f"r{r},{name},{90 - 4 * d + (r * 7 + d * 3) % 5}{more(r)}"
        for r in range(raters)
        for d, name in enumerate(departments)
    ]
    return "\n".join([head, *rows, ""])


@pytest.fixture
def put(tmp_path):
    def write(name, text):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def pingyi(tmp_path):
    def run(*args):
        return CliRunner().invoke(main, ["rank", *map(str, args), "--out", str(tmp_path / "out")])

    return run


def document(tmp_path):
    return json.loads((tmp_path / "out/ranking.json").read_text(encoding="utf-8"))


def refused(result, *words):
    assert result.exit_code == 2, result.output
    assert not result.stdout
    assert "Traceback" not in result.stderr
    for word in words:
        assert word in result.stderr


@pytest.mark.parametrize(
    "value", ["70,80,90", "90,80,80", "nan", "", "90,80,", "90,,80", "inf,80", "9_0,80", ",", "90;八十"]
)
def test_lines_of_grades_are_refused_by_the_name_of_their_option(pingyi, put, value):
    result = pingyi(put("r.csv", table()), "--grades", value)
    refused(result, "--grades")
    assert "lines：" not in result.stderr
    assert "参数" not in result.stderr


def test_lines_of_grades_say_the_order_that_was_meant(pingyi, put):
    refused(pingyi(put("r.csv", table()), "--grades", "70，80 90"), "90,80,70")


def test_lines_beyond_the_scale_are_refused(pingyi, put):
    refused(pingyi(put("r.csv", table()), "--grades", "500,400,300"), "--grades", "500", "94")
    five = "\n".join(["rater,department,score", *(f"r{r},{d},{1 + r % 5}" for r in range(20) for d in "XYZ")])
    refused(pingyi(put("five.csv", five), "--grades", "90,80,70"), "--grades", "90")


def test_lines_may_lie_above_the_best_mark_that_was_given(pingyi, put):
    assert pingyi(put("r.csv", table()), "--grades", "98,80").exit_code == 0


@pytest.mark.parametrize("end", ["first", "last"])
def test_so_many_that_there_are_not_are_said(pingyi, put, tmp_path, end):
    result = pingyi(put("r.csv", table()), f"--{end}", "20")
    assert result.exit_code == 0
    assert f"--{end}" in result.stdout
    assert "只有 5 个" in result.stdout
    assert document(tmp_path)["meeting"][end] is None
    assert "only 5 are ranked" in pingyi(put("r.csv", table()), f"--{end}", "5", "--language", "en").stdout


def test_the_usual_three_of_three_departments_need_no_word(pingyi, put):
    result = pingyi(put("r.csv", table(departments=DEPARTMENTS[:3])))
    assert "--first" not in result.stdout


@pytest.mark.parametrize(
    ("args", "word"),
    [
        (("--rater", "x"), "--rater"),
        (("--threshold", "5"), "--threshold"),
        (("--weights", "w.csv"), "--weights"),
        (("--groups", "g.csv"), "--groups"),
        (("--item-weights", "A=1"), "--item-weights"),
        (("--population", "100"), "--population"),
        (("--missing", "-3"), "--missing"),
        (("--overall", "总评"), "--overall"),
        (("--previous", "p.csv"), "--previous"),
        (("--rater-groups", "g"), "--rater-groups"),
        (("--different-raters",), "--different-raters"),
    ],
)
def test_options_that_say_nothing_to_estimates_are_refused(pingyi, put, args, word):
    given = put("e.csv", "unit,estimate,se\nA,1,0.1\nB,2,0.1\nC,3,0.1\n")
    refused(pingyi("--estimates", given, *args), word, "--estimates")


@pytest.mark.parametrize("option", ["--different-raters", "--same-raters"])
def test_what_is_said_of_raters_of_two_files_goes_with_two_files(pingyi, put, option):
    refused(pingyi(put("r.csv", table()), option), option, "--combine", "--previous")


@pytest.mark.parametrize("value", ["0", "-5", "49.5", "nowhere.csv", "abc"])
def test_a_roster_that_is_none_is_refused_by_the_name_of_its_option(pingyi, put, value):
    refused(pingyi(put("r.csv", table()), "--population", value), "--population")


def test_a_roster_smaller_than_its_raters(pingyi, put):
    result = pingyi(put("r.csv", table()), "--population", "19")
    refused(result, "--population 19", "20")
    assert "  " not in result.stderr


def test_a_stratum_of_the_roster_smaller_than_its_raters_is_named_with_file_and_row(pingyi, put):
    ratings = put("r.csv", table("rater,department,score,stratum", more=lambda r: f",{'AB'[r % 2]}"))
    roster = put("名录.csv", "stratum,population\nA,12\nB,9\n")
    result = pingyi(ratings, "--population", roster)
    refused(result, "名录.csv", "第 3 行", "“B”", "10")
    assert "row 3" in result.stderr
    lacking = put("lack.csv", "stratum,population\nA,12\n")
    refused(pingyi(ratings, "--population", lacking), "--population", "B")
    wrong = put("neg.csv", "stratum,population\nA,12\nB,-9\n")
    refused(pingyi(ratings, "--population", wrong), "neg.csv", "第 3 行", "population")


@pytest.mark.parametrize("weight", ["0", "-2"])
def test_a_weight_that_is_not_positive_is_named_by_row_and_column(pingyi, put, weight):
    column = table("rater,department,score,权", more=lambda r: f",{weight if r == 1 else 1}")
    refused(pingyi(put("r.csv", column), "--weight", "权"), "r.csv", "第 7 行", "“权”")
    weights = "rater,weight\n" + "".join(f"r{r},{weight if r == 3 else 1}\n" for r in range(20))
    refused(pingyi(put("r.csv", table()), "--weights", put("w.csv", weights)), "w.csv", "第 5 行", "weight")


def test_a_table_of_weights_without_some_raters_is_named(pingyi, put):
    weights = put("w.csv", "rater,weight\n" + "".join(f"r{r},1\n" for r in range(18)))
    refused(pingyi(put("r.csv", table()), "--weights", weights), "w.csv", "r18、r19")


@pytest.mark.parametrize(("weight", "percent"), [(12, "17%"), (1000000, "99.99%")])
def test_one_rater_with_most_of_the_weight_is_said(weight, percent):
    rng = np.random.default_rng(1)
    scores = np.round(80 - 3 * np.arange(4) + rng.normal(0, 8, (60, 4)))
    scores[0, 2:] = np.nan
    heavy = rank(Ratings.from_array(scores, weight=[weight] + [1] * 59), draws=2000)
    said = {note.code: note.zh for note in heavy.notes}
    assert f"一个评议人占全部权重的 {percent}" in said["heavy_rater"]
    even = rank(Ratings.from_array(scores, weight=[1 + r % 3 for r in range(60)]), draws=2000)
    assert "heavy_rater" not in {note.code for note in even.notes}


@pytest.mark.parametrize(
    ("text", "word"),
    [("A=1", "B"), ("A=0,B=1", "A"), ("A=-1,B=1", "A"), ("B=nan", "B=nan"), ("A=1,A=2", "A")],
)
def test_weights_of_items_name_their_option(pingyi, put, text, word):
    rows = [
        f"r{r},{d},{item},{1 + (r + k) % 5}" for r in range(12) for k, d in enumerate("XY") for item in "AB"
    ]
    ratings = put("r.csv", "\n".join(["rater,department,item,score", *rows]))
    refused(pingyi(ratings, "--item-weights", text), "--item-weights", word)


@pytest.mark.parametrize(
    ("option", "text", "word"),
    [
        ("--groups", "部门,类别\n税务局,\n", "第 2 行"),
        ("--rater-groups", "rater,group\nr1,a\nr1,b\n", "第 3 行"),
        ("--previous", "rater,department,score\na,X,还行\n", "第 2 行"),
        ("--weights", "rater,weight\nr1,x\n", "第 2 行"),
    ],
)
def test_a_bad_cell_of_a_table_beside_is_named_with_its_file(pingyi, put, option, text, word):
    refused(pingyi(put("r.csv", table()), option, put("旁.csv", text)), "“旁.csv”", word)


def test_lists_in_english_have_english_commas(pingyi, put):
    result = pingyi(put("r.csv", "a,b,c\n1,2,3\n"), "--language", "en")
    refused(result, "a, b, c")
    assert "、" not in result.stderr
    rows = [f"r{n},X,{1 + n % 5}" for n in range(10)]
    codes = put("c.csv", "\n".join(["rater,department,score", *rows, "r1,Y,-3", "r2,Y,-2"]))
    result = pingyi(codes, "--language", "en")
    refused(result, "-3, -2")
    assert "、" not in result.stderr


@pytest.mark.parametrize("slip", ["1e9", "8500", "100000"])
def test_a_score_far_off_the_scale_is_asked_about(pingyi, put, tmp_path, slip):
    path = put("r.csv", table() + f"r1,税务局,{slip}\n")
    refused(pingyi(path), "税务局", f"{float(slip):g}", "--missing")
    assert pingyi(path, "--missing", slip).exit_code == 0
    assert document(tmp_path)["n_ratings"] == 100
    assert pingyi(path, "--missing", "none").exit_code == 0


def test_scores_of_a_wide_scale_are_not_asked_about(pingyi, put):
    rows = [f"r{r},{d},{10 ** (r % 4)}" for r in range(20) for d in "XYZ"]
    assert pingyi(put("r.csv", "\n".join(["rater,department,score", *rows]))).exit_code == 0


@pytest.mark.parametrize("value", ["nan", "inf", "1e9"])
def test_a_warning_line_that_cannot_be_drawn(pingyi, put, value):
    refused(pingyi(put("r.csv", table()), "--warning-line", value), "--warning-line")


@pytest.mark.parametrize("most", [0, 1 << 30])
def test_repeats_are_counted_alike_by_marks_and_by_sorting(monkeypatch, most):
    monkeypatch.setattr("survey.documents.ranking.rated.MOST_MARKS", most)
    rater, department = [1, 1, 1, 2, 2, 3], ["A", "A", "B", "A", "A", "B"]
    said = repeated(Ratings.from_columns(rater, department, [1, 2, 3, 4, 5, 6]))
    assert said[0].zh.startswith("有 2 条评分")
    assert repeated(Ratings.from_columns([1, 2], ["A", "A"], [1, 2])) == ()
