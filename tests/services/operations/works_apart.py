"""Works that tests let run in a process of its own."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable

from survey.errors import Conflict

Report = Callable[..., None]


def doubled(numbers: list[int], report: Report) -> tuple[int, list[int]]:
    print("a library that says something")
    for number in numbers:
        report("doubling", number, len(numbers))
    return os.getpid(), [2 * number for number in numbers]


def refused(name: str, _report: Report) -> None:
    raise Conflict("本轮（%(name)s）还没有开箱。", remedy="请先开箱。", name=name)


def greedy(megabytes: int, _report: Report) -> int:
    return len(bytearray(megabytes << 20))


def killed(_report: Report) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def broken(_report: Report) -> None:
    raise KeyError("what was answered")


def endless(report: Report) -> None:
    while True:
        report("waiting")
        time.sleep(0.05)
