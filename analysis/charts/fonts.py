"""Chinese fonts for charts and documents: finding them, registering them, asking which characters they have.

Noto Sans SC comes with the ``zhplot`` wheel (SIL Open Font License). The wheel's module is never imported: it
changes matplotlib's global settings. System fonts follow as fallbacks, glyph by glyph.
"""

from functools import cache
from importlib import metadata
from pathlib import Path

from matplotlib import font_manager
from matplotlib.ft2font import FT2Font

from analysis.answers.signs import REPLACEMENT, without_invisible
from analysis.errors import InputError

_WHEEL = "zhplot"
_WHEEL_FONT = "zhplot/fonts/NotoSansSC-Regular.ttf"
_SYSTEM_FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/opentype/noto/NotoSansCJKsc-Regular.otf",
    "/usr/share/fonts/truetype/noto/NotoSansSC-Regular.ttf",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
)


class MissingFontError(InputError):
    """No Chinese font on this machine; the message says which command installs one."""

    def __init__(self) -> None:
        super().__init__(
            "没有找到中文字体，无法绘图。请运行：pip install zhplot（或 apt-get install fonts-noto-cjk）",
            "No Chinese font on this machine, so nothing was drawn. Run: pip install zhplot "
            "(or: apt-get install fonts-noto-cjk)",
        )


def wheel_font() -> Path | None:
    """Path of the Noto Sans SC font in the `zhplot` distribution, or None where that is not installed."""
    try:
        path = Path(str(metadata.distribution(_WHEEL).locate_file(_WHEEL_FONT)))
    except metadata.PackageNotFoundError:
        return None
    return path if path.is_file() else None


def font_files() -> tuple[Path, ...]:
    """Paths of all usable Chinese fonts, best first. Raises `MissingFontError` when there is none."""
    found = [
        path for path in (wheel_font(), *map(Path, _SYSTEM_FONTS)) if path is not None and path.is_file()
    ]
    if not found:
        raise MissingFontError
    return tuple(found)


@cache
def families() -> tuple[str, ...]:
    """Font family names for matplotlib, best first; registers the fonts on first call."""
    names = []
    for path in font_files():
        font_manager.fontManager.addfont(path)
        names.append(_simplified_family(path))
    return tuple(dict.fromkeys(names))


def _simplified_family(path: Path) -> str:
    """Family name of a font file; of a collection (.ttc, a family per region) the one with simplified Chinese
    glyphs."""
    known = [entry.name for entry in font_manager.fontManager.ttflist if entry.fname == str(path)]
    simplified = [name for name in known if "SC" in name.split() and "Mono" not in name]
    return str((simplified or known)[0])


@cache
def faces() -> tuple[FT2Font, ...]:
    """Fonts of `font_files` as FreeType faces, to measure text and to ask which glyphs exist."""
    return tuple(font_manager.get_font(str(path)) for path in font_files())


@cache
def _has_glyph(character: str) -> bool:
    return any(face.get_char_index(ord(character)) for face in faces())


def missing_characters(text: str) -> str:
    """Distinct characters of `text` that no available font can draw, in order of appearance."""
    return "".join(c for c in dict.fromkeys(text) if c != "\n" and not _has_glyph(c))


def drawable(text: str) -> str:
    """`text` as fonts can draw it: invisible characters removed, those without a glyph shown as
    `REPLACEMENT`."""
    if text.isascii() and text.isprintable():
        return text
    plain = without_invisible(text)
    missing = set(missing_characters(plain))
    return "".join(REPLACEMENT if c in missing else c for c in plain) if missing else plain
