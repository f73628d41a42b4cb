"""The invented review in tables that people make, numbers as people write them, all kinds of files."""

from pathlib import Path

import pyarrow
import pytest
import xlsxwriter
from pyarrow import feather, parquet
from shapes import DEPARTMENTS, FLAT, ITEMS, PAIRS, POINTS, REVIEW, SINGLE, WORDS, cells, excel, text
from test_tools import ENGLISH, asked, check, per_rater, right

from analysis import InputError, read_ratings, understand_ratings
from analysis.files.table import hidden_notes
from analysis.foreign.reading import read_any
from analysis.tables.cells import TableSheet

FILES = Path(__file__).parents[2] / "data" / "foreign"


def wide(shown, empty="", separator="-"):
    rows = [["编号", *(f"{d}{separator}{i}" for d, i in PAIRS)]]
    return rows + [[n, *cells(row, shown, empty)] for n, row in enumerate(REVIEW, 1)]


@pytest.mark.parametrize("separator", ["-", "_", "—", "/", "：", " "])
def test_department_and_item_in_one_heading(tmp_path, separator):
    check(text(tmp_path / "r.csv", wide(POINTS.get, "", separator)), "plain")


@pytest.mark.parametrize(
    ("shown", "delimiter"),
    [
        (lambda v: f"{POINTS[v]}分", ","),
        (lambda v: f"{POINTS[v]}%", ","),
        (lambda v: f"'{POINTS[v]}", ","),
        (lambda v: "".join(chr(ord(c) + 0xFEE0) for c in str(POINTS[v])), ","),
        (lambda v: f"{POINTS[v]},0", ";"),
        (lambda v: f"{POINTS[v]}.00 ", "\t"),
        (lambda v: f"{WORDS[v]}（{POINTS[v]}分）", ","),
    ],
)
def test_numbers_as_people_write_them(tmp_path, shown, delimiter):
    check(text(tmp_path / "r.csv", wide(shown), delimiter=delimiter), "plain")


@pytest.mark.parametrize(
    ("shown", "points"),
    [
        (lambda v: "★" * v + "☆" * (5 - v), {v: v for v in WORDS}),
        (lambda v: f"{v}星", {v: v for v in WORDS}),
        (str, {v: v for v in WORDS}),
        (lambda v: str(2 * v), {v: 2 * v for v in WORDS}),
        (
            {5: "90-100分", 4: "80-89分", 3: "70~79分", 2: "60—69分", 1: "0-59分"}.get,
            {5: 95, 4: 84.5, 3: 74.5, 2: 64.5, 1: 29.5},
        ),
        ({5: "很好", 4: "好", 3: "一般", 2: "差", 1: "很差"}.get, POINTS),
        ({5: "A. 很满意", 4: "B. 满意", 3: "C. 一般", 2: "D. 不满意", 1: "E. 很不满意"}.get, POINTS),
        ({5: "Strongly agree", 4: "Agree", 3: "Neutral", 2: "Disagree", 1: "Strongly disagree"}.get, POINTS),
        ({5: "Excellent", 4: "Very good", 3: "Good", 2: "Fair", 1: "Poor"}.get, POINTS),
    ],
)
def test_scales(tmp_path, shown, points):
    check(text(tmp_path / "r.csv", wide(shown)), "plain", points=points)


@pytest.mark.parametrize("nothing", ["不了解", "(空)", "N/A", "（跳过）", "没打过交道", "Don't know", "/"])
def test_no_rating(tmp_path, nothing):
    path = text(tmp_path / "r.csv", wide(POINTS.get, nothing))
    check(path, "plain")
    empty = sum(len(PAIRS) - len(row) for row in REVIEW)
    assert [none.count for none in understand_ratings(path).no_rating] == [empty]


def test_headings_in_two_rows_with_merged_departments(tmp_path):
    rows = [["评议人", *[""] * len(PAIRS)], ["", *(i for _, i in PAIRS)]]
    rows += [[f"企业{n}", *cells(row, POINTS.get)] for n, row in enumerate(REVIEW, 1)]
    merged = [(0, 1 + 3 * at, 0, 3 + 3 * at, name) for at, name in enumerate(DEPARTMENTS)]
    check(excel(tmp_path / "r.xlsx", {"Sheet1": rows}, [*merged, (0, 0, 1, 0, "评议人")]), "plain")


def grid(items):
    head = [
        "序号",
        "部门",
        *(["指标"] if items else []),
        *(f"选票{n}" for n in range(1, len(REVIEW) + 1)),
        "合计",
        "平均分",
    ]
    rows = [["某县 2026 年部门评议统计表"], head]
    for n, pair in enumerate(PAIRS if items else SINGLE, 1):
        marks = [POINTS[row[pair]] if pair in row else "" for row in (REVIEW if items else FLAT)]
        given = [mark for mark in marks if mark != ""]
        rows.append([n, pair[0], *([pair[1]] if items else []), *marks, sum(given), sum(given) / len(given)])
    rows += [["", "合计", *([""] if items else []), *[100] * len(REVIEW)], ["注：空格为不了解"]]
    return rows


def test_grid_of_departments_and_ballots_under_a_merged_title(tmp_path):
    rows = grid(items=False)
    title = (0, 0, 0, len(rows[1]) - 1, rows[0][0])
    check(excel(tmp_path / "r.xlsx", {"统计": rows}, [title]), "grid", FLAT)


def test_grid_with_items_and_merged_departments(tmp_path):
    rows = grid(items=True)
    merged = [(0, 0, 0, len(rows[1]) - 1, rows[0][0])]
    merged += [(2 + 3 * at, 1, 4 + 3 * at, 1, name) for at, name in enumerate(DEPARTMENTS)]
    for at in range(2, 2 + len(PAIRS)):
        if (at - 2) % 3:
            rows[at][1] = ""
    check(excel(tmp_path / "r.xlsx", {"统计": rows}, merged), "grid")


def test_rows_of_rater_and_department_with_a_column_an_item(tmp_path):
    rows = [["企业", "部门", *ITEMS]]
    for n, row in enumerate(REVIEW, 1):
        for name in DEPARTMENTS:
            marks = [WORDS[row[name, i]] if (name, i) in row else "" for i in ITEMS]
            if any(marks):
                rows.append([f"企业{n}", name, *marks])
    check(text(tmp_path / "r.csv", rows), "plain")


def test_totals_and_notes_below_a_wide_table_are_left_out(tmp_path):
    rows = [
        *wide(POINTS.get),
        ["合计", *[900] * len(PAIRS)],
        ["平均分", *[77.7] * len(PAIRS)],
        ["注：0 分为未评"],
    ]
    path = text(tmp_path / "r.csv", rows)
    check(path, "plain")
    first = len(REVIEW) + 2
    assert {left.why: left.rows for left in understand_ratings(path).left_out} == {
        "total": (first, first + 1),
        "note": (first + 2,),
    }


@pytest.mark.parametrize("separator", ["-", "：", ""])
def test_all_sheets_with_the_same_headings_are_read(tmp_path, separator):
    """Sheets by town: the headings name the departments already."""
    head, *body = wide(WORDS.get, separator=separator)
    half = len(body) // 2
    sheets = {"东镇": [head, *body[:half]], "西镇": [head, *body[half:]], "说明": [["填表说明"]]}
    path = excel(tmp_path / "r.xlsx", sheets)
    check(path, "plain")
    assert understand_ratings(path).sheets == ("东镇", "西镇")


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16", "utf-8"])
def test_encodings(tmp_path, encoding):
    check(text(tmp_path / "r.csv", wide(WORDS.get), encoding), "plain")


def table():
    head, *body = wide(POINTS.get, None)
    return pyarrow.table(dict(zip(head, map(list, zip(*body, strict=True)), strict=True)))


def test_parquet_and_feather(tmp_path):
    parquet.write_table(table(), tmp_path / "r.parquet")
    feather.write_feather(table(), str(tmp_path / "r.feather"))
    check(tmp_path / "r.parquet", "plain")
    check(tmp_path / "r.feather", "plain")


def test_a_long_parquet_file_is_a_long_table(tmp_path):
    rows = [(f"企业{n}", d, i, POINTS[v]) for n, row in enumerate(REVIEW) for (d, i), v in row.items()]
    names = ("评议人", "部门", "指标", "得分")
    parquet.write_table(
        pyarrow.table(dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))),
        tmp_path / "r.parquet",
    )
    check(tmp_path / "r.parquet", "long")


@pytest.mark.parametrize("head", ["（1=非常满意，5=非常不满意）", "（1分最好，5分最差）"])
def test_a_reversed_scale_is_asked(tmp_path, head):
    rows = wide(lambda v: 6 - v)
    rows[0] = [rows[0][0], *(f"{name}{head}" for name in rows[0][1:])]
    path = text(tmp_path / "r.csv", rows)
    asked(path, "--best low", "5 最好", "1 最好")
    kept = [{(d, i): v for (d, i), v in row.items()} for row in REVIEW]
    found = read_ratings(path, best="low")
    assert sorted(found.score) == sorted(v for row in kept for v in row.values())


def test_two_words_for_one_level_are_asked(tmp_path):
    words = {**WORDS, 3: "一般", 4: "比较满意", 5: "满意"}
    path = text(tmp_path / "r.csv", wide(words.get))
    asked(path, "满意", "比较满意", "--levels")
    given = {"满意": 100, "比较满意": 80}
    check(path, "plain", levels=given)


def test_words_of_two_scales_are_asked(tmp_path):
    """Very good … poor are the first four of five levels, or the last four under excellent."""
    four = {5: "Very good", 4: "Good", 3: "Fair", 2: "Poor", 1: "Poor"}
    path = text(tmp_path / "r.csv", wide(four.get))
    asked(path, "very good=80", "very good=100", "--levels")
    given = {"very good": 100.0, "good": 80.0, "fair": 60.0, "poor": 40.0}
    assert set(read_ratings(path, levels=given).score) <= set(given.values())
    long = text(tmp_path / "l.csv", [["rater", "department", "score"], ["a", "X", "good"], ["a", "Y", "fair"],
                                     ["b", "X", "very good"], ["b", "Y", "poor"]])  # fmt: skip
    with pytest.raises(InputError, match="--levels"):
        read_ratings(long)
    assert list(read_ratings(long, levels=given).score) == [80, 60, 100, 40]


def test_an_unknown_word_is_named_with_its_cell(tmp_path):
    rows = wide(WORDS.get)
    rows[3][1] = "马马虎虎"
    path = text(tmp_path / "r.csv", rows)
    with pytest.raises(InputError) as caught:
        read_ratings(path)
    assert "第 4 行 B 列的“马马虎虎”" in caught.value.zh
    assert "--levels" in caught.value.zh
    expected = [dict(row) for row in REVIEW]
    expected[2][PAIRS[0]] = 3
    check(path, "plain", expected, levels={"马马虎虎": 60})


def test_words_beside_small_numbers_are_asked(tmp_path):
    rows = wide(WORDS.get)
    rows[2][1] = 4
    with pytest.raises(InputError, match="看不出怎样对应"):
        read_ratings(text(tmp_path / "r.csv", rows))


def test_departments_and_items_without_raters_are_refused(tmp_path):
    rows = [["部门", *ITEMS], *([name, 80, 70, 90] for name in DEPARTMENTS)]
    with pytest.raises(InputError, match="没有评议人列"):
        read_ratings(text(tmp_path / "r.csv", rows))


def test_a_list_of_departments_tells_names_that_say_nothing(tmp_path):
    rows = [["编号", *"甲乙丙丁"]]
    rows += [[n, *cells(row, ENGLISH.get, pairs=SINGLE)] for n, row in enumerate(FLAT, 1)]
    path = text(tmp_path / "r.csv", rows)
    named = dict(zip("甲乙丙丁", DEPARTMENTS, strict=True))
    check(path, "plain", FLAT, departments=named)


def test_what_was_understood_can_be_applied_again(tmp_path):
    path = text(tmp_path / "r.csv", wide(WORDS.get, "不了解"))
    understood = understand_ratings(path)
    again = type(understood).from_json(understood.to_json())
    assert again == understood
    assert per_rater(read_ratings(path, mapping=again)) == right(REVIEW)
    with pytest.raises(InputError, match="levels"):
        type(understood).from_json({**understood.to_json(), "levels": [{"word": "满意"}]})


@pytest.mark.parametrize(("name", "tool"), [("wjx_early.xls", "wjx"), ("plain.ods", "plain")])
def test_old_and_open_workbooks(name, tool):
    """Made by LibreOffice from the sheets of `shapes`."""
    check(FILES / name, tool)


def test_workbooks_under_the_name_that_wps_gives_them(tmp_path):
    """`.et` holds an old workbook, or a new one; files are told by their first bytes."""
    for name in ("wjx_early.xls", "plain.ods"):
        path = tmp_path / f"{name}.et"
        path.write_bytes((FILES / name).read_bytes())
        assert per_rater(read_ratings(path)) == per_rater(read_ratings(FILES / name))


@pytest.mark.parametrize("start", [b"\xd0\xcf\x11\xe0", b"PAR1", b"ARROW1", b"$FL2"])
def test_damaged_files_of_other_kinds_are_refused_in_words(tmp_path, start):
    path = tmp_path / "r.bin"
    path.write_bytes(start + bytes(2000))
    with pytest.raises(InputError):
        read_ratings(path)


ROUND = [
    ["", "甲公司", "乙公司", "丙公司"],
    ["税务局", 80, 90, 70],
    ["公安局", 70, 60, 80],
    ["住建局", 90, 80, 60],
]


def test_departments_in_rows_without_a_heading(tmp_path):
    path = text(tmp_path / "r.csv", ROUND)
    ratings = read_ratings(path)
    assert ratings.department_names == ("税务局", "公安局", "住建局")
    turned = text(tmp_path / "t.csv", zip(*ROUND, strict=True))
    assert sorted(read_ratings(turned).department_names) == sorted(ratings.department_names)


def test_a_table_that_fits_both_ways_is_asked(tmp_path):
    path = text(tmp_path / "r.csv", [["", *"ABC"], *([name, 80, 90, 70] for name in "甲乙丙")])
    asked(path, "--as plain", "--as grid", "表头是部门（A、B、C）", "第一列是部门（甲、乙、丙）")
    assert read_ratings(path, tool="plain").department_names == ("A", "B", "C")
    assert read_ratings(path, tool="grid").department_names == ("甲", "乙", "丙")


def test_a_sheet_a_department(tmp_path):
    sheets = {}
    for name in DEPARTMENTS:
        rows = [["企业", *ITEMS]]
        for n, row in enumerate(REVIEW, 1):
            rows.append([f"企业{n}", *cells(row, WORDS.get, pairs=[(name, i) for i in ITEMS])])
        sheets[name] = rows
    check(excel(tmp_path / "r.xlsx", sheets), "plain")


def test_numbers_of_several_sheets_are_different_raters(tmp_path):
    head, *body = wide(WORDS.get)
    half = len(body) // 2
    sheets = {
        "东镇": [head, *body[:half]],
        "西镇": [head, *([n, *row[1:]] for n, row in enumerate(body[half:], 1))],
    }
    check(excel(tmp_path / "r.xlsx", sheets), "plain")


def test_other_numbers_beside_single_questions_are_no_ratings(tmp_path):
    rows = [["编号", "成立年限（年）", *DEPARTMENTS]]
    rows += [[n, n, *cells(row, POINTS.get, pairs=SINGLE)] for n, row in enumerate(FLAT, 1)]
    path = text(tmp_path / "r.csv", rows)
    check(path, "plain", FLAT)
    assert [part.heading for part in understand_ratings(path).unused] == ["成立年限（年）"]


def test_hidden_rows_and_columns_are_read_and_said(tmp_path):
    path = tmp_path / "r.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Sheet1")
        for number, row in enumerate(wide(POINTS.get)):
            for column, value in enumerate(row):
                sheet.write(number, column, value)
        sheet.set_row(4, None, None, {"hidden": True})
        sheet.set_column(2, 3, None, None, {"hidden": True})
    check(path, "plain")
    notes = {note.code: note.zh for note in read_any(path).table.notes}
    assert notes["hidden_cells"] == "隐藏的也读了（共 3 处）：第 5 行、C 列、D 列。不要的请删去。"


class Walks(list):
    """Rows that count how often they are gone through."""

    begun = 0

    def __iter__(self):
        self.begun += 1
        return super().__iter__()


def test_hidden_columns_right_of_the_table_are_not_looked_through():
    """Many hide all columns to the right of theirs, up to XFD: 16,000 walks through all rows."""
    rows = Walks([["编号", "税务局", ""]] * 3)
    found = hidden_notes([TableSheet("", rows, hidden_columns=range(2, 16_385))])
    assert [note.zh for note in found] == ["隐藏的也读了（共 1 处）：B 列。不要的请删去。"]
    assert rows.begun <= 3


def test_a_weight_that_is_no_number_is_named(tmp_path):
    rows = wide(POINTS.get)
    rows = [[*row, "权重" if at == 0 else 1.5] for at, row in enumerate(rows)]
    path = text(tmp_path / "r.csv", rows)
    assert set(read_ratings(path).weight) == {1.5}
    rows[2][-1] = "重"
    with pytest.raises(InputError, match="第 3 行：权重“重”"):
        read_ratings(text(path, rows))


@pytest.mark.parametrize(
    "rows",
    [
        [["企业", "县财政局（满分100）", "县公安局（满分10）"], *[[f"企业{i}", 80 + i, 9] for i in range(8)]],
        [["企业", "部门", "效率（满分100）", "态度（满分10）"], ["甲", "A局", 80, 9], ["甲", "B局", 7, 8]],
    ],
)  # fmt: skip
def test_two_full_marks_are_not_ranked_together(tmp_path, rows):
    with pytest.raises(InputError, match="100、10"):
        read_ratings(text(tmp_path / "r.csv", rows))


def test_a_table_of_counts_holds_no_ballots(tmp_path):
    rows = [["部门", "优秀", "良好", "一般", "较差"], ["县财政局", 10, 5, 3, 2], ["县公安局", 8, 6, 4, 2]]
    with pytest.raises(InputError, match="票数表"):
        read_ratings(text(tmp_path / "r.csv", rows))


def test_what_sums_a_row_up_is_no_rater_and_no_item(tmp_path):
    heads = ["部门", "票1", "票2", "票3", "最高分", "最低分", "最终得分", "名次"]
    rows = [heads, ["县财政局", 81, 90, 77, 90, 77, 82.7, 1], ["县公安局", 71, 80, 67, 80, 67, 72.7, 2]]
    found = read_ratings(text(tmp_path / "r.csv", rows))
    assert sorted(found.score) == [67, 71, 77, 80, 81, 90]
    with pytest.raises(InputError):
        read_ratings(
            text(tmp_path / "l.csv", [["企业", "部门", "名次"], ["a", "县财政局", 1], ["a", "县公安局", 2]])
        )
