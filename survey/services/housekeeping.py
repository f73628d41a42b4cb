"""What has to happen by the clock, whether or not anybody looks: the daily batch and the mixing."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from survey.clock import today
from survey.db import Database
from survey.services import handouts, issuing
from survey.services.participation import refresh_due
from survey.services.reordering import erase_all_traces, mix_enough

log = logging.getLogger("pingyi")

EVERY_SECONDS = 600.0


def start(database: Database, every: float = EVERY_SECONDS, data: Path | None = None) -> threading.Event:
    """Keep house in a thread of this process until the returned event is set; `data` has files to tend."""
    stop = threading.Event()
    arguments = (database, every, stop, data)
    threading.Thread(target=_run, args=arguments, name="pingyi-house", daemon=True).start()
    return stop


def tend_handouts(database: Database, data: Path) -> None:
    """Delete files that nobody fetched within the hour; take up issuing that a dead process left."""
    handouts.sweep(data)
    issuing.resume_all(database, data)


def keep_house(database: Database) -> None:
    """The day's batch for every open round, mixing, and the erasing that an interruption left undone."""
    refresh_due(database, today())
    mix_enough(database)
    erase_all_traces(database)


def _run(database: Database, every: float, stop: threading.Event, data: Path | None) -> None:
    while not stop.wait(every):
        try:
            if data is not None:
                tend_handouts(database, data)
            keep_house(database)
        except Exception as error:  # the next turn tries again; what was sent to us is never logged
            log.error("housekeeping failed: %s", type(error).__name__)  # noqa: TRY400
