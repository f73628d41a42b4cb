"""Marks for characters that no font can draw, which would be printed as empty boxes."""

from collections.abc import Iterable, Mapping, Sequence


def drawable(data: Mapping[str, object]) -> dict[str, object]:
    """`data` with every string in it passed through `analysis.charts.fonts.drawable`; tuples become lists."""
    return {name: _drawable(value) for name, value in data.items()}


def _drawable(value: object) -> object:
    from analysis.charts import fonts

    if isinstance(value, str):
        return fonts.drawable(value)
    if isinstance(value, Mapping):
        return {key: _drawable(inner) for key, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return [_drawable(inner) for inner in value]
    return value


def lacking(texts: Iterable[str]) -> str:
    """Characters of all texts that no installed font can draw, each once; invisible ones are not counted."""
    from analysis.answers.signs import without_invisible
    from analysis.charts.fonts import missing_characters

    return missing_characters(without_invisible("".join(texts)))
