"""Short names of 400 invented enterprises: how many are found in comments, and how many ordinary words."""

from __future__ import annotations

import random

import pytest
from pypinyin import lazy_pinyin
from pypinyin.constants import PHRASES_DICT

from survey.services.followup.redaction import ENTERPRISE, known_names, redacted, suggest

PLACES = ("云溪县", "云溪", "云溪县城关镇", "", "平川市云溪县")
OWN = "丰云恒瑞宏泰祥盛鑫达荣昌裕隆博远嘉禾晟锦程源润佳旺兴腾翔凯骏诚信宇航辉耀瀚霖沃亿邦卓越"
TRADES = ("食品", "机械制造", "建材", "商贸", "果蔬种植", "物流", "电子科技", "服装", "环保科技", "餐饮服务")
LEGAL = ("厂", "有限公司", "有限责任公司", "专业合作社", "股份有限公司", "经营部")


def invented(count: int = 400, seed: int = 19) -> list[tuple[str, str, str]]:
    """(whole name, word of its own, trade), each word once."""
    chance, found, used = random.Random(seed), [], set()
    while len(found) < count:
        own = "".join(chance.sample(OWN, chance.choice((2, 2, 2, 3))))
        if own in used:
            continue
        used.add(own)
        trade = chance.choice(TRADES)
        found.append((chance.choice(PLACES) + own + trade + chance.choice(LEGAL), own, trade))
    return found


FIRMS = invented()
KNOWN = known_names((name, "") for name, _own, _trade in FIRMS)
WAYS = {
    "whole": lambda name, own, trade: name,
    "without place": lambda name, own, trade: own + trade + "厂",
    "word and trade": lambda name, own, trade: own + trade,
    "word and 厂": lambda name, own, trade: own + "厂",
    "word": lambda name, own, trade: own,
    "pinyin": lambda name, own, trade: "".join(lazy_pinyin(own)).capitalize(),
}
LEAST = {
    "whole": 400,
    "without place": 400,
    "word and trade": 400,
    "word and 厂": 395,
    "word": 330,
    "pinyin": 390,
}


def caught(way: str) -> int:
    told = [WAYS[way](*firm) for firm in FIRMS]
    texts = [f"上次我们{text}去办证，等了三个月" for text in told]
    return sum(
        text not in redacted(line, suggest(line, KNOWN)) for text, line in zip(told, texts, strict=True)
    )


@pytest.mark.parametrize("way", WAYS)
def test_so_many_of_400_are_caught(way: str) -> None:
    count = caught(way)
    print(f"{way}: {count} of 400 caught")
    assert count >= LEAST[way]


def test_ordinary_words_are_rarely_hit() -> None:
    words = random.Random(19).sample(sorted(PHRASES_DICT), 5000)
    hit = [word for word in words if any(found.kind == ENTERPRISE for found in suggest(word, KNOWN))]
    print(f"{len(hit)} of 5000 ordinary words hit: {hit[:20]}")
    assert len(hit) <= 5


def test_the_example_of_the_office() -> None:
    known = known_names([("云溪县丰云食品厂", "")])
    for text in (
        "我们丰云食品厂办证",
        "丰云食品的许可",
        "丰云厂等了半年",
        "FengYun 等了半年",
        "feng yun等了半年",
    ):
        assert "〔企业名〕" in redacted(text, suggest(text, known)), text
    for text in ("云溪县的大厅", "食品厂都一样", "fengyunlu 路口"):
        assert redacted(text, suggest(text, known)) == text
