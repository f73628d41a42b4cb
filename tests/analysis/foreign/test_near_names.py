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
