"""Background duties of the site, done every ten minutes; a duty that fails does not keep the others from
being done."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import delete, or_

from survey.clock import AHEAD, now
from survey.config import CONTACT_DAYS
from survey.database.engine import Database
from survey.models import Enrolment, LoginSession, Throttle
from survey.services.invitations import issuing_job, one_time_files
from survey.services.mailing import deliveries, sending_job
from survey.services.opening import closing_job, opening_job, receipts_file
from survey.services.operations import jobs, upkeep
from survey.services.operations.job_kinds import JobKind, Workplace
from survey.services.people import failed_attempts, half_filled
from survey.services.people.sign_ins import ABSOLUTE, IDLE
from survey.services.people.throttle import FORGET
from survey.services.publication import files
from survey.services.ratings import analyses
from survey.services.ratings import ranking as ratings_ranking
from survey.services.ratings import reading as ratings_reading
from survey.services.results import composite_results
from survey.services.roster import contacts, importing, reading
from survey.services.voting import calling
from survey.services.voting.daily import keep_house
from survey.services.waiting.telling import Channels, tell_daily

log = logging.getLogger("pingyi")

EVERY_SECONDS = 600.0
# Seconds after which a job that the last process left is known to be dead.
FIRST_SECONDS = jobs.DEAD_AFTER.total_seconds() + 5


def forget_old_sign_ins(database: Database) -> None:
    """Delete expired sign-ins and enrolment links, and failed attempts that no longer count."""
    moment = now()
    seen, started, ahead = LoginSession.seen_at, LoginSession.started_at, moment + AHEAD
    old = or_(seen < moment - IDLE, started < moment - ABSOLUTE, seen > ahead, started > ahead)
    statements = (
        delete(LoginSession).where(old),
        delete(Enrolment).where(Enrolment.expires_at < moment),
        delete(Throttle).where(or_(Throttle.failed_at < moment - FORGET, Throttle.failed_at > ahead)),
    )
    database.write(lambda session: [session.execute(statement) for statement in statements] and None)


KINDS: tuple[JobKind[Any, Any], ...] = (
    reading.KIND,
    importing.KIND,
    issuing_job.KIND,
    sending_job.KIND,
    closing_job.KIND,
    opening_job.KIND,
    files.KIND,
    composite_results.KIND,
    ratings_reading.KIND,
    ratings_ranking.KIND,
)
"""Every kind of long work that there is."""


def _resume(kind: JobKind[Any, Any], database: Database, data: Path) -> None:
    jobs.resume_all(Workplace(database, data), kind)


DUTIES: dict[str, Callable[[Database, Path], None]] = {
    "participation and mixing": lambda database, _data: keep_house(database),
    "sign-ins": lambda database, _data: forget_old_sign_ins(database),
    "failed sign-ins": lambda database, _data: database.write(lambda s: failed_attempts.write_down(s, now())),
    "database check": upkeep.check_daily,
    "receipts": receipts_file.make_missing,
    "call lists": lambda database, _data: calling.erase_when_over(database),
    "deliveries of mail": lambda database, _data: deliveries.erase_when_over(database),
    "handouts": lambda _database, data: one_time_files.sweep(data),
    "half-filled forms": lambda _database, data: half_filled.sweep(data),
    "uploads": lambda _database, data: reading.sweep(data),
    "ratings": analyses.sweep,
    **{kind.name: partial(_resume, kind) for kind in KINDS},
}


def do_duties(
    database: Database, data: Path, channels: Channels | None = None, contact_days: int = CONTACT_DAYS
) -> list[str]:
    """Do every duty of `DUTIES` once on the database and the data directory, erase contacts `contact_days`
    after the last round, and send the day's reminder through `channels`; returns the names of those that
    failed."""
    failed = []
    reminding = {"reminder": partial(tell_daily, channels=channels)} if channels else {}
    erasing = {"contacts": lambda database, _data: contacts.erase_when_over(database, contact_days)}
    for name, duty in (DUTIES | erasing | reminding).items():
        try:
            duty(database, data)
        except Exception as error:  # the next turn tries again; what was sent to us is never logged
            log.error("%s failed: %s", name, type(error).__name__)  # noqa: TRY400
            failed.append(name)
    return failed


def start(
    database: Database,
    data: Path,
    every: float = EVERY_SECONDS,
    channels: Channels | None = None,
    contact_days: int = CONTACT_DAYS,
) -> threading.Event:
    """Start a thread that does the duties soon and then every `every` seconds, until the event returned is
    set."""
    stop = threading.Event()
    duties = partial(do_duties, database, data, channels, contact_days)
    threading.Thread(target=_run, args=(duties, every, stop), name="pingyi-duties", daemon=True).start()
    return stop


def _run(duties: Callable[[], object], every: float, stop: threading.Event) -> None:
    wait = min(every, FIRST_SECONDS)
    while not stop.wait(wait):
        duties()
        wait = every
