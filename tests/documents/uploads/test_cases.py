"""Files that failed once, each one of a kind; and further ones of the same kinds, made here."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from survey.documents.uploads import credit_code
from survey.documents.uploads.departments_table import read_departments
from survey.documents.uploads.indicator_table import ASSESSMENT, HOTLINE, read_indicators
from survey.documents.uploads.refusals import FormulaFound, MergedCells, SheetRefused
from survey.documents.uploads.roster_table import RosterReport, read_roster
from survey.errors import InvalidInput
from survey.protocol.questionnaire import Stratum

CASES = Path(__file__).parents[2] / "data" / "cases"
CODES = [credit_code.complete_credit_code(f"91420983{n:09d}") for n in range(40)]
HEADINGS = ["企业名称", "统一社会信用代码", "联系人", "手机", "规模", "行业"]
HEAD = ["企业名称", "统一社会信用代码", "联系人"]


def case(name: str) -> io.BytesIO:
    return io.BytesIO((CASES / name).read_bytes())


def roster(name: str) -> RosterReport:
    return read_roster(case(name))


def said(report: Any) -> str:
    return " ".join(remark.say() for remark in report.remarks)


def book(fill: Callable[[xlsxwriter.Workbook], object]) -> io.BytesIO:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as workbook:
        fill(workbook)
    file.seek(0)
    return file


def sheet(workbook: xlsxwriter.Workbook, rows: Sequence[Sequence[Any]], name: str | None = None) -> Any:
    made = workbook.add_worksheet(name)
    for number, row in enumerate(rows):
        made.write_row(number, 0, row)
    return made


def firms(count: int, start: int = 0) -> list[list[str]]:
    return [[f"公司{n}", CODES[n], "张三"] for n in range(start, start + count)]


# The files as they were handed in.


def test_invisible_signs_in_departments() -> None:
    assert [row[1] for row in read_departments(case("dep-zero-width.xlsx")).rows] == [
        "行政审批局", "税务局", "供电公司", "消防救援大队", "自来水公司",
    ]  # fmt: skip


def test_line_feeds_in_departments() -> None:
    assert read_departments(case("dep-linebreak.xlsx")).rows[0][:2] == ("管理", "行政审批局")


def test_per_cent_cells_are_what_they_show() -> None:
    rows = read_indicators(case("ind-percent-format.xlsx"), ASSESSMENT).rows
    assert [(row.value, row.province) for row in rows] == [(86.5, 84.2), (90.1, 88.0)]


def test_totals_are_no_department() -> None:
    report = read_indicators(case("hot-total-row.xlsx"), HOTLINE)
    assert {row.department for row in report.rows} == {"税务局"}
    assert "第 3 行" in said(report)


def test_every_sheet_that_fits() -> None:
    report = roster("roster-sheet-per-township.xlsx")
    assert (len(report.rows), report.problems) == (12, ())
    assert all(name in said(report) for name in ("城关镇", "东河镇", "西岗乡"))


def test_hidden_sheets_are_not_read() -> None:
    report = roster("roster-hidden-example-sheet-first.xlsx")
    assert len(report.rows) == 12
    assert "示例填写有限公司" not in {row.name for row in report.rows}
    assert "隐藏的工作表：数据字典" in said(report)


def test_error_values_are_named() -> None:
    report = roster("roster-error-values-optional.xlsx")
    assert report.problems
    for problem in report.problems:
        assert "#N/A" in problem.say()
        assert f"{'ABCDEF'[HEADINGS.index(problem.column)]}{problem.row}" in problem.say()


def test_backslashes_in_the_archive() -> None:
    assert len(roster("roster-backslash-paths.xlsx").rows) == 12


def test_rounded_codes() -> None:
    report = roster("roster-codes-rounded-to-zeros.csv")
    assert (len(report.rows), len(report.problems)) == (0, 12)
    assert {problem.say() for problem in report.problems} == {
        "Excel 已经把信用代码当成数字，后三位变成了 0。"
    }


def test_apostrophes() -> None:
    report = roster("roster-codes-apostrophe.csv")
    assert report.problems == ()
    assert (report.rows[0].credit_code, report.rows[0].phone) == ("91420983459455156E", "13900010001")


def test_a_merged_footnote() -> None:
    report = roster("roster-merged-footnote.xlsx")
    assert (len(report.rows), report.problems) == (12, ())
    assert "第 14 行" in said(report)


def test_a_web_page_named_xls() -> None:
    with pytest.raises(SheetRefused) as caught:
        roster("roster-html-in-xls.xls")
    assert "网页" in caught.value.say()
    assert "<" not in caught.value.say()


# Further ones of these kinds.


def test_serial_formulas_and_remarks_in_columns_that_are_not_read() -> None:
    def fill(workbook: xlsxwriter.Workbook) -> None:
        rows = [["序号", *HEAD, "备注"], *([0, *row, ""] for row in firms(4))]
        made = sheet(workbook, rows)
        for row in range(1, 5):
            made.write_formula(row, 0, "=ROW()-1", None, row)
        made.merge_range(1, 4, 4, 4, "以上均为规上企业")

    report = read_roster(book(fill))
    assert (len(report.rows), report.problems) == (4, ())


def test_a_formula_or_merge_in_a_column_that_is_read_is_still_refused() -> None:
    def formula(workbook: xlsxwriter.Workbook) -> None:
        sheet(workbook, [HEAD, *firms(3)]).write_formula(2, 1, '="x"', None, CODES[1])

    with pytest.raises(FormulaFound, match="第 3 行 B 列"):
        read_roster(book(formula))
    with pytest.raises(MergedCells):
        read_roster(book(lambda b: sheet(b, [HEAD, *firms(3)]).merge_range(1, 0, 2, 0, "公司")))


def test_a_sum_below_a_table_of_figures_refuses_nothing() -> None:
    def fill(workbook: xlsxwriter.Workbook) -> None:
        made = sheet(workbook, [["部门", "受理件数（件）"], ["税务局", 10], ["公安局", 20], ["合 计", 0]])
        made.write_formula(3, 1, "=SUM(B2:B3)", None, 30)

    report = read_indicators(book(fill), HOTLINE)
    assert [(row.department, row.value) for row in report.rows] == [("税务局", 10), ("公安局", 20)]


def test_very_hidden_sheets_and_sheets_with_other_headings_are_named() -> None:
    def fill(workbook: xlsxwriter.Workbook) -> None:
        sheet(workbook, [["说明"], ["每行一家"]], "填写说明")
        sheet(workbook, [HEAD, *firms(3)], "名录")
        sheet(workbook, [HEAD, *firms(2, 10)], "旧").very_hidden()

    report = read_roster(book(fill))
    assert len(report.rows) == 3
    assert "没有读取（表头对不上）的工作表：填写说明" in said(report)
    assert "隐藏的工作表：旧" in said(report)


def test_one_firm_in_two_sheets_is_named_with_both_places() -> None:
    def fill(workbook: xlsxwriter.Workbook) -> None:
        sheet(workbook, [HEAD, *firms(2)], "东乡")
        sheet(workbook, [["", "西乡企业", ""], HEAD, *firms(1)], "西乡")

    (problem,) = read_roster(book(fill)).problems
    assert (problem.where, problem.values["first"]) == ("西乡 3", "东乡 2")


def test_custom_per_cent_formats_and_a_per_cent_sign_that_is_only_text() -> None:
    def fill(workbook: xlsxwriter.Workbook) -> None:
        made = sheet(workbook, [["部门", "满意率（%）", "按期办结率（%）"], ["税务局"], ["公安局"]])
        made.write_number(1, 1, 0.881, workbook.add_format({"num_format": "0.0%;[Red]-0.0%"}))
        made.write_number(1, 2, 97.6, workbook.add_format({"num_format": '0.0"%"'}))
        made.write_number(2, 1, 1, workbook.add_format({"num_format": "0%"}))
        made.write_number(2, 2, 97.6, workbook.add_format({"num_format": "0.0\\%"}))

    rows = read_indicators(book(fill), HOTLINE).rows
    assert [row.value for row in rows] == [88.1, 97.6, 100.0, 97.6]


@pytest.mark.parametrize("error", ["#N/A", "#REF!", "#DIV/0!", "#VALUE!", "#NAME?"])
def test_error_values_in_a_csv_and_in_a_name(error: str) -> None:
    text = f"企业名称,信用代码\n{error},{CODES[0]}\n公司1,{CODES[1]}\n"
    (problem,) = read_roster(io.BytesIO(text.encode())).problems
    assert error in problem.say()
    assert "A2" in problem.say()


def test_codes_wrapped_against_excel() -> None:
    text = f'企业名称,信用代码\n公司0,"=""{CODES[0]}"""\n公司1,＇{CODES[1]}\n公司2,`{CODES[2]}\n'
    report = read_roster(io.BytesIO(text.encode()))
    assert [row.credit_code for row in report.rows] == CODES[:3]


def test_totals_and_notes_in_a_roster() -> None:
    lines = [
        "企业名称,信用代码",
        f"公司0,{CODES[0]}",
        "合计,",
        "注：以上为规上企业,",
        "填表人：张三,",
        "总 计：1家,",
    ]
    report = read_roster(io.BytesIO("\n".join(lines).encode()))
    assert len(report.rows) == 1
    assert "第 3、4、5 行" in said(report)
    assert [problem.row for problem in report.problems] == [6], "not known as a total: asked, not dropped"


def test_names_that_differ_by_brackets_are_one_department() -> None:
    text = "类别,部门\n管理,税务局（县）\n管理,税务局(县)\n"
    with pytest.raises(InvalidInput) as caught:
        read_departments(io.BytesIO(text.encode()))
    assert "税务局（县）" in caught.value.say()
    assert "税务局(县)" in caught.value.say()


def test_a_title_and_marks_around_the_headings_of_departments() -> None:
    text = "2026年部门表,,\n序号,类别*,部门名称（必填）\n1,管理,税务局\n2,服务,供电公司\n合计,2,\n"
    read = read_departments(io.BytesIO(text.encode()))
    assert [row[:2] for row in read.rows] == [("管理", "税务局"), ("服务", "供电公司")]
    assert "第 5 行" in said(read)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"\xef\xbb\xbf  <!DOCTYPE html><html><table>", "网页"),
        (b"\xff\xfe" + "<html><table>".encode("utf-16-le"), "网页"),
        (
            b'<?xml version="1.0"?><W xmlns="urn:schemas-microsoft-com:office:spreadsheet">',
            "XML 表格 2003",
        ),
        (b"MIME-Version: 1.0\r\nContent-Type: multipart/related", "网页（.mht）"),
        (b"%PDF-1.7", "PDF 文件"),
        (b"Rar!\x1a\x07", "压缩包（RAR）"),
    ],
)
def test_what_comes_under_the_name_of_a_table(content: bytes, kind: str) -> None:
    with pytest.raises(SheetRefused) as caught:
        read_roster(io.BytesIO(content))
    assert kind in caught.value.say()


@pytest.mark.parametrize(
    ("part", "kind"),
    [
        ("content.xml", ".ods"),
        ("xl/workbook.bin", ".xlsb"),
        ("word/document.xml", "Word"),
        ("名录.xlsx", "zip"),
    ],
)
def test_archives_that_are_no_workbook(part: str, kind: str) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(part, "x")
    with pytest.raises(SheetRefused) as caught:
        read_roster(io.BytesIO(file.getvalue()))
    assert kind in caught.value.say()


def test_two_parts_of_one_name_are_refused() -> None:
    """Naive: one reader takes the first, another the last; what was checked is not what is read."""
    plain = book(lambda b: sheet(b, [HEAD, *firms(2)]))
    file = io.BytesIO()
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(file, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
        new.writestr("XL/workbook.xml", old.read("xl/workbook.xml"))
    with pytest.raises(InvalidInput):
        read_roster(io.BytesIO(file.getvalue()))


def test_what_no_font_draws_is_named_with_its_row() -> None:
    text = f"企业名称,信用代码\n公司\U0001f600,{CODES[0]}\n公\u200b司1,{CODES[1]}\n"
    report = read_roster(io.BytesIO(text.encode()))
    assert [row.name for row in report.rows] == ["公司1"]
    (problem,) = report.problems
    assert (problem.row, "U+1F600" in problem.say()) == (2, True)


def test_radicals_from_a_pdf_and_spaces_of_all_kinds() -> None:
    text = f"企业名称,信用代码,规模\n\u2f00 \u3000县\u00a0城\u2003公司,{CODES[0]},⼩\n"
    stratum = Stratum("规模", "Size", ("大", "小"), ("large", "small"))
    report = read_roster(io.BytesIO(text.encode()), strata=[stratum])
    assert (report.rows[0].name, report.rows[0].strata) == ("一县城公司", {"规模": "小"})


def test_figures_of_one_department_written_two_ways() -> None:
    text = "部门,满意率（%）\n税务局(县),80\n税务局（县）,90\n"
    (problem,) = read_indicators(io.BytesIO(text.encode()), HOTLINE).problems
    assert problem.row == 3


def test_error_values_in_figures() -> None:
    text = "部门,满意率（%）\n税务局,#DIV/0!\n公安局,88.1%\n"
    report = read_indicators(io.BytesIO(text.encode()), HOTLINE)
    assert [row.value for row in report.rows] == [88.1]
    assert "#DIV/0!" in report.problems[0].say()


def test_headings_that_are_repeated_on_every_page() -> None:
    text = f"企业名称,信用代码\n公司0,{CODES[0]}\n企业名称,信用代码\n公司1,{CODES[1]}\n"
    report = read_roster(io.BytesIO(text.encode()))
    assert (len(report.rows), report.problems) == (2, ())
    assert "第 3 行" in said(report)


def test_a_table_that_only_a_hidden_sheet_holds() -> None:
    def fill(workbook: xlsxwriter.Workbook) -> None:
        sheet(workbook, [["请看名录"]], "封面")
        sheet(workbook, [HEAD, *firms(2)], "名录").hide()

    with pytest.raises(InvalidInput) as caught:
        read_roster(book(fill))
    assert "名录" in caught.value.say_remedy()


def test_a_chart_sheet_and_headings_merged_over_two_rows() -> None:
    def fill(workbook: xlsxwriter.Workbook) -> None:
        workbook.add_chartsheet()
        made = workbook.add_worksheet()
        made.merge_range(0, 0, 0, 1, "名录")
        made.merge_range(1, 0, 2, 0, HEAD[0])
        made.merge_range(1, 1, 2, 1, HEAD[1])
        made.write_row(3, 0, firms(1)[0][:2])

    assert [row.name for row in read_roster(book(fill)).rows] == ["公司0"]
