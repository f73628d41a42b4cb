"""Files as hands leave them that nobody thought of: read with their right value, asked about or refused."""

from datetime import date as day

import pytest
import xlsxwriter
from shapes import DEPARTMENTS, FLAT, ITEMS, POINTS, REVIEW, SINGLE, WORDS, cells, excel, text, wide
from test_tools import ENGLISH, asked, check

from analysis import InputError, read_ratings, understand_ratings

MARKS = {v: v for v in WORDS}


def refused(path, *words):
    with pytest.raises(InputError) as caught:
        read_ratings(path)
    for word in words:
        assert word in caught.value.zh


@pytest.mark.parametrize("name", ["城区小计", "甲组均分", "全县合计", "分值", "权重", "满分"])
def test_rows_that_sum_up_in_the_middle(tmp_path, name):
    rows = wide()
    rows.insert(6, [name, 77, 78, 79, 80])
    rows.insert(1, [name, 100, 100, 100, 100])
    path = text(tmp_path / "r.csv", rows)
    check(path, "plain", FLAT)
    assert [part.rows for part in understand_ratings(path).left_out if part.why == "total"] == [(2, 8)]


@pytest.mark.parametrize("total", ["总分", "平均分", "合计"])
def test_a_total_among_the_items_of_a_long_table(tmp_path, total):
    rows = [["企业", "部门", "指标", "得分"]]
    for n, row in enumerate(REVIEW):
        rows += [[f"厂{n}", d, i, POINTS[v]] for (d, i), v in row.items()]
        rows += [[f"厂{n}", d, total, 77] for d in DEPARTMENTS if any((d, i) in row for i in ITEMS)]
    check(text(tmp_path / "r.csv", rows), "long")


CODE_LISTS = {
    "levels": [["代码", "含义"], *([n, word] for n, word in zip(range(1, 6), WORDS.values(), strict=True))],
    "variables": [["变量", "取值", "说明"], ["税务局", "1", "很好"], ["税务局", "5", "很差"]],
    "a form of one department": [["企业", "税务局"], ["示例甲", 90], ["示例乙", 80]],
}


@pytest.mark.parametrize("name", CODE_LISTS)
def test_a_sheet_of_codes_before_the_answers(tmp_path, name):
    path = excel(tmp_path / "r.xlsx", {"编码": CODE_LISTS[name], "答卷": wide()})
    check(path, "plain", FLAT)
    assert any("没有读取" in remark.zh and "编码" in remark.zh for remark in understand_ratings(path).remarks)


@pytest.mark.parametrize("region", [(2, 1, 2, 2), (3, 1, 5, 1), (2, 2, 4, 4)])
def test_one_mark_merged_over_several_is_refused(tmp_path, region):
    """As WPS leaves it after merging cells: one mark, and the others are lost."""
    top, left, bottom, right = region
    rows = [[*row] for row in wide()]
    for row in range(top, bottom + 1):
        for column in range(left, right + 1):
            rows[row][column] = ""
    path = excel(tmp_path / "r.xlsx", {"评分": rows}, [(*region, 85)])
    refused(path, f"{'ABCDE'[left]}{top + 1}:{'ABCDE'[right]}{bottom + 1}", "取消合并")


def test_a_filter_left_on_hides_rows_that_count(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "r.xlsx") as book:
        sheet = book.add_worksheet("评分")
        for at, row in enumerate(wide()):
            for column, value in enumerate(row):
                if value != "":
                    sheet.write(at, column, value)
        sheet.autofilter(0, 0, len(FLAT), 4)
        for at in (3, 4, 7):
            sheet.set_row(at, None, None, {"hidden": True})
    check(tmp_path / "r.xlsx", "plain", FLAT)
    assert any("隐藏" in remark.zh for remark in understand_ratings(tmp_path / "r.xlsx").remarks)


def test_a_column_of_names_inserted_in_front(tmp_path):
    rows = [["" if at == 0 else f"王{at}", *row] for at, row in enumerate(wide())]
    check(text(tmp_path / "r.csv", rows), "plain", FLAT)


def test_a_second_row_of_headings_in_english_is_named(tmp_path):
    rows = wide()
    rows.insert(1, ["Enterprise", "Approvals", "Tax Bureau", "Police", "Power Company"])
    refused(text(tmp_path / "r.csv", rows), "第 2 行", "Tax Bureau", "表头")


def test_marks_that_excel_took_for_dates(tmp_path):
    """4/5 typed into a cell becomes the fifth of April."""
    rows = wide(lambda v: f"{v}/5")
    with xlsxwriter.Workbook(tmp_path / "r.xlsx") as book:
        sheet, date = book.add_worksheet(), book.add_format({"num_format": "m/d"})
        for at, row in enumerate(rows):
            sheet.write_row(at, 0, row)
        sheet.write_datetime(2, 1, day(2026, 4, 5), date)
    refused(tmp_path / "r.xlsx", "第 3 行 B 列的“2026-04-05”")


@pytest.mark.parametrize("shown", ["{}（态度好）", "{}，窗口太少", "{}分。还行吧"])
def test_marks_with_comments_in_some_columns_are_refused(tmp_path, shown):
    """The columns without comments used to be ranked alone."""
    rows = wide()
    rows[1:] = [[row[0], *(shown.format(v) if v else "" for v in row[1:3]), *row[3:]] for row in rows[1:]]
    path = text(tmp_path / "r.csv", rows)
    if "分" in shown:
        assert understand_ratings(path).rated == DEPARTMENTS
    else:
        refused(path, "B 列", "评语")


def test_five_is_the_worst(tmp_path):
    for name, heads in {
        "扣分": [f"{d}扣分" for d in DEPARTMENTS],
        "不满意度": [f"{d}-不满意度（%）" for d in DEPARTMENTS],
    }.items():
        rows = wide(lambda v: 6 - v, heads=heads)
        asked(text(tmp_path / f"{name}.csv", rows), "--best low", "说数小的好")
    long = [["企业", "部门", "扣分"]]
    long += [[f"厂{n}", d, 5 - v] for n, row in enumerate(FLAT) for (d, _), v in row.items()]
    asked(text(tmp_path / "l.csv", long), "--best low")
    notes = wide(lambda v: 6 - v)
    notes.append(["注：1分为最满意，5分为最不满意"])
    asked(text(tmp_path / "n.csv", notes), "--best low")


@pytest.mark.parametrize(
    "heads",
    [
        ("2024年税务局", "2025年税务局", "2024年公安局", "2025年公安局"),
        ("税务局2024", "税务局2025", "公安局2024", "公安局2025"),
        ("税务局原始分", "税务局折算分", "公安局原始分", "公安局折算分"),
        ("税务局初评", "税务局复评", "公安局初评", "公安局复评"),
    ],
)
def test_two_columns_of_one_department_are_asked_about(tmp_path, heads):
    asked(text(tmp_path / "r.csv", wide(heads=heads)), heads[0], heads[1], "同一个部门")


@pytest.mark.parametrize("heads", [("税务局", "税务局"), ("税务局得分", "税务局等次")])
def test_marks_and_level_words_of_one_department_are_not_mixed(tmp_path, heads):
    rows = [["企业", *heads, "公安局"]]
    rows += [[f"厂{n}", POINTS[row.get(("税务局", ""), 3)], "良好", 80] for n, row in enumerate(FLAT)]
    refused(text(tmp_path / "r.csv", rows), "既有文字（良好）", "20 到 100 的数字")


def test_answers_in_two_languages_on_rows_of_one_file(tmp_path):
    """Half of the respondents filled the form in English."""
    rows = wide(WORDS.get)
    english = [[f"Firm {n}", *cells(row, ENGLISH.get, pairs=SINGLE)] for n, row in enumerate(FLAT)]
    check(text(tmp_path / "r.csv", [*rows, *english]), "plain", [*FLAT, *FLAT])


def test_the_data_file_that_limesurvey_writes_for_r(tmp_path):
    """Names of variables and codes of answers; labels are in the script beside it."""
    own = ["id", "submitdate", "lastpage", "startlanguage", "seed"]
    rows = [[*own, *(f"Q1_SQ00{n}" for n in range(1, 5))]]
    rows += [
        [n, "2026-03-05 10:00:00", 2, "zh", 77, *cells(row, "A{}".format, pairs=SINGLE)]
        for n, row in enumerate(FLAT, 1)
    ]
    path = text(tmp_path / "survey_1_R_data_file.csv", rows)
    asked(path, "--best")
    named = dict(zip(rows[0][5:], DEPARTMENTS, strict=True))
    check(path, "limesurvey", FLAT, POINTS, best="high", departments=named)


def test_a_form_that_was_changed_writes_a_second_block(tmp_path):
    rows = wide()
    rows += [[""], ["企业", *DEPARTMENTS[::-1]], *([f"店{n}", 60, 70, 80, 90] for n in range(9))]
    refused(text(tmp_path / "r.csv", rows), "另一个表的表头", "2 个表")


def test_stars_in_chinese_numerals(tmp_path):
    check(text(tmp_path / "r.csv", wide(lambda v: "一二三四五"[v - 1] + "星")), "plain", FLAT, MARKS)


@pytest.mark.parametrize("shown", ["{}/57", "{}、57", "约{}", "{}+", "{}-100"])
def test_marks_that_are_none_are_refused(tmp_path, shown):
    refused(text(tmp_path / "r.csv", wide(lambda v: shown.format(POINTS[v]))), "不知道代表多少分")
