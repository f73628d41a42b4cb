"""Programs that had no part in making a document, to read it with: Poppler, LibreOffice, python-docx."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import docx
import pytest
from docx.oxml.ns import qn
from PIL import Image

XHTML = "{http://www.w3.org/1999/xhtml}"
SPACE = re.compile(r"\s+")


def needs(*programs: str) -> pytest.MarkDecorator:
    """Skip where they are missing; where everything must be tested, let the test fail instead."""
    missing = [program for program in programs if shutil.which(program) is None]
    reason = f"NOT INSTALLED: {', '.join(missing)} (sh tests/install-system.sh)"
    return pytest.mark.skipif(bool(missing) and os.environ.get("CI") != "true", reason=reason)


def run(*command: str | Path) -> bytes:
    return subprocess.run(
        [str(part) for part in command], check=True, capture_output=True, timeout=240
    ).stdout


@dataclass(frozen=True)
class Word:
    """A word with its box in points from the top left corner of its page."""

    text: str
    left: float
    top: float
    right: float
    bottom: float

    @property
    def height(self) -> float:
        return self.bottom - self.top

    def covers(self, other: Word) -> bool:
        """Whether the inner parts of the two boxes meet; lines may touch, Chinese marks share a square."""
        first, second = (self, other) if self.left <= other.left else (other, self)
        marks = (not first.text[-1:].isalnum()) + (not second.text[:1].isalnum())
        across = min(self.right, other.right) - second.left
        down = min(self.bottom, other.bottom) - max(self.top, other.top)
        least = min(self.height, other.height)
        return across > 1.0 + 0.55 * marks * least and down > 0.35 * least


@dataclass(frozen=True)
class Page:
    width: float
    height: float
    words: tuple[Word, ...]

    def outside(self, margin: float) -> list[str]:
        """Words that come nearer to an edge than `margin` points."""
        right, bottom = self.width - margin, self.height - margin
        return [
            w.text
            for w in self.words
            if w.left < margin or w.top < margin or w.right > right or w.bottom > bottom
        ]

    def overlapping(self) -> list[tuple[str, str]]:
        found, ordered = [], sorted(self.words, key=lambda w: w.top)
        for i, word in enumerate(ordered):
            for other in ordered[i + 1 :]:
                if other.top > word.bottom:
                    break
                if word.covers(other):
                    found.append((word.text, other.text))
        return found

    def lines(self) -> list[list[Word]]:
        """Words by line, from top to bottom."""
        found: list[list[Word]] = []
        for word in sorted(self.words, key=lambda w: ((w.top + w.bottom) / 2, w.left)):
            last = found[-1][-1] if found else None
            if last and abs((last.top + last.bottom) - (word.top + word.bottom)) < last.height:
                found[-1].append(word)
            else:
                found.append([word])
        return found


def pages_of(pdf: bytes) -> list[Page]:
    with on_disk(pdf, ".pdf") as path:
        root = ElementTree.fromstring(run("pdftotext", "-bbox", path, "-"))  # noqa: S314 - Poppler wrote it
    return [
        Page(
            float(page.attrib["width"]),
            float(page.attrib["height"]),
            tuple(map(_word, page.iter(f"{XHTML}word"))),
        )
        for page in root.iter(f"{XHTML}page")
    ]


def _word(element: Any) -> Word:
    box = (float(element.attrib[key]) for key in ("xMin", "yMin", "xMax", "yMax"))
    return Word(element.text or "", *box)


def text_of_pdf(pdf: bytes) -> str:
    """Everything in reading order, without any space: lines break anywhere in Chinese."""
    with on_disk(pdf, ".pdf") as path:
        return SPACE.sub("", run("pdftotext", "-raw", path, "-").decode())


def fonts_of(pdf: bytes) -> list[tuple[str, bool, bool]]:
    """(name, embedded, has a map to Unicode) of every font."""
    with on_disk(pdf, ".pdf") as path:
        rows = [row.split() for row in run("pdffonts", path).decode().splitlines()[2:]]
    return [(row[0], row[-5] == "yes", row[-3] == "yes") for row in rows]


def pixels_of(pdf: bytes, dpi: int = 40) -> list[Image.Image]:
    with on_disk(pdf, ".pdf") as path:
        run("pdftoppm", "-gray", "-png", "-r", str(dpi), path, path.with_suffix(""))
        return [
            Image.open(io.BytesIO(p.read_bytes())).convert("L") for p in sorted(path.parent.glob("*.png"))
        ]


class on_disk:  # noqa: N801 - used as a function
    """A file for the length of a `with`."""

    def __init__(self, content: bytes, suffix: str) -> None:
        self._content, self._suffix = content, suffix

    def __enter__(self) -> Path:
        self._folder = tempfile.TemporaryDirectory(prefix="pingyi-test-")
        path = Path(self._folder.name, f"file{self._suffix}")
        path.write_bytes(self._content)
        return path

    def __exit__(self, *_: object) -> None:
        self._folder.cleanup()


def through_libreoffice(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Name → PDF of Word and Excel files, all in one start of LibreOffice with a profile of its own."""
    with tempfile.TemporaryDirectory(prefix="pingyi-test-") as name:
        folder = Path(name)
        paths = [folder / f"{number}{Path(file).suffix}" for number, file in enumerate(files)]
        for path, content in zip(paths, files.values(), strict=True):
            path.write_bytes(content)
        run("soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", "pdf",
            "--outdir", folder / "out", *paths)  # fmt: skip
        return {
            file: (folder / "out" / f"{path.stem}.pdf").read_bytes()
            for file, path in zip(files, paths, strict=True)
        }


def text_of_word(content: bytes) -> str:
    """Every paragraph and cell, with what stands in content controls."""
    body = docx.Document(io.BytesIO(content)).element.body
    return "\n".join(map(text_in, body.iter(qn("w:p"))))


def text_in(paragraph: Any) -> str:
    """Text of a paragraph, which python-docx gives without its content controls."""
    marks = {qn("w:t"): None, qn("w:tab"): "\t", qn("w:br"): "\n"}
    found = (e for e in paragraph.iter(*marks) if e.getparent().tag == qn("w:r"))
    return "".join(e.text or "" if marks[e.tag] is None else str(marks[e.tag]) for e in found)


def ruled_tables(document: Any) -> list[Any]:
    """Tables with figures; those without rules only set parts side by side."""
    return [table for table in document.tables if table.style.name == "Table Grid"]


def tables_of_word(content: bytes) -> Iterator[list[list[str]]]:
    for table in ruled_tables(docx.Document(io.BytesIO(content))):
        yield [[cell.text for cell in row.cells] for row in table.rows]


def headings_at_foot(pages: Iterable[Page], least: float, footer: float) -> list[str]:
    """Last lines at least `least` points high, what stands less than `footer` above the edge left out."""
    found = []
    for page in pages:
        body = [line for line in page.lines() if line[0].bottom < page.height - footer]
        if body and min(word.height for word in body[-1]) >= least:
            found.append("".join(word.text for word in body[-1]))
    return found
