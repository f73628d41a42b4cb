"""Files in shapes that nobody documents, each with the ratings it holds or the question it leaves open."""

import pytest
import xlsxwriter
from shapes import DEPARTMENTS, FLAT, ITEMS, PAIRS, POINTS, REVIEW, SINGLE, WORDS, cells, excel, text, wide
from test_tools import TENCENT, WJX, asked, check, per_rater, right

from analysis import InputError, read_ratings, understand_ratings
from analysis.foreign.hints import Hints
from analysis.foreign.reading import read_any

BY_ITEM = [(d, i) for i in ITEMS for d in DEPARTMENTS]


def rated(rows=FLAT):
    return [(f"企业{n}", d, i, POINTS[v]) for n, row in enumerate(rows, 1) for (d, i), v in row.items()]


def test_department_in_brackets_before_the_item(tmp_path):
    rows = [
        ["填表时间", *(f"【{d}】{i}" for d, i in PAIRS)],
        *(["10:00", *cells(r, WORDS.get)] for r in REVIEW),
    ]
    check(text(tmp_path / "r.csv", rows), "plain")


def test_questions_above_their_first_column_without_merging(tmp_path):
    """As Zoho Survey and its like write two rows of headings."""
    own = ["Response ID", "Response Status", "IP Address"]
    upper = [i if k == 0 else "" for i in ITEMS for k in range(len(DEPARTMENTS))]
    rows = [[*own, *upper], ["", "", "", *DEPARTMENTS * len(ITEMS)]]
    rows += [
        [n, "Completed", "1.1.1.1", *cells(row, WORDS.get, pairs=BY_ITEM)] for n, row in enumerate(REVIEW)
    ]
    check(text(tmp_path / "r.csv", rows), "plain")


def test_judges_in_columns_and_what_sums_them_up(tmp_path):
    heads = ["序号", "单位名称", *(f"评委{n}" for n in range(1, len(FLAT) + 1))]
    rows = [[*heads, "去掉最高分", "去掉最低分", "平均得分", "排名"]]
    for n, pair in enumerate(SINGLE, 1):
        rows.append(
            [n, pair[0], *[POINTS[row[pair]] if pair in row else "" for row in FLAT], 100, 20, 77.5, n]
        )
    check(excel(tmp_path / "r.xlsx", {"评分表": rows}), "grid", FLAT)


def test_department_and_item_in_one_text_of_the_first_column(tmp_path):
    rows = [["评议内容", *(f"企业{n}" for n in range(9))], *([f"{d}-{i}", *[80] * 9] for d, i in PAIRS)]
    with pytest.raises(InputError, match="分成“部门”“指标”两列"):
        read_ratings(text(tmp_path / "r.csv", rows))


def test_a_long_sheet_a_department(tmp_path):
    sheets = {d: [["企业", "得分"], *([e, v] for e, of, _, v in rated() if of == d)] for d in DEPARTMENTS}
    sheets[DEPARTMENTS[0]].append(["注：空格为不了解"])
    check(excel(tmp_path / "r.xlsx", sheets), "long", FLAT)


def test_raters_merged_over_their_rows(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "r.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["评议人", "部门", "得分"])
        rows = rated()
        for at, (_, department, _, score) in enumerate(rows, 1):
            sheet.write_row(at, 1, [department, score])
        for name in dict.fromkeys(row[0] for row in rows):
            at = [n for n, row in enumerate(rows, 1) if row[0] == name]
            if len(at) > 1:
                sheet.merge_range(at[0], 0, at[-1], 0, name)
            else:
                sheet.write(at[0], 0, name)
    check(tmp_path / "r.xlsx", "long", FLAT)


SUMMARIES = [
    *(("合计", "平均"), ("最高分", "最低分"), ("标准差", "中位数")),
    *(("有效票数", "满意率"), ("排名", "名次")),
]


@pytest.mark.parametrize("names", SUMMARIES)
def test_rows_that_sum_up_are_no_raters(tmp_path, names):
    rows = [*wide(), *([name, 4, 3, 2, 1] for name in names)]
    check(text(tmp_path / "r.csv", rows), "plain", FLAT)
    long = [["评议人", "部门", "得分"], *([e, d, v] for e, d, _, v in rated()), [names[0], "税务局", 4]]
    check(text(tmp_path / "l.csv", long), "long", FLAT)


def test_average_is_a_level_beside_excellent(tmp_path):
    words = {5: "Excellent", 4: "Good", 3: "Average", 2: "Poor", 1: "Very poor"}
    check(text(tmp_path / "r.csv", wide(words.get)), "plain", FLAT)


def test_a_second_table_below_is_named(tmp_path):
    rows = [*wide(), [], ["部门", "平均分", "排名", "", ""], *([d, 80, 1, "", ""] for d in DEPARTMENTS)]
    with pytest.raises(InputError, match="另一个表的表头"):
        read_ratings(text(tmp_path / "r.csv", rows))


def test_questions_that_say_evaluation_of_each_department(tmp_path):
    heads = [f"对{d}的总体评价" for d in DEPARTMENTS]
    check(text(tmp_path / "r.csv", wide(heads=heads)), "plain", FLAT)


def test_ranks_are_asked(tmp_path):
    rows = [["企业", *DEPARTMENTS], *([f"企业{n}", *(1 + (k + n) % 4 for k in range(4))] for n in range(9))]
    path = text(tmp_path / "r.csv", rows)
    asked(path, "名次", "--best low")
    assert sorted(set(read_ratings(path, best="low").score)) == [1, 2, 3, 4]
    long = [
        ["评议人", "部门", "得分"],
        *([r[0], d, v] for r in rows[1:] for d, v in zip(DEPARTMENTS, r[1:], strict=True)),
    ]
    asked(text(tmp_path / "l.csv", long), "名次")


@pytest.mark.parametrize(
    "heads",
    [("评价人", "被评单位", "评价项目", "分值"), ("respondent_id", "agency", "question", "rating")],
)
def test_long_tables_under_other_headings(tmp_path, heads):
    rows = [["序号", *heads], *([n, *row] for n, row in enumerate(rated(REVIEW)))]
    check(text(tmp_path / "r.csv", rows), "long")


def test_one_column_of_marks_without_raters_is_refused(tmp_path):
    rows = [["打分者", "部门", "项", "数"], *rated(REVIEW)]
    path = text(tmp_path / "r.csv", rows)
    with pytest.raises(InputError, match="--rater"):
        read_ratings(path)
    keys = {"rater": "打分者", "item": "项", "score": "数"}
    assert len(read_any(path, Hints(keys=keys)).table.score) == sum(map(len, REVIEW))


def test_a_matrix_about_something_else_is_left_out(tmp_path):
    other = ["2、请评价营商环境：—开办企业", "2、获得电力", "2、获得信贷"]
    heads = [("1、请评价服务：—" if n == 0 else "1、") + d for n, d in enumerate(DEPARTMENTS)]
    rows = [[*WJX, *heads, *other]]
    rows += [
        [n, *[""] * 5, *cells(row, WORDS.get, "(空)", SINGLE), *["满意"] * 3] for n, row in enumerate(FLAT)
    ]
    path = text(tmp_path / "r.csv", rows)
    check(path, "wjx", FLAT)
    assert [part.heading for part in understand_ratings(path).unused if part.why == "other"] == other
    heads = [f"{n}.请评价{d}:{i}" for n, d in enumerate(DEPARTMENTS, 1) for i in ITEMS]
    rows = [[*TENCENT, *heads, "9.请评价营商环境:开办企业", "9.请评价营商环境:获得电力"]]
    rows += [[n, *[""] * 5, *cells(row, WORDS.get), "满意", "满意"] for n, row in enumerate(REVIEW)]
    assert understand_ratings(text(tmp_path / "t.csv", rows)).departments == DEPARTMENTS


def test_unknown_levels_of_several_columns_are_named(tmp_path):
    letters = {5: "A", 4: "B", 3: "C", 2: "D", 1: "E"}
    path = text(tmp_path / "r.csv", wide(letters.get))
    with pytest.raises(InputError, match=r"A、B、C、D 等 5 个，不知道代表多少分.*--levels"):
        read_ratings(path)
    check(path, "plain", FLAT, levels={word: POINTS[v] for v, word in letters.items()})


def test_traditional_characters(tmp_path):
    words = {5: "非常滿意", 4: "滿意", 3: "普通", 2: "不滿意", 1: "非常不滿意"}
    rows = [["編號", *(d.replace("税务", "稅務") for d in DEPARTMENTS)]]
    rows += [[n, *cells(row, words.get, pairs=SINGLE)] for n, row in enumerate(FLAT, 1)]
    expected = [{(d.replace("税务", "稅務"), i): v for (d, i), v in row.items()} for row in FLAT]
    check(text(tmp_path / "r.csv", rows, "gb18030"), "plain", expected)


def test_a_numbering_under_any_heading_is_no_rating(tmp_path):
    rows = [[*row, "流水" if at == 0 else at] for at, row in enumerate(wide())]
    check(text(tmp_path / "r.csv", rows), "plain", FLAT)


@pytest.mark.parametrize("table", ["wide", "long"])
def test_a_code_that_a_note_explains_is_asked(tmp_path, table):
    rows = wide(empty=0)
    if table == "long":
        pairs = [(row[0], d, v) for row in rows[1:] for d, v in zip(DEPARTMENTS, row[1:], strict=True)]
        rows = [["评议人", "部门", "得分"], *pairs]
    path = text(tmp_path / "r.csv", [*rows, ["注：0分表示不了解"]])
    asked(path, "--missing 0", "--missing none")
    found = read_any(path, Hints(missing=("0",))).table
    assert len(found.score) == sum(map(len, FLAT))
    assert len(read_any(path, Hints(missing=("none",))).table.score) == 4 * len(FLAT)


def test_codes_for_no_answer_count_in_wide_tables_too(tmp_path):
    rows = wide()
    rows[3][1] = 999
    path = text(tmp_path / "r.csv", rows)
    with pytest.raises(InputError, match="--missing 999"):
        read_ratings(path)
    assert 999 not in read_any(path, Hints(missing=("999",))).table.score
    assert right(FLAT) == per_rater(read_ratings(text(tmp_path / "s.csv", wide())))


def test_a_row_of_full_marks_is_no_rater(tmp_path):
    head, *body = wide()
    check(text(tmp_path / "r.csv", [head, ["满分", 100, 100, 100, 100], *body]), "plain", FLAT)


def test_items_with_full_marks_of_their_own_are_not_ranked_together(tmp_path):
    rows = [["企业", "部门", "服务态度（20分）", "办事效率（30分）"]]
    rows += [[f"企业{n}", d, 15, 25] for n in range(5) for d in DEPARTMENTS]
    with pytest.raises(InputError, match="20、30"):
        read_ratings(text(tmp_path / "r.csv", rows))


def test_headings_without_departments_ask_for_their_list(tmp_path):
    path = text(tmp_path / "r.csv", wide(heads=["得分1", "得分2", "得分3", "得分4"]))
    with pytest.raises(InputError, match="--departments"):
        read_ratings(path)
    check(path, "plain", FLAT, departments=DEPARTMENTS)


@pytest.mark.parametrize("shown", [lambda v: f"{v}-{WORDS[v]}", lambda v: f"{6 - v}={WORDS[v]}"])
def test_numbers_before_level_words_are_numbering(tmp_path, shown):
    check(text(tmp_path / "r.csv", wide(shown)), "plain", FLAT)


def test_ticks_under_levels_are_named(tmp_path):
    rows = [["企业", "部门", *WORDS.values()]]
    rows += [[e, d, *("√" if POINTS[v] == points else "" for v in WORDS)] for e, d, _, points in rated()]
    with pytest.raises(InputError, match="格里打勾"):
        read_ratings(text(tmp_path / "r.csv", rows))
