"""Marks for characters that no font can draw, which would be printed as empty boxes."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any


def drawable(value: Any) -> Any:
    """`value` with every string in it passed through `analysis.charts.fonts.drawable`."""
    from analysis.charts import fonts

    if isinstance(value, str):
        return fonts.drawable(value)
    if isinstance(value, Mapping):
        return {key: drawable(inner) for key, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return [drawable(inner) for inner in value]
    return value


def lacking(texts: Iterable[str]) -> str:
    """Characters of all texts that no installed font can draw, each once; invisible ones are not counted."""
    from analysis.answers.signs import without_invisible
    from analysis.charts.fonts import missing_characters

    return missing_characters(without_invisible("".join(texts)))
