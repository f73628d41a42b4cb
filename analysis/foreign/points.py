"""Points of the words and codes in a file's answers, and the questions that these leave open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from analysis.errors import InputError
from analysis.files.levels import points_of, same_points, two_scales
from analysis.foreign.answers import Profile, Vocabulary
from analysis.foreign.hints import Hints, which_is_best, which_order, which_scale
from analysis.foreign.questions.direction import asked_direction, said_of
from analysis.foreign.understand import Columns
from analysis.foreign.understood import Best, Level
from analysis.tables.cells import TableFile

_FEW_OPTIONS: Final = 7
_CODES: Final = 5
_FULL: Final = 100.0


def levels_of(parts: Sequence[Columns], hints: Hints, source: TableFile) -> tuple[tuple[Level, ...], Best]:
    """Words with their points, best first, and the direction of numbers; `Ambiguous` if it is unknown.

    source: file of the parts, in which any text may say that the lowest number is the best.
    """
    columns = parts[0]
    file, vocabulary = columns.grid.file, columns.vocabulary
    profiles = [profile for part in parts for profile in part.profiles]
    counts: Counter[str] = Counter()
    stated: dict[str, float] = {}
    for profile in profiles:
        for meaning, count in profile.meanings.items():
            if meaning.kind in ("word", "stated", "code"):
                counts[meaning.word] += count
            if meaning.kind == "stated":
                stated[meaning.word] = meaning.value
    codes = _codes(profiles)
    points = {**stated, **points_of(counts), **_given(counts, vocabulary)}
    if readings := two_scales({w for w in counts if w not in vocabulary.points and w not in stated}):
        raise which_scale(file, *readings)
    _refuse_unordered(file, profiles, points, vocabulary)
    numbers = sorted({value for profile in profiles for value in profile.numbers})
    if codes:
        points |= _of_codes(file, codes, hints)
    best = _best(columns, numbers, points, hints, source)
    _refuse_two_scales(file, profiles, vocabulary)
    levels = [Level(word, points[word], count) for word, count in counts.items() if word in points]
    return tuple(sorted(levels, key=lambda level: (-level.points, level.word))), best


def _given(counts: Mapping[str, int], vocabulary: Vocabulary) -> dict[str, float]:
    return {word: vocabulary.points[word] for word in counts if word in vocabulary.points}


def _codes(profiles: Sequence[Profile]) -> dict[str, int]:
    return {m.word: int(m.value) for profile in profiles for m in profile.meanings if m.kind == "code"}


def _refuse_unordered(
    file: str, profiles: Sequence[Profile], points: Mapping[str, float], vocabulary: Vocabulary
) -> None:
    for profile in profiles:
        words = {word for word in profile.words if word not in vocabulary.points}
        if pair := same_points(words, points):
            raise which_order(file, pair, points[pair[0]])


def _of_codes(file: str, codes: Mapping[str, int], hints: Hints) -> dict[str, float]:
    """Points of codes such as A1 … A5, equally spaced, once the user has said which is the best."""
    most = max(_CODES, *codes.values())
    if hints.best is None:
        why = (
            "评分是选项代码，文件里没有说哪个最好。",
            "its ratings are codes of options, and it does not say which is the best.",
        )
        raise which_is_best(file, "A1", f"A{most}", why)
    place = {word: code if hints.best == "high" else most + 1 - code for word, code in codes.items()}
    return {word: round(_FULL * at / most, 4) for word, at in place.items()}


def _best(
    columns: Columns,
    numbers: Sequence[float],
    points: Mapping[str, float],
    hints: Hints,
    source: TableFile,
) -> Best:
    if hints.best is not None or not numbers:
        return hints.best or "high"
    file = columns.grid.file
    if (said := said_of(source)) is not None:
        raise asked_direction(file, numbers[0], numbers[-1], said)
    options = all(value == int(value) and 1 <= value <= _FEW_OPTIONS for value in numbers)
    if columns.layout.positions and options and not points:
        why = (
            "数字是选项的序号，文件里没有说第 1 个选项是最好还是最差。",
            (
                "its numbers are positions of options, and it does not say whether the first option is "
                "the best or the worst."
            ),
        )
        raise which_is_best(file, f"{numbers[0]:g}", f"{numbers[-1]:g}", why)
    return "high"


def _refuse_two_scales(file: str, profiles: Sequence[Profile], vocabulary: Vocabulary) -> None:
    """Raise InputError if ratings are both words and numbers, whose scale the words need not be on."""
    words = sorted({word for profile in profiles for word in profile.words if word not in vocabulary.points})
    numbers = [m.value for profile in profiles for m in profile.meanings if m.kind == "number"]
    if words and numbers:
        shown, shown_en = "、".join(words[:5]), ", ".join(words[:5])
        raise InputError(
            f"“{file}”的评分里既有文字（{shown}），也有 {min(numbers):g} 到 {max(numbers):g} 的数字，"
            "看不出怎样对应。请用 --levels 写出文字的分数，如 非常满意=5,满意=4；"
            "只用其中几列的，用 --departments 列出。",
            f"{file}: its ratings are words ({shown_en}) and numbers from {min(numbers):g} to "
            f"{max(numbers):g}; how they correspond is unknown. Give points of the words by --levels, or "
            "name the columns that count by --departments.",
        )
