"""Questionnaire and departments that a new round starts from."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from survey.errors import N_
from survey.protocol.questionnaire import Department, Item, Level, Questionnaire, Scale, Stratum

# Group → name → English name; those that most enterprises deal with carry an asterisk and are offered first.
UNITS = {
    N_("行政管理"): {
        "发展和改革局": "Development and Reform Bureau",
        "工业和信息化局*": "Industry and Information Technology Bureau",
        "财政局": "Finance Bureau",
        "人力资源和社会保障局*": "Human Resources and Social Security Bureau",
        "自然资源和规划局*": "Natural Resources and Planning Bureau",
        "住房和城乡建设局": "Housing and Urban-Rural Development Bureau",
        "交通运输局": "Transport Bureau",
        "水务局": "Water Affairs Bureau",
        "农业农村局": "Agriculture and Rural Affairs Bureau",
        "商务局": "Commerce Bureau",
        "科学技术局": "Science and Technology Bureau",
        "金融工作办公室": "Financial Affairs Office",
        "营商环境建设局": "Business Environment Bureau",
        "投资促进局": "Investment Promotion Bureau",
    },
    N_("行政执法"): {
        "市场监督管理局*": "Market Regulation Bureau",
        "税务局*": "Taxation Bureau",
        "生态环境局*": "Ecology and Environment Bureau",
        "应急管理局": "Emergency Management Bureau",
        "城市管理综合行政执法局": "Urban Management and Law Enforcement Bureau",
        "卫生健康局": "Health Bureau",
        "公安局": "Public Security Bureau",
        "人民法院": "People's Court",
        "人民检察院": "People's Procuratorate",
        "消防救援大队": "Fire and Rescue Brigade",
    },
    N_("公共服务"): {
        "行政审批局*": "Administrative Approval Bureau",
        "公共资源交易中心": "Public Resources Trading Centre",
        "供电公司*": "Power Supply Company",
        "供水公司": "Water Supply Company",
        "燃气公司": "Gas Company",
        "不动产登记中心": "Real Estate Registration Centre",
    },
}

ITEMS = (
    Item("服务态度", "Attitude"),
    Item("办事效率", "Efficiency"),
    Item("服务质量", "Quality of service"),
    Item("依法履职", "Lawfulness"),
    Item("廉洁自律", "Integrity"),
    Item("总体评价", "Overall", overall=True),
)
SCALE = Scale(
    levels=(
        Level("非常满意", "Very satisfied", 100.0),
        Level("满意", "Satisfied", 80.0),
        Level("基本满意", "Fairly satisfied", 60.0),
        Level("不满意", "Dissatisfied", 40.0),
        Level("非常不满意", "Very dissatisfied", 20.0),
    ),
    satisfied=3,
    warning_line=70.0,
    not_known="不了解",
    not_known_en="Don't know",
)
STRATA = (
    Stratum("规模", "Size", ("大", "中", "小", "微"), ("Large", "Medium", "Small", "Micro")),
    Stratum(
        "行业",
        "Sector",
        ("一产", "工业", "建筑", "商贸", "服务"),
        ("Agriculture", "Industry", "Construction", "Trade", "Services"),
    ),
    Stratum("来源", "Origin", ("本地", "外来"), ("Local", "From elsewhere")),
    Stratum(
        "所在地",
        "Location",
        ("城区", "近郊乡镇", "远郊乡镇"),
        ("Town", "Nearby township", "Outlying township"),
    ),
)


@lru_cache(maxsize=1)
def default_departments() -> tuple[Department, ...]:
    """Thirty units of a county in three groups."""
    return tuple(
        make_department(unit.rstrip("*"), group, common=unit.endswith("*"), name_en=name_en)
        for group, units in UNITS.items()
        for unit, name_en in units.items()
    )


def make_department(name: str, group: str, *, common: bool = False, name_en: str = "") -> Department:
    """Department with the pinyin initials by which it can be searched."""
    from pypinyin import Style, lazy_pinyin  # half a second, which a server of phones does not need

    initials = "".join(lazy_pinyin(name, style=Style.FIRST_LETTER, errors="ignore"))
    return Department(name, group, initials=initials.lower(), common=common, name_en=name_en)


def default_questionnaire(departments: Sequence[Department] | None = None) -> Questionnaire:
    """Questionnaire with six items, five levels and four strata, for the default departments unless others
    are given."""
    chosen = default_departments() if departments is None else tuple(departments)
    return Questionnaire(items=ITEMS, scale=SCALE, departments=chosen, strata=STRATA)
