"""Cleaning of headings, and splitting of them into question and part."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Collection, Sequence
from functools import lru_cache
from typing import Any, Final

from analysis.foreign.layout import Question

_TAGS: Final = re.compile(r"<[^<>]{1,200}>")
_MARKS: Final = re.compile(
    r"[(（"
    r"\[【](必填|选填|必答题?|选答题?|单选题?|多选题?|填空题?|矩阵(单选|量表|多选|滑动条)?题?|量表题?|评分题?|required|optional)[)）\]】]|[*＊]+"
)
_NUMBERED: Final = re.compile(
    r"^\s*(?:Q[0-9]{1,3}_|Q?[0-9]{1,3}(?:[.、．:：)）]|\s*[-–—]\s|\s(?=\D))|[(（][0-9]{1,3}[)）])\s*(?=\S)"
)
_APART: Final = re.compile(r"[\u4e00-\u9fff](?: [\u4e00-\u9fff])+")
"""Text written a character a line, or spaced out: 税 务 局."""
_ENDS: Final = " :：,，、;；-–—_/|·?？。.>»"
_SQUARE: Final = re.compile(r"^(.*?)\s*[\[【]([^\[\]【】]*)[\]】]\s*$")
_ROUND: Final = re.compile(r"^(.+?)\s*[(（]([^()（）]*)[)）]\s*$")
_LEADING: Final = re.compile(r"^\s*[\[【]([^\[\]【】]+)[\]】]\s*(.+)$")
_LEAST: Final = 0.4
_SEPARATORS: Final = (
    " >> ",
    " - ",
    " – ",
    " — ",
    "：—",
    ":—",
    "——",
    "—",
    "–",
    " | ",
    "|",
    "/",
    "：",
    ": ",
    ":",
    "-",
    "_",
    "·",
    "→",
    "、",
    "，",
    ".",
    " ",
)


def _has(separator: str) -> Callable[[str], Any]:
    return lambda text: separator in text.strip(_ENDS)


_TESTS: Final[tuple[Callable[[str], Any], ...]] = (
    _SQUARE.match,
    _ROUND.match,
    _LEADING.match,
    *map(_has, _SEPARATORS),
)


@lru_cache(maxsize=1 << 14)
def clean(heading: str) -> str:
    """Heading without markup, marks for required questions, spaces between all its characters, and signs at
    its ends."""
    text = " ".join(html.unescape(_TAGS.sub(" ", heading)).split())
    text = text.replace(" ", "") if _APART.fullmatch(text) else text
    return _MARKS.sub("", text).strip(_ENDS)


def unnumbered(heading: str) -> str:
    """Heading without its number, such as `3.` or `Q3)`."""
    return _NUMBERED.sub("", heading, count=1)


def bracketed(heading: str) -> Question | None:
    """Question and part of `Question [Part]`; None without brackets."""
    found = _SQUARE.match(heading)
    return Question(clean(unnumbered(found[1])), clean(found[2])) if found and found[2].strip() else None


def split_all(headings: Sequence[str]) -> list[Question] | None:
    """Question and part of all headings at one separator, at brackets or at a word that all have; None if no
    way splits all.

    Of several ways the one that gives a table, with every part under every question, is taken, and among
    those the one that comes first.
    """
    texts = [unnumbered(text) for text in headings]
    ways = [
        way for split in (_SQUARE.match, _ROUND.match, _LEADING.match) if (way := _by_brackets(texts, split))
    ]
    ways += [way for separator in _SEPARATORS if (way := _by_separator(texts, separator))]
    return max(ways, key=_regularity) if ways else None


def _by_brackets(texts: Sequence[str], split: Callable[[str], Any]) -> list[Question] | None:
    found = [split(text) for text in texts]
    if not all(one and one[1].strip() and one[2].strip() for one in found):
        return None
    return [Question(clean(one[1]), clean(one[2])) for one in found]


def _by_separator(texts: Sequence[str], separator: str) -> list[Question] | None:
    """Split at the first occurrence, or at the last if that gives fewer questions."""
    ways = []
    for cut in (str.partition, str.rpartition):
        parts = [cut(text.strip(_ENDS), separator) for text in texts]
        pairs = [Question(clean(left), clean(right)) for left, _, right in parts]
        if all(pair.whole and pair.part for pair in pairs):
            ways.append(pairs)
    return max(ways, key=_regularity) if ways else None


def _regularity(pairs: Collection[Question]) -> float:
    """Share of the cells of questions × parts that have a column; 0 if nothing repeats."""
    wholes, parts = {pair.whole for pair in pairs}, {pair.part for pair in pairs}
    if len(wholes) == len(pairs) or (len(parts) == len(pairs) == len(set(pairs)) and len(wholes) > 1):
        return 0.0
    share = len(set(pairs)) / (len(wholes) * len(parts))
    return share if min(len(wholes), len(parts)) > 1 else share / 2


def split_most(headings: Sequence[str]) -> list[Question]:
    """Question and part of the headings at one separator or at brackets, if most have it and a table comes of
    it; the others stay whole."""
    whole = [Question(clean(unnumbered(text))) for text in headings]
    texts = [unnumbered(text) for text in headings]
    best, merit = whole, 0.0
    for has in _TESTS:
        chosen = [i for i, text in enumerate(texts) if has(text)]
        pairs = (
            split_all([texts[i] for i in chosen])
            if 2 * len(chosen) >= len(texts) and len(chosen) > 1
            else None
        )
        if pairs and (gain := _regularity(pairs) * len(chosen) / len(texts)) > max(merit, _LEAST):
            found = dict(zip(chosen, pairs, strict=True))
            best, merit = [found.get(i, whole[i]) for i in range(len(texts))], gain
    return best
