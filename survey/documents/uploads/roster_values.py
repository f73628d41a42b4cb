"""Cleaning of the cells of a roster; `BadCell` says what is wrong with those that cannot be cleaned."""

import re
import unicodedata
from typing import Final

from analysis.answers.signs import without_invisible
from analysis.answers.spelling import clean_line
from survey.documents.uploads import credit_code
from survey.errors import N_
from survey.protocol.questionnaire import Stratum
from survey.texts import OddSign, sign_named, undrawable

LONGEST_NAME: Final = 120
LONGEST_CONTACT: Final = 80
LONGEST_STRATUM: Final = 60
LONGEST_EMAIL: Final = 254
LONGEST_LOCAL: Final = 64
"""Of the part before the @ (RFC 5321)."""

_MOBILE: Final = re.compile(r"1[3-9][0-9]{9}")
_LANDLINE: Final = re.compile(r"(0[1-9][0-9]{1,2})?[2-9][0-9]{6,7}|[48]00[0-9]{7}")
_EMAIL: Final = re.compile(
    r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]",
    re.IGNORECASE,
)
_SUFFIXES: Final = re.compile(r"(企业|公司|单位|型|业|类)+$")
_MEANINGS: Final[dict[str, str]] = {
    "一产": "农 农业 农林牧渔 第一产 第一产业",
    "工业": "制造 制造业",
    "商贸": "商业 贸易 零售 批发零售 批发和零售",
    "本地": "县内 本县",
    "外来": "县外 外地 招商 招商引资",
}
_OTHER_WORDS: Final = {word: option for option, words in _MEANINGS.items() for word in words.split()}


UNKNOWN_OPTION: Final = N_("“%(stratum)s”没有这个选项。")


class BadCell(Exception):
    """Cell that cannot be used: message id, values for it, and remedy."""

    def __init__(self, message: str, remedy: str, **values: object) -> None:
        super().__init__(message)
        self.message, self.remedy, self.values = message, remedy, values


def enterprise_name(value: str) -> str:
    name = _drawable(clean_line(value))
    if not name:
        raise BadCell(N_("没有企业名称。"), N_("请补上营业执照上的全称。"))
    return _within(name, LONGEST_NAME)


def contact_name(value: str) -> str:
    return _within(_drawable(clean_line(value)), LONGEST_CONTACT)


def valid_credit_code(value: str) -> str:
    """Code in capitals without spaces and hyphens; raises `BadCell`."""
    code = re.sub(r"[\s\-]", "", unicodedata.normalize("NFKC", without_invisible(value))).upper()
    if not code:
        raise BadCell(N_("没有统一社会信用代码。"), N_("请按营业执照补上 18 位代码。"))
    if re.fullmatch(r"[0-9.]+E\+?[0-9]+", code):
        raise BadCell(
            N_("信用代码被 Excel 存成了数字，后几位已经丢失。"),
            N_("请先把这一列的格式设为“文本”，再重新填写或粘贴代码。"),
        )
    if len(code) != credit_code.LENGTH:
        raise BadCell(
            N_("信用代码应为 18 位，这里是 %(count)s 位。"), N_("请对照营业执照核对。"), count=len(code)
        )
    return _checked(code)


def looks_rounded(code: str) -> bool:
    """Whether `code` may be a number that Excel rounded to 15 digits: 15 digits and 000."""
    return re.fullmatch(r"[0-9]{15}000", code) is not None


def rounded_code() -> BadCell:
    return BadCell(
        N_("Excel 已经把信用代码当成数字，后三位变成了 0。"),
        N_("原来的代码找不回来了：请从原始名录重新取得代码，并先把这一列的格式设为“文本”。"),
    )


def _checked(code: str) -> str:
    if not credit_code.is_well_formed(code):
        raise BadCell(
            N_("信用代码里有不该出现的字符。"),
            N_(
                "代码只含数字和大写字母，不用 I、O、S、V、Z，第 3 至 8 位是数字。"
                "请核对是否把 0 写成了 O、把 1 写成了 I。"
            ),
        )
    if not credit_code.is_valid(code):
        if looks_rounded(code):
            raise rounded_code()
        raise BadCell(N_("信用代码的校验位不对，至少有一位写错了。"), N_("请对照营业执照逐位核对。"))
    return code


def valid_phone(value: str) -> str:
    """Digits of a mobile number, or of a landline with its area code; "" for an
    empty cell. Raises `BadCell`."""
    text = unicodedata.normalize("NFKC", without_invisible(value))
    digits = re.sub(r"[\s\-()·.]", "", text).removeprefix("+")
    digits = re.sub(r"^(0086|86)(?=1[3-9])", "", digits)
    if not digits or _MOBILE.fullmatch(digits) or _LANDLINE.fullmatch(digits):
        return digits
    raise BadCell(
        N_("电话号码不像手机号，也不像固定电话。"),
        N_("请填 11 位手机号，或者带区号的固定电话；没有就留空，一格只填一个号码。"),
    )


def valid_email(value: str) -> str:
    """Mail address in ASCII, as every mail server takes it; "" for an empty cell. Raises `BadCell`."""
    text = re.sub(r"\s", "", unicodedata.normalize("NFKC", without_invisible(value)))
    text = re.sub(r"^mailto:", "", text, flags=re.IGNORECASE)
    local = text.partition("@")[0]
    if not text or (_EMAIL.fullmatch(text) and len(text) <= LONGEST_EMAIL and len(local) <= LONGEST_LOCAL):
        return text
    raise BadCell(
        N_("邮箱地址写得不对。"),
        N_("请核对，应像 name@example.com；没有就留空，一格只填一个地址。"),
    )


def stratum_option(value: str, stratum: Stratum | None) -> str:
    """Option of `stratum` that `value` means; any short text if `stratum` is None; "" for an empty cell.
    Raises `BadCell`."""
    text = _drawable(clean_line(value))
    if stratum is None or not text:
        return _within(text, LONGEST_STRATUM)
    if text in stratum.options:
        return text
    english = zip(stratum.options, stratum.options_en, strict=True)
    matches = [option for option in stratum.options if _meaning(option) == _meaning(text)]
    matches += [option for option, name in english if name.lower() == text.lower()]
    if not matches:
        raise BadCell(
            UNKNOWN_OPTION, N_("请改为其中之一：%(options)s；不清楚就留空。"),
            stratum=stratum.name, options="、".join(stratum.options),
        )  # fmt: skip
    return matches[0]


def _meaning(text: str) -> str:
    text = _OTHER_WORDS.get(text, text)
    short = _SUFFIXES.sub("", text) or text
    known = _OTHER_WORDS.get(short, short)
    return _SUFFIXES.sub("", known) or known


def _drawable(text: str) -> str:
    if signs := undrawable(text):
        raise BadCell(
            N_("字符%(sign)s不能用：没有字体能画出它，或者它看不见。"),
            OddSign.remedy,
            sign=sign_named(signs[0]),
        )
    return text


def _within(text: str, longest: int) -> str:
    if len(text) > longest:
        raise BadCell(N_("内容太长，最多 %(longest)s 个字。"), N_("请改短。"), longest=longest)
    return text
