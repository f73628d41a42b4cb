"""Subtotals between raters' rows, level words as clerks space them out, traditional characters."""

from __future__ import annotations

import dataclasses

import pytest
from shapes import DEPARTMENTS, FLAT, POINTS, SINGLE, WORDS, cells, text, wide
from test_tools import check, per_rater, right

from analysis import InputError, read_ratings, understand_ratings


def mean(rows, at, places=2):
    marks = [row[at] for row in rows if row[at] != ""]
    return round(sum(marks) / len(marks), places) if marks else ""


@pytest.mark.parametrize("label", ["", "城东", "城东平均", "城东小计"])
def test_subtotals_of_each_block_of_raters_are_left_out(tmp_path, label):
    """Without a name of their own only their marks tell: the mean of the rows above in every column."""
    head, *rows = wide()
    blocks = [rows[:6], rows[6:]]
    body = [r for block in blocks for r in (*block, [label, *(mean(block, at) for at in range(1, 5))])]
    path = text(tmp_path / "r.csv", [head, *body])
    check(path, "plain", FLAT)
    left = {part.why: part.rows for part in understand_ratings(path).left_out}
    assert left["total"] == (8, 17)


@pytest.mark.parametrize("word", ["满 意", "满　意", " 满意 "])
def test_spaces_within_a_level_word_are_nothing(tmp_path, word):
    shown = {**WORDS, 4: word}
    check(text(tmp_path / "r.csv", wide(shown.get)), "plain", FLAT)


TRADITIONAL = {5: "非常滿意", 4: "頗滿意", 3: "一般", 2: "頗不滿意", 1: "非常不滿意"}
NAMES = ("行政審批局", "稅務局", "公安局", "供電公司")


def in_simplified(path):
    read = read_ratings(path)
    assert set(read.department_names) == set(NAMES)
    names = tuple(dict(zip(NAMES, DEPARTMENTS, strict=True))[name] for name in read.department_names)
    return per_rater(dataclasses.replace(read, department_names=names))


@pytest.mark.parametrize("none", ["不瞭解", "沒有接觸", "不適用", "棄權", "跳過"])
@pytest.mark.parametrize("status", ["無效", "測試", "廢卷", "篩除", "審核未通過"])
def test_a_file_in_traditional_characters(tmp_path, status, none):
    rows = [["編號", "狀態", *NAMES, "備註"]]
    for n, row in enumerate(FLAT, 1):
        rows.append([n, "有效", *cells(row, TRADITIONAL.get, none, SINGLE), ""])
    rows.insert(4, [99, status, *["非常不滿意"] * 4, ""])
    path = text(tmp_path / "r.csv", rows)
    assert in_simplified(path) == right(FLAT)
    assert {part.why: part.rows for part in understand_ratings(path).left_out} == {"preview": (5,)}


@pytest.mark.parametrize("shape", ["wide", "long"])
@pytest.mark.parametrize(
    "name",
    [
        "測試",
        "張三測試",
        "樣例",
        "無效票",
        "李四（廢票）",
        "合計",
        "總計",
        "滿分",
        "總評",
        "去年得分",
        "稅務局小計",
    ],
)
def test_rows_of_no_rater_in_traditional_characters(tmp_path, name, shape):
    """測試 was counted as a rater."""
    wide_rows = [["企業", *NAMES], *wide()[1:], [name, 20, 20, 20, 20]]
    long_rows = [["評議人", "部門", "得分"]]
    for row in wide_rows[1:]:
        long_rows += [[row[0], d, v] for d, v in zip(NAMES, row[1:], strict=True) if v != ""]
    path = text(tmp_path / "r.csv", wide_rows if shape == "wide" else long_rows)
    assert in_simplified(path) == right(FLAT)
    read = understand_ratings(path)
    assert (
        [part.rows for part in read.left_out] == [(len(FLAT) + 2,)]
        or "没有计入" in read.remarks[-1].zh
        or "跳过" in read.remarks[-1].zh
    )


def test_two_tables_of_numbered_raters_side_by_side_are_refused(tmp_path):
    """They were read as one, with the second table's numbers as a column of its own."""
    rows = [["序号", "税务局", "公安局", "序号", "税务局", "公安局"]]
    rows += [[n, POINTS[5 - n % 5], 80, n + 9, 60, POINTS[1 + n % 5]] for n in range(1, 9)]
    with pytest.raises(InputError, match="都是“序号”，像是并排的两个表"):
        read_ratings(text(tmp_path / "r.csv", rows))
