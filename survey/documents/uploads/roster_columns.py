"""Columns of a roster table, recognised by the headings that county offices use."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from analysis.answers.spelling import clean_line
from analysis.tables.headings import best_row, places_of, shown
from survey.documents.uploads.refusals import MissingColumns
from survey.errors import N_
from survey.protocol.questionnaire import Stratum

NAME: Final = "企业名称"
CREDIT_CODE: Final = "统一社会信用代码"
CONTACT: Final = "联系人"
PHONE: Final = "手机"
EMAIL: Final = "邮箱"
REQUIRED: Final = (NAME, CREDIT_CODE)
_REMEDY: Final = N_(
    "请在表头中写明“企业名称”和“统一社会信用代码”，也可以下载模板，把内容粘贴进去。没有导入任何内容。"
)
LEGAL_PERSON: Final = ("法定代表人", "法人代表", "法人", "法定代表人姓名", "legal representative")

# Best first: of two columns that could be the name, the one with the better heading is.
_FIELDS: Final[dict[str, str]] = {
    NAME: "企业名称 单位名称 公司名称 市场主体名称 纳税人名称 企业全称 名称 企业 单位 公司 "
    "name enterprise company enterprisename companyname",
    CREDIT_CODE: "统一社会信用代码 统一信用代码 社会信用代码 信用代码 统一社会信用代码证号 统一代码 "
    "纳税人识别号 税号 creditcode unifiedsocialcreditcode uscc",
    CONTACT: "联系人 联系人姓名 联络员 联络人 负责人 法定代表人 法人代表 法人 姓名 contact contactperson",
    PHONE: "手机 手机号 手机号码 移动电话 联系电话 联系方式 电话 电话号码 联系人电话 联系人手机 "
    "phone mobile telephone",
    EMAIL: "邮箱 电子邮箱 电子邮件 邮件地址 邮箱地址 联系邮箱 联系人邮箱 企业邮箱 "
    "email e-mail mail emailaddress",
}
_TOWNSHIP: Final = "乡镇 街道 乡镇街道 所属乡镇 所在乡镇 乡镇园区 镇街 township"
_STRATA: Final[dict[str, str]] = {
    "规模": "规模 企业规模 规模类型 企业类型 大中小微 size",
    "行业": "行业 产业 所属行业 行业类别 行业分类 所属产业 产业类别 sector industry",
    "来源": "来源 属性 企业来源 企业属性 本地外来 是否本地 origin",
    "乡镇": _TOWNSHIP,
}
_MORE_STRATA: Final[dict[str, str]] = _STRATA | {"所在地": f"所在地区 {_TOWNSHIP}"}


@dataclass(frozen=True, slots=True)
class RosterColumns:
    """Columns found: row number of the headings (from 1), and column index (from 0) of every field and
    stratum."""

    header_row: int
    headings: tuple[str, ...]
    fields: dict[str, int]
    strata: dict[str, int]
    ignored: tuple[str, ...] = field(default=())


def find_columns(rows: Sequence[Sequence[str]], strata: Sequence[Stratum] | None) -> RosterColumns:
    """Columns found by headings within the first rows; a title above the headings does no harm.

    With `strata` None every known stratum is taken; otherwise those of the questionnaire, by either name.
    Raises `MissingColumns`, naming what the most promising row lacks.
    """
    best = best_row(rows, partial(_match, strata=strata), lambda c: (_required(c), len(c.fields)))
    if missing := [name for name in REQUIRED if name not in best.fields]:
        raise MissingColumns(missing, best.headings, _REMEDY)
    return best


def headings_of(rows: Sequence[Sequence[str]], strata: Sequence[Stratum] | None) -> tuple[int, list[str]]:
    """Number and cells of the row that looks most like headings, for choosing columns by hand."""
    match = partial(_match, strata=strata)
    best = best_row(rows, match, lambda c: (_required(c), len(c.fields), sum(map(bool, c.headings))))
    return best.header_row, list(best.headings)


def chosen_columns(
    rows: Sequence[Sequence[str]],
    strata: Sequence[Stratum] | None,
    places: Mapping[str, int],
    example: Sequence[str] = (),
) -> RosterColumns:
    """Columns chosen by hand: `places` maps a field or stratum to a column index.

    They were chosen on a sheet with the headings `example`; on a sheet where the same headings stand in other
    columns, those are used. A stratum unknown to the questionnaire is accepted. Raises `MissingColumns`.
    """
    number, headings = headings_of(rows, strata)
    found = {name: _moved(headings, place, example) for name, place in places.items()}
    known = {name: place for name, place in found.items() if place is not None}
    missing = [name for name in REQUIRED if name not in known]
    if missing:
        raise MissingColumns(missing, headings, _REMEDY)
    fields = {name: place for name, place in known.items() if name in _FIELDS}
    chosen = {name: place for name, place in known.items() if name not in _FIELDS}
    used = {*fields.values(), *chosen.values()}
    ignored = tuple(text for place, text in enumerate(headings) if text and place not in used)
    return RosterColumns(number, tuple(headings), fields, chosen, ignored)


def _moved(headings: Sequence[str], place: int, example: Sequence[str]) -> int | None:
    """Index of the column that has the heading which `example` has at `place`; None where there is none."""
    if example and (place >= len(headings) or headings[place] != example[place]):
        return headings.index(example[place]) if example[place] in headings else None
    return place if 0 <= place < len(headings) else None


def targets(strata: Sequence[Stratum]) -> list[str]:
    """Names that a user may assign to a column: fields of the roster, strata of the questionnaire, and usual
    strata that the questionnaire does not have."""
    names = [stratum.name for stratum in strata]
    return [*_FIELDS, *names, *(name for name in _STRATA if name not in names)]


def _required(columns: RosterColumns) -> int:
    return sum(name in columns.fields for name in REQUIRED)


def _match(number: int, row: Sequence[str], strata: Sequence[Stratum] | None) -> RosterColumns:
    fields = _places(row, _split(_FIELDS))
    found = _places(row, _stratum_names(strata))
    used = {*fields.values(), *found.values()}
    ignored = tuple(shown(cell.strip()) for at, cell in enumerate(row) if cell.strip() and at not in used)
    return RosterColumns(number, tuple(shown(clean_line(cell)) for cell in row), fields, found, ignored)


def _stratum_names(strata: Sequence[Stratum] | None) -> dict[str, list[str]]:
    if strata is None:
        return _split(_STRATA)
    return {
        stratum.name: [stratum.name, stratum.name_en, *_MORE_STRATA.get(stratum.name, "").split()]
        for stratum in strata
    }


def _split(names: dict[str, str]) -> dict[str, list[str]]:
    return {target: synonyms.split() for target, synonyms in names.items()}


def _places(headings: Sequence[str], names: dict[str, list[str]]) -> dict[str, int]:
    found = {target: places_of(headings, synonyms) for target, synonyms in names.items()}
    return {target: places[0] for target, places in found.items() if places}
