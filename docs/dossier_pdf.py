"""All documents of the dossier (docs/准入/) as one PDF, laid out by dossier.typ.

`python docs/dossier_pdf.py` writes build/准入.pdf.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from survey.clock import day_text, today
from survey.documents.layout.typesetting import typeset
from survey.version import __version__

HERE = Path(__file__).resolve().parent
FOLDER, TEMPLATE, PDF = HERE / "准入", HERE / "dossier.typ", HERE.parent / "build" / "准入.pdf"
TITLE = "评议系统准入材料"
# A path of the sources may be broken after these.
BREAKS = re.compile(r"(?<=[/:_.])")
Run = tuple[str, str]


def chapters() -> list[Path]:
    """The documents in the order of the list in README.md, which comes first."""
    first = FOLDER / "README.md"
    listed = re.findall(r"^\| \[(.+\.md)\]", first.read_text("utf-8"), re.MULTILINE)
    return [first, *(FOLDER / name for name in listed)]


def blocks(file: Path) -> list[dict[str, Any]]:
    """What a document consists of: `kind` heading (`level`, `runs`), paragraph (`runs`), item (`runs`) and
    table (`cells`: texts of its rows, the head first; `rows`: the same as runs)."""
    return list(_blocks(MarkdownIt("commonmark").enable("table").parse(file.read_text("utf-8"))))


def _blocks(tokens: list[Token]) -> Iterator[dict[str, Any]]:
    within, cells, runs = "", [], []
    for token in tokens:
        if token.type in ("heading_open", "list_item_open", "table_open"):
            within, level = token.type, int(token.tag[1]) if token.tag[0] == "h" else 0
            cells, runs = [], []
        elif token.type == "tr_open":
            cells.append([])
            runs.append([])
        elif token.type == "table_close":
            yield {"kind": "table", "cells": cells, "rows": runs}
            within = ""
        elif token.type in ("heading_close", "list_item_close"):
            within = ""
        elif token.type == "inline" and within == "table_open":
            cells[-1].append(token.content)
            runs[-1].append(_runs(token))
        elif token.type == "inline":
            kind = {"heading_open": "heading", "list_item_open": "item"}.get(within, "paragraph")
            yield {"kind": kind, "runs": _runs(token), "level": level if kind == "heading" else 0}


def _runs(token: Token) -> list[Run]:
    """Pairs (style, text); style: text, strong or code."""
    made, style = [], "text"
    for child in token.children or ():
        if child.type in ("strong_open", "strong_close"):
            style = "strong" if child.type == "strong_open" else "text"
        elif child.type == "code_inline":
            made.append(("code", BREAKS.sub("\u200b", child.content)))
        elif child.content or child.type == "softbreak":
            made.append((style, child.content))
    return made


def write(target: Path) -> None:
    """Write the PDF, tagged after PDF/UA-1."""
    data = {
        "title": TITLE,
        "version": __version__,
        "day": day_text(today()),
        "chapters": [blocks(file) for file in chapters()],
    }
    target.parent.mkdir(exist_ok=True)
    target.write_bytes(typeset(TEMPLATE, data, {}, accessible=True))


if __name__ == "__main__":
    write(PDF)
    sys.stdout.write(f"{PDF.relative_to(HERE.parent)}\n")
