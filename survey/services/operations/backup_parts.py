"""What either database's half of a backup hands over."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from survey.database.table_digests import TableDigest


@dataclass(frozen=True, slots=True)
class Saved:
    """Files of one moment of the database, its schema's revision and its digests."""

    files: tuple[Path, ...]
    revision: str
    tables: dict[str, TableDigest]


def put_in_place(part: Path, target: Path) -> None:
    """Move a finished file to its name; raises `FileExistsError` rather than replace another."""
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    part.replace(target)
