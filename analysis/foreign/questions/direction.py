"""What a file says in words about the direction of its numbers: that the lowest one is the best."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from analysis.foreign.hints import Ambiguous, which_is_best
from analysis.tables.cells import TableFile

_SEP: Final = (
    r"\s*['\"“‘(（]?\s*(?:分)?\s*(?:[=＝:：\-—–(（]|即为|即|为|是|表示|代表|指|最|is|means|being)+"
    r"\s*(?:the\s+)?['\"“‘]?\s*"
)
_END: Final = r"(?=$|[^\w]|[的级者0-9])"
_GOOD: Final = (
    r"(?:(?:非常|很|最|十分|完全|极)?(?:满意|好|优秀?|同意|高|靠前)"
    r"|best|very satisfied|very good|excellent|strongly agree|completely satisfied|highest)"
)
_BAD: Final = (
    r"(?:(?:非常|很|最|十分|完全|极)(?:不满意|差|不好|低)|最?不满意"
    r"|worst|very dissatisfied|very poor|strongly disagree)"
)
_LOW_IS_BEST: Final = re.compile(
    rf"(?<![0-9.])1{_SEP}{_GOOD}{_END}"
    rf"|(?<![0-9.])(?:[4-9]|10|100){_SEP}{_BAD}{_END}"
    rf"|(?<![0-9.])1\s+{_GOOD}\s*(?:[-–—~～,，、;；]|to|至|到)+\s*(?:[4-9]|10|100)\s+{_BAD}{_END}"
    r"|(?:分数?|数字|数值|数|得分|分值|名次)越[小低少].{0,6}越(?:好|满意|优|高)"
    r"|第\s*[1一]\s*名?.{0,3}(?:最好|最优|最满意|最高)"
    r"|^.{0,30}(?:扣减?分|不满意[度率]|差评[数率]|投诉率)\s*(?:[(（][^()（）]*[)）])?$|\bpenalty points?$"
    r"|\b(?:lower|smaller)\b.{0,30}\bbetter\b|\b(?:lowest|smallest)\b.{0,30}\bbest\b",
    re.IGNORECASE,
)
_NO_ANSWER: Final = re.compile(
    r"(?<![0-9.])(-?[0-9]{1,4})\s*分?\s*(?:[=:]|为|是|表示|代表|即|指|视为|means|is)+\s*['\"“]?"
    r"(?:没有?|未|不)(?:了解|清楚|知道|熟悉|打过?交道|接触|评价?|办过|参评|作答|适用|打分)"
    r"|(?<![0-9.])(-?[0-9]{1,4})\s*(?:=|means|is)\s*(?:no answer|don't know|not applicable|n/a|missing)",
    re.IGNORECASE,
)
_LONGEST: Final = 400
_SHOWN: Final = 40


def says_low_is_best(texts: Iterable[str]) -> str | None:
    """Text that says that the lowest number is the best, such as （1=非常满意，5=非常不满意）; None if none
    does."""
    for text in texts:
        if len(text) <= _LONGEST and _LOW_IS_BEST.search(unicodedata.normalize("NFKC", text)):
            return text
    return None


def said_of(source: TableFile) -> str | None:
    """Text anywhere in a file (title, heading, note, another sheet) that says that the lowest number is the
    best."""
    return says_low_is_best([sheet.name for sheet in source.sheets]) or next(
        (
            found
            for sheet in source.sheets
            if (found := says_low_is_best(dict.fromkeys(c for r in sheet.rows for c in r if type(c) is str)))
        ),
        None,
    )


def said_codes(source: TableFile) -> dict[float, str]:
    """Numbers that a text of the file says to mean no answer, such as 0分表示不了解, with that text."""
    texts = {c for sheet in source.sheets for row in sheet.rows for c in row if type(c) is str}
    return {
        float(found[1] or found[2]): text
        for text in texts
        if len(text) <= _LONGEST
        for found in _NO_ANSWER.finditer(unicodedata.normalize("NFKC", text))
    }


def ask_codes(file: str, source: TableFile, scores: NDArray[np.float64]) -> None:
    """Raise `Ambiguous` if scores are numbers that the file says to mean no answer."""
    for code, text in said_codes(source).items():
        if (n := int((scores == code).sum())) and (scores != code).any():
            shown = text.strip()[:_SHOWN]
            raise Ambiguous(
                (
                    f"“{file}”里的“{shown}”说 {code:g} 不是评分，而评分里有 {n} 个 {code:g}。有两种读法：",
                    f"{file}: its text {shown!r} says that {code:g} is no rating; {n} scores are {code:g}:",
                ),
                (
                    (f"{code:g} 不算评分", f"{code:g} is no rating"),
                    (f"{code:g} 是评分", f"{code:g} is a rating"),
                ),
                (
                    f"请说明：--missing {code:g}（第一种）或 --missing none（第二种）。",
                    f"Say which: --missing {code:g} (first) or --missing none (second).",
                ),
                [("missing", f"{code:g}"), ("missing", "none")],
            )


def asked_direction(file: str, low: float, high: float, said: str) -> Ambiguous:
    """Question whether numbers are to be turned round, as the file's text `said` demands."""
    shown = said.strip()[:_SHOWN]
    return which_is_best(
        file,
        f"{low:g}",
        f"{high:g}",
        (
            f"文件里的“{shown}”说数小的好，数大的却通常更好。",
            f"its text {shown!r} says that low numbers are the best, while higher ones usually are.",
        ),
    )
