"""Progress line: rewritten in place on a terminal, a new line now and then in a log."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TextIO

from survey.errors import N_

EVERY_SECONDS = 5.0
BAR = 24
STAGES = {"verify": N_("核对凭证"), "open": N_("开启选票")}


class ProgressLine:
    """Progress line on standard error: `label`, a bar, and how many of `total` are done."""

    def __init__(self, label: str, total: int, stream: TextIO | None = None) -> None:
        self._label, self._total = label, total
        self._stream = stream or sys.stderr
        self._live = self._stream.isatty()
        self._last = time.monotonic()

    def show(self, done: int) -> None:
        """Show progress; cheap to call often."""
        now = time.monotonic()
        last = done >= self._total
        if not last and now - self._last < (0.1 if self._live else EVERY_SECONDS):
            return
        self._last = now
        filled = BAR * done // max(self._total, 1)
        bar = "█" * filled + "░" * (BAR - filled) if self._live else ""
        line = f"{self._label} {bar} {done}/{self._total}".replace("  ", " ")
        self._stream.write(f"\r{line}" + ("\n" if last else "") if self._live else f"{line}\n")
        self._stream.flush()


def by_stage(translate: Callable[[str], str]) -> Callable[[str, int, int], None]:
    """Progress function for the checks of a box (`boxchecks.Progress`), with a line per stage."""
    lines: dict[str, ProgressLine] = {}

    def show(stage: str, done: int, total: int) -> None:
        if stage not in lines:
            lines[stage] = ProgressLine(translate(STAGES[stage]), total)
        lines[stage].show(done)

    return show
