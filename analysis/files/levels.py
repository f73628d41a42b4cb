"""Level words (非常满意 … 非常不满意, very satisfied …) and the points they stand for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from typing import Final

from analysis.answers.signs import SPACES, without_invisible
from analysis.tables.headings import simplified

_SCALES: Final = (
    (
        "非常满意 很满意 十分满意 极满意 特别满意 完全满意 最满意",
        "满意 比较满意 较满意 颇满意",
        "基本满意 一般 一般满意 尚可 中立 普通",
        "不满意 不太满意 较不满意 比较不满意 不很满意 颇不满意",
        "非常不满意 很不满意 十分不满意 极不满意 特别不满意 完全不满意 最不满意",
    ),
    (
        "很好 非常好 十分好 最好",
        "好 较好 比较好",
        "一般 普通 尚可 中等 中",
        "差 较差 比较差 不好",
        "很差 非常差 极差 最差 很不好 非常不好",
    ),
    ("优秀 优", "良好 良", "合格 及格 中等 中 一般", "不合格 不及格 差", "很差 极差"),
    (
        "非常同意 完全同意 很同意 十分同意 强烈同意",
        "同意 比较同意 较同意",
        "一般 中立",
        "不同意 比较不同意 不太同意",
        "非常不同意 完全不同意 很不同意 强烈不同意 十分不同意",
    ),
    (
        "非常符合 完全符合 很符合",
        "符合 比较符合 较符合",
        "一般 基本符合",
        "不符合 比较不符合 不太符合",
        "非常不符合 完全不符合 很不符合",
    ),
    (
        "very satisfied|extremely satisfied|completely satisfied|highly satisfied",
        "satisfied|somewhat satisfied|fairly satisfied",
        "neutral|neither satisfied nor dissatisfied|neither|neither satisfied or dissatisfied|ok|okay",
        "dissatisfied|somewhat dissatisfied|unsatisfied|fairly dissatisfied",
        "very dissatisfied|extremely dissatisfied|very unsatisfied|completely dissatisfied",
    ),
    (
        "strongly agree|completely agree",
        "agree|somewhat agree",
        "neutral|neither agree nor disagree|undecided",
        "disagree|somewhat disagree",
        "strongly disagree|completely disagree",
    ),
    ("excellent", "very good", "good", "fair", "poor"),
    (
        "excellent",
        "good",
        "average|fair|satisfactory",
        "poor|below average|bad",
        "very poor|very bad|terrible",
    ),
    (
        "very good",
        "good",
        "average|fair|neutral|acceptable|medium",
        "poor|bad",
        "very poor|very bad|terrible",
    ),
    (
        "strongly agree",
        "agree",
        "somewhat agree|slightly agree",
        "neutral|neither agree nor disagree",
        "somewhat disagree|slightly disagree",
        "disagree",
        "strongly disagree",
    ),
    (
        "extremely satisfied|very satisfied",
        "moderately satisfied|satisfied",
        "slightly satisfied|somewhat satisfied",
        "neither satisfied nor dissatisfied|neutral",
        "slightly dissatisfied|somewhat dissatisfied",
        "moderately dissatisfied|dissatisfied",
        "extremely dissatisfied|very dissatisfied",
    ),
)
_BEST: Final = 100
_WORST: Final = 20
_OPTION: Final = re.compile(
    r"^(?:[(（]?[a-z][.、)）．:：]|[(（]?[0-9]{1,2}\s*[.、)）．:：=\-–—])\s*(?=\D)", re.IGNORECASE
)
_APART: Final = re.compile(r"(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff])")
"""Space between two Chinese characters, as in 满 意."""
_WRITTEN_IN: Final = re.compile(r"〖.*?〗")
_IN_BRACKETS: Final = re.compile(r"\s*[(（【\[][^()（）【】\[\]]*[)）】\]]\s*$")
_GIVEN: Final = re.compile(
    r"(?:^|[(（【\[\s])([0-9]+(?:\.[0-9]+)?)\s*(?:分|points?|pts)[)）】\]]?\s*(?:[(（]|$)?", re.I
)
_RANGE: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*分?\s*[-–—~～至到]\s*([0-9]+(?:\.[0-9]+)?)\s*(分)?")
_ABOVE: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*分?\s*(?:以上|及以上)(?:\s*[(（].*[)）])?")
_OF: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*分?\s*/\s*(3|4|5|6|7|10|20|50|100)\s*分?")
_BELOW: Final = re.compile("以下|不足|不到|低于|以内|以上|高于")
_TWO_LANGUAGES: Final = re.compile(r"([\u4e00-\u9fff]+)[\s/|,、，;；:：\-–—]*([a-z][a-z ]*[a-z])")
_CODE: Final = re.compile(r"a([0-9]{1,2})", re.IGNORECASE)


def _spread(scale: tuple[str, ...]) -> dict[str, float]:
    step = (_BEST - _WORST) / (len(scale) - 1)
    split = [words.split("|") if words.isascii() else words.split() for words in scale]
    return {word: round(_BEST - step * place, 4) for place, words in enumerate(split) for word in words}


SCALES: Final = tuple(map(_spread, _SCALES))
"""Scales of words, each best to worst: word → points, 100 for the best and 20 for the worst."""
KNOWN: Final = frozenset(word for scale in SCALES for word in scale)


def level_key(text: str) -> str:
    """Word reduced for comparison: without numbering, remarks in brackets, marks; in lower case."""
    plain = SPACES.sub(" ", unicodedata.normalize("NFKC", without_invisible(text))).strip().casefold()
    plain = simplified(plain)
    plain = _WRITTEN_IN.sub("", _APART.sub("", plain)).replace("_", " ").strip(" 。.!！;；,，'\"")
    if plain in KNOWN:
        return plain
    bare = _OPTION.sub("", plain)
    for word in (bare, _IN_BRACKETS.sub("", bare)):
        word = re.sub(r"^[0-9]{1,2}\s*(?=[^\W\d])", "", word).strip(" -–—:：")
        if word in KNOWN:
            return word
    return _in_two_languages(bare) or bare


def _in_two_languages(text: str) -> str | None:
    """Chinese word of an answer in Chinese and English that have the same points: 满意 Satisfied."""
    both = _TWO_LANGUAGES.fullmatch(text)
    if both and any(scale.get(both[1]) == points for scale in SCALES for points in _points(both[2])):
        return both[1]
    return None


def _points(word: str) -> list[float]:
    return [scale[word] for scale in SCALES if word in scale]


def stated_points(text: str) -> float | None:
    """Points that a word states itself: `非常满意（100分）`, `90-100分` (the middle), `90分以上`, `4/5` (80);
    or None."""
    plain = unicodedata.normalize("NFKC", without_invisible(text)).strip()
    if (found := _RANGE.fullmatch(plain)) and found[3]:
        return (float(found[1]) + float(found[2])) / 2
    if (found := _ABOVE.fullmatch(plain)) and float(found[1]) < _BEST:
        return (float(found[1]) + _BEST) / 2
    if (found := _OF.fullmatch(plain)) and float(found[1]) <= float(found[2]):
        return round(_BEST * float(found[1]) / float(found[2]), 4)
    given = _GIVEN.search(plain)
    return float(given[1]) if given and not _BELOW.search(plain) else None


def option_code(text: str) -> int | None:
    """Position in a code such as A1, as LimeSurvey gives it to options; else None."""
    found = _CODE.fullmatch(text.strip())
    return int(found[1]) if found else None


def points_of(words: Collection[str]) -> dict[str, float]:
    """Points of the known among `words` (as `level_key` gives them), each from the scale that covers most of
    them.

    A word that no scale knows is left out.
    """
    left = {word for word in words if word in KNOWN}
    found: dict[str, float] = {}
    while left:
        scale = _nearest(left)[0]
        found |= {word: scale[word] for word in left & scale.keys()}
        left -= scale.keys()
    return found


def two_scales(words: Collection[str]) -> tuple[dict[str, float], dict[str, float]] | None:
    """Points of the words by two scales of equally many levels that fit them equally well, if there are two.

    Very good … poor may be the last four levels under excellent, or the first four of five; excellent, good
    and poor may have had very good between them, or not.
    """
    left = {word for word in words if word in KNOWN}
    nearest = _nearest(left) if left else []
    readings = [{word: scale[word] for word in sorted(left & scale.keys())} for scale in nearest]
    levels = [len(set(scale.values())) for scale in nearest]
    for reading, count in zip(readings[1:], levels[1:], strict=True):
        if count == levels[0] and reading.keys() == readings[0].keys() and reading != readings[0]:
            return readings[0], reading
    return None


def _nearest(words: set[str]) -> list[Mapping[str, float]]:
    """Scales that hold most of the words; of these, where there are any, those without an unused level
    between two used ones. First come those that tell most words apart, and use most of their ends."""
    most = max(len(words & scale.keys()) for scale in SCALES)
    fitting = [scale for scale in SCALES if len(words & scale.keys()) == most]
    closed = [scale for scale in fitting if not _unused_between(scale, words)]
    if not closed:
        return sorted(fitting, key=lambda scale: -_ends_seen(scale, words))
    return sorted(closed, key=lambda scale: (-len(_used(scale, words)), -_ends_seen(scale, words)))


def _used(scale: Mapping[str, float], words: Collection[str]) -> set[float]:
    return {points for word, points in scale.items() if word in words}


def _unused_between(scale: Mapping[str, float], words: Collection[str]) -> bool:
    """Whether no word uses a level between the best and the worst used one."""
    used = _used(scale, words)
    return any(min(used) < points < max(used) for points in set(scale.values()) - used)


def _ends_seen(scale: Mapping[str, float], words: Collection[str]) -> int:
    return len({scale[word] for word in words if word in scale} & {_BEST, _WORST})


def same_points(words: Collection[str], points: Mapping[str, float]) -> tuple[str, str] | None:
    """Two different words of one question and language with the same points, if there are any: their order is
    unknown."""
    seen: dict[tuple[float, bool], str] = {}
    for word in (word for word in sorted(words) if word in points):
        if (first := seen.setdefault((points[word], word.isascii()), word)) != word:
            return first, word
    return None
