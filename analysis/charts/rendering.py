"""Rendering of figures to PNG, SVG or PDF bytes, the same bytes every time, without boxes for missing glyphs.

SVG text is drawn as outlines: a viewer without a Chinese font would otherwise show boxes or reflow the
columns. The words stay reachable for screen readers and search in ``<title>`` and ``<desc>``. PDF text stays
text (embedded subset), to be searched and copied.
"""

import io
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, Literal
from xml.sax.saxutils import escape

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_pdf import FigureCanvasPdf
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.text import Text

from analysis.answers.signs import REPLACEMENT, without_invisible
from analysis.charts import fonts
from analysis.charts.palette import INK

Format = Literal["png", "svg", "pdf"]
FORMATS: Final[tuple[Format, ...]] = ("png", "svg", "pdf")
DPI: Final = 300
_FOOT: Final = 6
MAX_PIXELS: Final = 30_000  # a side; Agg refuses 65,536, and viewers give up before

_CANVASES = {"png": FigureCanvasAgg, "svg": FigureCanvasSVG, "pdf": FigureCanvasPdf}
# matplotlib's settings are process-wide, and the server draws in threads.
_SETTINGS_LOCK = threading.RLock()


def _settings() -> Any:
    return {
        "font.family": list(fonts.families()),
        "text.parse_math": False,  # a department called "A$B$" is not a formula
        "text.color": INK,
        "svg.fonttype": "path",
        "svg.hashsalt": "pingyi",
        "pdf.fonttype": 42,
        "axes.unicode_minus": True,
        "hatch.linewidth": 0.5,
    }


@contextmanager
def chart_style() -> Iterator[None]:
    """Context with the matplotlib settings under which charts are built and saved; restores the former
    ones."""
    with _SETTINGS_LOCK, mpl.rc_context(_settings()), warnings.catch_warnings():
        warnings.filterwarnings("error", message="Glyph .* missing")
        yield


def make_drawable(figure: Figure) -> None:
    """Replace characters that no font has by `REPLACEMENT`, and list their code points at the foot of the
    figure.

    A chart that lacks one character of a name still shows every number.
    """
    lacking: dict[str, None] = {}
    for artist in figure.findobj(Text):
        text = artist.get_text()
        shown = fonts.drawable(text)
        if shown != text:
            lacking |= dict.fromkeys(fonts.missing_characters(without_invisible(text)))
            artist.set_text(shown)
    if lacking:
        codes = ", ".join(f"U+{ord(character):04X}" for character in lacking)
        figure.text(0.005, 0.002, f"{REPLACEMENT} = {codes}", size=_FOOT, va="bottom", color=INK)


def render(figure: Figure, fmt: Format, *, dpi: int = DPI) -> bytes:
    """Bytes of a figure as one file; `dpi` is used for PNG only, less for very long charts."""
    with chart_style():
        make_drawable(figure)
        buffer = io.BytesIO()
        canvas = _CANVASES[fmt](figure)
        longest = max(figure.get_size_inches())
        canvas.print_figure(
            buffer, format=fmt, dpi=min(dpi, int(MAX_PIXELS / longest)), metadata=_metadata(figure, fmt)
        )
    data = buffer.getvalue()
    return _with_words(data, figure) if fmt == "svg" else data


def _title(figure: Figure) -> str:
    return str(figure.get_label()) or "Pingyi"


def _metadata(figure: Figure, fmt: Format) -> dict[str, str | None]:
    if fmt == "png":
        return {"Software": None, "Title": _title(figure)}
    if fmt == "svg":
        return {"Date": None, "Title": _title(figure)}
    return {"CreationDate": None, "Producer": None, "Creator": "Pingyi", "Title": _title(figure)}


def _with_words(svg: bytes, figure: Figure) -> bytes:
    words = " · ".join(t.replace("\n", "") for a in figure.findobj(Text) if (t := a.get_text().strip()))
    head = f"<title>{escape(_title(figure))}</title>\n<desc>{escape(words)}</desc>\n"
    start = svg.index(b"<svg ")
    end = svg.index(b">", start)
    return svg[:end] + b' role="img">\n' + head.encode() + svg[end + 1 :]
