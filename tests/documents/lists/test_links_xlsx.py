"""The list of links, opened again by openpyxl."""

import dataclasses
import io
from datetime import date

import openpyxl
import pytest

from survey.documents.lists.issued import IssuedInvitation
from survey.documents.lists.links_xlsx import usual_message, write_links
from survey.errors import InvalidInput

CODE = "0123-4567-89AB-CDEF-GHJK-MNPQ-RSTV"
LINK = f"https://pingyi.example.cn/s/2026-q4#{CODE}"
CHECK = "PN10-EM0C-EWPW-3YSD"
BARE = "https://pingyi.example.cn/s/2026-q4#0123456789ABCDEFGHJKMNPQRSTV"
HUAWEI = "914403001922038216"


def invitation(name: str = "甲公司", contact: str = "王伟") -> IssuedInvitation:
    return IssuedInvitation(CODE, LINK, name, contact, "13800138000", HUAWEI)


def opened(content: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content))


def write(*issued: IssuedInvitation, **options: str) -> openpyxl.Workbook:
    return opened(write_links(issued, round_title="第四季度评议", closes_on=date(2026, 12, 20), **options))


def test_the_first_sheet_warns_that_the_list_exists_once() -> None:
    first = write(invitation()).worksheets[0]
    assert first.title == "请先读"
    text = "\n".join(str(row[0].value) for row in first.iter_rows())
    assert "只有这一份" in text
    assert "无法再次导出" in text
    assert "共 1 条" in text


def test_rows_and_messages() -> None:
    sheet = write(invitation(), invitation("乙公司"), body="县人大")["邀请链接"]
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0] == ("序号", "企业名称", "统一社会信用代码", "联系人", "手机", "邀请链接", "短信或微信内容")
    assert rows[1][:6] == (1, "甲公司", HUAWEI, "王伟", "13800138000", LINK)
    assert rows[2][1] == "乙公司"
    assert rows[1][6] == f"县人大请您匿名评议政府部门：{BARE} 12月20日截止，限用一次，勿转发。"
    assert "-" not in BARE.partition("#")[2], "not typed, so that hyphens would only cost"
    assert sheet["G2"].alignment.wrap_text
    assert sheet.row_dimensions[2].height > 2 * 15
    assert sheet.freeze_panes == "A2"
    assert sheet.print_title_rows == "$1:$1"
    assert sheet.page_setup.paperSize == 9
    assert sheet.page_setup.orientation == "landscape"


@pytest.mark.parametrize(
    "evil", ['=HYPERLINK("http://evil","点我")', "+1+1", "@SUM(A1)", "-2", "{=1}", "http://evil"]
)
def test_nothing_typed_becomes_a_formula_or_a_link(evil: str) -> None:
    sheet = write(invitation(evil, evil))["邀请链接"]
    for cell in (sheet["B2"], sheet["D2"], sheet["F2"], sheet["G2"]):
        assert cell.data_type == "s"
        assert cell.hyperlink is None
    assert sheet["B2"].value == evil


def test_slips_have_no_enterprise_columns() -> None:
    sheet = write(IssuedInvitation(CODE, LINK))["邀请链接"]
    assert [tuple(row) for row in sheet.iter_rows(values_only=True)] == [
        ("序号", "邀请链接", "邀请码"), (1, LINK, CODE),
    ]  # fmt: skip


def test_english() -> None:
    book = write(invitation(), language="en")
    assert book.sheetnames == ["Read first", "Links"]
    assert "only copy" in str(book["Read first"]["A1"].value)
    assert f"anonymously: {BARE} until 2026-12-20" in str(book["Links"]["G2"].value)


@pytest.mark.parametrize(
    ("body", "contact"), [("某县人大常委会、某县政协", ""), ("某县人大常委会", "县评议办公室 0571-88888888")]
)
def test_the_usual_message_is_two_text_messages(body: str, contact: str) -> None:
    """70 characters are one message, 67 each of several (3GPP TS 23.040); a county's address in .gov.cn."""
    long = f"https://pingyi.yunxi.gov.cn/s/2026-q4#{CODE}-{CHECK}"
    invited = dataclasses.replace(invitation(), link=long)
    text = str(write(invited, body=body, contact=contact)["邀请链接"]["G2"].value)
    assert 67 < len(text) <= 134
    assert contact in text


def test_own_message() -> None:
    sheet = write(invitation(), message="{enterprise}{contact}请点 {link}，{day} 截止")["邀请链接"]
    assert sheet["G2"].value == f"甲公司王伟请点 {BARE}，2026年12月20日 截止"


def test_a_message_for_gateways_that_forbid_personal_links() -> None:
    typed = usual_message(typed=True)
    first, second = (
        IssuedInvitation(code, f"{LINK.partition('#')[0]}#{code}-{CHECK}", "甲", check_number=CHECK)
        for code in (CODE, CODE[::-1])
    )
    rows = list(write(first, second, message=typed)["邀请链接"].iter_rows(values_only=True))
    for row, invited in zip(rows[1:], (first, second), strict=True):
        text = str(row[6])
        assert f"打开 https://pingyi.example.cn/s/2026-q4 ，输入邀请码 {invited.code} 。" in text
        assert f"核对号应是 {CHECK}" in text
        assert "#" not in text, "a personal link would be stopped"


def test_a_placeholder_in_a_name_stays_text() -> None:
    sheet = write(invitation("{link}公司"), message="{enterprise} {link}")["邀请链接"]
    assert sheet["G2"].value == "{link}公司 " + BARE


@pytest.mark.parametrize(
    "message",
    [
        "没有链接",
        "{link} {phone}",
        "{link} {link.__class__}",
        "{link} {link:>999999999}",
        "{link} {}",
        "{link} {0}",
        "{address} 没有邀请码",
        "{code} 没有网址",
    ],
)
def test_bad_messages_are_refused(message: str) -> None:
    with pytest.raises(InvalidInput, match="短信模板"):
        write(invitation(), message=message)


def test_the_secret_is_in_no_repr() -> None:
    assert CODE not in repr(invitation())


def test_the_same_list_is_the_same_file() -> None:
    make = lambda: write_links([invitation()], round_title="评议", closes_on="2026-12-20")  # noqa: E731
    assert make() == make()
