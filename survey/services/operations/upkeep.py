"""What the desk is told of the machine: a backup that failed or is old, a database that is not whole.

Files in the data directory say so, since the database may be what is broken: the nightly backup leaves a file
and, where it failed, a mark (deploy/systemd/pingyi-backup.service); the clock checks the database once a day.
"""

from __future__ import annotations

import contextlib
import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path

from survey.clock import COUNTY, now, today
from survey.database.engine import Database
from survey.errors import N_, Phrase, PingyiError
from survey.quiet_log import LOST

log = logging.getLogger("pingyi")

BACKUP, FAILED = "backups/pingyi.backup", "backups/failed"
CHECKED, DAMAGED = "database.checked", "database.damaged"
OLD = timedelta(days=2)


def check_daily(database: Database, data: Path) -> None:
    """Check once a day that the database is whole, and leave a mark where it is not."""
    checked, damaged, day = data / CHECKED, data / DAMAGED, today().isoformat()
    with contextlib.suppress(OSError):
        if checked.read_text(encoding="utf-8") == day:
            return
    try:
        with database.read() as session:
            database.kind.check(session)
    except Exception as error:
        why = str(error) if isinstance(error, PingyiError) else type(error).__name__
        log.error("the database is not whole or not durable: see pingyi doctor")  # noqa: TRY400
        damaged.write_text(why, encoding="utf-8")
    else:
        damaged.unlink(missing_ok=True)
    checked.write_text(day, encoding="utf-8")


def troubles(data: Path) -> list[Phrase]:
    """Sentences on what needs somebody at the machine; empty where all is well or nothing is known."""
    found = []
    if (data / DAMAGED).exists():
        found.append(Phrase(N_("数据库没有通过检查，请让技术人员马上运行 pingyi doctor。")))
    if (failed := written(data / FAILED)) is not None:
        found.append(Phrase(N_("%(day)s 的夜间备份没有做成，请让技术人员查看。"), {"day": _day(failed)}))
    if (data / LOST).exists():
        found.append(Phrase(N_("错误日志写不进去，日志所在的磁盘可能满了，请让技术人员查看。")))
    made = written(data / BACKUP)
    if made is not None and now() - made > OLD:
        found.append(Phrase(N_("最近一次备份是 %(day)s 的，请让技术人员查看。"), {"day": _day(made)}))
    return found


def written(file: Path) -> datetime | None:
    """When the file was last written; None where there is none."""
    try:
        return datetime.fromtimestamp(file.stat().st_mtime, UTC)
    except OSError:
        return None


def _day(moment: datetime) -> str:
    return moment.astimezone(COUNTY).date().isoformat()
