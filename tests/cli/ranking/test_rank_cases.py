"""Files of ratings that failed once, by the command; the right values are those of the plain ranking."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import xlsxwriter
from click.testing import CliRunner

from analysis.errors import InputError
from analysis.files.ratings import read_ratings
from analysis.foreign.hints import Ambiguous
from analysis.foreign.reading import read_any
from survey.cli import main

pytestmark = pytest.mark.drawn  # odd results make odd charts
CASES = Path(__file__).parents[2] / "data" / "cases"


def refused(path, *args):
    with pytest.raises(InputError) as caught:
        read_ratings(path, *args)
    return caught.value


def asked(path):
    """Question that the file leaves open."""
    with pytest.raises(Ambiguous) as caught:
        read_any(path)
    return caught.value


def codes(table):
    return {note.code for note in table.notes}


def put(tmp_path, text, name="r.csv"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def plain_rows(name, encoding="utf-8-sig"):
    with (CASES / name).open(encoding=encoding, newline="") as file:
        return list(csv.reader(file))


def test_every_sheet_of_ratings_is_read():
    table = read_ratings(CASES / "xl-two-sheets-of-ratings.xlsx")
    assert (len(table.rater), len(set(table.rater))) == (80, 20)
    assert "1月（40 行）、2月（40 行）" in next(n.zh for n in table.notes if n.code == "sheets_read")


def test_an_error_value_is_named_with_its_cell():
    error = refused(CASES / "xl-error-value-in-score.xlsx")
    assert (error.row, "C5" in error.zh, "#N/A" in error.zh) == (5, True, True)


def test_long_codes_that_became_numbers_are_refused():
    error = refused(CASES / "xl-long-codes-as-numbers.xlsx")
    assert error.column == "企业"
    assert "丢失" in error.zh


def test_half_and_full_width_brackets_are_one_department():
    rows = plain_rows("deg-half-full-brackets.csv")[1:]
    table = read_ratings(CASES / "deg-half-full-brackets.csv")
    assert len({row[1] for row in rows}) == len(set(table.department)) + 1
    note = next(n.zh for n in table.notes if n.code == "spellings")
    assert "税务局(县)" in note
    assert "税务局（县）" in note


def test_a_line_feed_in_a_name():
    table = read_ratings(CASES / "xl-linebreak-in-department.xlsx")
    assert "税务局" in table.department
    assert not any("\n" in name for name in table.department)
    assert len(set(table.department)) == 4


def test_a_title_above_the_headings():
    table = read_ratings(CASES / "csv-title-above-header.csv")
    assert (table.rater[0], table.department[0], table.score[0]) == ("企业1", "税务局", 90)
    assert "header_row" in codes(table)


def test_marks_around_headings():
    assert len(read_ratings(CASES / "xl-heading-noise-a.xlsx").score) == 80


def test_a_skip_code_is_asked_about_and_left_out_on_demand():
    error = asked(CASES / "deg-skip-code-minus3.csv")
    assert "-3" in error.zh
    assert "--missing -3" in error.en
    rows = [float(row[2]) for row in plain_rows("deg-skip-code-minus3.csv")[1:]]
    table = read_ratings(CASES / "deg-skip-code-minus3.csv", None, ["-3"])
    assert table.score.tolist() == [score for score in rows if score != -3]
    assert "unanswered" in codes(table)
    assert read_ratings(CASES / "deg-skip-code-minus3.csv", None, ["none"]).score.tolist() == rows


def test_units_and_words_for_no_answer():
    units = plain_rows("long-score-with-unit.csv")[1:]
    table = read_ratings(CASES / "long-score-with-unit.csv")
    assert table.score.tolist() == [float(row[2].rstrip("分")) for row in units]
    words = [row[3] for row in plain_rows("long-dont-know-mixed.csv")[1:]]
    table = read_ratings(CASES / "long-dont-know-mixed.csv")
    assert table.score.tolist() == [float(word) for word in words if word != "不了解"]


def test_all_ties_win_and_lose_nothing(tmp_path):
    run = pingyi("rank", CASES / "deg-all-ties.csv", "--out", tmp_path)
    assert run.exit_code == 0, run.stderr
    assert "总是胜出" not in run.stdout + "".join(
        json.loads((tmp_path / "ranking.json").read_text())["notes"]
    )


def test_huge_scores_are_refused_in_words(tmp_path):
    run = pingyi("rank", CASES / "deg-huge.csv", "--out", tmp_path)
    assert run.exit_code == 2
    assert "Traceback" not in run.stderr


def pingyi(*args):
    return CliRunner().invoke(main, list(map(str, args)))


# Further ones of these kinds.


@pytest.mark.parametrize("code", ["-1", "-9", "-99", "9", "99", "999"])
def test_codes_for_no_answer_on_a_scale_of_five(tmp_path, code):
    rows = [f"r{n},{d},{1 + n % 5}" for n in range(10) for d in "XY"]
    path = put(tmp_path, "\n".join(["rater,department,score", *rows, f"r1,X,{code}"]))
    assert code in asked(path).zh


@pytest.mark.parametrize(
    "scores", [[60, 65, 70, 99], [0, 5, 9], [-2, -1, 0, 1, 2], [97, 98, 99], [1, 2, 3, 4, 5]]
)
def test_scores_that_only_look_like_codes(tmp_path, scores):
    rows = [f"r{n},{d},{score}" for n, score in enumerate(scores) for d in "XY"]
    table = read_ratings(put(tmp_path, "\n".join(["rater,department,score", *rows])))
    assert sorted(set(table.score)) == scores


def test_two_codes_at_once(tmp_path):
    rows = [f"r{n},X,{1 + n % 5}" for n in range(10)]
    path = put(tmp_path, "\n".join(["rater,department,score", *rows, "r1,Y,-3", "r2,Y,-2"]))
    assert "--missing -3 --missing -2" in asked(path).zh
    assert len(read_ratings(path, None, ["-3", "-2"]).score) == 10


def test_totals_and_notes_below_ratings(tmp_path):
    text = "企业,部门,得分\n甲,税务局,80\n乙,税务局,70\n合计,,150\n平均,,75\n注：满分一百分,,\n"
    table = read_ratings(put(tmp_path, text))
    assert table.score.tolist() == [80, 70]
    assert codes(table) == {"totals", "footnotes"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("税务局\u200b", "税务局"),
        ("\ufeff税务局", "税务局"),
        ("税务 局", "税务局"),
        ("税\n务局", "税务局"),
        ("⼈社局", "人社局"),
        ("ＡＢＣ局", "ABC局"),
        ("税务局【县】", "税务局（县）"),
    ],
)
def test_spellings_of_one_name(tmp_path, one, other):
    path = tmp_path / "r.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(
            [["rater", "department", "score"], ["a", one, 1], ["b", other, 2], ["a", "公安局", 3]]
        )
    assert len(set(read_ratings(path).department)) == 2


def test_names_that_differ_stay_apart(tmp_path):
    text = "rater,department,score\nR1,AB C,1\nr1,A BC,2\nr2,一局,3\nr3,二局,4\nr4,a局,5\nr5,A局,6\n"
    table = read_ratings(put(tmp_path, text))
    assert len(set(table.department)) == 6
    assert len(set(table.rater)) == 6


def test_a_name_of_invisible_signs_alone(tmp_path):
    error = refused(put(tmp_path, "rater,department,score\na,\u200b,1\nb,X,2\n"))
    assert (error.row, "看不见" in error.zh) == (2, True)


def workbook(tmp_path, fill):
    path = tmp_path / "r.xlsx"
    with xlsxwriter.Workbook(path) as book:
        fill(book)
    return path


def test_per_cent_cells_hidden_sheets_and_remarks_beside(tmp_path):
    def fill(book):
        hidden = book.add_worksheet("旧")
        hidden.write_row(0, 0, ["企业", "部门", "得分"])
        hidden.write_row(1, 0, ["x", "税务局", 1])
        sheet = book.add_worksheet("本期")
        sheet.activate()
        sheet.set_first_sheet()
        hidden.hide()
        sheet.merge_range(0, 0, 0, 2, "评分表")
        sheet.write_row(1, 0, ["企业 *", "部门（必填）", "得分%"])
        percent = book.add_format({"num_format": "0.0%"})
        for row, name in enumerate(["甲", "乙"], start=2):
            sheet.write_row(row, 0, [name, "税务局"])
            sheet.write_number(row, 2, 0.865, percent)
        sheet.write(2, 6, "合并的备注")
        sheet.merge_range(4, 0, 4, 2, "以上由评议办汇总")

    table = read_ratings(workbook(tmp_path, fill))
    assert table.score.tolist() == [86.5, 86.5]
    assert table.rater == ["甲", "乙"]
    assert {"sheets_read", "sheets_hidden", "header_row", "footnotes"} == codes(table)


def test_a_bad_cell_of_a_second_sheet_is_named_with_it(tmp_path):
    def fill(book):
        for name, score in (("一月", 80), ("二月", "很好")):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, ["企业", "部门", "得分"])
            sheet.write_row(1, 0, ["甲", "税务局", score])

    error = refused(workbook(tmp_path, fill))
    assert "二月" in error.zh
    assert error.row == 2


def test_rounded_codes_in_a_csv(tmp_path):
    rows = [f"91420983345951{n}000,X,{n}" for n in range(1, 6)]
    error = refused(put(tmp_path, "\n".join(["rater,department,score", *rows])))
    assert "丢失" in error.zh


def test_codes_in_scientific_notation_in_a_csv(tmp_path):
    rows = [f"9.14209834E+17,X,{n}" for n in range(1, 6)]
    assert "丢失" in refused(put(tmp_path, "\n".join(["rater,department,score", *rows]))).zh


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<html><body><table>", "网页"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, ".xls"),
        (b"%PDF-1.4", "PDF"),
    ],
)
def test_other_files_are_named(tmp_path, content, words):
    path = tmp_path / "r.xls"
    path.write_bytes(content)
    error = refused(path)
    assert words in error.zh
    assert "逗号" not in error.zh


def test_headings_that_are_repeated(tmp_path):
    table = read_ratings(put(tmp_path, "企业,部门,得分\na,X,80\n企业,部门,得分\nb,X,70\n"))
    assert table.score.tolist() == [80, 70]
    assert "重复的表头" in table.notes[0].zh


def test_control_signs_in_a_name_are_named(tmp_path):
    error = refused(put(tmp_path, "rater,department,score\na,X,1\nb,X\x08Y,2\n"))
    assert (error.row, "U+0008" in error.zh) == (3, True)


def test_only_answers_that_are_none(tmp_path):
    assert "评分" in refused(put(tmp_path, "rater,department,score\na,X,不了解\nb,X,/\n")).zh


def test_plain_files_stay_as_they_are(tmp_path):
    chance = np.random.default_rng(1)
    rows = [(f"r{r}", f"d{d}", int(chance.integers(1, 6))) for r in range(40) for d in range(4)]
    text = "\n".join(["rater,department,score", *(",".join(map(str, row)) for row in rows)])
    table = read_ratings(put(tmp_path, text))
    assert list(zip(table.rater, table.department, table.score, strict=True)) == rows
    assert table.notes == ()


def test_a_department_without_variance_harms_no_other(tmp_path):
    run = pingyi("rank", CASES / "deg-zero-variance-one.csv", "--out", tmp_path)
    assert run.exit_code == 0, run.stderr
    found = json.loads((tmp_path / "ranking.json").read_text(encoding="utf-8"))
    rows = plain_rows("deg-zero-variance-one.csv")[1:]
    given = {name: {row[2] for row in rows if row[1] == name} for name in {row[1] for row in rows}}
    constant = [name for name, scores in given.items() if len(scores) == 1]
    assert len(constant) == 1
    by_name = {d["name"]: d for d in found["departments"]}
    for name in given.keys() - set(constant):
        low, high = by_name[name]["ci"]
        assert low < by_name[name]["adjusted"] < high
    assert any(constant[0] in note for note in found["notes"])
    assert constant[0] in by_name or constant[0] in {entry["name"] for entry in found["insufficient"]}
    if constant[0] in by_name:
        assert None not in by_name[constant[0]]["ci"]


@pytest.mark.parametrize("rows", [10, 30_000])  # as people's files, and as large plain ones are read
def test_columns_that_are_not_used_are_named(tmp_path, rows):
    own = (f"r{i},{'甲乙'[i % 2]}局,{i % 5},{i % 3},x" for i in range(rows))
    lines = ["评议人,部门,得分,行业,备注", *own]
    (note,) = [n for n in read_ratings(put(tmp_path, "\n".join(lines))).notes if n.code == "unused_columns"]
    assert note.zh == "没有用到的列：行业、备注。"
    assert note.en == "Columns not used: 行业, 备注."
    plain = ["评议人,部门,得分", *(f"r{i},{'甲乙'[i % 2]}局,{i % 5}" for i in range(rows))]
    assert "unused_columns" not in codes(read_ratings(put(tmp_path, "\n".join(plain))))


@pytest.mark.parametrize("name", ["集团", "所属集团", "群", "owner", "cluster", "所有人"])
def test_raters_of_one_owner_are_known_by_any_of_its_names(tmp_path, name):
    text = f"评议人,部门,得分,{name}\nr1,甲局,3,大业\nr2,甲局,4,大业\nr3,乙局,4,\n"
    table = read_ratings(put(tmp_path, text))
    assert list(table.cluster) == ["大业", "大业", ""]
    assert "unused_columns" not in codes(table)


def test_a_threshold_above_all_departments_says_the_counts_and_the_option(tmp_path):
    """Twelve raters, thirty departments, each rated by half."""
    rows = [f"r{r},D{d},{1 + (r * d) % 5}" for r in range(12) for d in range(30) if (r + d * 7) % 12 < 6]
    path = tmp_path / "ratings.csv"
    path.write_text("\n".join(["rater,department,score", *rows]), encoding="utf-8")
    result = CliRunner().invoke(main, ["rank", str(path), "--out", str(tmp_path / "out"), "--threshold", "7"])
    assert result.exit_code == 2
    assert "各部门的评议人有 6 个，其中还评过别的部门的有 6 个。" in result.output
    assert "--threshold" in result.output
