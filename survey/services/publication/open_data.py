"""Open data of a published edition: the frozen numbers as JSON and CSV, each column explained.

Only what the edition holds is given out, without comments and without anything that a person wrote freely
except the problem list; whatever the edition withholds is an empty cell.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from survey.documents.layout.inert import inert
from survey.errors import N_, NotFound
from survey.facts.wire import decode_edition
from survey.models import Publication
from survey.services.publication.open_data_tables import SHEETS, Row

JSON_TYPE, CSV_TYPE = "application/json", "text/csv; charset=utf-8"
LEFT_OUT = ("comments",)
File = tuple[str, str, bytes]


@dataclass(frozen=True, slots=True)
class _Asked:
    """Everything that the files of an edition depend on, as a cache key; the digest stands for `content`."""

    edition: int
    digest: str
    published_on: date | None
    correction: str
    log: tuple[int, str] | None
    content: str = field(compare=False, repr=False)


def open_data(publication: Publication) -> tuple[File, ...]:
    """Files of an edition as (name, media type, content), the dictionary of columns among them."""
    return _files(
        _Asked(
            publication.edition,
            publication.digest.hex(),
            publication.published_on,
            publication.correction,
            publication.log,
            publication.content,
        )
    )


@lru_cache(maxsize=4)
def _files(asked: _Asked) -> tuple[File, ...]:
    # Anybody may ask, as often as they like; an edition never changes, and a large one takes half a second.
    content, edition = json.loads(asked.content), decode_edition(asked.content)
    tables = [
        (f"{name}.csv", CSV_TYPE, write_csv([c.name for c in sheet.columns], sheet.rows(edition)))
        for name, sheet in SHEETS.items()
    ]
    return (
        ("data.json", JSON_TYPE, _json(asked, content)),
        *tables,
        ("dictionary.csv", CSV_TYPE, _dictionary()),
    )


def open_data_file(publication: Publication, name: str) -> File:
    """File of an edition with this name, as (name, media type, content); raises `NotFound`."""
    for file in open_data(publication):
        if file[0] == name:
            return file
    raise NotFound(N_("开放数据里没有“%(name)s”这个文件。"), name=name)


def write_csv(header: Sequence[str], rows: Iterator[Row]) -> bytes:
    """CSV (RFC 4180) in UTF-8 with a byte order mark, so that Excel reads it; None is an empty cell."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _cell(value: str | float | None) -> str | float:
    if isinstance(value, str):
        return inert(value)
    return "" if value is None else value


def _json(asked: _Asked, content: dict[str, object]) -> bytes:
    kept = {name: part for name, part in content.items() if name not in LEFT_OUT}
    about: dict[str, Any] = {
        "edition": asked.edition,
        "digest": asked.digest,
        "published_on": asked.published_on.isoformat() if asked.published_on else None,
        "correction": asked.correction,
    }
    if asked.log:
        about["log"] = {"number": asked.log[0], "hash": asked.log[1]}
    return json.dumps({"publication": about} | kept, ensure_ascii=False, indent=1, sort_keys=True).encode()


def _dictionary() -> bytes:
    rows = ((f"{name}.csv", *column) for name, sheet in SHEETS.items() for column in sheet.columns)
    return write_csv(("file", "column", "type", "unit", "meaning"), rows)
