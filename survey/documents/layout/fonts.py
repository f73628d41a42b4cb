"""The folder of the Chinese font, for typst; the lookup itself belongs to the charts."""

from pathlib import Path

from analysis.charts.fonts import font_files


def font_folder() -> Path:
    """The folder to hand to `typst.compile(font_paths=[…])`.

    Raises `analysis.charts.fonts.MissingFontError` with the command that mends it.
    """
    return font_files()[0].parent
