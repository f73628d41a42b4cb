"""Types that a backup exchanges with its half for SQLite or PostgreSQL."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from survey.database.table_digests import TableDigest


@dataclass(frozen=True, slots=True)
class Saved:
    """Files of one moment of the database, its schema's revision and its digests."""

    files: tuple[Path, ...]
    revision: str
    tables: dict[str, TableDigest]


@dataclass(frozen=True, slots=True)
class Compared:
    """One table in the backup and as restored; None where it is missing."""

    table: str
    saved: TableDigest | None
    restored: TableDigest | None

    @property
    def equal(self) -> bool:
        return self.saved == self.restored


Compare = Callable[[dict[str, TableDigest]], list[Compared]]


class Backup(Protocol):
    MEMBERS: str
    """Pattern of the names that its files have."""

    def save(self, url: str, folder: Path) -> Saved:
        """Write one moment of the running database into `folder`."""

    def require_empty(self, url: str) -> None:
        """Raise `Conflict` when there is a database already."""

    def restore(self, url: str, folder: Path, compare: Compare) -> list[Compared]:
        """What `save` wrote, as `compare` finds it; nothing of it is kept when a table differs."""


def put_in_place(part: Path, target: Path) -> None:
    """Move a finished file to its name; raises `FileExistsError` rather than replace another."""
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    part.replace(target)
