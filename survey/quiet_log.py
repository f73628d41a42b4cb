"""A log that an outage does not fill: the same line once a minute, with how many were left out."""

from __future__ import annotations

import logging
import threading
import time

EVERY_SECONDS = 60.0
MOST_LINES = 256


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


def install(name: str = "pingyi") -> None:
    """Put the filter on a logger, once."""
    logger = logging.getLogger(name)
    if not any(isinstance(each, OnceAMinute) for each in logger.filters):
        logger.addFilter(OnceAMinute())
