"""Workbooks whose formulas no program has computed: named by sheet and cell, never read as nothing or 0."""

import openpyxl
import pytest
import xlsxwriter

from analysis import InputError, read_ratings
from analysis.tables.worksheet_scan import check_worksheet

DEPARTMENTS = ("税务局", "公安局", "住建局")
MARKS = [(80, 60, 90), (70, 65, 85), (90, 75, 60), (60, 80, 95), (85, 70, 75)]


def by_openpyxl(path, rows):
    book = openpyxl.Workbook()
    book.active.title = "汇总"
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def wide(mark):
    """Rows of a table in which `mark` gives the cell of a mark, by row and column letter."""
    rows = [["企业", *DEPARTMENTS]]
    for n, marks in enumerate(MARKS, 2):
        rows.append([f"厂{n}", *(mark(n, at, m) for at, m in zip("BCD", marks, strict=True))])
    return rows


def test_cells_and_sheet_are_named_with_what_to_do(tmp_path):
    path = by_openpyxl(tmp_path / "r.xlsx", wide(lambda n, at, m: f"={m}*1"))
    with pytest.raises(InputError) as caught:
        read_ratings(path)
    assert "工作表“汇总”有 15 个公式还没有算出数（B2、B3、B4等）" in caught.value.zh
    assert "WPS 打开，保存一次" in caught.value.zh
    assert "15 formulas of sheet '汇总'" in caught.value.en


def test_one_department_of_formulas_is_not_left_out(tmp_path):
    path = by_openpyxl(tmp_path / "r.xlsx", wide(lambda n, at, m: f"=B{n}+1" if at == "D" else m))
    with pytest.raises(InputError, match="D2、D3、D4"):
        read_ratings(path)


def test_zeros_in_place_of_all_values_are_no_marks(tmp_path):
    """As xlsxwriter writes formulas."""
    path = tmp_path / "r.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("评分")
        for n, row in enumerate(wide(lambda n, at, m: f"={m}+0" if at == "C" else m)):
            sheet.write_row(n, 0, row)
    with pytest.raises(InputError, match=r"“评分”有 5 个公式.*C2"):
        read_ratings(path)


def test_totals_are_not_asked_for(tmp_path):
    rows = wide(lambda n, at, m: m)
    rows = [[*row, "总分" if n == 0 else f"=SUM(B{n + 1}:D{n + 1})"] for n, row in enumerate(rows)]
    rows.append(["平均", *(f"=AVERAGE({at}2:{at}6)" for at in "BCD"), ""])
    assert read_ratings(by_openpyxl(tmp_path / "r.xlsx", rows)).n_ratings == 15


def test_the_empty_text_is_the_value_of_a_formula_of_texts():
    cells = b"<c r='A1' t='str'><f>IF(1,&quot;&quot;)</f><v></v></c><c r='B1'><f>A2</f><v/></c>"
    cells += b"<c r='C1'><f>A3</f></c><c r='D1'><f>A4</f><v>0.5</v></c>"
    facts = check_worksheet(b"<worksheet><sheetData><row>" + cells + b"</row></sheetData></worksheet>")[1]
    assert facts.uncomputed == {2: [1], 3: [1]}


def test_long_tables_too(tmp_path):
    rows = [["评议人", "部门", "得分"], *([f"厂{n}", d, f"={80 + n}"] for n in range(4) for d in DEPARTMENTS)]
    with pytest.raises(InputError, match="C2、C3、C4等"):
        read_ratings(by_openpyxl(tmp_path / "r.xlsx", rows))
