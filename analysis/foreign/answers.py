"""What the cells of a column mean: numbers, level words, no rating, or something unknown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, Literal

from analysis.files.amounts import amount
from analysis.files.levels import KNOWN, level_key, option_code, stated_points
from analysis.files.rating_rows import NO_ANSWER, answer_key
from analysis.foreign.grid import is_empty, line

Kind = Literal["number", "word", "stated", "code", "none", "unknown"]
_ALSO_NONE: Final = frozenset(
    (
        *(
            "空",
            "未填",
            "未填写",
            "未选",
            "未选择",
            "无",
            "不好说",
            "说不清",
            "没有",
            "没办过",
            "不参评",
        ),
        *(
            "nan",
            "null",
            "none",
            "nil",
            "#null!",
            "notsure",
            "unsure",
            "donotknow",
            "idon'tknow",
            "idonotknow",
            "noopinion",
        ),
        *(
            "prefernottosay",
            "notapplicable/noopinion",
            "skipped",
            "noresponse",
            "unanswered",
            "cannotsay",
            "(n/a)",
            ".",
        ),
        *(
            "notapplicable",
            "don’tknow",
            "noexperience",
            "不清楚/不了解",
            "不了解/不清楚",
            "不了解/未接触",
        ),
    )
)
_LARGEST: Final = 1e6
_MOST: Final = 0.5


@dataclass(frozen=True)
class Meaning:
    """Meaning of a cell: a number, a known word, points that the text states, an option code, no rating."""

    kind: Kind
    value: float = 0.0
    word: str = ""


@dataclass(frozen=True)
class Vocabulary:
    """Rules for understanding the cells of one file. `points`: the user's words → points; `none`: the user's
    words for no rating; `missing`: numbers that are no answer."""

    decimal_comma: bool = False
    points: Mapping[str, float] = field(default_factory=dict)
    none: Collection[str] = ()
    missing: Collection[float] = ()

    def meaning(self, cell: Any) -> Meaning:
        """Meaning of a cell that is not empty."""
        text = line(cell)
        key = level_key(text)
        if (given := self._given(text, key)) is not None:
            return given
        value = amount(cell, decimal_comma=self.decimal_comma)
        if value is not None:
            kind: Kind = "none" if value in self.missing else "number"
            return Meaning(kind, value, f"{value:g}")
        if not isinstance(cell, str):
            return Meaning("unknown", word=text)
        return _text(text, key)

    def _given(self, text: str, key: str) -> Meaning | None:
        for word in (text, key):
            if word in self.none:
                return Meaning("none", word=text)
            if word in self.points:
                return Meaning("word", self.points[word], word)
        return None


def _text(text: str, key: str) -> Meaning:
    if says_nothing(text):
        return Meaning("none", word=text)
    stated = stated_points(text)
    if stated is not None:
        return Meaning("stated", stated, text)
    if key in KNOWN:
        return Meaning("word", word=key)
    code = option_code(text)
    return Meaning("code", float(code), text) if code is not None else Meaning("unknown", word=text)


def says_nothing(text: str) -> bool:
    """Whether a text means that there is no rating: 不了解, (空), N/A."""
    plain = answer_key(text)
    return plain in NO_ANSWER or plain in _ALSO_NONE or plain.strip("()") in _ALSO_NONE


@dataclass
class Profile:
    """Profile of a column: number of cells by their meaning, empty ones left out."""

    meanings: Counter[Meaning]

    @cached_property
    def filled(self) -> int:
        return sum(self.meanings.values())

    @cached_property
    def rated(self) -> int:
        return sum(n for m, n in self.meanings.items() if m.kind not in ("none", "unknown"))

    @cached_property
    def words(self) -> set[str]:
        return {m.word for m in self.meanings if m.kind == "word"}

    @cached_property
    def numbers(self) -> list[float]:
        return sorted(m.value for m in self.meanings if m.kind in ("number", "stated"))

    @property
    def is_rating(self) -> bool:
        """Whether the column holds ratings: enough of its filled cells are understood, and no number is
        larger than those of any scale."""
        if not self.rated or (self.numbers and abs(self.numbers[-1]) > _LARGEST):
            return False
        unknown = sum(n for m, n in self.meanings.items() if m.kind == "unknown")
        return unknown <= _MOST * (self.rated + unknown)


def profile(cells: Iterable[Any], vocabulary: Vocabulary) -> Profile:
    """Profile of a column's cells."""
    known: dict[Any, Meaning] = {}
    found: Counter[Meaning] = Counter()
    for cell in cells:
        if is_empty(cell):
            continue
        key = (type(cell), cell)
        if key not in known:
            known[key] = vocabulary.meaning(cell)
        found[known[key]] += 1
    return Profile(found)


def rating_like(cell: Any) -> bool:
    """Whether a cell could be a rating or say that there is none."""
    return not is_empty(cell) and Vocabulary().meaning(cell).kind != "unknown"
