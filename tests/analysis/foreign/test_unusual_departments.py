"""Departments whose names have no usual ending: none is lost without a question."""

import random

import pytest
from shapes import DEPARTMENTS, FLAT, SINGLE, cells, excel, text, wide
from test_tools import ENGLISH, WJX, asked, check, per_rater, right

from analysis import read_ratings, understand_ratings

SHORT = ("税务", "公安", "城管", "供电公司")
PLAIN = ("Tax Bureau", "Police Department", "Heritage", "Harbour")
MARKS = {v: 20 * v - 1 for v in range(1, 6)}


def named(names):
    return [{(names[DEPARTMENTS.index(d)], ""): v for (d, _), v in row.items()} for row in FLAT]


def marks_of(names, seed=3, best=100):
    draw = random.Random(seed)
    return [["Respondent", *names], *([f"R{n}", *(draw.randint(40, best) for _ in names)] for n in range(12))]


@pytest.mark.parametrize("names", [SHORT, ("Tax Office", "Library", "Parks and Recreation", "Public Works")])
def test_usual_short_names_are_departments(tmp_path, names):
    check(text(tmp_path / "r.csv", wide(MARKS.get, heads=names)), "plain", named(names), MARKS)
    sheets = {d: [["企业", "得分"]] for d in names}
    for n, row in enumerate(named(names)):
        for (department, _), level in row.items():
            sheets[department].append([f"厂{n}", MARKS[level]])
    assert per_rater(read_ratings(excel(tmp_path / "s.xlsx", sheets))) == right(named(names), MARKS)


def test_marks_that_only_the_unusual_names_have_are_asked_about(tmp_path):
    """Of a hundred marks two columns share few, and no other column has the worst word of a fifth."""
    path = text(tmp_path / "r.csv", marks_of(PLAIN))
    asked(path, "Heritage、Harbour", "部门只有 Tax Bureau、Police Department")
    read = understand_ratings(path, departments=PLAIN)
    assert (read.rated, read.n_ratings) == (PLAIN, 48)
    rows = [["企业", *PLAIN], *(["厂", "Satisfied", "Satisfied", "Satisfied", "Satisfied"] for _ in range(9))]
    rows[3][3] = rows[7][4] = "Very dissatisfied"
    asked(text(tmp_path / "w.csv", rows), "Heritage、Harbour")


def test_question_shows_bare_names(tmp_path):
    heads = [f"对{name}是否满意" for name in ("税务局", "公安局", "古城")]
    error = asked(text(tmp_path / "r.csv", marks_of(heads)), "部门是 税务局、公安局，还有 古城")
    assert error.choices[0] == ("departments", "税务局\n公安局\n古城")


def test_numbers_off_the_scale_are_no_department(tmp_path):
    rows = marks_of(("税务局", "公安局", "员工"), best=90)
    rows[1:] = [[*row[:3], row[3] * 40] for row in rows[1:]]
    assert understand_ratings(text(tmp_path / "r.csv", rows)).rated == ("税务局", "公安局")


def test_departments_divided_between_two_questions(tmp_path):
    """The second matrix is asked about where it asks like the first, and questions are no items."""
    first, second = DEPARTMENTS[:2], ("古城", "景区")
    heads = [f"Rate the first [{d}]" for d in first] + [f"Rate the others [{d}]" for d in second]
    rows = [["Timestamp", *heads], *(["x", *cells(row, ENGLISH.get, pairs=SINGLE)] for row in FLAT)]
    path = text(tmp_path / "r.csv", rows)
    asked(path, "古城、景区")
    names = [*first, *second]
    check(path, "google", named(names), departments=names)
    heads = [f"1、请评价以下部门：—{first[0]}", f"1、{first[1]}", "2、请评价以下部门（二）：—古城", "2、景区"]
    rows = [[*WJX, *heads], *([n, *"abcde", "满意", "不满意", "满意", "满意"] for n in range(1, 9))]
    asked(text(tmp_path / "w.csv", rows), "古城、景区")


def test_sheets_of_unusual_names_are_asked_about(tmp_path):
    sheets = {
        d: [["企业", "得分"], *([f"厂{n}", 60 + n] for n in range(9))] for d in ("税务局", "古城", "景区")
    }
    path = excel(tmp_path / "r.xlsx", sheets)
    asked(path, "税务局、古城、景区", "--department 工作表")
    read = understand_ratings(path, columns={"department": "工作表"})
    assert (read.rated, read.n_ratings) == (("税务局", "古城", "景区"), 27)
