"""Rows below a long table that are no ratings are left out and named, or refused."""

import pytest
from shapes import DEPARTMENTS, FLAT, POINTS, excel, text
from test_tools import per_rater, right

from analysis import InputError, read_ratings, understand_ratings

BODY = [[f"厂{n}", d, POINTS[v]] for n, row in enumerate(FLAT) for (d, _), v in row.items()]
FOOTERS = {
    "合计": [["合计", "", 2900]],
    "部门列里的合计": [["", "合计", 2900]],
    "三行": [["合计", "", 2900], ["平均", "", 60.4], ["备注", "", ""]],
    "备注有字": [["备注", "厂3已注销", "无"]],
    "备注一格": [["备注：以上为第一批", "", ""], ["填表日期：2026年3月", "", ""]],
    "小计": [["小计", "税务局", 900], ["小计", "公安局", 800]],
    "部门小计": [["", f"{d}小计", 70] for d in DEPARTMENTS],
    "部门平均": [["", f"{d}平均", 70] for d in DEPARTMENTS],
    "去年得分": [["去年得分", d, 70] for d in DEPARTMENTS],
    "全县平均": [["全县平均", "", 60]],
    "得分率": [["得分率", d, 0.8] for d in DEPARTMENTS],
    "空格里的合计": [["合 计", "", 2900], ["平 均 分", "", 60]],
    "签字": [["制表人：张三", "审核：李四", "日期：2026-3-5"]],
}


@pytest.mark.parametrize("name", FOOTERS)
def test_footers_are_left_out_and_named(tmp_path, name):
    path = text(tmp_path / "r.csv", [["评议人", "部门", "得分"], *BODY, *FOOTERS[name]])
    assert per_rater(read_ratings(path)) == right(FLAT)
    said = " ".join(remark.zh for remark in understand_ratings(path).remarks)
    assert all(str(len(BODY) + 2 + n) in said for n in range(len(FOOTERS[name])))


def test_void_answers_are_named_as_such(tmp_path):
    path = text(tmp_path / "r.csv", [["评议人", "部门", "得分"], *BODY, ["厂99（作废）", "税务局", 100]])
    assert per_rater(read_ratings(path)) == right(FLAT)
    assert f"没有计入 1 行作废或测试的（第 {len(BODY) + 2} 行）" in understand_ratings(path).remarks[-1].zh


def test_a_sum_without_a_name_is_refused(tmp_path):
    rows = [["评议人", "部门", "得分"], *BODY, ["", "", 2900]]
    with pytest.raises(InputError, match=f"第 {len(BODY) + 2} 行"):
        read_ratings(excel(tmp_path / "r.xlsx", {"Sheet1": rows}))
