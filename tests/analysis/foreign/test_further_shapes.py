"""Files of further tools and hands, each with the ratings that it holds, the question that it leaves open, or
the reason why it cannot be ranked."""

from __future__ import annotations

import random

import pytest
from shapes import (
    DEPARTMENTS,
    FLAT,
    ITEMS,
    PAIRS,
    POINTS,
    REVIEW,
    SINGLE,
    WORDS,
    Row,
    cells,
    excel,
    text,
    wide,
)
from test_other_tools import EN, ENGLISH_ITEMS, NAMES
from test_tools import ENGLISH, per_rater, right

from analysis import InputError, read_ratings, understand_ratings
from analysis.foreign.hints import Ambiguous

MARKS = {v: v for v in WORDS}


def flat(shown=ENGLISH.get, empty=""):
    return [cells(row, shown, empty, SINGLE) for row in FLAT]


def english(rows: list[Row]) -> list[Row]:
    return [{(NAMES[d], ENGLISH_ITEMS.get(i, "")): v for (d, i), v in row.items()} for row in rows]


def own(heads, before, answers, after=()):
    """Rows of a tool: its columns before and after those of the departments, numbered rows."""
    tails = [[*before, *row, *after] for row in answers]
    return [*heads, *([n, *row] for n, row in enumerate(tails, 1))]


TOOLS = {
    # two rows of headings, the upper one above the first column of its group
    "Drupal Webform": own(
        [
            ["Submission Details", "", "", "Rate the departments", "", "", ""],
            ["Serial", "Submitted Time", "IP Address", *EN],
        ],
        ["03/01/2026 - 10:00", "10.0.0.1"],
        flat(),
    ),
    # fields first, then the entry's own columns
    "Gravity Forms": [
        [*(f"Rate our agencies ({e})" for e in EN), "Entry Id", "Entry Date", "Source Url", "User Agent"],
        *([*row, n, "2026-03-01", "http://x", "Mozilla"] for n, row in enumerate(flat(), 1)),
    ],
    # a quiz of Google Forms has [Score] and [Feedback] behind each question
    "Google quiz": [
        ["Timestamp", "Total score", *(h for e in EN for h in (e, f"{e} [Score]", f"{e} [Feedback]"))],
        *(
            ["2026/03/01 10:00", "0.00 / 0", *(v for answer in row for v in (answer, "-- / 0", ""))]
            for row in flat()
        ),
    ],
    "LimeSurvey with timings": own(
        [
            [
                *("id", "submitdate", "lastpage", "startlanguage", "seed"),
                *(f"Q1[SQ00{k}]. Rate [{e}]" for k, e in enumerate(EN, 1)),
                *("interviewtime", "groupTime12", "Q1Time"),
            ]
        ],
        ["2026-03-01", 2, "en", 1],
        flat(),
        [33.2, 20.1, 19.9],
    ),
    "LimeSurvey with comments": own(
        [
            [
                *("id", "submitdate", "lastpage", "startlanguage", "seed"),
                *(f"Rate [{e}]" for e in (*EN, "Other", "Comment")),
            ]
        ],
        ["2026-03-01", 2, "en", 1],
        flat(),
        ["", "good work"],
    ),
    "KoboToolbox with select_multiple": [
        [
            "start",
            "end",
            *(f"rate/{e}" for e in EN),
            "contact",
            *(f"contact/{e}" for e in EN),
            "_id",
            "_uuid",
            "_index",
        ],
        *(["x", "y", *row, EN[0], 1, 0, 0, 1, n, f"u{n}", n] for n, row in enumerate(flat(), 1)),
    ],
    "words before numbers": [
        ["Company", *EN],
        *([f"F{n}", *row] for n, row in enumerate(flat(lambda v: f"{ENGLISH[v]} ({v})"))),
    ],
}


@pytest.mark.parametrize("name", TOOLS)
def test_tools_by_words(tmp_path, name):
    read = per_rater(read_ratings(text(tmp_path / "r.csv", TOOLS[name])))
    assert read == right(english(FLAT))


def test_timings_of_qualtrics_beside_numbers_are_no_departments(tmp_path):
    """A timing question adds four columns of seconds and clicks."""
    clicks = ("First Click", "Last Click", "Page Submit", "Click Count")
    names = ("StartDate", "EndDate", "Status", "Progress", "Finished", "ResponseId")
    rows = [
        [*names, *(f"Q1_{k}" for k in range(1, 5)), *(f"Q2_{click}" for click in clicks)],
        [*names, *(f"Rate - {e}" for e in EN), *(f"Timing - {click}" for click in clicks)],
        ['{"ImportId":"x"}'] * 14,
        *(
            ["2026-03-01", "2026-03-01", 0, 100, 1, f"R_{n}", *row, 1.2, 3.4, 4.4, 3]
            for n, row in enumerate(flat(MARKS.get))
        ),
    ]
    assert per_rater(read_ratings(text(tmp_path / "r.csv", rows), best="high")) == right(english(FLAT), MARKS)


def broken(name):
    """Name as in a narrow cell: a line end after two signs."""
    return f"{name[:2]}\n{name[2:]}"


HANDS = {
    "a sign a line": wide(heads=["\n".join(d) for d in DEPARTMENTS]),
    "spaced out": wide(heads=[" ".join(d) for d in DEPARTMENTS]),
    "line ends within": wide(heads=[broken(d) for d in DEPARTMENTS]),
    "numbers in brackets": wide(heads=[f"（{n}）{d}" for n, d in enumerate(DEPARTMENTS, 1)]),
    "a diagonal corner": [["评议人＼部门", *DEPARTMENTS], *wide()[1:]],
    "an index of pandas": [["", *DEPARTMENTS], *([n, *row[1:]] for n, row in enumerate(wide()[1:]))],
    "age and years": [
        ["姓名", "年龄", "从业年限", *DEPARTMENTS],
        *([f"张{n}", 30 + n, 3 + n, *row[1:]] for n, row in enumerate(wide()[1:])),
    ],
    "a department that nobody rated": [[*row, "环保局" if n == 0 else ""] for n, row in enumerate(wide())],
    "a pivot table": [
        ["平均值项:得分", "列标签", "", "", "", ""],
        ["行标签", *DEPARTMENTS, "总计"],
        *([*row, 61.5] for row in wide()[1:]),
        ["总计", 70.1, 60.2, 61.3, 62.4, 63],
    ],
    "grid with broken names": [
        ["部门", *(f"企业{n}" for n in range(1, len(FLAT) + 1))],
        *([broken(d), *(POINTS[row[d, ""]] if (d, "") in row else "" for row in FLAT)] for d in DEPARTMENTS),
    ],
}


@pytest.mark.parametrize("name", HANDS)
def test_tables_of_hands(tmp_path, name):
    path = excel(tmp_path / "r.xlsx", {"评分": HANDS[name]})
    assert per_rater(read_ratings(path)) == right(FLAT)
    assert understand_ratings(path).rated == DEPARTMENTS


def test_groups_of_departments_above_their_names(tmp_path):
    rows = [["企业", "政府部门", "", "", "公共企业"], ["", *DEPARTMENTS], *wide()[1:]]
    path = excel(tmp_path / "r.xlsx", {"评分": rows}, [(0, 1, 0, 3, "政府部门")])
    assert per_rater(read_ratings(path)) == right(FLAT)


@pytest.mark.parametrize("change", ["sep", "cr", "tab"])
def test_texts_of_other_programs(tmp_path, change):
    """`sep=;`, which Excel reads; line ends of old Macs; tab-separated text in GB18030."""
    path = text(
        tmp_path / "r.txt",
        wide(WORDS.get),
        "gb18030" if change == "tab" else "utf-8",
        "\t" if change == "tab" else ";",
    )
    if change == "sep":
        path.write_text("sep=;\n" + path.read_text("utf-8"), "utf-8")
    if change == "cr":
        path.write_bytes(path.read_bytes().replace(b"\r\n", b"\r"))
    assert per_rater(read_ratings(path)) == right(FLAT)


WORDS_FOR_NONE = [
    *("没去过", "未办过业务", "无接触", "没有业务往来", "未打分", "不予评价", "／", "缺席", "不好说"),
    *("Not used", "Never visited", "No contact", "Not rated", "Did not use"),
]


@pytest.mark.parametrize("word", WORDS_FOR_NONE)
def test_further_words_for_no_rating(tmp_path, word):
    path = text(tmp_path / "r.csv", wide(WORDS.get, word))
    assert per_rater(read_ratings(path)) == right(FLAT)
    assert [part.word for part in understand_ratings(path).no_rating] == [word]


def with_item(item, value, items=ITEMS):
    """Wide and long rows of `REVIEW` with an item more, whose value comes of a department's marks."""
    heads, rows, long = [(d, i) for d in DEPARTMENTS for i in (*items, item)], [], []
    for n, row in enumerate(REVIEW, 1):
        full = {(d, item): value([row[d, i] for i in items if (d, i) in row]) for d in DEPARTMENTS} | row
        rows.append([f"企业{n}", *(full.get(pair, "") for pair in heads)])
        long += [[f"企业{n}", *pair, full[pair]] for pair in heads if full.get(pair, "") != ""]
    return [["企业", *("-".join(pair) for pair in heads)], *rows], [["评议人", "部门", "指标", "得分"], *long]


def mean(marks):
    return round(sum(marks) / len(marks), 2) if marks else ""


COMPUTED = [
    *(("合计", sum), ("平均", mean), ("Average", mean), ("Total score", sum), ("加权总分", sum)),
    *(("总体情况", mean), ("Index", mean), ("综合", sum)),
]


@pytest.mark.parametrize("shape", [0, 1])
@pytest.mark.parametrize(("item", "value"), COMPUTED)
def test_an_item_that_was_computed_from_the_others_is_left_out(tmp_path, item, value, shape):
    """It counted as an item: 280 points beside marks up to 100."""
    path = text(tmp_path / "r.csv", with_item(item, value)[shape])
    read = understand_ratings(path)
    assert (
        per_rater(read_ratings(path)) == per_rater(read_ratings(path, mapping=read)) == right(REVIEW, MARKS)
    )
    assert (read.lowest, read.highest) == (1, 5)
    left = "".join(remark.zh for remark in read.remarks) + "".join(part.heading for part in read.unused)
    assert item in left or shape


def test_an_item_about_everything_that_raters_gave_counts(tmp_path):
    draw = random.Random(4)
    for shape in (0, 1):
        path = text(tmp_path / "r.csv", with_item("总体评价", lambda marks: draw.randint(1, 5))[shape])
        assert "总体评价" in understand_ratings(path).rated_items


@pytest.mark.parametrize("shape", [0, 1])
@pytest.mark.parametrize(
    "item", ["重要性", "期望值", "熟悉程度", "Importance", "Expectation", "Frequency of contact"]
)
def test_items_that_do_not_say_how_well_are_asked_about(tmp_path, item, shape):
    """They were averaged with satisfaction."""
    draw = random.Random(6)
    path = text(tmp_path / "r.csv", with_item(item, lambda marks: draw.randint(3, 5))[shape])
    with pytest.raises(Ambiguous, match=item) as caught:
        read_ratings(path, best="high")
    every, without = (choice[1].split("\n") for choice in caught.value.choices)
    assert per_rater(read_ratings(path, items=without)) == right(REVIEW, MARKS)
    assert set(understand_ratings(path, items=every).rated_items) == {*ITEMS, item}


@pytest.mark.parametrize("item", ["关注企业诉求", "了解企业需求", "熟悉业务", "Knowledge of staff"])
def test_items_about_what_departments_know_are_not_asked_about(tmp_path, item):
    draw = random.Random(6)
    path = text(tmp_path / "r.csv", with_item(item, lambda marks: draw.randint(3, 5))[1])
    assert item in understand_ratings(path).rated_items


VOTES = {
    "long": [
        ["企业类型", "评议人", "部门", "得分", "票数"],
        *(
            ["x", kind, d, v, 3 + v // 9]
            for kind in ("国企", "民企")
            for d in DEPARTMENTS
            for v in POINTS.values()
        ),
    ],
    "wide": [[*row, "票数" if n == 0 else 2 + n] for n, row in enumerate(wide())],
}


@pytest.mark.parametrize("name", VOTES)
def test_rows_of_several_votes_are_refused(tmp_path, name):
    """Each row counted as one rater's."""
    with pytest.raises(InputError, match="“票数”列，像是一行代表多张票"):
        read_ratings(text(tmp_path / "r.csv", VOTES[name]))
    alone = [[*row[:-1], row[-1] if n == 0 else 1] for n, row in enumerate(VOTES["wide"])]
    assert per_rater(read_ratings(text(tmp_path / "one.csv", alone))) == right(FLAT)


REFUSED = {
    "a matrix in one cell": (
        [
            ["Submission Date", "Please rate"],
            *(["2026-03-01", "Tax Office: Good\nPolice: Poor"] for _ in FLAT),
        ],
        "看不出哪些列是评分",
    ),
    "departments named in pairs of columns": (
        [
            ["评议人", "部门1", "得分1", "部门2", "得分2"],
            *([f"厂{n}", "税务局", 80, "公安局", 60 + n] for n in range(9)),
        ],
        "没有写部门",
    ),
    "raters named in their first row alone": (
        [
            ["评议人", "部门", "得分"],
            *([("" if k else f"厂{n}"), d, 80] for n in range(5) for k, d in enumerate(DEPARTMENTS)),
        ],
        "“评议人”列：这一格是空的",
    ),
    "a count of marks a department": (
        [["部门", "得分", "票数"], *([d, v, 7] for d in DEPARTMENTS for v in POINTS.values())],
        "一行代表多张票",
    ),
    "choices of the best department": (
        [["序号", "最满意的部门"], *([n, DEPARTMENTS[n % 4]] for n in range(20))],
        "部门",
    ),
    "wins of pairs": (
        [
            ["评议人", "胜", "负"],
            *([f"厂{n}", DEPARTMENTS[n % 4], DEPARTMENTS[(n + 1) % 4]] for n in range(20)),
        ],
        "“胜”列里像是部门",
    ),
    "means alone": (
        [["部门", "评议人数", "平均分", "排名"], *([d, 30, 80 + k, k] for k, d in enumerate(DEPARTMENTS))],
        "看不出哪些列是评分",
    ),
    "three rows of headings": (
        [["企业", *["政府部门"] * 12], ["", *(d for d, _ in PAIRS)], ["", *(i for _, i in PAIRS)]]
        + [[f"厂{n}", *cells(row, POINTS.get)] for n, row in enumerate(REVIEW)],
        "服务态度",
    ),
    "true and false": (wide(lambda v: v > 2), "不知道代表多少分"),
    "two boxes ticked": (wide(lambda v: "满意" if v > 1 else "满意┋不满意"), "满意┋不满意"),
    "percent beside points": (wide(lambda v: POINTS[v] / 100 if v > 3 else POINTS[v]), ""),
    "ends with words, numbers between": (
        wide({1: "1(非常不满意)", 2: 2, 3: 3, 4: 4, 5: "5(非常满意)"}.get),
        "--levels",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_files_that_cannot_be_told_are_refused_or_asked_about(tmp_path, name):
    rows, words = REFUSED[name]
    with pytest.raises(InputError) as caught:
        read_ratings(text(tmp_path / "r.csv", rows))
    assert words in caught.value.zh


def test_codes_and_columns_of_unipark_and_sosci_are_asked_about(tmp_path):
    """-9 and -77 for no answer, pages and testers beside the answers."""
    heads = ["lfdn", "tester", "dispcode", "lastpage", "quality", "duration", *EN]
    rows = [heads, *([n, 0, 31, 5, -77, 95, *row] for n, row in enumerate(flat(MARKS.get, -77), 1))]
    path = text(tmp_path / "r.csv", rows)
    with pytest.raises(Ambiguous, match="tester、lastpage 是不是部门"):
        read_ratings(path)
    with pytest.raises(Ambiguous, match="-77 不算评分"):
        read_ratings(path, departments=EN)
    assert per_rater(read_ratings(path, missing=["-77"], departments=EN)) == right(english(FLAT), MARKS)
    heads = ["CASE", "STARTED", *(f"Satisfaction: {e}" for e in EN), "LASTPAGE", "MISSING"]
    rows = [heads, *([n, "2026-03-01", *row, 3, 4] for n, row in enumerate(flat(MARKS.get, -9), 1))]
    path = text(tmp_path / "s.csv", rows, "utf-16", "\t")
    with pytest.raises(Ambiguous, match="LASTPAGE、MISSING 是不是部门"):
        read_ratings(path, missing=["-9"])
    assert per_rater(read_ratings(path, missing=["-9"], departments=EN)) == right(english(FLAT), MARKS)
