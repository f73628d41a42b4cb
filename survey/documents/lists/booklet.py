"""Booklet: a chapter of the manual as a tagged PDF on A4, to be printed."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

from survey.documents.layout.typesetting import typeset
from survey.manual import Chapter

_TEMPLATE: Final = Path(__file__).with_name("booklet.typ")


def write_booklet(chapter: Chapter, pictures: Path) -> bytes:
    """PDF/UA-1 of the chapter; `pictures` is the folder of its pictures. Raises `TypesettingFailed`."""
    files = {step.picture: (pictures / step.picture).read_bytes() for step in chapter.steps if step.picture}
    return typeset(_TEMPLATE, msgspec.to_builtins(chapter), files, accessible=True)
