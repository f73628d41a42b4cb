"""Wall and CPU seconds of a piece of work, and the line that says them."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from typing import Any

HEADING = f"{'':44}{'wall s':>8}{'CPU s':>8}{'target':>8}{'baseline CPU':>14}{'ratio':>8}"


def measured(work: Callable[[], object]) -> tuple[float, float]:
    """(wall, CPU) seconds; CPU of child processes too, whatever else the machine is doing."""
    times, start = cpu(), time.perf_counter()
    work()
    return time.perf_counter() - start, cpu() - times


def cpu() -> float:
    """Seconds of the processor that this process has taken, and its children that have ended."""
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def row(
    what: str, took: tuple[float, float], target: float | None, plain: tuple[float, float]
) -> dict[str, Any]:
    """Print one figure beside its baseline; the same as a dictionary."""
    ratio = took[1] / plain[1]
    shown = f"{target:8.0f}" if target else " " * 8
    print(f"{what:44}{took[0]:8.2f}{took[1]:8.2f}{shown}{plain[1]:14.2f}{ratio:8.2f}", flush=True)
    return {"name": what, "wall": took[0], "cpu": took[1], "target": target, "ratio": ratio}
