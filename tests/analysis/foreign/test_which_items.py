"""Which items count: ticks of a long table are left out, two scores of one thing and items with two marks are
asked about, and an answer holds by --explain and --map, too."""

from __future__ import annotations

import random

import pytest
from shapes import DEPARTMENTS, ITEMS, PAIRS, REVIEW, Row, text
from test_further_questions import MARKS, means, read_means

from analysis.errors import InputError
from analysis.foreign.hints import Ambiguous, Hints
from analysis.foreign.reading import read_any

RATED = sum(map(len, REVIEW))


def scores(rows: list[Row]) -> dict[str, float]:
    """Mean of a department over all items and raters."""
    found: dict[str, list[int]] = {d: [] for d in DEPARTMENTS}
    for row in rows:
        for (department, _), value in row.items():
            found[department].append(value)
    return {department: sum(values) / len(values) for department, values in found.items()}


def long(extra=(), head="得分"):
    rows = [[f"企业{n}", d, i, row[d, i]] for n, row in enumerate(REVIEW) for d, i in PAIRS if (d, i) in row]
    return [["评议人", "部门", "指标", head], *rows, *extra]


def ticks(values):
    draw = random.Random(2)
    return [[f"企业{n}", d, "打过交道", draw.choice(values)] for n in range(len(REVIEW)) for d in DEPARTMENTS]


@pytest.mark.parametrize("values", [(0, 1), (1,)])
def test_ticks_of_a_long_table_are_left_out_and_named(tmp_path, values):
    path = text(tmp_path / "a.csv", long(ticks(values)))
    read = read_any(path)
    assert len(read.table.score) == read.understood.n_ratings == RATED
    assert read_means(path) == pytest.approx(scores(REVIEW))
    assert "像是勾选，没有计入（56 条）：打过交道" in read.understood.remarks[-1].zh
    assert len(read_any(path, Hints(mapping=read.understood)).table.score) == RATED
    every = Hints(items=[*ITEMS, "打过交道"], missing=["none"])
    assert len(read_any(path, every).table.score) == RATED + 56


@pytest.mark.parametrize("marks", [("是", "否"), ("√", "×"), ("√",)])
def test_ticks_in_words_are_named_and_can_be_left_out(tmp_path, marks):
    path = text(tmp_path / "a.csv", long(ticks(marks)))
    with pytest.raises(InputError, match=f"“[{''.join(marks)}]”不是数字"):
        read_any(path)
    assert len(read_any(path, Hints(levels=dict.fromkeys(marks))).table.score) == RATED


def test_an_item_with_the_marks_one_and_two_only_is_asked_about(tmp_path):
    path = text(tmp_path / "a.csv", long(ticks((1, 2))))
    with pytest.raises(Ambiguous, match="打过交道") as asked:
        read_any(path, Hints(best="high"))
    assert set(asked.value.choices[1][1].split("\n")) == set(ITEMS)
    assert len(read_any(path, Hints(items=ITEMS)).table.score) == RATED


def test_an_item_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InputError, match=r"没有指标“收费”.*服务态度"):
        read_any(text(tmp_path / "a.csv", long()), Hints(items=["收费"]))


VERSIONS = [
    ("得分", "修改后得分"),
    ("原始分", "最终分"),
    ("score", "adjusted score"),
    ("初评得分", "复评得分"),
    ("评分", "打分"),
]


def two(tmp_path, first, second, shape):
    """File with two scores of each department, the second one lower by one where it can be."""
    lower = {5: 4, 4: 3, 3: 2, 2: 1, 1: 1}
    if shape == "wide":
        rows = [["企业", *(f"{d}-{name}" for d in DEPARTMENTS for name in (first, second))]]
        rows += [
            [f"企业{n}", *(v for d in DEPARTMENTS for v in (row.get(d, ""), lower.get(row.get(d), "")))]
            for n, row in enumerate(MARKS)
        ]
    else:
        rows = [["评议人", "部门", first, second]]
        rows += [[f"企业{n}", d, v, lower[v]] for n, row in enumerate(MARKS) for d, v in row.items()]
    return text(tmp_path / "a.csv", rows), [{d: lower[v] for d, v in row.items()} for row in MARKS]


@pytest.mark.parametrize("shape", ["wide", "long"])
@pytest.mark.parametrize(("first", "second"), VERSIONS)
def test_which_of_two_scores_counts_is_asked(tmp_path, first, second, shape):
    path, lowered = two(tmp_path, first, second, shape)
    with pytest.raises(Ambiguous, match="同一件事有几列分数") as asked:
        read_any(path)
    field = asked.value.choices[0][0]
    for place, rows in ((0, MARKS), (1, lowered)):
        name = asked.value.choices[place][1]
        hints = Hints(items=[name]) if field == "items" else Hints(keys={"score": name})
        read = read_any(path, hints)
        assert read_means(path, hints) == pytest.approx(means(rows))
        assert read_means(path, Hints(mapping=read.understood)) == pytest.approx(means(rows))


def test_versions_behind_a_spaced_dash_are_named_once(tmp_path):
    rows = [["Firm", *(f"{d} - {name}" for d in DEPARTMENTS for name in ("Score", "Revised score"))]]
    rows += [[f"F{n}", *(1 + (n + k) % 5 for k in range(8))] for n in range(12)]
    with pytest.raises(Ambiguous) as asked:
        read_any(text(tmp_path / "a.csv", rows))
    assert [choice[1] for choice in asked.value.choices[:-1]] == ["Score", "Revised score"]


def test_a_score_beside_items_under_another_heading_keeps_its_items(tmp_path):
    path = text(tmp_path / "a.csv", long(head="测评结果"))
    assert read_any(path).understood.rated_items == tuple(
        dict.fromkeys(i for r in REVIEW for _, i in sorted(r, key=PAIRS.index))
    )


def test_full_marks_that_differ_by_row_are_refused(tmp_path):
    rows = [[*row, "满分" if n == 0 else 10 if row[2] == ITEMS[0] else 5] for n, row in enumerate(long())]
    with pytest.raises(InputError, match="“满分”列有不同的满分（5、10）"):
        read_any(text(tmp_path / "a.csv", rows))
