"""Uploads: what is read, and the hostile files that would do harm without each guard."""

import gzip
import io
import resource
import struct
import zipfile
import zlib
from collections.abc import Callable

import openpyxl
import pytest
import xlsxwriter
from worksheets import MAIN, PARTS, text_cell, worksheet, xlsx

from analysis.tables import refusals, worksheet_scan, xlsx_guard
from analysis.tables.cells import TableSheet
from analysis.tables.sheets import read_sheets
from analysis.tables.worksheet_scan import UPLOADED


def read_sheet(file: io.BytesIO) -> TableSheet:
    return read_sheets(file, UPLOADED).sheets[0].in_words()


def book(fill: Callable[[xlsxwriter.Workbook], None]) -> io.BytesIO:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as workbook:
        fill(workbook)
    buffer.seek(0)
    return buffer


def test_hand_made_workbook_is_read() -> None:
    sheet = read_sheet(
        xlsx(worksheet('<row r="1">' + text_cell("A1", "甲") + '<c r="B1"><v>12</v></c></row>'))
    )
    assert sheet.rows == [["甲", "12"]]


def test_values_become_the_text_a_person_sees() -> None:
    def fill(workbook: xlsxwriter.Workbook) -> None:
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, ["文字", 13800138000, 1.5, True, 914403001922038216, None])
        sheet.write(2, 1, "空行之后")

    rows = read_sheet(book(fill)).rows
    assert rows[0][:5] == ["文字", "13800138000", "1.5", "TRUE", "9.14403E+17"]
    assert rows[1] == [""] * len(rows[0])
    assert rows[2][1] == "空行之后"


def test_a_file_of_openpyxl_and_the_first_filled_sheet() -> None:
    workbook = openpyxl.Workbook()
    workbook.create_sheet("名录").append(["企业名称", "代码"])
    buffer = io.BytesIO()
    workbook.save(buffer)
    buffer.seek(0)
    assert read_sheet(buffer).rows == [["企业名称", "代码"]]


def test_rows_keep_their_numbers_when_the_first_are_empty() -> None:
    rows = read_sheet(xlsx(worksheet(f'<row r="3">{text_cell("B3", "x")}</row>'))).rows
    assert rows == [["", ""], ["", ""], ["", "x"]]


def test_merged_cells_are_reported() -> None:
    sheet = read_sheet(book(lambda b: b.add_worksheet().merge_range("B2:D3", "合并")))
    assert sheet.merged == ((2, 2, 3, 4),)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_encodings_and_delimiters(encoding: str, delimiter: str) -> None:
    text = (
        delimiter.join(["企业名称", "信用代码"]) + "\r\n" + delimiter.join(["“清河”公司", '"a b"']) + "\r\n"
    )
    assert read_sheet(io.BytesIO(text.encode(encoding))).rows == [
        ["企业名称", "信用代码"],
        ["“清河”公司", "a b"],
    ]


def test_a_gzipped_csv_is_read_within_the_limit_of_a_file() -> None:
    assert read_sheet(io.BytesIO(gzip.compress("甲,乙\n".encode()))).rows == [["甲", "乙"]]
    refused(gzip.compress(b" " * (UPLOADED.file + 1)), refusals.TooLarge, "解开后太大")
    refused(gzip.compress(b"a,b\n" * 1000)[:-9], refusals.DamagedArchive)


def test_rows_of_a_csv_know_the_line_they_begin_in() -> None:
    assert list(read_sheet(io.BytesIO(b'a,b\n"x\ny",z\n1,2\n')).numbers) == [1, 2, 4]


def test_csv_with_line_break_in_quotes() -> None:
    assert read_sheet(io.BytesIO(b'a,b\n"x\ny",z\n')).rows == [["a", "b"], ["x\ny", "z"]]


def refused(data: bytes | io.BytesIO, error: type[Exception], match: str | None = None) -> None:
    """Refused with this error, without much memory, and with a remedy."""
    file = io.BytesIO(data) if isinstance(data, bytes) else data
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(error, match=match) as caught:
        read_sheet(file)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 400 << 10
    assert isinstance(caught.value, refusals.TableRefused)
    assert all(caught.value.mend)


def test_empty_file() -> None:
    refused(b"", refusals.EmptyFile)
    refused(b" \r\n \n", refusals.EmptyFile)
    refused(book(lambda b: b.add_worksheet()), refusals.EmptyFile)


def test_zip_bomb() -> None:
    filler = "<row>" + "<c><v>1</v></c>" * 100 + "</row>"
    bomb = xlsx(worksheet(filler * (UPLOADED.unpacked // len(filler) + 1)))
    assert len(bomb.getvalue()) < 2 << 20
    refused(bomb, refusals.TooLarge, "解开后太大")


def test_zip_bomb_in_the_shared_strings() -> None:
    bomb = xlsx(worksheet(""), **{"xl/sharedStrings.xml": b" " * (UPLOADED.unpacked + 1)})
    refused(bomb, refusals.TooLarge, "解开后太大")


def test_zip_bomb_that_lies_about_its_size() -> None:
    """A reader that trusts the declared size lets the rest of the stream through."""
    honest = xlsx(worksheet(text_cell("A1", "x" * 1_000_000))).getvalue()
    name = b"xl/worksheets/sheet1.xml"
    data = bytearray(honest)
    with zipfile.ZipFile(io.BytesIO(honest)) as archive:
        info = archive.getinfo(name.decode())
    checksum = zlib.crc32(worksheet(text_cell("A1", "x" * 1_000_000)).encode()[:100])
    struct.pack_into("<I", data, info.header_offset + 14, checksum)
    struct.pack_into("<I", data, info.header_offset + 22, 100)
    central = honest.rindex(name) - 46
    struct.pack_into("<I", data, central + 16, checksum)
    struct.pack_into("<I", data, central + 24, 100)
    # Cut to the hundred bytes it declares, it is no longer a worksheet.
    refused(bytes(data), refusals.FileDamaged)


def test_the_parser_gets_a_copy_with_only_what_was_looked_at() -> None:
    file = xlsx(
        worksheet(text_cell("A1", "x")), **{"xl/media/image1.png": b"\0" * 1000, "docProps/app.xml": "<a/>"}
    )
    clean = xlsx_guard.guard_workbook(file)
    with zipfile.ZipFile(clean.archive) as archive:
        assert set(archive.namelist()) == {*PARTS, "xl/worksheets/sheet1.xml"}


def shared(text: str, cells: str) -> io.BytesIO:
    """A workbook whose strings are `短` and `text`."""
    strings = f'<sst xmlns="{MAIN}"><si><t>短</t></si><si><r><t>{text}</t></r></si></sst>'
    return xlsx(worksheet(cells), **{"xl/sharedStrings.xml": strings})


def test_one_long_text_that_a_million_cells_share() -> None:
    """The attack: a few kB that unpack to a modest megabyte, and to gigabytes in the reader."""
    row = '<row><c t="s"><v>1</v></c><c t="s"><v>1</v></c></row>'
    refused(shared("长" * 30_000, row * 5_000), refusals.TooLarge, "文字太多")


def test_a_long_text_used_once_among_many_short_ones_is_read() -> None:
    row = '<row><c t="s"><v>0</v></c></row>'
    rows = read_sheet(shared("长" * 30_000, row * 20_000 + '<row><c t="s"><v>1</v></c></row>')).rows
    assert rows[0] == ["短"]
    assert rows[-1] == ["长" * 30_000]


@pytest.mark.parametrize("hidden", ["1<!-- -->0", "1<?x y?>0", "一"])
def test_an_index_that_two_readers_would_read_differently(hidden: str) -> None:
    cells = f'<row><c t="s"><v>{hidden}</v></c></row>'
    refused(shared("长", cells), refusals.FileDamaged)


def test_too_many_entries() -> None:
    many = {f"xl/media/{n}.png": b"" for n in range(xlsx_guard.MAX_ENTRIES + 1)}
    refused(xlsx(worksheet(""), **many), refusals.TooLarge, "部件太多")


ENTITIES = "<!DOCTYPE x [" + '<!ENTITY a "' + "A" * 1000 + '">' + "".join(
    f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(8)
) + "]>"  # fmt: skip


def test_entity_bomb_in_a_worksheet() -> None:
    refused(xlsx(worksheet(text_cell("A1", "&i;"), prolog=ENTITIES)), refusals.XmlEntities)


@pytest.mark.parametrize("part", ["xl/sharedStrings.xml", "xl/workbook.xml", "xl/styles.xml"])
def test_entity_bomb_elsewhere(part: str) -> None:
    refused(xlsx(worksheet(""), **{part: ENTITIES + "<sst>&i;</sst>"}), refusals.XmlEntities)


def test_entity_bomb_hidden_by_utf_16() -> None:
    hidden = (ENTITIES + "<sst>&i;</sst>").encode("utf-16")
    refused(xlsx(worksheet(""), **{"xl/sharedStrings.xml": hidden}), refusals.XmlEntities)


def test_a_cell_in_the_farthest_corner() -> None:
    corner = f'<row r="1">{text_cell("A1", "x")}</row><row r="1048576">{text_cell("XFD1048576", "x")}</row>'
    refused(xlsx(worksheet(corner)), refusals.TooLarge)


def test_a_large_rectangle_of_two_cells() -> None:
    far = f'<row r="1">{text_cell("A1", "x")}</row><row r="190000">{text_cell("GA190000", "x")}</row>'
    refused(xlsx(worksheet(far)), refusals.TooLarge, "范围太大")


def test_an_empty_formatted_cell_far_away_is_harmless() -> None:
    far = f'<row r="1">{text_cell("A1", "x")}</row><row r="1048576"><c r="XFD1048576" s="0"/></row>'
    assert read_sheet(xlsx(worksheet(far))).rows == [["x"]]


@pytest.mark.parametrize("reference", ["", ' r="{0}1"'])
def test_a_million_columns(reference: str) -> None:
    cells = "".join(
        f"<c{reference.format(worksheet_scan.column_letters(n))}><v>1</v></c>" for n in range(1, 1_000_001)
    )
    refused(xlsx(worksheet(f'<row r="1">{cells}</row>')), refusals.TooLarge, "列数太多")


def test_a_million_columns_of_csv() -> None:
    refused(b"x," * 1_000_000, refusals.TooLarge, "列数太多")


def test_too_many_rows() -> None:
    refused(b"x\n" * (UPLOADED.rows + 1), refusals.TooLarge, "行数太多")
    rows = "<row><c><v>1</v></c></row>" * (UPLOADED.rows + 1)
    refused(xlsx(worksheet(rows)), refusals.TooLarge, "行数太多")


def test_an_oversized_upload_is_not_read_to_its_end() -> None:
    class Endless(io.RawIOBase):
        given = 0

        def read(self, size: int = -1) -> bytes:
            assert size > 0, "asked for everything"
            self.given += size
            return b"x" * size

    file = Endless()
    refused(file, refusals.TooLarge, "文件太大")  # type: ignore[arg-type]
    assert file.given <= UPLOADED.file + 1


def test_formulas_are_found_for_the_reader_to_refuse_in_its_columns() -> None:
    formula = book(lambda b: b.add_worksheet().write_formula("C4", '=HYPERLINK("http://x")', None, "x"))
    assert {column: list(rows) for column, rows in read_sheet(formula).formulas.items()} == {3: [4]}


def test_macros() -> None:
    refused(xlsx(worksheet(text_cell("A1", "x")), **{"xl/vbaProject.bin": b"x"}), refusals.MacroFile)


def test_old_and_encrypted_excel() -> None:
    refused(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, refusals.OldExcel)


def test_encrypted_zip() -> None:
    data = bytearray(xlsx(worksheet(text_cell("A1", "x"))).getvalue())
    central = data.index(b"PK\x01\x02")
    while central >= 0:
        data[central + 8] |= 1
        central = data.find(b"PK\x01\x02", central + 4)
    refused(bytes(data), refusals.EncryptedFile)


@pytest.mark.parametrize(
    "data",
    [b"%PDF-1.7\0\0", b"\x89PNG\r\n\x1a\n\0\0\0", b"GIF89a\0\0", b"\x7fELF\0\0"],
    ids=["pdf", "png", "gif", "elf"],
)
def test_other_formats(data: bytes) -> None:
    refused(data, refusals.UnknownFormat)


def test_zip_that_is_not_a_workbook() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    refused(buffer.getvalue(), refusals.OtherFile, "Word")


@pytest.mark.parametrize("cut", [30, 200, 700, -30])
def test_truncated_workbooks(cut: int) -> None:
    refused(xlsx(worksheet(text_cell("A1", "x"))).getvalue()[:cut], refusals.FileDamaged)


def test_broken_xml() -> None:
    refused(xlsx("<worksheet><row>"), refusals.FileDamaged)
    refused(xlsx(worksheet('<row r="1"><c r="1A"><v>1</v></c></row>')), refusals.FileDamaged)


@pytest.mark.parametrize(
    "data",
    [b"\xff\xfe\x00", b"name,\xff\xff\xff\n", "名称\x01,b\n".encode()],
    ids=["bom alone", "no encoding", "control character"],
)
def test_wrong_encodings(data: bytes) -> None:
    refused(data, refusals.WrongEncoding)


def test_a_quote_that_is_never_closed() -> None:
    refused(b'a,b\n"' + b"x,\n" * 300_000, refusals.BrokenCsv)


@pytest.mark.parametrize(
    ("column", "letters"), [(1, "A"), (26, "Z"), (27, "AA"), (702, "ZZ"), (16384, "XFD")]
)
def test_column_letters(column: int, letters: str) -> None:
    assert worksheet_scan.column_letters(column) == letters
    assert worksheet_scan.parse_reference(f"{letters}7") == (7, column)
