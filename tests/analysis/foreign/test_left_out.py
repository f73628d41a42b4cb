"""Rows below the raters that are no rater's, and void answers, are left out and named."""

import statistics

import pytest
from shapes import DEPARTMENTS, FLAT, POINTS, cells, text
from test_tools import per_rater, right

from analysis import read_ratings, understand_ratings

PAIRS = [(d, "") for d in DEPARTMENTS]
BODY = [["企业", *DEPARTMENTS]]
BODY += [[f"厂{n}", *cells(row, POINTS.get, pairs=PAIRS)] for n, row in enumerate(FLAT)]
MARKS = [[row[i] for row in BODY[1:] if row[i] != ""] for i in range(1, len(BODY[0]))]


def left_out(path):
    return {left.why: left.rows for left in understand_ratings(path).left_out}


@pytest.mark.parametrize(
    "label",
    [
        *("去掉一个最高分、一个最低分", "得分", "截尾均值", "去年平均", "市人大平均", "有效人数", "得分率"),
        *("汇总", "总体"),
        *("综合排名", "排序", "参考值", "去年得分", "2025年", "全县平均", "2025年度得分", "备注"),
    ],
)
def test_rows_named_like_no_rater_are_left_out(tmp_path, label):
    path = text(tmp_path / "r.csv", [*BODY, [label, 80, 80, 80, 80]])
    assert left_out(path) == {"total": (len(BODY) + 1,)}
    assert per_rater(read_ratings(path)) == right(FLAT)


@pytest.mark.parametrize("label", ["空白票", "张三（作废）", "测试企业", "样例"])
def test_void_and_trial_rows_are_left_out(tmp_path, label):
    path = text(tmp_path / "r.csv", [*BODY, [label, 80, 80, 80, 80]])
    assert left_out(path) == {"preview": (len(BODY) + 1,)}


def trimmed(marks):
    return statistics.fmean(sorted(marks)[1:-1])


COMPUTED = {
    "mean": [[round(statistics.fmean(m), 2) for m in MARKS]],
    "as percent": [[f"{statistics.fmean(m):.1f}%" for m in MARKS]],
    "sum": [[sum(m) for m in MARKS]],
    "count": [[len(m) for m in MARKS]],
    "trimmed": [[trimmed(m) for m in MARKS]],
    "mean and count": [[f"{statistics.fmean(m):.3f}" for m in MARKS], [len(m) for m in MARKS]],
}


@pytest.mark.parametrize("which", COMPUTED)
def test_last_rows_computed_from_those_above_are_left_out_under_any_name(tmp_path, which):
    rows = [[f"县里{n}", *values] for n, values in enumerate(COMPUTED[which])]
    path = text(tmp_path / "r.csv", [*BODY, *rows])
    assert left_out(path)["total"] == tuple(range(len(BODY) + 1, len(BODY) + 1 + len(rows)))
    assert per_rater(read_ratings(path)) == right(FLAT)


def test_a_last_rater_near_the_means_counts(tmp_path):
    means = [round(statistics.fmean(m) / 20) * 20 for m in MARKS]
    path = text(tmp_path / "r.csv", [*BODY, ["厂99", *means]])
    assert not left_out(path)
