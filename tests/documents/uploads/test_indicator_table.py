"""Outside figures as offices keep them, and every cell that cannot be used named."""

from __future__ import annotations

import io

import openpyxl
import pytest

from survey.documents.uploads.indicator_row import IndicatorRow
from survey.documents.uploads.indicator_table import ASSESSMENT, HOTLINE, indicator_template, read_indicators
from survey.documents.uploads.refusals import MergedCells, MissingColumns, NoRows


def workbook(*rows: tuple[object, ...], merge: str = "") -> io.BytesIO:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    if merge:
        book.active.merge_cells(merge)
    buffer = io.BytesIO()
    book.save(buffer)
    buffer.seek(0)
    return buffer


def test_an_assessment_with_a_title_and_other_headings() -> None:
    table = workbook(
        ("2026年营商环境省评结果",),
        ("序号", "二级指标", "牵头单位", "我县得分", "全省平均分", "全市平均分", "备注"),
        (1, "开办企业", "行政审批局", 86.5, 84.2, 85.1, ""),
        (2, "获得电力", "供电公司", "66.30", None, 79, "短板"),
        (3, "跨境贸易", "商务局", None, 80, None, "不适用"),
    )
    report = read_indicators(table, ASSESSMENT)
    assert [p.row for p in report.problems] == [5]  # a row without a score says so
    assert report.rows == (
        IndicatorRow("行政审批局", "开办企业", 86.5, 84.2, 85.1, "分"),
        IndicatorRow("供电公司", "获得电力", 66.3, None, 79.0, "分"),
    )
    assert report.ignored_columns == ("序号", "备注")


def test_every_column_of_a_hotline_table_is_a_figure() -> None:
    table = workbook(
        ("承办单位", "受理件数（件）", "按期办结率", "满意率（%）", "平均用时（天）"),
        ("住建局", "1,260", 97.6, "88.1%", 3.5),
        ("公安局", 88, None, 91, None),
    )
    report = read_indicators(table, HOTLINE)
    assert not report.problems
    assert [(r.department, r.name, r.value, r.unit) for r in report.rows] == [
        ("住建局", "受理件数", 1260.0, "件"),
        ("住建局", "按期办结率", 97.6, "%"),
        ("住建局", "满意率", 88.1, "%"),
        ("住建局", "平均用时", 3.5, "天"),
        ("公安局", "受理件数", 88.0, "件"),
        ("公安局", "满意率", 91.0, "%"),
    ]


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (("", "开办企业", 80), "部门"),
        (("审批局", "", 80), "指标"),
        (("审批局", "开办企业", "优秀"), "得分"),
        (("审批局", "开办企业", -3), "得分"),
        (("审批局", "开办企业", "nan"), "得分"),
        (("审批局", "开办企业", "inf"), "得分"),
        (("长" * 61, "开办企业", 80), "部门"),
    ],
)
def test_the_cell_that_does_not_fit_is_named(row: tuple[object, ...], column: str) -> None:
    report = read_indicators(workbook(("部门", "指标", "得分"), ("法院", "执行", 70), row), ASSESSMENT)
    assert [(p.row, p.column) for p in report.problems] == [(3, column)]
    assert report.problems[0].say()
    assert report.problems[0].say_remedy()


def test_the_same_figure_twice_is_a_mistake() -> None:
    table = workbook(("部门", "指标", "得分"), ("法院", "执行", 70), ("法院", "执行", 71))
    report = read_indicators(table, ASSESSMENT)
    assert [p.say() for p in report.problems] == ["“法院”的“执行”在第 2 行已经有了。"]


@pytest.mark.parametrize(
    ("rows", "kind", "missing"),
    [
        ([("指标", "得分"), ("执行", 1)], ASSESSMENT, "牵头部门"),
        ([("部门", "指标"), ("法院", "执行")], ASSESSMENT, "得分"),
        ([("部门", "序号"), ("法院", 1)], HOTLINE, "至少一列数字"),
    ],
)
def test_missing_columns_are_named(rows: list[tuple[object, ...]], kind: str, missing: str) -> None:
    with pytest.raises(MissingColumns, match=missing):
        read_indicators(workbook(*rows), kind)


def test_merged_departments_and_empty_tables_are_refused() -> None:
    table = (("部门", "指标", "得分"), ("法院", "执行", 70), (None, "破产", 71))
    with pytest.raises(MergedCells):
        read_indicators(workbook(*table, merge="A2:A3"), ASSESSMENT)
    with pytest.raises(NoRows):
        read_indicators(workbook(table[0]), ASSESSMENT)


@pytest.mark.parametrize("kind", [ASSESSMENT, HOTLINE])
def test_the_template_can_be_read_back(kind: str) -> None:
    report = read_indicators(io.BytesIO(indicator_template(kind)), kind)
    assert report.rows
    assert not report.problems
