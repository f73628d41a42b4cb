"""Closing record (截止记录): one A4 page, printed and signed, that key holders bring to the opening."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from survey.documents.layout.glyphs import drawable
from survey.documents.layout.typesetting import typeset

_TEMPLATE: Final = Path(__file__).with_name("closing_record.typ")
_GROUP: Final = 4


@dataclass(frozen=True, slots=True)
class Words:
    """Texts of the closing record, in the language of whoever prints it."""

    language: str
    title: str
    subtitle: str
    facts: Sequence[tuple[str, str]]
    root_name: str
    root_use: str
    root_whole: str
    log_name: str
    checks_title: str
    checks: Sequence[str]
    signatures_title: str
    signatures: Sequence[tuple[str, str]]
    signature: str
    date: str


def write_closing_record(words: Words, root: bytes, log_hash: bytes) -> bytes:
    """PDF of the record: first eight hex digits of `root` large, `root` and `log_hash` whole in groups of
    four.

    Raises `TypesettingFailed` with typst's message.
    """
    numbers = {
        "root_start": _grouped(root.hex()[:8]),
        "root": _grouped(root.hex()),
        "log": _grouped(log_hash.hex()),
    }
    return typeset(_TEMPLATE, drawable(asdict(words)) | numbers, {})


def _grouped(digits: str) -> list[str]:
    return [digits[i : i + _GROUP] for i in range(0, len(digits), _GROUP)]
