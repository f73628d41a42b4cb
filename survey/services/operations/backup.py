"""Backup while the site runs, and a restore that checks itself: digests of every table before and after.

The file is a zip without compression: `manifest.json` and the database. Tables are written in the order of
their keys, so that a stolen backup tells no more about the order of ballots than their hashes do. The
installation's secret is not inside: whoever steals a backup shall not have the rounds' signing keys with it.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from survey.clock import day_text, today
from survey.config import Settings
from survey.database.backups.parts import Compared, put_in_place
from survey.database.backups.table_digests import TableDigest
from survey.database.engine import open_database
from survey.database.kinds import Kind, kind_at
from survey.database.migrations import current, require_known
from survey.errors import N_, Conflict, InvalidInput
from survey.models import Round, State
from survey.services.operations.audit import record
from survey.version import __version__

VERSION = 1
# An announcement, which stands in the round as the office writes them: in Chinese.
RESTORED = "%(day)s，本网站从备份恢复过。备份以后投的选票可能没有了；截止后请在公示页核对自己的回执。"
MANIFEST = "manifest.json"
LONGEST_MANIFEST = 1_000_000


@dataclass(frozen=True, slots=True)
class Manifest:
    """Manifest of a backup: kind of database, schema revision, check of the secret, and digests of the
    tables."""

    kind: str
    revision: str
    secret_check: str
    tables: dict[str, TableDigest]

    def to_json(self) -> str:
        return json.dumps({"version": VERSION, "made_by": __version__, **asdict(self)}, indent=1)


def make_backup(settings: Settings, target: Path) -> Manifest:
    """Write the database of `settings` to the new file `target`, readable by its owner alone.

    Raises `Conflict` when the file exists, `InvalidInput` when it cannot be written.
    """
    if target.exists():
        raise Conflict(N_("“%(file)s”已经存在，没有覆盖。"), remedy=N_("请换一个文件名。"), file=target)
    kind = kind_at(settings.database_url)
    _require_known_database(kind, settings)
    with _folder(target.parent) as folder:
        saved = kind.backup().save(settings.database_url, folder)
        manifest = Manifest(kind.NAME, saved.revision, secret_check(settings), saved.tables)
        part = folder / "backup-part"
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
                archive.writestr(MANIFEST, manifest.to_json())
                for path in saved.files:
                    archive.write(path, path.relative_to(folder).as_posix())
            file.flush()
            os.fsync(file.fileno())
        put_in_place(part, target)
    return manifest


def _require_known_database(kind: Kind, settings: Settings) -> None:
    """Raise `Conflict` for a newer program's database, whose rows this one may not know."""
    file = kind.file(settings.database_url)
    if file is not None and not file.exists():
        return  # `save` says so
    database = open_database(settings)
    try:
        require_known(current(database.engine))
    finally:
        database.close()


def restore_backup(settings: Settings, source: Path, *, any_secret: bool = False) -> list[Compared]:
    """Restore a backup into the empty database of `settings`; returns the comparison of digests, table by
    table.

    Nothing is restored when a digest differs. Raises `Conflict` unless the database is empty and, without
    `any_secret`, the installation's secret is the backup's; `InvalidInput` for a file that is no backup.
    """
    kind = kind_at(settings.database_url)
    with _open(source) as archive:
        manifest = read_manifest(archive)
        if manifest.kind != kind.NAME:
            raise InvalidInput(
                N_("这是 %(given)s 的备份，而现在配置的是 %(wanted)s。"),
                remedy=N_("请用 PINGYI_DATABASE_URL 指定同一种数据库。"),
                given=manifest.kind,
                wanted=kind.NAME,
            )
        require_known(manifest.revision)
        if not any_secret and not hmac.compare_digest(manifest.secret_check, secret_check(settings)):
            raise Conflict(
                N_("密钥与备份时不同，恢复后进行中的轮次不能签发凭证，验证器也不能用。"),
                remedy=N_(
                    "请先放回原来的 secret.key（或 PINGYI_SECRET_KEY）再恢复；确实找不回时加 --any-secret。"
                ),
            )
        backup = kind.backup()
        backup.require_empty(settings.database_url)
        with _folder(_beside(kind, settings)) as folder:
            _extract(archive, folder, backup.MEMBERS)
            return backup.restore(settings.database_url, folder, lambda found: compare(manifest, found))


def mark_open_rounds(settings: Settings, actor: str) -> list[str]:
    """Note in every round that collects, and in the audit log, that a backup was restored; returns their
    titles.

    What came after the backup is missing there, and whoever takes part can read that it may be. The columns
    used are those of every schema: the site migrates later.
    """

    def mark(session: Session) -> list[str]:
        query = select(Round.id, Round.slug, Round.title, Round.notice).where(Round.state == State.OPEN)
        rows = session.execute(query.order_by(Round.title)).all()
        for number, slug, _title, notice in rows:
            said = "\n".join(filter(None, (notice, RESTORED % {"day": day_text(today())})))
            session.execute(update(Round).where(Round.id == number).values(notice=said))
            record(session, actor=actor, action="round.restored", subject=slug)
        return [row.title for row in rows]

    database = open_database(settings)
    try:
        return database.write(mark)
    finally:
        database.close()


def compare(manifest: Manifest, found: dict[str, TableDigest]) -> list[Compared]:
    """Comparison of every table that the manifest or the database has, by name; None on a side without it."""
    names = sorted(manifest.tables | found)
    return [Compared(name, manifest.tables.get(name), found.get(name)) for name in names]


def secret_check(settings: Settings) -> str:
    """Digest by which two installations can be found to have the same secret; it tells nothing else about the
    secret."""
    return hmac.new(settings.secret_key.encode(), b"pingyi-backup", hashlib.sha256).hexdigest()[:32]


def read_manifest(archive: zipfile.ZipFile) -> Manifest:
    """Manifest in the archive; raises `InvalidInput` unless this version can read the backup."""
    try:
        info = archive.getinfo(MANIFEST)
        value: dict[str, Any] = json.loads(archive.read(info) if info.file_size < LONGEST_MANIFEST else b"")
        if value["version"] != VERSION:
            raise _no_backup()
        tables = {str(name): TableDigest(**entry) for name, entry in value["tables"].items()}
        return Manifest(str(value["kind"]), str(value["revision"]), str(value["secret_check"]), tables)
    except (KeyError, TypeError, ValueError, AttributeError, zipfile.BadZipFile) as error:
        raise _no_backup() from error


def _extract(archive: zipfile.ZipFile, folder: Path, members: str) -> None:
    """Extract the files whose names match `members`, as this kind of backup has them, into `folder`."""
    try:
        for info in archive.infolist():
            name = Path(info.filename)
            if info.filename == MANIFEST or not name.match(members) or len(name.parts) != 1:
                continue
            handle = os.open(folder / name.name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as file, archive.open(info) as packed:
                while block := packed.read(1 << 20):
                    file.write(block)
    except (zipfile.BadZipFile, EOFError) as error:
        raise _no_backup() from error


@contextlib.contextmanager
def _open(source: Path) -> Iterator[zipfile.ZipFile]:
    try:
        archive = zipfile.ZipFile(source)
    except (OSError, zipfile.BadZipFile) as error:
        raise _no_backup() from error
    with archive:
        yield archive


@contextlib.contextmanager
def _folder(beside: Path) -> Iterator[Path]:
    """Private temporary folder on the same disk as `beside`."""
    try:
        with tempfile.TemporaryDirectory(dir=beside, prefix=".pingyi-") as name:
            yield Path(name)
    except OSError as error:
        raise InvalidInput(
            N_("不能写入“%(file)s”：%(why)s"),
            remedy=N_("没有写成的文件不算数。请清理磁盘或换一处，再做一次。"),
            file=beside,
            why=error.strerror,
        ) from error


def _no_backup() -> InvalidInput:
    return InvalidInput(
        N_("这个文件不是备份，或者已经损坏。"), remedy=N_("请选择 pingyi backup 生成的文件。")
    )


def _beside(kind: Kind, settings: Settings) -> Path:
    """Folder on the disk where the database will lie."""
    file = kind.file(settings.database_url)
    return file.parent if file is not None else settings.data
