"""Refuses to print what would come out as an empty box."""

from collections.abc import Iterable

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
