"""Invented data of the demonstration county: enterprises with valid-looking codes, three quarters, key
holders.

Used only by `pingyi demo` and the tests.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from survey.documents.uploads.credit_code import complete_credit_code
from survey.documents.uploads.roster_row import RosterRow

PLACES = ("清河", "安宁", "石桥", "平原", "东关", "北郊", "柳林", "新城")
TOWNSHIPS = ("城区", "近郊乡镇", "远郊乡镇")
FIRST = ("恒", "宏", "永", "瑞", "鑫", "德", "诚", "广", "佳", "盛", "华", "金", "天", "安", "泰", "丰")
SECOND = ("达", "源", "兴", "信", "和", "通", "远", "茂", "润", "隆", "昌", "盈", "晟", "汇", "成", "利")
TRADES = {
    "一产": ("农业开发", "果蔬种植专业合作社", "畜牧养殖", "粮油购销"),
    "工业": ("机械制造", "建材", "食品加工", "塑料制品", "服装", "电子科技", "铸造", "包装"),
    "建筑": ("建筑工程", "市政工程", "装饰工程", "园林绿化"),
    "商贸": ("商贸", "物流", "汽车销售", "电子商务", "医药"),
    "服务": ("餐饮管理", "物业服务", "信息技术", "人力资源", "文化传媒", "酒店管理"),
}
SIZES = ("大", "中", "小", "微")
SIZE_SHARES = (3, 12, 45, 40)
SECTOR_SHARES = (8, 35, 12, 25, 20)
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN = ("伟", "芳", "秀英", "敏", "静", "丽", "强", "磊", "军", "洋", "勇", "艳", "杰", "娟", "涛", "超")

# Words of which passwords and passphrases are made, followed by six digits.
WORDS = ("chun", "xia", "qiu", "dong", "shan", "hu", "hai", "song", "zhu", "mei", "lan", "yun", "feng", "xue")


def demo_roster(count: int, seed: int) -> list[RosterRow]:
    """Roster of `count` invented enterprises, the same for the same `seed`."""
    chance = random.Random(seed)  # noqa: S311 - invented data, not a secret
    names: set[str] = set()
    rows: list[RosterRow] = []
    while len(rows) < count:
        sector = chance.choices(list(TRADES), SECTOR_SHARES)[0]
        trade = chance.choice(TRADES[sector])
        suffix = "" if trade.endswith("合作社") else "有限公司"
        name = chance.choice(PLACES) + chance.choice(FIRST) + chance.choice(SECOND) + trade + suffix
        if name not in names:
            names.add(name)
            rows.append(_enterprise(chance, name, sector, len(rows)))
    return rows


def _enterprise(chance: random.Random, name: str, sector: str, number: int) -> RosterRow:
    strata = {
        "规模": chance.choices(SIZES, SIZE_SHARES)[0],
        "行业": sector,
        "来源": chance.choices(("本地", "外来"), (7, 3))[0],
        "所在地": chance.choice(TOWNSHIPS),
    }
    return RosterRow(
        credit_code=complete_credit_code(f"91130999MA{number:07d}"),
        name=name,
        contact=chance.choice(SURNAMES) + chance.choice(GIVEN),
        # No carrier uses 100 as prefix, so these cannot be anybody's numbers.
        phone=f"13800{chance.randrange(10**6):06d}",
        strata=strata,
    )


@dataclass(frozen=True, slots=True)
class Quarter:
    """Quarter of a year, with the slug, title and days of its round."""

    year: int
    number: int

    @property
    def slug(self) -> str:
        return f"{self.year}-q{self.number}"

    @property
    def title(self) -> str:
        return f"{self.year} 年第{'一二三四'[self.number - 1]}季度政务服务评议"

    @property
    def opens_on(self) -> date:
        return date(self.year, 3 * self.number - 2, 1)

    @property
    def closes_on(self) -> date:
        return (self.opens_on + timedelta(days=95)).replace(day=1) - timedelta(days=1)

    @property
    def previous(self) -> Quarter:
        return Quarter(self.year, self.number - 1) if self.number > 1 else Quarter(self.year - 1, 4)


def quarters_until(today: date) -> Iterator[Quarter]:
    """The two quarters before today's, and today's, oldest first."""
    current = Quarter(today.year, (today.month + 2) // 3)
    yield from (current.previous.previous, current.previous, current)
