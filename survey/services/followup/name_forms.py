"""Ways in which people write the name of an enterprise: without place and legal form, shortened, in pinyin.

A name is place + word of its own (字号) + trade + legal form: 云溪县 丰云 食品 厂. People write 丰云食品厂,
丰云食品, 丰云厂, 丰云, fengyun. A short form that is, or is part of, an ordinary word is left out: it would
black out what nobody meant.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from typing import Final

SHORTEST: Final = 4
"""Characters from which a form is looked for whatever it means."""
SHORTEST_PINYIN: Final = 5
_LEGAL: Final = re.compile(
    r"(?:集团)?(?:有限责任公司|股份有限公司|有限公司|专业合作社|合作社|个体工商户|经营部|公司|集团|厂|店|行|部|社|场)$"
)
_ENDINGS: Final = ("公司", "厂", "集团", "合作社", "店")
_TRADES: Final = re.compile(
    r"(?:食品|机械|制造|科技|技术|建材|建筑|工程|装饰|贸易|商贸|物流|运输|电子|电器|电气|化工|塑料|纺织|服装|服饰|家具|木业|"
    r"农业|种植|养殖|果蔬|畜牧|水产|粮油|酒业|茶业|药业|医药|医疗|器械|餐饮|酒店|宾馆|旅游|文化|传媒|广告|印刷|包装|教育|"
    r"培训|咨询|服务|管理|投资|置业|房地产|物业|能源|环保|新材料|材料|金属|铸造|五金|汽车|汽配|配件|设备|石材|水泥|陶瓷|"
    r"玻璃|信息|网络|软件|实业|工业|工贸|经贸|超市|百货|专业|加工|销售)+$"
)
_PLACE: Final = re.compile(
    r"^(?:[\u4e00-\u9fff]{2,4}?(?:省|市|县|区|州|旗|镇|乡|街道))+(?=[\u4e00-\u9fff]{2})"
)
_BRACKETS: Final = re.compile(r"[（(][^（）()]*[）)]")
_COMMON_SHARE: Final = 0.05
_COMMON_LEAST: Final = 3


def places_of(names: Iterable[str]) -> frozenset[str]:
    """Places that names of a roster begin with: those that end like one, and characters that many share."""
    listed = list(names)
    found = {match.group() for name in listed if (match := _PLACE.match(name))}
    stems = {re.sub("省|市|县|区|州|旗|镇|乡|街道", "", place) for place in found}
    begun = Counter(name[:2] for name in listed)
    least = max(_COMMON_LEAST, _COMMON_SHARE * len(listed))
    return frozenset(found | stems | {start for start, count in begun.items() if count >= least})


def forms(name: str, places: frozenset[str]) -> Iterator[str]:
    """Ways to write the name; each of `SHORTEST` characters, or shorter and no ordinary word."""
    plain = _BRACKETS.sub("", name)
    here = _without_place(plain, places)
    unlegal = _LEGAL.sub("", here)
    own = _TRADES.sub("", unlegal)
    wanted = [name, plain, _LEGAL.sub("", plain), here, unlegal]
    wanted += [own, *(own + ending for ending in _ENDINGS)] if len(own) > 1 else []
    for form in dict.fromkeys(wanted):
        if len(form) >= SHORTEST or (len(form) > 1 and form not in places and not _is_ordinary(form)):
            yield form
    if len(own) > 1:
        yield from _in_pinyin(own, unlegal)


def _without_place(name: str, places: frozenset[str]) -> str:
    known = max((place for place in places if name.startswith(place)), key=len, default="")
    left = name[len(known) :] if known else _PLACE.sub("", name)
    left = re.sub("^(?:省|市|县|区|州|旗|镇|乡)(?=..)", "", left) if known else left
    return left if len(left) > 1 else name


@lru_cache(maxsize=16_384)  # a roster of thousands is asked for with every page of comments
def _in_pinyin(own: str, unlegal: str) -> tuple[str, ...]:
    from pypinyin import Style, lazy_pinyin

    written = (lazy_pinyin(text, style=Style.NORMAL) for text in dict.fromkeys((own, unlegal)))
    forms = (form for syllables in written for form in ("".join(syllables), " ".join(syllables)))
    return tuple(f for f in forms if len(f) >= SHORTEST_PINYIN and f.replace(" ", "").isascii())


def _is_ordinary(form: str) -> bool:
    pairs, words = _ordinary()
    return form in pairs if len(form) == 2 else form in words


@cache
def _ordinary() -> tuple[frozenset[str], frozenset[str]]:
    """Pairs of neighbouring characters in ordinary words, and the words, of pypinyin's list of phrases."""
    from pypinyin.constants import PHRASES_DICT

    words = frozenset(PHRASES_DICT)
    return frozenset(word[at : at + 2] for word in words for at in range(len(word) - 1)), words
