"""All that has to happen by the clock, each duty by itself: one that fails keeps no other from being done."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import delete, or_

from survey.clock import now
from survey.db import Database
from survey.models import Enrolment, LoginSession, Throttle
from survey.services.housekeeping import keep_house, tend_handouts
from survey.services.sign_ins import ABSOLUTE, IDLE
from survey.services.throttle import FORGET

log = logging.getLogger("pingyi")


def forget_old_sign_ins(database: Database) -> None:
    """Sign-ins that ran out, links that expired, tries that no longer count."""
    moment = now()
    old = or_(LoginSession.seen_at < moment - IDLE, LoginSession.started_at < moment - ABSOLUTE)
    statements = (
        delete(LoginSession).where(old),
        delete(Enrolment).where(Enrolment.expires_at < moment),
        delete(Throttle).where(Throttle.failed_at < moment - FORGET),
    )
    database.write(lambda session: [session.execute(statement) for statement in statements] and None)


DUTIES: dict[str, Callable[[Database, Path], None]] = {
    "participation and mixing": lambda database, _data: keep_house(database),
    "sign-ins": lambda database, _data: forget_old_sign_ins(database),
    "handouts": tend_handouts,
}


def do_duties(database: Database, data: Path) -> list[str]:
    """Do all of them, on the database and the data directory; returns the names of those that failed."""
    failed = []
    for name, duty in DUTIES.items():
        try:
            duty(database, data)
        except Exception as error:  # the next turn tries again; what was sent to us is never logged
            log.error("%s failed: %s", name, type(error).__name__)  # noqa: TRY400
            failed.append(name)
    return failed
