"""What a monitor may know of an installation: states, days and coarse shares, nothing that moves with a vote.

A process of its own reads the database and the data directory, as the desk's pages do. It sees no request, so
that it has no counter of requests, no time of one and no memory or processor of the server to tell: whoever
reads such figures every second sees when somebody takes part.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from survey.clock import today
from survey.database.engine import Database
from survey.errors import PingyiError
from survey.models import Job, Round, State
from survey.quiet_log import LOST
from survey.services.operations import upkeep
from survey.services.waiting import telling
from survey.version import __version__

JOBS = ("waiting", "running", "failed")
DISK_STEPS = 20
"""Steps in which the free share of the disk is told: ballots fill it, and a finer figure would count them."""


@dataclass(frozen=True, slots=True)
class Gauge:
    """A figure in Prometheus's sense; `values` by the value of `label`, or under "" where there is none."""

    name: str
    help: str
    values: dict[str, float]
    label: str = ""


def gauges(database: Database, data: Path) -> list[Gauge]:
    """All figures; those of the database only if it answers."""
    found = list(_of_the_machine(data))
    try:
        with database.read() as session:
            found += _of_the_database(session, today())
    except (PingyiError, SQLAlchemyError, OSError):
        return [*found, Gauge("pingyi_database_up", UP, {"": 0.0})]
    return [*found, Gauge("pingyi_database_up", UP, {"": 1.0})]


UP = "Whether the database answers what this version of the program asks."


def _of_the_machine(data: Path) -> Iterator[Gauge]:
    yield Gauge("pingyi_build", "Version of the program.", {__version__: 1.0}, "version")
    disk = shutil.disk_usage(data)
    free = int(disk.free / disk.total * DISK_STEPS) / DISK_STEPS
    yield Gauge(
        "pingyi_disk_free_ratio", "Free share of the data directory's disk, in twentieths.", {"": free}
    )
    told = "Whether the daily check found the database damaged."
    yield Gauge("pingyi_database_damaged", told, {"": float((data / upkeep.DAMAGED).exists())})
    told = "Whether the last nightly backup failed."
    yield Gauge("pingyi_backup_failed", told, {"": float((data / upkeep.FAILED).exists())})
    if (made := upkeep.written(data / upkeep.BACKUP)) is not None:
        told = "When the last nightly backup was made."
        yield Gauge("pingyi_backup_timestamp_seconds", told, {"": made.timestamp()})
    told = "Whether the last line of the log could not be written."
    yield Gauge("pingyi_log_lost", told, {"": float((data / LOST).exists())})
    told = "Whether the last daily reminder could not be sent."
    yield Gauge("pingyi_reminder_failed", told, {"": float((data / telling.UNTOLD).exists())})


def _of_the_database(session: Session, day: date) -> Iterator[Gauge]:
    rounds = list(
        session.execute(select(Round.state, Round.closes_on, Round.participation_on).where(~Round.trial))
    )
    states = Counter(row.state for row in rounds)
    yield Gauge("pingyi_rounds", "Rounds by state.", {s: float(states[s]) for s in State}, "state")
    collecting = [row for row in rounds if row.state == State.OPEN]
    late = sum(row.closes_on < day for row in collecting)
    yield Gauge("pingyi_rounds_past_last_day", "Open rounds whose last day is over.", {"": float(late)})
    yesterday = day - timedelta(days=1)
    behind = sum(row.participation_on is not None and row.participation_on < yesterday for row in collecting)
    told = "Open rounds whose daily batch, and mixing with it, is more than a day late."
    yield Gauge("pingyi_rounds_behind", told, {"": float(behind)})
    counted = session.execute(select(Job.state, func.count().label("jobs")).group_by(Job.state))
    jobs = {row.state: float(row.jobs) for row in counted}
    yield Gauge("pingyi_jobs", "Long works by state.", {s: jobs.get(s, 0.0) for s in JOBS}, "state")
    waiting = telling.waiting_by_role(session, day)
    told = "Tasks that wait for somebody, by role."
    yield Gauge("pingyi_tasks_waiting", told, {role: float(n) for role, n in waiting.items()}, "role")
