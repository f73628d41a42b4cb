"""SVG of our own drawing as elements of one HTML page, which share the outlines of their letters."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from markupsafe import Markup

_LEFT_OUT: Final = re.compile(r"<metadata>.*?</metadata>|<!--.*?-->", re.DOTALL)
_BREAK: Final = re.compile(r"\s*\n\s*")
# Matplotlib writes the outline of a letter so, under a name made of the font's and the letter's.
_GLYPH: Final = re.compile(r'<path id="([^"]+)" (d="[^"]*" transform="scale\([^)]*\)")/>')
_NAMED: Final = re.compile(r'(\bid="|href="#|url\(#)([^")]+)')


@dataclass
class Drawings:
    """Drawings of one page. `outlines`: letters that several of them use, by their id; the page holds them
    once, in `glyphs`: they are most of a drawing's bytes."""

    outlines: dict[str, str] = field(default_factory=dict)

    @property
    def glyphs(self) -> Markup:
        """Definitions of all outlines, for the page's beginning."""
        paths = (f'<path id="{name}" {outline}/>' for name, outline in self.outlines.items())
        return Markup("".join(paths))  # noqa: S704 - numbers of our own drawing

    def inline(self, svg: bytes, prefix: str) -> Markup:
        """SVG as an element; all its ids but those of letters begin with `prefix`, so that drawings on one
        page do not take each other's parts."""
        text = svg.decode()
        text = _BREAK.sub("\n", _LEFT_OUT.sub("", text[text.index("<svg ") :]))
        text = _GLYPH.sub(self._kept, text)
        shared = self.outlines.keys() - {found[1] for found in _GLYPH.finditer(text)}
        named = _NAMED.sub(lambda found: found[1] + ("" if found[2] in shared else prefix) + found[2], text)
        return Markup(named)  # noqa: S704 - names in it are escaped by the renderer

    def _kept(self, found: re.Match[str]) -> str:
        """What is left in the drawing of a letter's definition: nothing, unless the page has another of that
        name."""
        return "" if self.outlines.setdefault(found[1], found[2]) == found[2] else found[0]
