"""Sentences and sheets say nothing of none, one of one, and by the names of what is ranked."""

import io

import numpy as np
import openpyxl
import pytest

from analysis import Ratings, composite, extremes, grades, rank, rank_estimates
from analysis.charts.ranking import ranking_forest
from survey.documents.ranking.files import ranking_files


def ratings(slopes=(0, 10, 20, 30), raters=20, more=0):
    rng = np.random.default_rng(3)
    X = np.round(90 - np.array(slopes) + rng.normal(0, 2, (raters, len(slopes))))
    names = ["甲局", "乙局", "丙局", "丁局"][: len(slopes)]
    if more:
        X = np.hstack([X, np.full((raters, 1), np.nan)])
        X[:more, -1] = 80
        names.append("小局")
    return Ratings.from_array(X, department_names=names)


@pytest.fixture(scope="module")
def clear():
    return rank(ratings(), draws=2000)


def test_all_pairs_and_no_pair(clear):
    assert "6 对部门都可以分出高下。" in clear.summary("zh")
    assert "All of 6 pairs of departments differ." in clear.summary("en")
    same = rank_estimates(["A", "B", "C"], [1.0, 1.1, 1.2], [1.0, 1.0, 1.0])
    assert "3 对部门都不能分出高下。" in same.summary("zh")
    assert "None of 3 pairs of departments can be told apart." in same.summary("en")
    two = rank_estimates(["A", "B"], [1.0, 9.0], [1.0, 1.0])
    assert "两个部门可以分出高下。" in two.summary("zh")
    assert "The two departments differ." in two.summary("en")


def test_ends_say_nothing_of_none(clear):
    found = extremes(clear, "first", 2)
    assert found.summary("zh") == "确定在前 2 名的：甲局、乙局；确定不在的有 2 个。"
    assert found.summary("en") == "Certainly among the first 2: 甲局, 乙局; certainly not: 2 departments."
    one = extremes(clear, "last", 3)
    assert one.summary("en").endswith("; certainly not: 1 department.")


def test_grades_say_nothing_of_none(clear):
    assert grades(clear, (85, 75, 65)).summary("zh").endswith("较差：丁局。")
    assert "0" not in grades(clear, (85, 75, 65)).summary("en")
    assert grades(clear, (90, 80, 70, 59)).summary("zh").endswith("分。没有一个部门的等次能够确定。")


def test_a_department_left_out_is_said_once():
    for language, words in (("zh", "没有参加排名"), ("en", "Not ranked")):
        said = rank(ratings(more=1), draws=2000).summary(language)
        assert said.count("小局") == 1
        assert words in said
        assert "1 departments" not in said


@pytest.fixture(scope="module")
def index():
    return composite({"企业": ratings(), "代表": ratings(more=3)}, {"企业": 2, "代表": 1}, draws=2000)


def test_the_split_of_the_level_is_explained(index):
    note = next(note for note in index.ranking.notes if note.code == "composite_level")
    for text in (note.zh, note.en):
        for number in ("95%", "5", "4", "96%", "1"):
            assert number in text


def test_a_composite_is_of_departments_and_their_composite_score(index):
    forest = ranking_forest(index.ranking, (), "", "zh", None)
    assert (forest.title, forest.name_heading) == ("部门评议排名", "部门")
    assert forest.axis_label == "综合得分与联合 96% 区间"
    assert [column.heading for column in forest.right] == ["综合\n得分"]
    assert "不是每一部分都有足够的评分，不参加排名：小局。" in index.summary("zh")


@pytest.mark.parametrize(("source", "score"), [("composite", "综合得分"), ("estimate", "估计值")])
def test_a_workbook_has_no_column_or_row_that_is_empty(index, source, score):
    given = rank_estimates(["A", "B", "C"], [1.0, 5.0, 9.0], [1.0, 1.0, 1.0])
    files = ranking_files(index.ranking if source == "composite" else given)
    book = openpyxl.load_workbook(io.BytesIO(files["ranking.xlsx"]))
    table = list(book["排名"].values)
    assert score in table[0]
    assert all(cell is not None for row in table for cell in row)
    method = {row[0]: row[1] for row in book["方法"].values}
    assert None not in method.values()
    assert {"评议人数", "校正得分"}.isdisjoint(method)
    assert score in method


def test_the_average_is_the_same_line_in_legend_and_plot(index):
    figure = index.ranking.plot()
    dashed = [line for line in figure.axes[0].lines if line.get_linestyle() == "--"]
    assert len(dashed) == 1


def test_a_raw_mean_is_seen_around_the_dot_it_falls_on(clear):
    panel = clear.plot().axes[1]
    hollow = [c for c in panel.collections if c.get_facecolor().size == 0 and len(c.get_offsets()) == 4]
    assert len(hollow) == 1
    others = [c for c in panel.collections if c.get_facecolor().size and len(c.get_offsets())]
    assert all(hollow[0].get_sizes()[0] > c.get_sizes()[0] for c in others if len(c.get_sizes()))
    assert all(hollow[0].get_zorder() > c.get_zorder() for c in others)
