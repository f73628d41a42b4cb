"""Rows below the raters that are no rater's, and void answers, are left out and named, or refused; in wide
and in long tables."""

import statistics

import pytest
from shapes import DEPARTMENTS, FLAT, POINTS, SINGLE, WORDS, cells, excel, text
from test_tools import per_rater, right

from analysis import InputError, read_ratings, understand_ratings

BODY = [["企业", *DEPARTMENTS]]
BODY += [[f"厂{n}", *cells(row, POINTS.get, pairs=SINGLE)] for n, row in enumerate(FLAT)]
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


def test_qualtrics_by_number_leaves_out_previews_and_says_who_did_not_finish(tmp_path):
    own = ["StartDate", "Status", "Finished", "Progress", "ResponseId"]
    rows = [[*own, *(f"Q2_{k}" for k in range(1, 5))], [*own, *(f"请评价 - {d}" for d in DEPARTMENTS)]]
    rows.append(['{"ImportId":"x"}'] * len(rows[0]))
    for n, row in enumerate(FLAT):
        rows.append(["2026-10-08", 1 if n == 2 else 0, 0 if n == 4 else 1, 100, f"R_{n}"])
        rows[-1] += cells(row, POINTS.get, pairs=SINGLE)
    path = text(tmp_path / "r.csv", rows)
    read = understand_ratings(path)
    assert left_out(path) == {"preview": (6,)}
    assert "1 个评议人没有答完就退出（第 8 行）" in "".join(remark.zh for remark in read.remarks)
    kept = [row for n, row in enumerate(FLAT) if n != 2]
    assert per_rater(read_ratings(path)) == per_rater(read_ratings(path, mapping=read)) == right(kept)


VOID = {
    "kobo": (["_id", "_uuid", "_validation_status"], "Approved", "Not Approved"),
    "tencent": (["编号", "开始答题时间", "清洗数据结果"], "有效", "无效"),
}


@pytest.mark.parametrize("tool", VOID)
def test_void_answers_of_a_tool_are_left_out(tmp_path, tool):
    own, good, void = VOID[tool]
    rows = [[*own, *(f"1.打分:{d}" for d in DEPARTMENTS)]]
    for n, row in enumerate(FLAT, 1):
        rows.append([n, f"u{n}", void if n in (3, 5) else good, *cells(row, POINTS.get, pairs=SINGLE)])
    path = text(tmp_path / "r.csv", rows)
    assert understand_ratings(path, tool=tool, best="high").tool == tool
    read = read_ratings(path, best="high")
    assert per_rater(read) == right([row for n, row in enumerate(FLAT, 1) if n not in (3, 5)])


@pytest.mark.parametrize(
    "own", [("id", "submitdate", "lastpage"), ("id. 编号", "submitdate. 提交日期", "lastpage. 页")]
)
def test_limesurvey_says_how_many_did_not_submit(tmp_path, own):
    rows = [[*own, *(f"Q1[SQ00{k}]. 请评价 [{d}]" for k, d in enumerate(DEPARTMENTS))]]
    for n, row in enumerate(FLAT, 1):
        rows.append([n, "" if n in (2, 7) else "2026-10-08", 2, *cells(row, WORDS.get, pairs=SINGLE)])
    read = understand_ratings(text(tmp_path / "r.csv", rows))
    assert (read.tool, read.n_raters) == ("limesurvey", len(FLAT))
    assert "2 个评议人没有答完就退出（第 3、8 行）" in "".join(remark.zh for remark in read.remarks)


@pytest.mark.parametrize(
    "second", ["开放式回答", "开放式回复", "回复", "开放式问题回答", "Open-Ended Response", "Comments"]
)
def test_surveymonkey_comments_are_no_department(tmp_path, second):
    rows = [["Respondent ID", "Collector ID", "请评价下列部门", "", "", "", "其他意见"]]
    rows.append(["", "", *DEPARTMENTS, second])
    for n, row in enumerate(FLAT, 1):
        rows.append([f"1{n}", "7", *cells(row, WORDS.get, pairs=SINGLE), "满意" if n % 3 else ""])
    assert per_rater(read_ratings(text(tmp_path / "r.csv", rows))) == right(FLAT)


LONG = [[f"厂{n}", d, POINTS[v]] for n, row in enumerate(FLAT) for (d, _), v in row.items()]
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
    path = text(tmp_path / "r.csv", [["评议人", "部门", "得分"], *LONG, *FOOTERS[name]])
    assert per_rater(read_ratings(path)) == right(FLAT)
    said = " ".join(remark.zh for remark in understand_ratings(path).remarks)
    assert all(str(len(LONG) + 2 + n) in said for n in range(len(FOOTERS[name])))


def test_void_answers_are_named_as_such(tmp_path):
    path = text(tmp_path / "r.csv", [["评议人", "部门", "得分"], *LONG, ["厂99（作废）", "税务局", 100]])
    assert per_rater(read_ratings(path)) == right(FLAT)
    assert (
        f"没有计入 1 行作废、筛除或测试的（第 {len(LONG) + 2} 行）" in understand_ratings(path).remarks[-1].zh
    )


def test_a_sum_without_a_name_is_refused(tmp_path):
    rows = [["评议人", "部门", "得分"], *LONG, ["", "", 2900]]
    with pytest.raises(InputError, match=f"第 {len(LONG) + 2} 行"):
        read_ratings(excel(tmp_path / "r.xlsx", {"Sheet1": rows}))
