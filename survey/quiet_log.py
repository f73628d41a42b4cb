"""A log that an outage does not fill: the same line once a minute, with how many were left out.

Plain text, or one JSON object a line. Neither has a time: it would tell when somebody took part.
"""

from __future__ import annotations

import contextlib
import json
import logging
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path

from survey.errors import N_, InvalidInput

EVERY_SECONDS = 60.0
MOST_LINES = 256
LOST = "log.lost"
"""File in the data directory: the last line could not be written."""


class OnceAMinute(logging.Filter):
    """Filter that lets a line pass once in `EVERY_SECONDS`, and adds to the next one how often it came
    between."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._passed: dict[tuple[int, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        key, moment = (record.levelno, record.getMessage()), time.monotonic()
        with self._lock:
            last, left_out = self._passed.get(key, (float("-inf"), 0))
            if moment - last < EVERY_SECONDS:
                self._passed[key] = (last, left_out + 1)
                return False
            self._passed.pop(key, None)
            while len(self._passed) >= MOST_LINES:
                del self._passed[next(iter(self._passed))]
            self._passed[key] = (moment, 0)
        if left_out:
            record.msg, record.args = f"{key[1]} (and {left_out} more like it)", ()
        return True


class JsonLine(logging.Formatter):
    """Formatter of a record as one JSON object: what the plain text says, with level and logger's name."""

    def format(self, record: logging.LogRecord) -> str:
        line = {"level": record.levelname.lower(), "logger": record.name, "message": record.getMessage()}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line)


class StandardError(logging.Handler):
    """Handler that writes to standard error; where that takes nothing, it leaves a mark in the data directory
    instead, until a line is written again."""

    def __init__(self, data: Path, *, as_json: bool) -> None:
        super().__init__(logging.WARNING)
        self._lost = data / LOST
        self.setFormatter(JsonLine() if as_json else logging.Formatter("%(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        with contextlib.suppress(OSError):  # the disk of the data may be as full
            try:
                print(self.format(record), file=sys.stderr, flush=True)
            except OSError:
                self._lost.touch()
            else:
                self._lost.unlink(missing_ok=True)


def log_as_json(environ: Mapping[str, str]) -> bool:
    """Whether errors are written as JSON instead of plain text; raises `InvalidInput`."""
    value = environ.get("PINGYI_LOG", "text")
    if value not in ("text", "json"):
        raise InvalidInput(
            N_("%(name)s 应为 text 或 json，现在是“%(value)s”。"), name="PINGYI_LOG", value=value
        )
    return value == "json"


def install(data: Path, *, as_json: bool, name: str = "pingyi") -> None:
    """Let a logger write each line once a minute to standard error, in place of what was installed before."""
    logger = logging.getLogger(name)
    for handler in list(logger.handlers):
        if isinstance(handler, StandardError):
            logger.removeHandler(handler)
    logger.addHandler(StandardError(data, as_json=as_json))
    if not any(isinstance(each, OnceAMinute) for each in logger.filters):
        logger.addFilter(OnceAMinute())


def of_the_server(*, as_json: bool) -> dict[str, dict[str, dict[str, str]]]:
    """Configuration of granian's own lines, for `log_dictconfig`."""
    formatters = {name: {"()": f"{__name__}.JsonLine"} for name in ("generic", "access") if as_json}
    return {"formatters": formatters} if formatters else {}
