"""Writing of the roster and its template as Excel files that can be read back."""

from collections.abc import Iterable, Sequence

from xlsxwriter.worksheet import Worksheet

from survey.documents.layout.workbook import Book
from survey.documents.uploads.roster_columns import CONTACT, CREDIT_CODE, EMAIL, NAME, PHONE
from survey.documents.uploads.roster_row import RosterRow
from survey.protocol.questionnaire import Stratum

_WIDTHS = {NAME: 36, CREDIT_CODE: 24, CONTACT: 12, PHONE: 16, EMAIL: 26}
_STRATUM_WIDTH = 14
_TEMPLATE_ROWS = 5_000
_USUAL_STRATA = ("规模", "行业", "来源", "乡镇")
_HELP = (
    "填写说明",
    "1. 在“企业名录”表中每行填一家企业，不要合并单元格，不要使用公式。",
    "2. “企业名称”和“统一社会信用代码”必填；代码为营业执照上的 18 位，一家企业只列一次。",
    "3. 联系人、手机和邮箱可以不填；一格只填一个。",
    "4. 规模、行业、来源等各列从下拉列表中选，不清楚就留空；也可以整列删去。",
    "5. 其他列可以保留，导入时会忽略。",
)


def roster_template(strata: Sequence[Stratum] | None = None) -> bytes:
    """Workbook (.xlsx) of an empty roster: text columns, drop-down lists of the strata's options, and
    instructions."""
    book = Book("企业名录模板")
    sheet = book.sheet("企业名录")
    _lay_out(book, sheet, _USUAL_STRATA if strata is None else [stratum.name for stratum in strata])
    for place, stratum in enumerate(strata or (), start=len(_WIDTHS)):
        rule = {"validate": "list", "source": list(stratum.options), "error_title": stratum.name,
                "error_message": "请从列表中选一项，不清楚就留空。"}  # fmt: skip
        if len(",".join(stratum.options)) <= 255:
            sheet.data_validation(1, place, _TEMPLATE_ROWS, place, rule)
    guide = book.sheet("填写说明")
    guide.set_column(0, 0, 90, book.wrapped)
    for number, line in enumerate(_HELP):
        guide.write_string(number, 0, line, book.header if number == 0 else book.wrapped)
    return book.finish()


def write_roster(rows: Iterable[RosterRow]) -> bytes:
    """Workbook (.xlsx) of the roster; `read_roster` reads back equal rows."""
    rows = list(rows)
    names = list(dict.fromkeys(name for row in rows for name in row.strata))
    book = Book("企业名录")
    sheet = book.sheet("企业名录")
    _lay_out(book, sheet, names)
    for number, row in enumerate(rows, start=1):
        options = [row.strata.get(name, "") for name in names]
        values = (row.name, row.credit_code, row.contact, row.phone, row.email, *options)
        for place, value in enumerate(values):
            sheet.write_string(number, place, value, book.text)
    sheet.autofilter(0, 0, max(1, len(rows)), len(_WIDTHS) + len(names) - 1)
    return book.finish()


def _lay_out(book: Book, sheet: Worksheet, strata: Sequence[str]) -> None:
    for place, heading in enumerate((*_WIDTHS, *strata)):
        sheet.set_column(place, place, _WIDTHS.get(heading, _STRATUM_WIDTH), book.text)
        sheet.write_string(0, place, heading, book.header)
    book.set_up_print(sheet, header_rows=1)
