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


def number(value: float, digits: int = 2) -> str:
    """Number with fixed digits for a sentence; "—" for NaN or infinity."""
    return f"{value:.{digits}f}" if math.isfinite(value) else "—"


def p_text(p: float) -> str:
    """Relation and p-value to be put after the letter p: "= 0.034", "≤ 0.05".

    Published p-values are upper ends of classes (`analysis.blurring.p_class`) and are shown as bounds.

    >>> from analysis.explain import p_text
    >>> p_text(0.0342), p_text(0.00005), p_text(0.05), p_text(1.0)
    ('= 0.034', '< 0.001', '≤ 0.05', '> 0.5')
    """
    if p < 0.001:
        return "< 0.001"
    if p in P_CLASSES:
        return f"> {P_CLASSES[-2]:g}" if p == P_CLASSES[-1] else f"≤ {p:g}"
    return f"= {number(p, 3)}"


def bounded(text: str, bound: str = "") -> str:
    """Text of a score with ≥ or ≤ before it if bound is "at_least" or "at_most"."""
    return {"at_least": "≥", "at_most": "≤"}.get(bound, "") + text


def signed(value: float) -> str:
    """Difference with sign (true minus) and one decimal; zero without sign; "—" for NaN or infinity."""
    if not math.isfinite(value):
        return "—"
    text = f"{value:+.1f}"
    return text.replace("-", "−") if float(text) else text[1:]


def with_interval(name: str, value: float, ci: Sequence[float], language: str) -> str:
    """Name, difference and its interval: "name +3.2 (+0.5 to +5.9)"."""
    low, high = map(signed, ci)
    return pick(
        language, f"{name} {signed(value)}（{low} 至 {high}）", f"{name} {signed(value)} ({low} to {high})"
    )


def share(value: float) -> str:
    """Proportion as a percentage with one decimal; "—" for NaN or infinity."""
    return f"{100 * value:.1f}%" if math.isfinite(value) else "—"


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
