"""Matching of table headings, robust against marks, brackets and numbering that offices add to names."""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import lru_cache
from typing import Any, Final, TypeVar

from analysis.answers.signs import without_invisible

T = TypeVar("T")
HEADER_WITHIN: Final = 20
"""Headings are sought within this many rows; titles, dates and notes may stand above them."""
LONGEST_SHOWN: Final = 40
MOST_SHOWN: Final = 20
MOST_COMPARED: Final = 1_000
_NOISE: Final = re.compile(
    r"[\s*%★☆※#/、，,:：;；._\-()\[\]【】<>《》]|必填项?|选填项?|请填写|单选题?|多选题?"
)
_BRACKETS: Final = re.compile(r"[(\[【][^()\[\]【】]*[)\]】]")
_NUMBER: Final = re.compile(r"^(\d{1,2}|[一二三四五六七八九十]{1,2})[、.．]\s*")


_TRADITIONAL: Final = str.maketrans(
    "滿稱優強烈認較極無應質態辦潔專點標準處區縣廳隊銀團電熱線醫學園館關鎮鄉環規劃務評議價門單業類權號編長時間開結來題總計數稅員見項狀測試備註審篩頗廢還"
    "瞭預覽複驗過發現沒適棄觸選與請擇為經濟農設財勞動衛監場據體會統護國資產運輸氣險郵鐵檢訴訟紀黨組織聯際貿廣視聽僑儀轉誠實費範協調導眾對語這進達遲們個後終參隱蹤繫製錄負責報匯誤圍樣濾餘說輔問",
    "满称优强烈认较极无应质态办洁专点标准处区县厅队银团电热线医学园馆关镇乡环规划务评议价门单业类权号编长时间开结来题总计数税员见项状测试备注审筛颇废还"
    "了预览复验过发现没适弃触选与请择为经济农设财劳动卫监场据体会统护国资产运输气险邮铁检诉讼纪党组织联际贸广视听侨仪转诚实费范协调导众对语这进达迟们个后终参隐踪系制录负责报汇误围样滤余说辅问",
)


def simplified(text: str) -> str:
    """Text with the traditional characters of headings and level words written in their simplified form."""
    return text if text.isascii() else text.translate(_TRADITIONAL)


def plain(heading: str) -> str:
    """Heading reduced for comparison: without marks, brackets, spaces and numbering, in lower case."""
    text = simplified(unicodedata.normalize("NFKC", without_invisible(heading)).strip())
    return _NOISE.sub("", _NUMBER.sub("", text)).lower()


@lru_cache(maxsize=4096)
def variants(heading: str) -> tuple[str, str]:
    """Reduced heading (`plain`) with and without the text in brackets; of the first `MOST_COMPARED`
    characters, since a cell of a hostile file can hold 32,767."""
    text = unicodedata.normalize("NFKC", without_invisible(heading[:MOST_COMPARED]))
    return plain(text), plain(_BRACKETS.sub("", text))


def places_of(headings: Sequence[str], synonyms: Iterable[str]) -> list[int]:
    """Indices of columns whose heading is one of `synonyms`, in their order; matches with brackets before
    those without."""
    read = [variants(heading) for heading in headings]
    wanted = [known for synonym in synonyms if (known := plain(synonym))]
    found = [i for known in wanted for i, (whole, _) in enumerate(read) if whole == known]
    found += [i for known in wanted for i, (_, bare) in enumerate(read) if bare == known]
    return list(dict.fromkeys(found))


def closest(headings: Sequence[str], synonyms: Iterable[str]) -> list[int]:
    """Indices of columns whose heading is one of `synonyms`: compared as written, or, where no column fits
    so, after reducing both (`plain`), or at last without the heading's part in brackets. [] where none
    fits."""
    folded = {name.casefold() for name in synonyms}
    if exact := [i for i, heading in enumerate(headings) if heading.casefold() in folded]:
        return exact
    known = {plain(name) for name in folded} - {""}
    read = [variants(heading) for heading in headings]
    whole = [i for i, (name, _) in enumerate(read) if name in known]
    return whole or [i for i, (_, bare) in enumerate(read) if bare in known]


def heading_row(rows: Sequence[Sequence[object]], columns: Sequence[Collection[str]]) -> int | None:
    """Index of the first row that has every wanted column, each by one of its names; None if there is
    none."""
    names = [{plain(name) for name in group} - {""} for group in columns]
    tried = 0
    for at, row in enumerate(rows):
        texts = [cell for cell in row if isinstance(cell, str) and cell.strip()]
        if not texts and not any(cell is not None and not isinstance(cell, str) for cell in row):
            continue
        found = {variant for text in set(texts) for variant in variants(text)}  # data repeat texts
        if all(group & found for group in names):
            return at
        tried += 1
        if tried == HEADER_WITHIN:
            break
    return None


def best_row(
    rows: Sequence[Sequence[str]],
    match: Callable[[int, Sequence[str]], T],
    merit: Callable[[T], Any],
) -> T:
    """Result of `match` (row number from 1, cells) with the highest `merit`, among the first rows."""
    return max((match(n, row) for n, row in enumerate(rows[:HEADER_WITHIN], start=1)), key=merit)


def shown(heading: str) -> str:
    """Heading shortened for a message."""
    return heading if len(heading) <= LONGEST_SHOWN else f"{heading[: LONGEST_SHOWN - 1]}…"


def listed(headings: Iterable[str]) -> str:
    """Headings listed for a message, shortened and at most `MOST_SHOWN`; "" for none."""
    names = [shown(heading) for heading in headings if heading]
    return "、".join(names[:MOST_SHOWN]) + ("……" if len(names) > MOST_SHOWN else "")
