"""Level words among the scores of a long table: their points, and what they leave open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from analysis.files.amounts import amount
from analysis.files.levels import level_key, points_of, same_points, stated_points, two_scales
from analysis.ranking.results import Note

_LONGEST: Final = 60
Said = tuple[str, str]


@dataclass(frozen=True)
class Fault:
    """Cells that cannot be read as scores, and why in Chinese and English."""

    cells: Collection[Any]
    said: Said


@dataclass(frozen=True)
class ScoreWords:
    """Points by cell, of the cells that are words; `fault`: why they cannot be used."""

    points: Mapping[Any, float] = field(default_factory=dict)
    fault: Fault | None = None

    def counted(self, cells: Sequence[Any]) -> dict[str, tuple[float, int]]:
        """Points by word, best first, and how many of the cells hold it."""
        counts = Counter(cell for cell in cells if cell in self.points)
        ordered = sorted(self.points.items(), key=lambda pair: -pair[1])
        return {_plain(word): (number, counts[word]) for word, number in ordered}

    def note(self) -> Note:
        """Note that lists the words with their points, best first."""
        ordered = sorted(self.points.items(), key=lambda pair: -pair[1])
        shown = [f"{word} {number:g}" for word, number in ordered]
        return Note(
            "levels", f"文字按分数读：{'、'.join(shown)}。", f"Words were read as points: {', '.join(shown)}."
        )


def score_words(cells: Sequence[Any], levels: Mapping[str, float]) -> ScoreWords:
    """Points of the words among `cells`; `levels`: those that the user gave, which also replace numbers."""
    distinct = set(cells)
    words = {cell: level_key(cell) for cell in distinct if isinstance(cell, str) and amount(cell) is None}
    open_words = {word for word in words.values() if word not in levels}
    if readings := two_scales(open_words):
        return ScoreWords(fault=Fault([c for c in words if words[c] in readings[0]], _two_ways(*readings)))
    points = points_of(set(words.values())) | dict(levels)
    if pair := same_points(open_words, points):
        return ScoreWords(fault=Fault([c for c in words if words[c] in pair], _unordered(*pair)))
    found = {
        cell: points.get(cell.strip(), points.get(word, stated_points(cell))) for cell, word in words.items()
    }
    given = {cell: points.get(_plain(cell)) for cell in distinct - set(words)} if levels else {}
    known = {cell: number for cell, number in (found | given).items() if number is not None}
    own = [cell for cell in known if cell in words and words[cell] not in levels]
    return ScoreWords(known, _among_numbers(own, distinct - set(known)))


def _plain(cell: Any) -> str:
    return f"{cell:g}" if isinstance(cell, float) else str(cell).strip()


def _among_numbers(words: list[Any], others: Collection[Any]) -> Fault | None:
    """Fault of words among numbers, whose scale the words need not be on."""
    if not words or all(amount(cell) is None for cell in others):
        return None
    said = str(words[0]).strip()[:_LONGEST]
    zh = f"“{said}”是文字，别处却是数字；请用 --levels 写出“{said}”代表多少分"
    en = f"{said!r} is a word among numbers; say by --levels how many points it stands for"
    return Fault(words, (zh, en))


def _two_ways(first: Mapping[str, float], second: Mapping[str, float]) -> Said:
    one, other = (",".join(f"{word}={number:g}" for word, number in way.items()) for way in (first, second))
    return (
        f"文字可能是 {one}，也可能是 {other}；请用 --levels 写出分数",
        f"the words may stand for {one} or for {other}; give points by --levels",
    )


def _unordered(first: str, second: str) -> Said:
    return (
        f"“{first}”和“{second}”看不出哪个更好，请用 --levels 写出分数，如 {first}=80,{second}=60",
        f"which of {first!r} and {second!r} is better is unknown; give points by --levels",
    )
