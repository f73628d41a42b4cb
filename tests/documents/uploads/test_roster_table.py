"""The roster: headings as offices write them, cells as people type them, and a report row by row."""

import io
import random

import openpyxl
import pytest
import xlsxwriter
from credit_codes import invent

from survey.documents.uploads import roster_values
from survey.documents.uploads.refusals import MergedCells, MissingColumns, NoRows
from survey.documents.uploads.roster_files import roster_template, write_roster
from survey.documents.uploads.roster_row import RosterRow
from survey.documents.uploads.roster_table import RosterReport, read_roster
from survey.protocol.questionnaire import Stratum

HUAWEI, XIAOMI, PKU = "914403001922038216", "91110108551385082Q", "12100000400002259P"
SIZE = Stratum("规模", "Size", ("大", "中", "小", "微"), ("Large", "Medium", "Small", "Micro"))
SECTOR = Stratum(
    "行业",
    "Sector",
    ("一产", "工业", "建筑", "商贸", "服务"),
    ("Farming", "Industry", "Building", "Trade", "Services"),
)
ORIGIN = Stratum("来源", "Origin", ("本地", "外来"), ("Local", "Incoming"))


def csv(*lines: str) -> io.BytesIO:
    return io.BytesIO("\n".join(lines).encode())


def one(heading: str, value: str, strata: list[Stratum] | None = None) -> RosterReport:
    """Read a roster of one row with one more column."""
    return read_roster(csv(f"企业名称,信用代码,{heading}", f"甲公司,{HUAWEI},{value}"), strata=strata)


def test_a_plain_roster() -> None:
    report = read_roster(
        csv(
            "企业名称,统一社会信用代码,联系人,手机,规模,备注",
            f"甲公司,{HUAWEI},王伟,13800138000,小,常客",
            f"乙公司,{XIAOMI},,,,",
        )
    )
    assert report.rows == (
        RosterRow(HUAWEI, "甲公司", "王伟", "13800138000", {"规模": "小"}),
        RosterRow(XIAOMI, "乙公司", "", "", {}),
    )
    assert report.problems == ()
    assert report.ignored_columns == ("备注",)
    assert report.total == 2


@pytest.mark.parametrize(
    "headings",
    [
        "单位名称,社会信用代码,联络员,联系电话",
        "＊企业名称（必填）,统一社会信用代码 (18位)".replace(" (18位)", "") + ",负责人,手机号码",
        "名称,税号,姓名,电话",
        " 企 业 名 称 ,统一社会\n信用代码".replace("\n", "") + ",联系人：,手机/电话".replace("/电话", "号"),
        "Company Name,Credit Code,Contact,Mobile",
    ],
)
def test_headings_as_offices_write_them(headings: str) -> None:
    report = read_roster(csv(headings, f"甲公司,{HUAWEI},王伟,13800138000"))
    assert report.rows == (RosterRow(HUAWEI, "甲公司", "王伟", "13800138000", {}),)


def test_the_better_of_two_candidates_is_taken() -> None:
    report = read_roster(
        csv("单位,企业名称,信用代码,电话,手机", f"工信局,甲公司,{HUAWEI},07121234567,13800138000")
    )
    assert report.rows == (RosterRow(HUAWEI, "甲公司", "", "13800138000", {}),)
    assert report.ignored_columns == ("单位", "电话")


def test_a_title_above_the_headings_even_merged() -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet()
        sheet.merge_range("A1:D1", "2026 年企业名录")
        sheet.write_row(2, 0, ["序号", "企业名称", "统一社会信用代码"])
        sheet.write_row(3, 0, [1, "甲公司", HUAWEI])
    report = read_roster(io.BytesIO(buffer.getvalue()))
    assert report.rows == (RosterRow(HUAWEI, "甲公司"),)


def test_merged_cells_below_the_headings_are_refused() -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["企业名称", "信用代码", "乡镇"])
        sheet.write_row(1, 0, ["甲公司", HUAWEI])
        sheet.write_row(2, 0, ["乙公司", XIAOMI])
        sheet.merge_range("C2:C3", "城关镇")
    with pytest.raises(MergedCells, match="第 2 行 C 列"):
        read_roster(io.BytesIO(buffer.getvalue()))


@pytest.mark.parametrize(
    ("headings", "missing"),
    [
        ("企业名称,电话", "统一社会信用代码"),
        ("信用代码,电话", "企业名称"),
        ("甲,乙", "企业名称、统一社会信用代码"),
    ],
)
def test_missing_columns_are_named(headings: str, missing: str) -> None:
    with pytest.raises(MissingColumns) as caught:
        read_roster(csv(headings, "a,b"))
    assert f"缺少这些列：{missing}。" in caught.value.say()
    assert "、".join(headings.split(",")) in caught.value.say()


def test_only_headings() -> None:
    with pytest.raises(NoRows):
        read_roster(csv("企业名称,信用代码", ",", "  , "))


@pytest.mark.parametrize(
    "written",
    [
        HUAWEI,
        f" {HUAWEI} ",
        "9144 0300 1922 0382 16",
        "91440300-192203821-6",
        "９１４４０３００１９２２０３８２１６",
        "\u200b" + HUAWEI,
    ],
)
def test_codes_are_normalised(written: str) -> None:
    report = read_roster(csv("企业名称,信用代码", f"甲公司,{written}"))
    assert [row.credit_code for row in report.rows] == [HUAWEI]


def test_lower_case_codes() -> None:
    assert read_roster(csv("企业名称,信用代码", f"甲,{XIAOMI.lower()}")).rows[0].credit_code == XIAOMI


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("", "没有统一社会信用代码。"),
        ("91440300192203821", "信用代码应为 18 位，这里是 17 位。"),
        ("91440300192203821O", "信用代码里有不该出现的字符。"),
        ("914403001922038217", "信用代码的校验位不对，至少有一位写错了。"),
        ("9.14403E+17", "信用代码被 Excel 存成了数字，后几位已经丢失。"),
    ],
)
def test_bad_codes_are_reported_by_row_and_column(written: str, message: str) -> None:
    report = read_roster(csv("企业名称,社会信用代码", f"甲公司,{HUAWEI}", f"乙公司,{written}"))
    [problem] = report.problems
    assert (problem.row, problem.column, problem.value) == (3, "社会信用代码", written)
    assert problem.say() == message
    assert problem.say_remedy()
    assert [row.name for row in report.rows] == ["甲公司"]


def test_a_code_that_excel_made_a_number() -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["企业名称", "信用代码"])
        sheet.write_row(1, 0, ["甲公司", 914403001922038216])
    [problem] = read_roster(io.BytesIO(buffer.getvalue())).problems
    assert "存成了数字" in problem.say()


def test_duplicates_name_the_row_they_repeat() -> None:
    report = read_roster(
        csv("企业名称,信用代码", f"甲,{HUAWEI}", ",", f"乙,{XIAOMI}", f"丙,{HUAWEI.lower()}")
    )
    [problem] = report.problems
    assert problem.row == 5
    assert problem.say() == "与第 2 行的信用代码相同，一家企业只能列一次。"
    assert [row.name for row in report.rows] == ["甲", "乙"]
    assert report.total == 3


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("13800138000", "13800138000"),
        ("138 0013 8000", "13800138000"),
        ("+86 138-0013-8000", "13800138000"),
        ("8613800138000", "13800138000"),
        ("１３８００１３８０００", "13800138000"),
        ("0712-1234567".replace("1234567", "3234567"), "07123234567"),
        ("(010) 8888 6666", "01088886666"),
        ("88886666", "88886666"),
        ("400-820-8820", "4008208820"),
        ("", ""),
    ],
)
def test_phones(written: str, read: str) -> None:
    assert one("手机", written).rows[0].phone == read


@pytest.mark.parametrize(
    "written", ["1380013800", "138001380000", "12800138000", "无", "13800138000 13900139000", "1.38E+10"]
)
def test_bad_phones(written: str) -> None:
    report = one("手机", written)
    assert report.rows == ()
    [problem] = report.problems
    assert (problem.row, problem.column, problem.value) == (2, "手机", written)
    assert "电话号码" in problem.say()


def test_names_are_cleaned() -> None:
    report = read_roster(csv("企业名称,信用代码", f"　清河县\u200b ＡＢＣ（中国） 有限 公司 ,{HUAWEI}"))
    assert report.rows[0].name == "清河县 ABC（中国）有限公司"


@pytest.mark.parametrize(
    ("name", "message"), [("", "没有企业名称。"), ("长" * 121, "内容太长，最多 120 个字。")]
)
def test_bad_names(name: str, message: str) -> None:
    [problem] = read_roster(csv("企业名称,信用代码", f"{name},{HUAWEI}")).problems
    assert problem.say() == message


@pytest.mark.parametrize(
    ("stratum", "written", "option"),
    [
        (SIZE, "小", "小"), (SIZE, "小型", "小"), (SIZE, "微型企业", "微"), (SIZE, "Large", "大"),
        (SIZE, "", None),
        (SECTOR, "建筑业", "建筑"), (SECTOR, "服务业", "服务"), (SECTOR, "农业", "一产"),
        (SECTOR, "第一产业", "一产"),
        (SECTOR, "制造业", "工业"), (SECTOR, "批发零售业", "商贸"), (SECTOR, "工业企业", "工业"),
        (ORIGIN, "本地企业", "本地"), (ORIGIN, "招商引资", "外来"), (ORIGIN, "外来", "外来"),
    ],
)  # fmt: skip
def test_options_of_strata(stratum: Stratum, written: str, option: str | None) -> None:
    report = one(stratum.name, written, [stratum])
    assert report.problems == ()
    assert report.rows[0].strata == ({stratum.name: option} if option else {})


def test_unknown_options_list_the_known() -> None:
    [problem] = one("企业规模", "超大", [SIZE]).problems
    assert problem.column == "企业规模"
    assert problem.say() == "“规模”没有这个选项。"
    assert problem.say_remedy() == "请改为其中之一：大、中、小、微；不清楚就留空。"


def test_strata_that_the_questionnaire_does_not_have_are_ignored() -> None:
    report = one("乡镇", "城关镇", [SIZE])
    assert report.rows[0].strata == {}
    assert report.ignored_columns == ("乡镇",)


def test_without_a_questionnaire_any_option_is_kept() -> None:
    assert one("街道", "城关").rows[0].strata == {"乡镇": "城关"}


def test_every_problem_of_a_row_is_reported() -> None:
    report = read_roster(csv("企业名称,信用代码,手机", ",1,2"))
    assert [problem.column for problem in report.problems] == ["企业名称", "信用代码", "手机"]


def test_problems_speak_the_readers_language() -> None:
    [problem] = read_roster(csv("企业名称,信用代码", "甲,123")).problems
    assert problem.say(lambda text: "has %(count)s" if "%(count)s" in text else text) == "has 3"


def test_written_roster_reads_back() -> None:
    chance = random.Random(1)
    rows = tuple(
        RosterRow(
            invent(chance),
            f"=第{n}号（清河）公司",
            "@王",
            "13800138000",
            {"规模": "小", "乡镇": "城关"} if n % 2 else {},
        )
        for n in range(50)
    )
    content = write_roster(rows)
    assert read_roster(io.BytesIO(content)).rows == rows
    cell = openpyxl.load_workbook(io.BytesIO(content)).active["A2"]
    assert (cell.data_type, cell.value) == ("s", "=第0号（清河）公司")
    assert content == write_roster(rows)


def test_template_reads_back_once_filled_in() -> None:
    book = openpyxl.load_workbook(io.BytesIO(roster_template([SIZE, ORIGIN])))
    sheet = book["企业名录"]
    assert [cell.value for cell in sheet[1]] == [
        "企业名称",
        "统一社会信用代码",
        "联系人",
        "手机",
        "邮箱",
        "规模",
        "来源",
    ]
    assert sheet.freeze_panes == "A2"
    lists = {str(rule.sqref): rule.formula1 for rule in sheet.data_validations.dataValidation}
    assert lists == {"F2:F5001": '"大,中,小,微"', "G2:G5001": '"本地,外来"'}
    assert sheet.column_dimensions["B"].width > 20
    sheet.append(["甲公司", HUAWEI, "王伟", "13800138000", None, "小", "本地"])
    buffer = io.BytesIO()
    book.save(buffer)
    buffer.seek(0)
    report = read_roster(buffer, strata=[SIZE, ORIGIN])
    assert report.rows == (
        RosterRow(HUAWEI, "甲公司", "王伟", "13800138000", {"规模": "小", "来源": "本地"}),
    )


def test_empty_template_says_that_there_are_no_rows() -> None:
    with pytest.raises(NoRows):
        read_roster(io.BytesIO(roster_template()))


def test_progress_and_giving_up() -> None:
    chance = random.Random(2)
    lines = [f"公司{n},{invent(chance)}" for n in range(4_500)]
    calls: list[tuple[int, int]] = []
    read_roster(csv("企业名称,信用代码", *lines), progress=lambda _, done, total: calls.append((done, total)))
    assert calls == [(0, 0), (0, 4500), (2000, 4500), (4000, 4500), (4500, 4500)]

    class Cancelled(Exception):
        pass

    def cancel(step: str, done: int, total: int) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        read_roster(csv("企业名称,信用代码", *lines), progress=cancel)


@pytest.mark.parametrize("heading", ["邮箱", "电子邮箱", "E-mail", "联系人邮箱"])
def test_mail_addresses_are_cleaned_and_checked(heading: str) -> None:
    head = f"企业名称,统一社会信用代码,{heading}"
    lines = (f"甲公司,{HUAWEI}, mailto:Wang.Wei+a@Firm-1.example.COM ", f"乙公司,{XIAOMI},wang@firm")
    report = read_roster(io.BytesIO("\n".join((head, *lines)).encode()))
    assert [(row.name, row.email) for row in report.rows] == [("甲公司", "Wang.Wei+a@Firm-1.example.COM")]
    (problem,) = report.problems
    assert (problem.column, problem.value, problem.say()) == (heading, "wang@firm", "邮箱地址写得不对。")


@pytest.mark.parametrize(
    "address",
    ["a@b@c.example", "a b.example", "a@x.example,b@x.example", "王@firm.example", "a@x..example",
     ".a@x.example", "a@-x.example", "a@x.example\r\nBcc: b@x.example",
     "a" * 65 + "@x.example", "<a@x.example>"],
)  # fmt: skip
def test_what_is_no_single_address_is_refused(address: str) -> None:
    with pytest.raises(roster_values.BadCell):
        roster_values.valid_email(address)
