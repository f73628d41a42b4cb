"""What would come out as an empty box: refused where it can be mended, marked where it stands for good."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from survey.errors import N_, InvalidInput


class MissingGlyphs(InvalidInput):
    """A text holds characters that no font at hand can draw."""

    remedy = N_("请改用常用字书写，或者在服务器上安装更全的字体：apt-get install fonts-noto-cjk")

    def __init__(self, characters: str, text: str) -> None:
        self.characters = characters
        shown = "、".join(f"“{c}”（U+{ord(c):04X}）" for c in characters)
        super().__init__(
            N_("字体里没有这些字：%(characters)s，出现在“%(text)s”。没有生成文件。"),
            characters=shown,
            text=text,
        )


def check_glyphs(texts: Iterable[str]) -> None:
    """Raise `MissingGlyphs` for the first text that no font of charts and documents can draw."""
    from analysis.charts.fonts import missing_characters

    for text in texts:
        if missing := missing_characters(text):
            raise MissingGlyphs(missing, text)


def drawable(value: Any) -> Any:
    """`value` with every string in it as `analysis.charts.fonts.drawable` has it."""
    from analysis.charts import fonts

    if isinstance(value, str):
        return fonts.drawable(value)
    if isinstance(value, Mapping):
        return {key: drawable(inner) for key, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return [drawable(inner) for inner in value]
    return value


def lacking(texts: Iterable[str]) -> str:
    """The characters of all texts that no font at hand can draw, each once; invisible ones are no loss."""
    from analysis.charts.fonts import missing_characters
    from analysis.signs import without_invisible

    return missing_characters(without_invisible("".join(texts)))
