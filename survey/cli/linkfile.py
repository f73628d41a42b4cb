"""Reading of invitation links from a file: Excel as issued, text with one link per line, or JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from analysis.errors import InputError
from analysis.tables.sheets import read_sheets
from analysis.tables.text_tables import decoded
from analysis.tables.worksheet_scan import UPLOADED
from survey.errors import N_, CodeMistyped, InvalidInput, Phrase
from survey.protocol.codes import format_code, parse_pinned

_LINK = re.compile(r"https?://\S+/s/([a-z0-9-]+)#(\S+)")


def read_codes(path: Path, slug: str) -> list[str]:
    """Distinct codes of the links of the round `slug` in a file, in the order of the file; each is one text
    that ends with its check number (核对号).

    Raises `InvalidInput` if there are none.
    """
    codes: dict[str, None] = {}
    others = set()
    for text in _texts(path):
        if match := _LINK.search(text):
            if match[1] == slug:
                codes[_canonical(match[2])] = None
            else:
                others.add(match[1])
    if not codes and others:
        raise InvalidInput(
            N_("文件里的链接属于轮次 %(others)s，没有一条属于 %(slug)s。"),
            others="、".join(sorted(others)),
            slug=slug,
        )
    if not codes:
        raise InvalidInput(
            N_("文件“%(file)s”里没有邀请链接。"),
            remedy=N_("请用“签发邀请”得到的文件，链接形如 https://…/s/2026-q4#XXXX-…。"),
            file=path.name,
        )
    return list(codes)


def _canonical(text: str) -> str:
    try:
        code, pin = parse_pinned(text)
        return "-".join(filter(None, (format_code(code), pin)))
    except CodeMistyped as error:
        raise InvalidInput(N_("链接里的邀请码“%(code)s”不完整或有误。"), code=text[:40]) from error


def _texts(path: Path) -> Iterator[str]:
    try:
        if path.suffix.lower() == ".xlsx":
            with path.open("rb") as file:
                yield from _cells(file)
        elif path.suffix.lower() == ".json":
            yield from _strings(json.loads(path.read_text(encoding="utf-8-sig")))
        else:
            data = path.read_bytes()
            yield from decoded(data).splitlines() if data else ()
    except InputError as error:
        raise InvalidInput(
            N_("文件“%(file)s”读不出来：%(why)s"), file=path.name, why=Phrase(error.zh, english=error.en)
        ) from error
    except (OSError, ValueError) as error:
        raise InvalidInput(N_("文件“%(file)s”读不出来：%(why)s"), file=path.name, why=error) from error


def _cells(file: BinaryIO) -> Iterator[str]:
    for sheet in read_sheets(file, UPLOADED).sheets:
        for row in sheet.rows:
            yield from (cell for cell in row if isinstance(cell, str))


def _strings(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from _strings(list(value.values()))
    elif isinstance(value, list):
        for part in value:
            yield from _strings(part)
