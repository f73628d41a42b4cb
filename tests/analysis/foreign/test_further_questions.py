"""Further questions beside the ratings: ticks, opposite items, another full mark, two languages at once,
raters who are not told, two states of one sheet."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Callable

import pytest
from shapes import DEPARTMENTS, FLAT, POINTS, SINGLE, WORDS, cells, excel, text, wide
from test_tools import per_rater, right

from analysis import read_ratings, understand_ratings
from analysis.errors import InputError
from analysis.foreign.hints import Ambiguous, Hints
from analysis.foreign.reading import read_any

ENGLISH = {5: "Very satisfied", 4: "Satisfied", 3: "Neutral", 2: "Dissatisfied", 1: "Very dissatisfied"}
Cell = Callable[[int | None], object]


def marks(number: int = 40) -> list[dict[str, int]]:
    """Marks 1 to 5 of raters by department."""
    draw = random.Random(5)
    return [{d: draw.randint(1, 5) for d in DEPARTMENTS if draw.random() < 0.8} for _ in range(number)]


MARKS = marks()


def means(rows: list[dict[str, int]]) -> dict[str, float]:
    given = defaultdict(list)
    for row in rows:
        for department, mark in row.items():
            given[department].append(mark)
    return {department: sum(values) / len(values) for department, values in given.items()}


def table(items: dict[str, Cell], head: str = "{item}-{department}") -> list[list[object]]:
    """Rows with a column for each item and department; the function of an item gives cells by mark."""
    heads = [head.format(item=item, department=d) for item in items for d in DEPARTMENTS]
    cells = [[shown(row.get(d)) for shown in items.values() for d in DEPARTMENTS] for row in MARKS]
    return [["企业", *heads], *([f"企业{n}", *row] for n, row in enumerate(cells, 1))]


def mark(value: int | None) -> object:
    return "" if value is None else value


def read_means(path, hints: Hints | None = None) -> dict[str, float]:
    read = read_any(path, hints).table
    given = defaultdict(list)
    for department, score in zip(read.department, read.score, strict=True):
        given[department].append(float(score))
    return {department: sum(values) / len(values) for department, values in given.items()}


@pytest.mark.parametrize("unticked", [0, ""])
def test_ticks_for_each_department_are_no_marks(tmp_path, unticked):
    rows = table({"打过交道的部门": lambda v: unticked if v is None else 1, "满意度": mark})
    path = text(tmp_path / "a.csv", rows)
    assert read_means(path) == pytest.approx(means(MARKS))
    unused = [one for one in read_any(path).understood.unused if one.why == "ticks"]
    assert [one.heading for one in unused] == [f"打过交道的部门-{d}" for d in DEPARTMENTS]
    assert "全是 0 和 1，像是勾选" in read_any(path).table.notes[0].zh


def test_a_file_of_zeros_and_ones_alone_is_read(tmp_path):
    path = text(tmp_path / "a.csv", table({"满意": lambda v: "" if v is None else int(v > 3)}))
    assert len(read_any(path).table.score) == sum(map(len, MARKS))


@pytest.mark.parametrize("items", [("满意度", "重要性"), ("服务态度", "办事效率", "不满意程度")])
def test_an_item_that_runs_the_other_way_is_asked(tmp_path, items):
    shown: dict[str, Cell] = dict.fromkeys(items[:-1], mark)
    rows = table(shown | {items[-1]: lambda v: "" if v is None else 6 - v})
    path = text(tmp_path / "a.csv", rows)
    for best in (None, "high", "low"):
        with pytest.raises(Ambiguous, match=items[-1]) as asked:
            read_any(path, Hints(best=best))
    assert asked.value.choices[0] == ("items", "\n".join(items))
    assert asked.value.choices[1] == ("items", "\n".join(items[:-1]))
    given = sum(map(len, MARKS))
    assert len(read_any(path, Hints(items=items)).table.score) == len(items) * given
    assert read_means(path, Hints(items=items[:-1])) == pytest.approx(means(MARKS))


def test_departments_that_are_good_at_one_item_only_are_not_asked_about(tmp_path):
    best = dict(zip(DEPARTMENTS, (5, 4, 2, 1), strict=True))
    rows = [["企业", "部门", "服务态度", "办事效率"]]
    rows += [[f"企业{n}", d, v - n % 2 * (v == 5), 6 - v] for n in range(30) for d, v in best.items()]
    assert len(read_any(text(tmp_path / "a.csv", rows)).table.score) == 240


def test_words_of_an_item_that_runs_the_other_way_are_asked(tmp_path):
    agree = {5: "非常同意", 4: "同意", 3: "一般", 2: "不同意", 1: "非常不同意"}
    rows = table({"态度好": lambda v: agree.get(v, ""), "推诿扯皮": lambda v: agree.get(v and 6 - v, "")})
    with pytest.raises(Ambiguous, match="推诿扯皮"):
        read_any(text(tmp_path / "a.csv", rows))


@pytest.mark.parametrize("whose", ["item", "department", "rater"])
def test_five_and_ten_as_full_marks_are_asked(tmp_path, whose):
    rows = table({"满意度": mark, "推荐": mark})
    for n, row in enumerate(rows[1:], 1):
        for i in range(1, len(row)):
            item, department = divmod(i - 1, len(DEPARTMENTS))
            of_ten = {"item": item == 1, "department": department > 1, "rater": n % 3 == 0}[whose]
            if of_ten and row[i] != "":
                row[i] *= 2
    path = text(tmp_path / "a.csv", rows)
    with pytest.raises(Ambiguous, match="5 分和 10 分") as asked:
        read_any(path)
    assert asked.value.choices[0] == ("scale", "0,10")
    assert read_any(path, Hints(scale=(0, 10))).table.score.max() == 10


@pytest.mark.parametrize("between", [" ", "/", "\n", ""])
def test_answers_in_two_languages_at_once(tmp_path, between):
    rows = wide(lambda v: WORDS.get(v, "一般") + between + ENGLISH[v] if v != 3 else f"一般{between}Neutral")
    want = {5: 100, 4: 80, 3: 60, 2: 40, 1: 20}
    given = [want[v] for row in FLAT for v in row.values()]
    assert sorted(read_any(text(tmp_path / "a.csv", rows)).table.score) == sorted(given)


def test_languages_that_contradict_each_other_are_unknown(tmp_path):
    rows = wide(lambda v: f"{WORDS[v]} {ENGLISH[6 - v] if v != 3 else 'Satisfied'}")
    with pytest.raises(InputError, match="不知道代表多少分"):
        read_any(text(tmp_path / "a.csv", rows))


def test_words_that_are_given_in_part_are_no_second_table(tmp_path):
    own = {5: "顶呱呱", 4: "还行", 3: "凑合", 2: "糟心", 1: "气死人"}
    path = text(tmp_path / "a.csv", wide(own.get))
    with pytest.raises(InputError, match="请用 --levels 写出分数"):
        read_any(path, Hints(levels={"顶呱呱": 100.0, "还行": 80.0}))


@pytest.mark.parametrize("shown", [mark, lambda v: ENGLISH.get(v, "")], ids=["numbers", "words"])
def test_the_order_in_which_qualtrics_showed_the_rows_is_no_rating(tmp_path, shown):
    own = ["StartDate", "EndDate", "Status", "Progress", "Finished", "ResponseId"]
    names = [f"Q1_{n}" for n in range(1, 5)] + [f"Q1_DO_{n}" for n in range(1, 5)]
    texts = [
        f"How satisfied are you? -{order} {d}" for order in ("", " Display Order -") for d in DEPARTMENTS
    ]
    rows: list[list[object]] = [[*own, *names], [*own, *texts]]
    rows.append([f'{{"ImportId":"{name}"}}' for name in (*own, *names)])
    for n, row in enumerate(MARKS, 1):
        answers = [shown(row.get(d)) for d in DEPARTMENTS]
        rows.append(
            ["", "", "IP Address", 100, "True", f"R_{n}", *answers, *((n + k) % 4 + 1 for k in range(4))]
        )
    read = read_any(text(tmp_path / "q.csv", rows), Hints(best="high"))
    assert len(read.table.score) == sum(map(len, MARKS))
    assert read.table.item is None


NOBODY = [
    "匿名",
    "匿名用户",
    "微信用户",
    "张*",
    "李某某",
    "未填",
    "無",
    "-",
    "/",
    "anonymous",
    "Unknown",
    "N/A",
]


@pytest.mark.parametrize("name", NOBODY)
def test_rows_of_raters_who_are_not_told_are_raters_of_their_own(tmp_path, name):
    """They were one rater: 11 instead of 14."""
    rows = [["姓名", *DEPARTMENTS]]
    rows += [
        [name if n % 4 == 0 else f"张{n}", *cells(row, POINTS.get, pairs=SINGLE)]
        for n, row in enumerate(FLAT)
    ]
    path = text(tmp_path / "a.csv", rows)
    assert per_rater(read_ratings(path)) == right(FLAT)
    read = understand_ratings(path)
    assert f"每一行按不同的人算：“{name}”" in read.remarks[-1].zh
    assert per_rater(read_ratings(path, mapping=read)) == right(FLAT)


@pytest.mark.parametrize("name", NOBODY)
def test_long_tables_with_raters_who_are_not_told_are_refused(tmp_path, name):
    rows = [
        [name if n % 4 == 0 else f"厂{n}", d, POINTS[v]]
        for n, row in enumerate(FLAT)
        for (d, _), v in row.items()
    ]
    with pytest.raises(InputError, match="看不出哪些出自同一人"):
        read_ratings(text(tmp_path / "a.csv", [["评议人", "部门", "得分"], *rows]))


@pytest.mark.parametrize("name", ["张*", "无锡某厂", "匿名山泉公司", "Guest House Ltd", "张伟"])
def test_other_names_are_names(tmp_path, name):
    rows = [
        [name if n == 4 else f"厂{n}", d, POINTS[v]]
        for n, row in enumerate(FLAT)
        for (d, _), v in row.items()
    ]
    path = text(tmp_path / "a.csv", [["评议人", "部门", "得分"], *rows])
    assert name in read_ratings(path).rater_names


@pytest.mark.parametrize("names", [("原始", "修正"), ("数据", "备份"), ("Sheet1", "Sheet1 (2)")])
def test_two_states_of_one_sheet_are_not_added_up(tmp_path, names):
    """Every rating was counted twice."""
    rows, changed = wide(), wide()
    changed[3][1] = 20
    with pytest.raises(InputError, match=f"“{names[0]}”和“{re.escape(names[1])}”大半的行一样"):
        read_ratings(excel(tmp_path / "a.xlsx", {names[0]: rows, names[1]: changed}))
