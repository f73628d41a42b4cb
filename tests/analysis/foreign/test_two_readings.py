"""What a file leaves open is asked, and what was joined is said: marks, directions, columns, names, words."""

import pytest
from shapes import DEPARTMENTS, FLAT, POINTS, SINGLE, WORDS, cells, excel, text, wide
from test_tools import WJX, asked, check

from analysis import InputError, read_ratings, understand_ratings
from analysis.files.levels import points_of, two_scales
from analysis.foreign.hints import Hints
from analysis.foreign.questions.direction import says_low_is_best
from analysis.foreign.reading import read_any


def long(shown=POINTS.get, score="得分"):
    rows = [["评议人", "部门", score]]
    return rows + [[f"企业{n}", d, shown(v)] for n, row in enumerate(FLAT, 1) for (d, _), v in row.items()]


def out_of_ten(rows, which):
    """Rows of which some have marks out of 10: of every second rater, or of some columns."""
    return [rows[0], *([(v / 10 if which(n, i) and v != "" and i else v) for i, v in enumerate(row)]
                       for n, row in enumerate(rows[1:]))]  # fmt: skip


@pytest.mark.parametrize(
    ("which", "whose"), [(lambda n, i: n % 2, "各评议人"), (lambda n, i: i in (1, 3), "各部门")]
)
def test_full_marks_that_differ_are_asked(tmp_path, which, whose):
    path = text(tmp_path / "r.csv", out_of_ten(wide(), which))
    asked(path, whose, "--scale 0,100", "换算")
    assert len(read_ratings(path, scale=(0, 100)).score) == sum(map(len, FLAT))
    flat = [["评议人", "部门", "得分"]]
    flat += [[row[0], DEPARTMENTS[i], v] for row in out_of_ten(wide(), which)[1:]
             for i, v in enumerate(row[1:]) if v != ""]  # fmt: skip
    asked(text(tmp_path / "l.csv", flat), whose)


def test_marks_of_one_scale_are_not_asked(tmp_path):
    rows = [["企业", *DEPARTMENTS], *([f"企业{n}", *[9 * n + k for k in range(4)]] for n in range(1, 9))]
    assert len(read_ratings(text(tmp_path / "r.csv", rows)).score) == 32
    with pytest.raises(InputError, match="scale"):
        read_ratings(tmp_path / "r.csv", scale=(100, 0))


TURNED = {v: 6 - v for v in WORDS}
PLACES = {
    "note": lambda rows: [*rows, ["说明：1为最满意，5为最不满意"]],
    "title": lambda rows: [["评分表（1最好，5最差）", *[""] * (len(rows[0]) - 1)], *rows],
    "rater": lambda rows: [[f"{rows[0][0]}（1=最满意）", *rows[0][1:]], *rows[1:]],
    "remark": lambda rows: [[*rows[0], "备注"], [*rows[1], "打分越低越满意"], *rows[2:]],
}  # fmt: skip


@pytest.mark.parametrize("where", PLACES)
@pytest.mark.parametrize("table", [wide, long])
def test_a_reversal_said_anywhere_is_asked(tmp_path, table, where):
    path = text(tmp_path / "r.csv", PLACES[where](table(TURNED.get)))
    asked(path, "--best low", "5 最好", "1 最好")
    expected = sorted(v for row in FLAT for v in row.values())
    assert sorted(read_ratings(path, best="low").score) == expected
    assert understand_ratings(path, best="low").best == "low"
    assert sorted(read_ratings(path, best="high").score) == sorted(6 - v for v in expected)


def test_a_reversal_said_on_another_sheet_is_asked(tmp_path):
    asked(excel(tmp_path / "r.xlsx", {"评分": wide(TURNED.get), "说明": [["1分代表非常满意"]]}), "--best")


@pytest.mark.parametrize(
    "said", ["1=非常满意", "１分为优", "5=最差", "lower is better", "1 (best) to 5", "数字越小越好"]
)
def test_texts_that_reverse(said):
    assert says_low_is_best([said])


@pytest.mark.parametrize(
    "said",
    [
        *("1、满意度", "Q1: 满意度", "1=非常不满意，5=非常满意", "5分最好", "1-10分，10分最满意"),
        *("1为不满意", "higher is better", "11为满意", "1号楼好"),
    ],
)
def test_texts_that_do_not_reverse(said):
    assert says_low_is_best([said]) is None


def test_a_question_about_everything_is_no_department(tmp_path):
    heads = [*(f"{n}、请评价{d}" for n, d in enumerate(DEPARTMENTS, 1)), "5、总体满意度"]
    rows = [[*WJX, *heads]]
    rows += [[n, *[""] * 5, *cells(row, WORDS.get, "(空)", SINGLE), "满意"] for n, row in enumerate(FLAT, 1)]
    path = text(tmp_path / "r.csv", rows)
    check(path, "wjx", FLAT)
    assert [part.heading for part in understand_ratings(path).unused if part.why == "other"] == [heads[-1]]


def test_a_column_that_may_be_a_department_is_asked(tmp_path):
    rows = [[*row, "不动产" if at == 0 else 80] for at, row in enumerate(wide())]
    path = text(tmp_path / "r.csv", rows)
    asked(path, "不动产", "--departments")
    assert len(read_ratings(path, departments=DEPARTMENTS).department_names) == 4
    assert len(read_ratings(path, departments=[*DEPARTMENTS, "不动产"]).department_names) == 5


@pytest.mark.parametrize("further", ["名次", "本部门位次", "顺序", "件数", "年份", "rank"])
def test_further_columns_of_numbers_are_no_items(tmp_path, further):
    rows = [["评议人", "部门", "服务态度", "办事效率", further]]
    rows += [[f"企业{n}", d, 80, 70, n] for n in range(5) for d in DEPARTMENTS]
    assert read_ratings(text(tmp_path / "r.csv", rows)).item_names == ("服务态度", "办事效率")


def test_names_in_several_columns_or_rows_are_said(tmp_path):
    rows = [[*row, DEPARTMENTS[0] if at == 0 else 80] for at, row in enumerate(wide())]
    assert "“行政审批局”（B、F 列）" in said(text(tmp_path / "c.csv", rows))
    rows = [*wide(), ["企业2", 80, 80, 80, 80]]
    found = said(text(tmp_path / "r.csv", rows))
    assert "按同一个人算" in found
    assert "“企业2”（第 3、16 行）" in found
    rows = [[row[0].removeprefix("企业") or "编号", *row[1:]] for row in rows]
    assert "按不同的人算" in said(text(tmp_path / "n.csv", rows))
    grid = [
        ["部门", "票1", "票2", "票3"],
        ["税务局", 80, 70, 90],
        ["公安局", 60, 80, 70],
        ["税务局", 80, 70, 60],
    ]
    assert "“税务局”（第 2、4 行）" in said(text(tmp_path / "g.csv", grid))


def said(path):
    return " ".join(remark.zh for remark in understand_ratings(path).remarks)


def test_a_long_table_is_described_as_others_are(tmp_path):
    rows = [*long(), ["企业1", "行政审批局 ", 80]]
    found = understand_ratings(text(tmp_path / "r.csv", rows))
    assert set(found.rated) >= set(DEPARTMENTS)
    assert (found.lowest, found.highest, found.best) == (20, 100, "high")
    assert [key.heading for key in found.keys] == ["评议人", "部门"]
    again = type(found).from_json(found.to_json())
    assert again == found


def test_merged_spellings_of_a_long_table_are_said(tmp_path):
    rows = [*long(), ["企业（1）", "税务局", 80], ["企业(1)", "公安局", 80]]
    assert "企业（1）”＝“企业(1)" in said(text(tmp_path / "r.csv", rows))


@pytest.mark.parametrize(
    "last",
    [["制表人：张三", "", "审核：李四"], ["制表人：", "张三", "审核人："], ["统计日期：", "2026-03-05"]],
)
@pytest.mark.parametrize("table", [wide, long])
def test_rows_of_signatures_are_no_ratings(tmp_path, table, last):
    assert len(read_ratings(text(tmp_path / "r.csv", [*table(), last])).score) == sum(map(len, FLAT))


def test_the_score_of_a_grid_or_a_wide_table_is_its_total(tmp_path):
    grid = [["部门", "票1", "票2", "得分"], ["税务局", 80, 70, 75], ["公安局", 60, 80, 70]]
    assert sorted(read_ratings(text(tmp_path / "g.csv", grid)).score) == [60, 70, 80, 80]
    rows = [[*row, "得分" if at == 0 else 80] for at, row in enumerate(wide())]
    check(text(tmp_path / "r.csv", rows), "plain", FLAT)
    with pytest.raises(InputError, match="不能比较部门"):
        read_ratings(text(tmp_path / "a.csv", [row[::3] for row in grid]))


def test_the_department_in_which_raters_work_is_none(tmp_path):
    rows = [["评议人", "部门", *DEPARTMENTS], *([row[0], "财务部", *row[1:]] for row in wide()[1:])]
    check(text(tmp_path / "r.csv", rows), "plain", FLAT)
    rows = [[*row, "得分" if at == 0 else 80] for at, row in enumerate(rows)]
    path = text(tmp_path / "s.csv", rows)
    asked(path, "--as long", "--as plain")
    check(path, "plain", FLAT, tool="plain")


@pytest.mark.parametrize("rows", [wide()[:1], [[*WJX, "1、请评价—税务局", "1、公安局"]]])
def test_headings_without_rows_are_named_so(tmp_path, rows):
    with pytest.raises(InputError, match="只有表头"):
        read_ratings(text(tmp_path / "r.csv", rows))


def test_four_levels_are_in_equal_steps(tmp_path):
    """As the National Citizen Survey scores them, in equal steps; good keeps the points it has elsewhere."""
    four = {5: "Excellent", 4: "Good", 3: "Fair", 2: "Poor", 1: "Poor"}
    check(text(tmp_path / "r.csv", wide(four.get)), "plain", FLAT, POINTS | {1: 40})
    average = {**four, 3: "Average"}
    check(text(tmp_path / "a.csv", wide(average.get)), "plain", FLAT, POINTS | {1: 40})
    unclear = {5: "Excellent", 4: "Good", 3: "Good", 2: "Poor", 1: "Poor"}
    asked(text(tmp_path / "u.csv", wide(unclear.get)), "good=60", "good=80", "--levels")


def test_scales_are_told_apart_by_their_words():
    assert two_scales({"excellent", "very good", "good", "fair", "poor"}) is None
    assert points_of({"agree", "somewhat agree", "neutral", "strongly agree", "somewhat disagree", "disagree",
                      "strongly disagree"})["somewhat agree"] == pytest.approx(73.3333)  # fmt: skip


def test_statements_of_microsoft_forms(tmp_path):
    own = ["ID", "Start time", "Completion time", "Email", "Name"]
    items = ("服务态度好", "办事效率高")
    rows = [[*own, *(f"{d}{i}" for d in DEPARTMENTS for i in items)]]
    rows += [[n, *[""] * 4, *[("满意", "不满意")[(n + k // 2) % 2] for k in range(8)]] for n in range(9)]
    found = understand_ratings(text(tmp_path / "s.csv", rows))
    assert (found.departments, found.items) == (DEPARTMENTS, items)
    rows[0] = [*own, *DEPARTMENTS, *(f"{d}2" for d in DEPARTMENTS)]
    found = understand_ratings(text(tmp_path / "b.csv", rows))
    assert (found.departments, found.items) == (DEPARTMENTS, ("Q1", "Q2"))


def test_item_names_of_wenjuan_have_no_numbers(tmp_path):
    heads = [
        f"Q{n}_请对以下部门的{i}打分_{d}" for n, i in ((1, "服务态度"), (2, "办事效率")) for d in DEPARTMENTS
    ]
    rows = [["序号", "开始时间", "结束时间", *heads], *([n, "", "", *[80 + n] * 8] for n in range(9))]
    assert understand_ratings(text(tmp_path / "r.csv", rows)).items == ("服务态度", "办事效率")


@pytest.mark.parametrize("number", ["2、", "{}、"])
def test_headings_that_all_end_with_one_item_name_departments(tmp_path, number):
    heads = [f"{number.format(k)}{d}办事效率高" for k, d in enumerate(DEPARTMENTS, 2)]
    agree = {5: "非常同意", 4: "同意", 3: "中立", 2: "不同意", 1: "非常不同意"}
    rows = [[*WJX, *heads]]
    own = ["2026/3/5", "95秒", "微信", "N/A", "10.0.0.1"]
    rows += [[n, *own, *cells(row, agree.get, "(空)", SINGLE)] for n, row in enumerate(FLAT, 1)]
    check(excel(tmp_path / "r.xlsx", {"Sheet1": rows}), "wjx", FLAT)


@pytest.mark.parametrize("words", [{5: "否", 4: "是"}, {5: "100（较好）", 4: "马虎"}, {5: "1/8", 4: "2/8"}])
def test_examples_in_messages_state_no_points(tmp_path, words):
    path = text(tmp_path / "r.csv", wide(lambda v: words[max(v, 4)]))
    with pytest.raises(InputError) as caught:
        read_ratings(path)
    assert "=60" not in str(caught.value)
    assert "=100" not in str(caught.value)


def test_error_values_of_excel_can_be_said_to_be_no_ratings(tmp_path):
    rows = wide()
    rows[3][1] = "#N/A"
    path = text(tmp_path / "r.csv", rows)
    with pytest.raises(InputError, match=r"B4 .*--missing '#N/A'"):
        read_ratings(path)
    read = read_any(path, Hints(missing=("#N/A",))).understood
    assert [(none.word, none.count) for none in read.no_rating] == [("#N/A", 1)]
