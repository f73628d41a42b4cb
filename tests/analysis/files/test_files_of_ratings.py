import csv
import dataclasses
import datetime
import gzip
import io
import unicodedata
import zipfile

import numpy as np
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import InputError
from analysis.files import reading
from analysis.files.ratings import (
    clusters_of,
    groups_of,
    read_estimates,
    read_groups,
    read_numbers,
    read_ratings,
    strata_of,
    weights_of,
)
from analysis.tables.refusals import TableRefused
from analysis.tables.rows import is_no_rater, is_sum_of, is_void

CHINESE = "评议人,部门,得分\n甲公司,税务局,80\n乙公司,公安局,60.5\n"


@pytest.fixture
def write(tmp_path):
    def put(content, name="ratings.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return put


@pytest.fixture
def excel(tmp_path):
    def put(rows, name="ratings.xlsx"):
        path = tmp_path / name
        with xlsxwriter.Workbook(path) as book:
            sheet = book.add_worksheet()
            for number, row in enumerate(rows):
                for column, value in enumerate(row):
                    if value is not None:
                        sheet.write(number, column, value)
        return path

    return put


def refusal(call, *args):
    with pytest.raises(InputError) as caught:
        call(*args)
    assert caught.value.zh
    assert caught.value.en
    return caught.value


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_chinese_headers_in_the_encodings_that_excel_and_wps_write(write, encoding):
    table = read_ratings(write(CHINESE.encode(encoding)))
    assert table.rater == ["甲公司", "乙公司"]
    assert table.department == ["税务局", "公安局"]
    assert table.score.tolist() == [80.0, 60.5]
    assert table.item is None


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends(write, delimiter, line_end):
    text = CHINESE.replace(",", delimiter).replace("\n", line_end)
    if line_end == "\r" and delimiter != ",":
        text = text.rstrip("\r")
    assert read_ratings(write(text)).department == ["税务局", "公安局"]


def test_gzip_is_known_by_its_content_not_its_name(write):
    compressed = gzip.compress(CHINESE.encode(), mtime=0)
    assert read_ratings(write(compressed, "ratings.csv")).rater == ["甲公司", "乙公司"]


def test_excel_numbers_as_labels_lose_their_point(excel):
    path = excel([["rater", "department", "score", "weight"], [1, "税务局", 5, 1.5], [2.5, "公安局", 4, 2]])
    table = read_ratings(path)
    assert table.rater == ["1", "2.5"]
    assert table.score.tolist() == [5.0, 4.0]
    assert table.weight.tolist() == [1.5, 2.0]


def test_excel_and_csv_give_the_same(write, excel):
    rows = [line.split(",") for line in CHINESE.splitlines()]
    from_excel = read_ratings(excel([[*row[:2], float(row[2])] if i else row for i, row in enumerate(rows)]))
    from_csv = read_ratings(write(CHINESE))
    assert from_excel.rater == from_csv.rater
    assert from_excel.score.tolist() == from_csv.score.tolist()


def test_a_damaged_old_xls_says_what_to_do(write):
    # Nothing at hand writes .xls; that a damaged one says so shows that the reader is asked.
    error = refusal(read_ratings, write(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old.xls"))
    assert "另存为" in error.zh


def test_columns_can_be_named(write):
    path = write("id,dept,mark,sector\n1,A,5,x\n2,B,4,y\n")
    table = read_ratings(path, {"rater": "id", "department": "DEPT", "score": "mark", "stratum": "sector"})
    assert table.department == ["A", "B"]
    assert table.stratum == ["x", "y"]


def test_blank_rows_and_trailing_blank_cells_are_no_data(write, excel):
    path = write("\nrater,department,score\n\na,X,5,,\n,,\nb,Y,4\n\n")
    table = read_ratings(path)
    assert table.rater == ["a", "b"]
    assert list(table.numbers) == [4, 6]
    sheet = excel(
        [[None], ["rater", "department", "score"], [None], ["a", "X", 5], [" ", " ", " "], ["b", "Y", 0]]
    )
    assert list(read_ratings(sheet).numbers) == [4, 6]


@pytest.mark.parametrize(
    ("content", "row", "column", "words"),
    [
        ("rater,department,score\na,X,gut\n", 2, "score", "gut"),
        ("rater,department,score\na,X,5\nb,Y,nan\n", 3, "score", "nan"),
        ("rater,department,score\na,X,inf\n", 2, "score", "inf"),
        ("rater,department,score\na,X,-Infinity\n", 2, "score", "Infinity"),
        ("rater,department,score\na,X,1_000\n", 2, "score", "1_000"),
        ("rater,department,score\na,X,\n", 2, "score", "删去"),
        ("rater,department,score\na,X,5\n ,Y,4\n", 3, "rater", "空"),
        ("rater,department,score\n\n\na,X,5\n\nb,,4\n", 6, "department", "空"),
        ('rater,department,score\n"a\nb",X,5\nc,Y,bad\n', 4, "score", "bad"),
        ("评议人,部门,得分\n甲,X,还行\n", 2, "得分", "还行"),
        ("rater,department,score,weight\na,X,5,heavy\n", 2, "weight", "heavy"),
    ],
)
def test_a_bad_cell_is_named_by_row_and_column(write, content, row, column, words):
    error = refusal(read_ratings, write(content))
    assert (error.row, error.column) == (row, column)
    assert f"第 {row} 行" in error.zh
    assert f"“{column}”" in error.zh
    assert words in error.zh
    assert f"Row {row}, column {column!r}" in error.en


def test_many_bad_cells_are_counted_and_the_first_ones_listed(write):
    body = "".join(f"r{i},X,{'bad' if i % 2 else 5}\n" for i in range(20))
    error = refusal(read_ratings, write("rater,department,score\n" + body))
    assert "共 10 处" in error.zh
    assert "3, 5, 7, 9, 11" in error.zh


def test_excel_dates_and_truth_values_are_no_scores(excel):
    header = ["rater", "department", "score"]
    assert refusal(read_ratings, excel([header, ["a", "X", 5], ["b", "Y", True]])).row == 3
    when = datetime.datetime(2026, 1, 2)  # noqa: DTZ001 - Excel knows no zones
    path = excel([header, ["a", "X", 5], ["b", "Y", 4]])
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, header)
        sheet.write_row(1, 0, ["a", "X"])
        sheet.write_datetime(1, 2, when)
    assert refusal(read_ratings, path).row == 2


def test_an_unquoted_comma_in_a_name_does_not_shift_columns(write):
    error = refusal(read_ratings, write("rater,department,score\na,X,5\n甲公司,分公司,X,5\n"))
    assert error.row == 3
    assert "引号" in error.zh


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "空的"),
        ("\n\n , \n", "没有内容"),
        ("rater,department,score\n", "没有数据行"),
        ("rater,dept,score\na,X,5\n", "department"),
        ("rater,rater,department,score\na,a,X,5\n", "rater"),
        ("企业,评议人,部门,得分\na,b,X,5\n", "--rater"),
        (b"\xff\xff\x80\x81\x00", "编码"),
        (gzip.compress(CHINESE.encode(), mtime=0)[:-12], "压缩"),
        (b"PK\x03\x04" + b"\0" * 40, "损坏"),
        ('rater,department,score\n"a' + "x" * 200_000, "引号"),
    ],
)
def test_files_that_are_no_ratings(write, content, words):
    assert words in refusal(read_ratings, write(content)).zh


def test_a_named_column_that_is_not_there_lists_those_that_are(write):
    error = refusal(read_ratings, write("rater,department,score\na,X,5\n"), {"score": "mark"})
    assert "mark" in error.zh
    assert "rater、department、score" in error.zh


def test_missing_files_and_folders(tmp_path):
    assert "没有" in refusal(read_ratings, tmp_path / "none.csv").zh
    assert "文件夹" in refusal(read_ratings, tmp_path).zh


def test_too_much_is_refused_before_it_is_read(write, monkeypatch):
    limited(monkeypatch, file=1000)
    bomb = gzip.compress(b"rater,department,score\n" + b"a,X,5\n" * 100_000, mtime=0)
    assert len(bomb) < 1000
    assert "解开后太大" in refusal(read_ratings, write(bomb)).zh
    assert "文件太大" in refusal(read_ratings, write(CHINESE * 100)).zh


def rewritten(path, changes):
    """The workbook with some of its members replaced."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            new.writestr(info.filename, changes.get(info.filename, old.read(info.filename)))
        for name in changes.keys() - set(old.namelist()):
            new.writestr(name, changes[name])
    path.write_bytes(buffer.getvalue())
    return path


@pytest.fixture
def plain(excel):
    return excel([["rater", "department", "score"], ["a", "X", 5], ["b", "Y", 4]])


def sheet_of(plain):
    with zipfile.ZipFile(plain) as book:
        return book.read("xl/worksheets/sheet1.xml").decode()


def limited(monkeypatch, **changes):
    monkeypatch.setattr(reading, "OWN", dataclasses.replace(reading.OWN, **changes))


def test_a_zip_bomb_is_refused(plain, monkeypatch):
    limited(monkeypatch, unpacked=20 << 20)
    bomb = rewritten(plain, {"xl/styles.xml": b" " * (30 << 20)})
    assert bomb.stat().st_size < 100_000
    assert "太大" in refusal(read_ratings, bomb).zh


def test_a_picture_is_not_even_unpacked(plain, monkeypatch):
    limited(monkeypatch, unpacked=20 << 20)
    assert len(read_ratings(rewritten(plain, {"xl/media/image1.png": b"\0" * (30 << 20)})).rater) == 2


def test_a_zip_bomb_that_lies_about_its_size_is_refused(plain, monkeypatch):
    limited(monkeypatch, unpacked=20 << 20)
    path = rewritten(plain, {"xl/styles.xml": b" " * (30 << 20)})
    data = bytearray(path.read_bytes())
    size = (30 << 20).to_bytes(4, "little")
    assert data.count(size) == 2  # local header and central directory
    path.write_bytes(bytes(data.replace(size, (100).to_bytes(4, "little"))))
    with pytest.raises(TableRefused):
        read_ratings(path)


@pytest.mark.parametrize("mark", ['"', "'"])
def test_one_cell_in_the_far_corner_does_not_ask_for_a_billion(plain, mark):
    far = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'.replace('"', mark)
    xml = sheet_of(plain).replace("</sheetData>", far)
    assert "太大" in refusal(read_ratings, rewritten(plain, {"xl/worksheets/sheet1.xml": xml.encode()})).zh


def test_one_long_text_shared_by_many_cells_is_refused(plain, monkeypatch):
    limited(monkeypatch, text=4_000)
    with zipfile.ZipFile(plain) as book:
        xml = book.read("xl/sharedStrings.xml").decode()
    long = xml.replace("<t>X</t>", f"<t>{'长' * 3_000}</t>")
    once = rewritten(plain, {"xl/sharedStrings.xml": long.encode()})
    assert read_ratings(once).department[0] == "长" * 3_000
    again = sheet_of(plain).replace("</sheetData>", '<row><c t="s"><v>4</v></c></row></sheetData>')
    assert "<v>4</v>" in sheet_of(plain)
    twice = rewritten(plain, {"xl/worksheets/sheet1.xml": again.encode()})
    assert "文字太多" in refusal(read_ratings, twice).zh


def test_a_score_that_is_a_formula_has_the_value_that_excel_worked_out(tmp_path):
    path = tmp_path / "ratings.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["rater", "department", "score"])
        sheet.write_row(1, 0, ["a", "X"])
        sheet.write_formula("C2", "=2+2.5", None, 4.5)
    assert read_ratings(path).score.tolist() == [4.5]


def test_macros_are_refused(plain):
    assert "宏" in refusal(read_ratings, rewritten(plain, {"xl/vbaProject.bin": b"x"})).zh


def test_a_word_document_is_no_workbook(write):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    assert "工作簿" in refusal(read_ratings, write(buffer.getvalue(), "ratings.xlsx")).zh


def test_estimates_name_every_unit_once_and_have_positive_errors(write):
    table = read_estimates(write("unit,estimate,se\nA,1.5,0.2\nB,2,0.1\n"))
    assert table.unit == ["A", "B"]
    assert table.se.tolist() == [0.2, 0.1]
    assert refusal(read_estimates, write("unit,estimate,se\nA,1,1\nB,1,1\nA,2,1\n")).row == 4
    assert refusal(read_estimates, write("unit,estimate,se\nA,1,1\nB,2,0\n")).row == 3


def test_side_tables(write):
    assert read_numbers(write("rater,weight\na,1.5\nb,2\n"), "rater", "weight") == {"a": 1.5, "b": 2.0}
    assert read_groups(write("部门,类别\nX,执法\nY,服务\n")) == {"X": "执法", "Y": "服务"}


def test_groups_weights_and_strata_have_one_value_each(write):
    good = "rater,department,score,group,weight,stratum,cluster\na,X,5,g,2,s,o\na,Y,4,h,2,s,o\nb,X,3,g,1,t,\n"
    table = read_ratings(write(good))
    assert groups_of(table) == {"X": "g", "Y": "h"}
    assert weights_of(table) == {"a": 2.0, "b": 1.0}
    assert strata_of(table) == {"a": "s", "b": "t"}
    assert clusters_of(table) == {"a": "o", "b": ""}
    bad = read_ratings(write(good + "b,X,3,h,9,s,p\n"))
    columns = {"group": groups_of, "weight": weights_of, "stratum": strata_of, "cluster": clusters_of}
    for column, call in columns.items():
        error = refusal(call, bad)
        assert (error.row, error.column) == (5, column)


def is_plain(text):
    """What is one spelling alone, as other widths, brackets and invisible signs are joined on purpose, and no
    word such as 平均, whose rows are left out on purpose."""
    if is_sum_of(text) or is_no_rater(text) or is_void(text):
        return False
    return unicodedata.is_normalized("NFKC", text) and text[0] not in "'`" and not set(text) & set("〔〕【】")


seen = st.characters(codec="utf-8", categories=("L", "N", "P", "S"))
cells = st.text(seen, min_size=1, max_size=8).filter(is_plain)
# A whole number far off the others, such as -1, is asked about: it may be a code for no answer.
scores = st.floats(-1e6, 1e6).filter(lambda score: not score.is_integer())


@given(st.lists(st.tuples(cells, cells, scores), min_size=1, max_size=20))
def test_what_csv_writes_is_read_back(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("csv") / "ratings.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["rater", "department", "score"])
        writer.writerows((a, b, repr(c)) for a, b, c in rows)
    table = read_ratings(path)
    assert table.rater == [a.strip() for a, _, _ in rows]
    assert table.department == [b.strip() for _, b, _ in rows]
    assert np.array_equal(table.score, [c for *_, c in rows])
