"""Names that may mean one department are asked about, never merged or split without a word."""

import pytest
from shapes import DEPARTMENTS, FLAT, POINTS, SINGLE, cells, text, wide
from test_tools import asked, per_rater, right

from analysis import InputError, read_ratings, understand_ratings
from analysis.foreign.questions.near_names import near_pairs


@pytest.mark.parametrize(
    ("names", "pairs"),
    [
        (["税务局", "县税务局"], [("税务局", "县税务局")]),
        (["国家税务总局某县税务局", "税务局"], [("税务局", "国家税务总局某县税务局")]),
        (["税务局（2025）", "税务局"], [("税务局", "税务局（2025）")]),
        (["税务局(一季度)", "税务局 (二季度)"], [("税务局(一季度)", "税务局 (二季度)")]),
        (["Tax Office", "County Tax Office"], [("Tax Office", "County Tax Office")]),
        (["税务局", "税务"], [("税务局", "税务")]),
        (["稅務局", "税务局"], [("稅務局", "税务局")]),
        (["1.税务局", "税务局", "2.公安局"], [("税务局", "1.税务局")]),
        (
            ["Tax Office", "tax office.", "The Tax Office"],
            [("Tax Office", "tax office."), ("Tax Office", "The Tax Office")],
        ),
        (["“税务局”", "税务局"], [("税务局", "“税务局”")]),
        (["1.1", "2.1", "3", "A 1"], []),
        (["市场监督管理局", "监督管理局", "城市管理局", "管理局"], []),
        (["县人民医院", "区人民医院", "公安局", "公安局交警队"], []),
        (["供电公司（城区）", "供水公司（城区）"], []),
        (["Fire Service", "Water Service", "Tax (VAT)"], []),
    ],
)
def test_pairs(names, pairs):
    assert near_pairs(names) == pairs


HEADS = {"place": "县税务局", "bracket": "税务局(2025)", "quarter": "税务局（一季度）"}


def with_again(head):
    """Rows of `FLAT` with one more column, in which everybody gives 60."""
    return [[*row, head if n == 0 else 60] for n, row in enumerate(wide())]


@pytest.mark.parametrize("head", HEADS.values())
def test_wide_tables_ask_and_take_each_answer(tmp_path, head):
    path = text(tmp_path / "r.csv", with_again(head))
    said = asked(path, "税务局", head, "--departments")
    two, one = ([*choice[1].split("\n")] for choice in said.choices)
    assert two == [*DEPARTMENTS, head]
    both = [{**row, (head, ""): 3} for row in FLAT]
    assert per_rater(read_ratings(path, departments=two)) == right(both)
    read = understand_ratings(
        path, departments=dict(part.split("=") if "=" in part else (part, part) for part in one)
    )
    assert read.rated == DEPARTMENTS
    assert read.n_ratings == sum(map(len, FLAT)) + len(FLAT)
    assert per_rater(read_ratings(path, departments=DEPARTMENTS)) == right(FLAT)


def long(head):
    rows = [["评议人", "部门", "得分"]]
    for n, row in enumerate(FLAT, 1):
        rows += [[f"企业{n}", d, POINTS[v]] for (d, _), v in row.items()]
        rows.append([f"企业{n}", head, 60])
    return rows


@pytest.mark.parametrize("head", HEADS.values())
def test_long_tables_ask_and_take_each_answer(tmp_path, head):
    path = text(tmp_path / "r.csv", long(head))
    asked(path, "税务局", head, "--departments")
    both = [{**row, (head, ""): 3} for row in FLAT]
    assert per_rater(read_ratings(path, departments=[*DEPARTMENTS, head])) == right(both)
    joined = {name: name for name in DEPARTMENTS} | {head: "税务局"}
    assert understand_ratings(path, departments=joined).rated == DEPARTMENTS
    assert per_rater(read_ratings(path, departments=DEPARTMENTS)) == right(FLAT)
    remark = understand_ratings(path, departments=DEPARTMENTS).remarks[-1]
    assert remark.zh == f"名单里没有的部门没有计入，共 {len(FLAT)} 条评分：{head}。"
    with pytest.raises(InputError, match="没有 --departments 给出的部门"):
        read_ratings(path, departments=["住建局", "环保局"])


def test_grids_too(tmp_path):
    rows = [["部门", *(f"票{n}" for n in range(1, 15))]]
    rows += [[d, *(80 if (d, "") in row else "" for row in FLAT)] for d in DEPARTMENTS]
    rows.append(["县税务局", *[60] * 14])
    path = text(tmp_path / "r.csv", rows)
    asked(path, "县税务局")
    assert understand_ratings(path, departments=DEPARTMENTS).rated == DEPARTMENTS


def test_periods_are_no_items(tmp_path):
    heads = [f"{d}（{year}）" for year in (2024, 2025) for d in DEPARTMENTS]
    rows = [["企业", *heads]]
    rows += [[f"厂{n}", *cells(row, POINTS.get, pairs=SINGLE) * 2] for n, row in enumerate(FLAT)]
    path = text(tmp_path / "r.csv", rows)
    asked(path, "2024、2025", "--previous")
    assert understand_ratings(path, departments=DEPARTMENTS).rated_items == ("2024", "2025")
    long = [["评议人", "部门", "指标", "得分"]]
    long += [[f"厂{n}", d, q, 80] for n in range(6) for d in DEPARTMENTS for q in ("一季度", "二季度")]
    asked(text(tmp_path / "l.csv", long), "一季度、二季度")


def test_a_list_names_headings_that_all_have_something_in_brackets(tmp_path):
    path = text(tmp_path / "r.csv", wide(heads=[f"{d}（现场打分）" for d in DEPARTMENTS]))
    assert per_rater(read_ratings(path, departments=DEPARTMENTS)) == right(FLAT)


PERIODS = [
    ("年度", 2024, 2025),
    ("季度", "一季度", "二季度"),
    ("轮次", 1, 2),
    ("Wave", 1, 2),
    ("round", "Round 1", "Round 2"),
    ("評議年度", 2024, 2025),
]


@pytest.mark.parametrize("shape", ["wide", "long"])
@pytest.mark.parametrize(("head", "first", "second"), PERIODS)
def test_columns_of_periods_are_asked_about(tmp_path, head, first, second, shape):
    """Two years were added up, and the column was named as unused."""
    if shape == "wide":
        rows = [[*row, head if n == 0 else (first, second)[n % 2]] for n, row in enumerate(wide())]
    else:
        body = [[f"厂{n}", d, POINTS[v]] for n, row in enumerate(FLAT) for (d, _), v in row.items()]
        rows = [
            ["评议人", "部门", "得分", head],
            *([*row, (first, second)[n % 2]] for n, row in enumerate(body)),
        ]
    path = text(tmp_path / "r.csv", rows)
    said = asked(path, str(first), str(second), "--previous")
    assert per_rater(read_ratings(path, departments=said.choices[0][1].split("\n"))) == right(FLAT)
    one = text(
        tmp_path / "one.csv", [[*row[:-1], row[-1] if n == 0 else first] for n, row in enumerate(rows)]
    )
    assert per_rater(read_ratings(one)) == right(FLAT)


@pytest.mark.parametrize("head", ["成立年份", "Year founded"])
def test_years_of_firms_are_no_periods(tmp_path, head):
    rows = [[*row, head if n == 0 else 2000 + n % 3] for n, row in enumerate(wide())]
    assert per_rater(read_ratings(text(tmp_path / "r.csv", rows))) == right(FLAT)


@pytest.mark.parametrize(
    "head", ["Company size", "Bank account number", "Department type", "Office location"]
)
def test_what_a_firm_says_of_itself_is_no_department(tmp_path, head):
    """Sizes of firms from 1 to 4 were ranked as a department."""
    names = ("Tax Office", "Police Department", "Water Company", "Fire Service")
    rows = wide(lambda v: v, heads=names)
    rows = [[*row, head if n == 0 else 1 + n % 4] for n, row in enumerate(rows)]
    path = text(tmp_path / "r.csv", rows)
    asked(path, head, "--departments")
    assert set(read_ratings(path, departments=names).department_names) == set(names)


NO_BALLOTS = [
    "上年得分",
    "去年平均",
    "自评",
    "加分",
    "附加分",
    "系数",
    "等级",
    "备注",
    "Bonus",
    "Last year",
    "上年得分（85）",
]


@pytest.mark.parametrize("head", NO_BALLOTS)
def test_columns_of_a_grid_that_are_no_ballots(tmp_path, head):
    """Each was one more ballot."""
    rows = [["单位", *(f"评委{n}" for n in range(1, len(FLAT) + 1)), head]]
    for n, d in enumerate(DEPARTMENTS):
        rows.append([d, *(POINTS[row[d, ""]] if (d, "") in row else "" for row in FLAT), 60 + 10 * n])
    path = text(tmp_path / "r.csv", rows)
    assert per_rater(read_ratings(path)) == right(FLAT)
    assert [(part.heading, part.why) for part in understand_ratings(path).unused] == [(head, "other")]
