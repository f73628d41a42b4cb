"""Columns that say of each answer whether it is void, a trial or unfinished, in tables of people and of tools
that the reader does not know: such answers are left out, or counted with a sentence, and their rows named."""

from __future__ import annotations

import pytest
from shapes import DEPARTMENTS, FLAT, POINTS, SINGLE, Row, cells, text
from test_tools import per_rater, right

from analysis import read_ratings, understand_ratings

MARKED = {3, 8}  # positions of the answers that a column marks
KEPT = [row for n, row in enumerate(FLAT) if n not in MARKED]
ROWS = tuple(n + 2 for n in sorted(MARKED))


def wide(tmp_path, head, good, bad):
    rows = [["企业", head, *DEPARTMENTS]]
    for n, row in enumerate(FLAT):
        rows.append([f"厂{n}", bad if n in MARKED else good, *cells(row, POINTS.get, pairs=SINGLE)])
    return text(tmp_path / "r.csv", rows)


def long(tmp_path, head, good, bad):
    rows = [["评议人", "部门", "得分", head]]
    for n, row in enumerate(FLAT):
        rows += [[f"厂{n}", d, POINTS[v], bad if n in MARKED else good] for (d, _), v in row.items()]
    return text(tmp_path / "r.csv", rows)


def said(read) -> str:
    return "".join(remark.zh for remark in read.remarks)


VOID = [
    *(
        ("状态", "有效", "无效"),
        ("答卷状态", "有效", "筛除"),
        ("是否有效", "是", "否"),
        ("是否测试", "否", "是"),
    ),
    *(("审核状态", "通过", "不通过"), ("质检", "合格", "不合格"), ("备注", "", "作废"), ("是否有效", 1, 0)),
    *(("Response Type", "IP Address", "Survey Preview"), ("Status", "Complete", "Disqualified")),
    *(("Distribution Channel", "anonymous", "test"), ("deleted", 0, 1), ("is_test_data", "0", "1")),
    *(("Status", "IP Address", "Spam"), ("狀態", "有效", "無效"), ("問卷狀態", "有效", "作廢")),
    *(("数据质量", "合格", "不合格"), ("Data quality", "good", "Bad"), ("审核意见", "通过", "不通过")),
]


@pytest.mark.parametrize("shape", [wide, long])
@pytest.mark.parametrize(("head", "good", "bad"), VOID)
def test_void_and_trial_answers_are_left_out_and_named(tmp_path, head, good, bad, shape):
    path = shape(tmp_path, head, good, bad)
    read = understand_ratings(path)
    assert per_rater(read_ratings(path)) == per_rater(read_ratings(path, mapping=read)) == right(KEPT)
    if shape is wide:
        assert {left.why: left.rows for left in read.left_out} == {"preview": ROWS}
    else:
        assert "行作废、筛除或测试的（第 " in said(read)


UNFINISHED = [("状态", "已完成", "未完成"), ("Status", "Complete", "Partial"), ("Finished", "True", "False")]


@pytest.mark.parametrize("shape", [wide, long])
@pytest.mark.parametrize(("head", "good", "bad"), UNFINISHED)
def test_unfinished_answers_count_and_are_named(tmp_path, head, good, bad, shape):
    path = shape(tmp_path, head, good, bad)
    assert per_rater(read_ratings(path)) == right(FLAT)
    assert "没有答完" in said(understand_ratings(path))
    assert "已给的评分计入" in said(understand_ratings(path))


OTHER = [
    ("状态", "正常", "注销"),
    ("Status", "Customer", "Supplier"),
    ("备注", "", "打电话问过"),
    ("类型", "国企", "民企"),
]


@pytest.mark.parametrize(("head", "one", "other"), OTHER)
def test_columns_about_the_firm_leave_nobody_out(tmp_path, head, one, other):
    assert per_rater(read_ratings(wide(tmp_path, head, one, other))) == right(FLAT)


@pytest.mark.parametrize(
    "name",
    ["test", "TEST 2", "Test User", "demo", "Survey Preview", "预览", "测试账号1", "张三测试", "管理员测试"],
)
def test_trial_raters_are_left_out(tmp_path, name):
    rows = [["姓名", *DEPARTMENTS]]
    rows += [[f"厂{n}", *cells(row, POINTS.get, pairs=SINGLE)] for n, row in enumerate(FLAT)]
    kept: list[Row] = [row for n, row in enumerate(FLAT) if n != 5]
    rows[6][0] = name
    path = text(tmp_path / "r.csv", rows)
    assert {left.why: left.rows for left in understand_ratings(path).left_out} == {"preview": (7,)}
    assert per_rater(read_ratings(path)) == right(kept)


@pytest.mark.parametrize(
    "name", ["华测检测", "Testo AG", "Demokrat Ltd", "Samplers", "上海软件测试中心", "Teststand Co"]
)
def test_firms_of_such_names_count(tmp_path, name):
    rows = [["姓名", *DEPARTMENTS]]
    rows += [[f"厂{n}", *cells(row, POINTS.get, pairs=SINGLE)] for n, row in enumerate(FLAT)]
    rows[6][0] = name
    assert not understand_ratings(text(tmp_path / "r.csv", rows)).left_out
