"""Reader of a round's public page: the numbers and fingerprints that it states."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.parser import HTMLParser

COUNTS = ("invited", "collected", "cast", "replaced")
REPLACED = re.compile(r"到现在换发了 (\d+) 份")
LOG = re.compile(r"操作日志共 (\d+) 条")
ROOT = re.compile(r'data-root="([0-9a-f]{64})"')
DIGEST = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class PublicPage:
    """Statements of a public page: `counts` by name in `COUNTS` (before closing `replaced` alone), `root` of
    the Merkle tree (hex), `log`: "number hash" of the last entry of the site's audit log at closing, and
    every fingerprint in the page's order."""

    counts: dict[str, int]
    root: str | None
    log: str | None
    fingerprints: tuple[str, ...]


class _Figures(HTMLParser):
    """Numbers in `dl.figures`, and texts of `span.fingerprint`."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.numbers: list[str] = []
        self.fingerprints: list[str] = []
        self._figures = False
        self._into: list[str] | None = None
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        kind = dict(attrs).get("class")
        self._figures = self._figures or (tag == "dl" and kind == "figures")
        self._into = None
        if tag == "dd" and self._figures:
            self._into = self.numbers
        if tag == "span" and kind == "fingerprint":
            self._into = self.fingerprints
        if self._into is not None:
            self._into.append("")

    def handle_endtag(self, tag: str) -> None:
        self._into = None
        self._figures = self._figures and tag != "dl"

    def handle_data(self, data: str) -> None:
        if self._into is not None:
            self._into[-1] += "".join(data.split())


def read_public_page(page: str) -> PublicPage:
    """Statements of a page served in Chinese; None, or no count, for what it does not state."""
    figures = _Figures(page)
    numbers = [int(text) for text in figures.numbers if text.isascii() and text.isdecimal()]
    counts = dict(zip(COUNTS, numbers, strict=True)) if len(numbers) == len(COUNTS) else {}
    replaced, root, log = REPLACED.search(page), ROOT.search(page), LOG.search(page)
    if replaced:
        counts = {"replaced": int(replaced[1])}
    prints = tuple(figures.fingerprints)
    shown = [text for text in prints if DIGEST.fullmatch(text)]
    # The closing statement stands first: the root, then the end of the log.
    end = f"{log[1]} {shown[1]}" if log and root and len(shown) > 1 else None
    return PublicPage(counts, root[1] if root else None, end, prints)
