"""Whether the site lives and is ready, for whatever restarts it or sends it visitors: two words, no secret.

Ready means that the database answers. It is asked at most once in two seconds, whoever asks, and those who
come meanwhile get the last answer: during an outage no crowd of checks takes the threads of the desk.
"""

from __future__ import annotations

import threading
import time

from flask import Blueprint, Response, current_app

from survey.database.engine import Database
from survey.web.site.request import database

blueprint = Blueprint("health", __name__, url_prefix="/health")

ASKED_SECONDS = 2.0


class Readiness:
    """Last known answer of a database, looked up by one caller at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked = float("-inf")
        self._ready = False

    def of(self, asked: Database) -> bool:
        """Whether the database answered when it was last asked."""
        if time.monotonic() - self._asked > ASKED_SECONDS and self._lock.acquire(blocking=False):
            try:
                self._ready = asked.answers()
                self._asked = time.monotonic()
            finally:
                self._lock.release()
        return self._ready


@blueprint.get("/live")
def live() -> Response:
    return _said(True)


@blueprint.get("/ready")
def ready() -> Response:
    return _said(_readiness().of(database()))


def _readiness() -> Readiness:
    known: Readiness = current_app.extensions.setdefault("pingyi.readiness", Readiness())
    return known


def _said(well: bool) -> Response:
    return Response("ok\n" if well else "no\n", status=200 if well else 503, mimetype="text/plain")
