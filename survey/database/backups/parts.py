"""Types shared by backups of SQLite and PostgreSQL."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from survey.database.backups.table_digests import TableDigest


@dataclass(frozen=True, slots=True)
class Saved:
    """Result of `Backup.save`: files of one snapshot of the database, its schema revision and table
    digests."""

    files: tuple[Path, ...]
    revision: str
    tables: dict[str, TableDigest]


@dataclass(frozen=True, slots=True)
class Compared:
    """Digests of one table in the backup and after restoring; None where the table is missing."""

    table: str
    saved: TableDigest | None
    restored: TableDigest | None

    @property
    def equal(self) -> bool:
        return self.saved == self.restored


Compare = Callable[[dict[str, TableDigest]], list[Compared]]


class Backup(Protocol):
    MEMBERS: str
    """Glob pattern of the names of its files."""

    def save(self, url: str, folder: Path) -> Saved:
        """Write a snapshot of the running database into `folder`."""

    def require_empty(self, url: str) -> None:
        """Raise `Conflict` when the place to restore to already holds a database."""

    def restore(self, url: str, folder: Path, compare: Compare) -> list[Compared]:
        """Restore what `save` wrote; returns the result of `compare`. Nothing is kept if a table differs."""


def put_in_place(part: Path, target: Path) -> None:
    """Rename a finished file to `target`; raises `FileExistsError` if that exists."""
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    part.replace(target)
