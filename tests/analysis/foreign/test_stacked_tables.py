"""Tables below or beside one another in a sheet, and sheets or titles that name the rater, department, item
or period: read as what they are, asked about, or refused with the rows of each table."""

import pytest
from shapes import DEPARTMENTS, FLAT, ITEMS, POINTS, REVIEW, WORDS, cells, excel, text, wide
from test_tools import asked, check, per_rater, right

from analysis import InputError, read_ratings, understand_ratings

OF_ONE = {d: [["企业", *ITEMS]] for d in DEPARTMENTS}
for department, table in OF_ONE.items():
    pairs = [(department, item) for item in ITEMS]
    table += [[f"厂{n}", *cells(row, POINTS.get, pairs=pairs)] for n, row in enumerate(REVIEW, 1)]
OF_ITEM = {i: [["企业", *DEPARTMENTS]] for i in ITEMS}
for item, table in OF_ITEM.items():
    pairs = [(department, item) for department in DEPARTMENTS]
    table += [[f"厂{n}", *cells(row, POINTS.get, pairs=pairs)] for n, row in enumerate(REVIEW, 1)]
FORMS = {
    f"企业{n}": [["序号", "部门", *ITEMS]]
    + [[k, d, *cells(row, POINTS.get, pairs=[(d, i) for i in ITEMS])] for k, d in enumerate(DEPARTMENTS, 1)]
    for n, row in enumerate(REVIEW, 1)
}
MARKS = {
    f"企业{n}": [["部门", "得分"], *([d, POINTS[v]] for (d, _), v in row.items())]
    for n, row in enumerate(FLAT)
}


def stacked(tables, title):
    """Rows of tables below one another, each below its title and above a blank row."""
    return [row for name, rows in tables.items() for row in ([title.format(name)], *rows, [""])]


@pytest.mark.parametrize("title", ["{}", "{}测评表", "民主评议表：{}"])
@pytest.mark.parametrize("kind", ["stacked", "csv", "sheets"])
@pytest.mark.parametrize("tables", [OF_ONE, OF_ITEM, FORMS], ids=["department", "item", "rater"])
def test_title_or_sheet_names_what_all_ratings_below_have(tmp_path, title, kind, tables):
    if kind == "sheets":
        path = excel(tmp_path / "r.xlsx", tables)
    elif kind == "csv":
        path = text(tmp_path / "r.csv", stacked(tables, title))
    else:
        path = excel(tmp_path / "r.xlsx", {"Sheet1": stacked(tables, title)})
    assert per_rater(read_ratings(path)) == right(REVIEW)
    read = understand_ratings(path)
    assert (set(read.rated), set(read.rated_items)) == (set(DEPARTMENTS), set(ITEMS))
    assert per_rater(read_ratings(path, mapping=read)) == right(REVIEW)


@pytest.mark.parametrize("title", ["评议人：{}", "{}评分表", "表：{}"])
def test_forms_with_one_score_a_department(tmp_path, title):
    path = excel(tmp_path / "r.xlsx", {"Sheet1": stacked(MARKS, title)})
    assert per_rater(read_ratings(path)) == right(FLAT)


def test_forms_of_people_are_asked_about(tmp_path):
    named = dict(zip("甲乙丙丁戊己庚辛壬癸子丑寅卯", FORMS.values(), strict=True))
    path = excel(tmp_path / "r.xlsx", {f"王{name}": rows for name, rows in named.items()})
    asked(path, "每个工作表", "--rater 工作表")
    assert per_rater(read_ratings(path, columns={"rater": "工作表"})) == right(REVIEW)
    labelled = excel(tmp_path / "s.xlsx", {"Sheet1": stacked(named, "评议人：王{}")})
    assert per_rater(read_ratings(labelled)) == right(REVIEW)


def test_sheets_of_periods_are_not_added_up(tmp_path):
    path = excel(tmp_path / "r.xlsx", {"2024年": wide(), "2025年": wide()})
    asked(path, "2024年、2025年", "--previous")


def test_tables_of_different_departments_are_refused_by_their_rows(tmp_path):
    first = [row[:3] for row in wide(WORDS.get)]
    second = [row[:1] + row[3:] for row in wide(WORDS.get)]
    rows = [["一、窗口单位"], *first, [""], ["二、其他单位"], *second]
    for path in (excel(tmp_path / "r.xlsx", {"评分": rows}), text(tmp_path / "r.csv", rows)):
        with pytest.raises(InputError) as caught:
            read_ratings(path)
        assert "这里有 2 个表：第 2–16 行（一、窗口单位）、第 19–33 行（二、其他单位）" in caught.value.zh
        assert "rows 2–16 (一、窗口单位), rows 19–33" in caught.value.en


def test_tables_of_the_same_raters_under_titles_that_say_nothing_known_are_refused(tmp_path):
    rows = stacked({"甲类": wide(), "乙类": wide()}, "{}")
    with pytest.raises(InputError, match="第 2–16 行（甲类）、第 19–33 行（乙类）"):
        read_ratings(excel(tmp_path / "r.xlsx", {"Sheet1": rows}))
    others = [[f"店{n}" if n else row[0], *row[1:]] for n, row in enumerate(wide())]
    path = excel(tmp_path / "s.xlsx", {"Sheet1": stacked({"城区": wide(), "乡镇": others}, "{}企业")})
    assert per_rater(read_ratings(path)) == right([*FLAT, *FLAT])


def test_headings_printed_on_every_page_are_one_table(tmp_path):
    head, *body = wide()
    rows = [["评分表"], head, *body[:7], [""], ["评分表"], head, *body[7:]]
    check(excel(tmp_path / "r.xlsx", {"Sheet1": rows}), "plain", FLAT)


def test_tables_side_by_side_are_refused(tmp_path):
    rows = [[*row[:3], "", f"店{n}" if n else row[0], *row[3:]] for n, row in enumerate(wide())]
    with pytest.raises(InputError, match="A 列和 E 列都是“企业”"):
        read_ratings(excel(tmp_path / "r.xlsx", {"Sheet1": rows}))


def test_an_item_of_each_row_is_kept(tmp_path):
    rows = [["企业", "评价项目", *DEPARTMENTS]]
    for n, row in enumerate(REVIEW):
        pairs = {i: [(d, i) for d in DEPARTMENTS] for i in ITEMS}
        rows += [[f"厂{n}", i, *cells(row, POINTS.get, pairs=pairs[i])] for i in ITEMS]
    check(text(tmp_path / "r.csv", rows), "plain")


def test_raters_without_ratings_do_not_look_like_headings(tmp_path):
    rows = wide()
    rows[5:5] = [
        [""],
        ["企业", "", "建议", "", ""],
        ["厂a", "", "很好的建议", "", ""],
        ["厂b", "", "没有建议了", "", ""],
    ]
    with pytest.raises(InputError):
        read_ratings(text(tmp_path / "r.csv", rows))
    rows = wide()
    rows = [[*row, "意见" if n == 0 else "希望再快些"] for n, row in enumerate(rows)]
    rows[4] = ["厂a", "", "", "", "", "窗口太少"]
    rows[5] = ["厂b", "", "", "", "", "停车难"]
    read = understand_ratings(text(tmp_path / "s.csv", rows))
    assert read.n_raters == len(FLAT) - 2


def test_sheets_without_headings_are_left_to_the_other_checks(tmp_path):
    with pytest.raises(InputError, match="不知道代表多少分"):
        read_ratings(text(tmp_path / "r.csv", wide(lambda v: f"第{v}档")))
