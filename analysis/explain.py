"""Base class of results (conversion to JSON) and formatting of numbers for their bilingual sentences."""

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from analysis.blurring import P_CLASSES
from analysis.errors import InputError
from analysis.values.frozen import freeze


def plain(value: Any) -> Any:
    """JSON-safe copy: arrays become nested lists, NaN and infinities become None (JSON has neither)."""
    if hasattr(value, "tolist"):  # numpy's arrays and scalars, without loading numpy
        return plain(value.tolist())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


class Result:
    """Base class of frozen result dataclasses: makes their arrays read-only and converts them to JSON."""

    def __post_init__(self) -> None:
        freeze(self)

    def to_dict(self) -> dict[str, Any]:
        """All fields as JSON-safe values under their own names."""
        converted: dict[str, Any] = plain(self)
        return converted


def pick(language: str, zh: str, en: str) -> str:
    """Return `zh` or `en`, as `language` says. Raises InputError for another language."""
    if language not in ("zh", "en"):
        raise InputError(
            f"没有语言“{language}”的文本，请用 zh 或 en。",
            f"No text in language “{language}”; use zh or en.",
        )
    return zh if language == "zh" else en


_MOST_DIGITS, _ROUNDING = 4, 1e-10


def number(value: float, digits: int = 2, *lines: float) -> str:
    """Number for a sentence; "—" for NaN or infinity.

    lines: numbers that stand beside it or decide on it (a grade line, 0 for the end of an interval). Decimals
    are `digits`, up to four where fewer would move the number across a line or onto one; where four do as
    well, the text says only on which side it lies.

    >>> from analysis.explain import number
    >>> number(79.96, 1), number(79.96, 1, 80), number(79.999999, 1, 80), number(80, 1, 80)
    ('80.0', '79.96', '<80', '80.0')
    """
    if not math.isfinite(value):
        return "—"
    crossed: list[float] = []
    for places in range(digits, max(digits, _MOST_DIGITS) + 1):
        text = f"{value:.{places}f}"
        crossed = [line for line in lines if _side(float(text), line) != _side(value, line)]
        if not crossed:
            return text if float(text) else text.lstrip("-")
    return f"{'<' if value < crossed[0] else '>'}{crossed[0]:g}"


def _side(value: float, line: float) -> int:
    """1 above the line, −1 below it, 0 on it but for rounding."""
    return 0 if abs(value - line) <= _ROUNDING * max(1.0, abs(line)) else 1 if value > line else -1


def rounded_up(p: float, digits: int = 3) -> float:
    """p-value rounded upwards: what is not significant at a level such as 0.05 does not look it.

    >>> from analysis.explain import rounded_up
    >>> rounded_up(0.0501), rounded_up(0.0499), rounded_up(0.034)
    (0.051, 0.05, 0.034)
    """
    steps = 10.0**digits
    return math.ceil(steps * p - 1e-9) / steps


def p_text(p: float) -> str:
    """Relation and p-value, `rounded_up`, to be put after the letter p: "= 0.035", "≤ 0.05".

    Published p-values are upper ends of classes (`analysis.blurring.p_class`) and are shown as bounds.

    >>> from analysis.explain import p_text
    >>> p_text(0.0342), p_text(0.00005), p_text(0.05), p_text(1.0)
    ('= 0.035', '< 0.001', '≤ 0.05', '> 0.5')
    """
    if p < 0.001:
        return "< 0.001"
    if p in P_CLASSES:
        return f"> {P_CLASSES[-2]:g}" if p == P_CLASSES[-1] else f"≤ {p:g}"
    return f"= {number(rounded_up(p), 3)}"


def significant(p: float, level: float) -> bool:
    """Whether a p-value rejects at joint confidence `level`: it is at most 1 − level, which as a float may
    lie a little lower.

    >>> from analysis.explain import significant
    >>> significant(0.1, 0.9), 0.1 <= 1 - 0.9
    (True, False)
    """
    return p <= 1 - level + _ROUNDING


def level_text(level: float) -> str:
    """Joint confidence level as a percentage: 95%, 99.5%."""
    return f"{100 * level:.6g}%"


def bounded(text: str, bound: str = "") -> str:
    """Text of a score with ≥ or ≤ before it if bound is "at_least" or "at_most"."""
    return {"at_least": "≥", "at_most": "≤"}.get(bound, "") + text


def signed(value: float, *lines: float) -> str:
    """Difference with sign (true minus) and one decimal, more where `lines` ask for them (`number`); zero
    without sign; "—" for NaN or infinity.

    >>> from analysis.explain import signed
    >>> signed(1.25), signed(-0.04), signed(-0.04, 0), signed(1e-9, 0)
    ('+1.2', '0.0', '−0.04', '>0')
    """
    text = number(value, 1, *lines)
    if text[0] in "—<>":
        return text
    if not float(text):
        return text.lstrip("-")
    return text.replace("-", "−") if value < 0 else f"+{text}"


def with_interval(name: str, value: float, ci: Sequence[float], language: str) -> str:
    """Name, difference and its interval: "name +3.2 (+0.5 to +5.9)"."""
    told, low, high = (signed(x, 0) for x in (value, *ci))
    return pick(language, f"{name} {told}（{low} 至 {high}）", f"{name} {told} ({low} to {high})")


def share(value: float, digits: int = 1, *lines: float) -> str:
    """Proportion as a percentage with one decimal; "—" for NaN or infinity.

    Neither all nor none is said of a part (99.96%), and `lines`, as proportions, are kept as by `number`.

    >>> from analysis.explain import share
    >>> share(0.9996), share(1.0), share(0.503, 0, 0.5), share(0.00001)
    ('99.96%', '100.0%', '50.3%', '0.001%')
    """
    text = number(100 * value, digits, 0, 100, *(100 * line for line in lines))
    return text if text == "—" else f"{text}%"


def listed(names: Sequence[str], language: str) -> str:
    """Names joined by "、" or ", " as the language has it; "无" or "none" for an empty list."""
    return pick(language, "、".join(names) or "无", ", ".join(names) or "none")


NOT_CARRIED: Final = (
    "这些结论靠几张选票支撑，没有检查。",
    "How many ballots carry these statements was not looked at.",
)
"""Beside what `analysis.influence` does not cover: comparisons of groups, of rounds and of electorates."""


def counted(n: int, singular: str, plural: str = "") -> str:
    """English count with its noun: "1 rater", "2 raters"; plural: where it is not singular + "s"."""
    return f"{n} {singular if n == 1 else plural or f'{singular}s'}"
