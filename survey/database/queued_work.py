"""Units of work queued for the writing thread (group_writer.py), and how callers get the outcome."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any

from survey.errors import Busy

WAIT_SECONDS = 30.0


class WorkKind(Enum):
    SINGLE = "in a savepoint of its own"
    TOGETHER = "with all others of the same work"
    ALONE = "outside any transaction"


class QueuedWork(ABC):
    """Unit of work with its result and error."""

    __slots__ = ("_claim", "error", "items", "kind", "result", "work")

    def __init__(self, kind: WorkKind, work: Callable[..., Any], items: Sequence[Any] = ()) -> None:
        self.kind, self.work, self.items = kind, work, items
        self.result: Any = None
        self.error: BaseException | None = None
        self._claim = threading.Lock()

    def claim(self) -> bool:
        """True for the first caller only, who then runs the work or cancels it."""
        return self._claim.acquire(blocking=False)

    def attempt(self, work: Callable[[], Any]) -> None:
        try:
            self.result = work()
        except BaseException as error:  # it belongs to whoever waits, not to this thread
            self.error = error

    @abstractmethod
    def settle(self) -> None:
        """Tell the waiting caller that result or error is available."""


class AwaitedWork(QueuedWork):
    """Work for which a thread waits; its two locks cost a tenth of what a `Future` costs."""

    __slots__ = ("_done",)

    def __init__(self, kind: WorkKind, work: Callable[..., Any], items: Sequence[Any] = ()) -> None:
        super().__init__(kind, work, items)
        self._done = threading.Lock()
        self._done.acquire()

    def settle(self) -> None:
        self._done.release()

    def wait(self) -> Any:
        """Wait for the result; raises what the work raised, or `Busy` when nobody began it within
        `WAIT_SECONDS`."""
        if not self._done.acquire(timeout=WAIT_SECONDS):
            if self.claim():
                raise Busy
            self._done.acquire()  # work that has begun cannot be given up: wait for its true outcome
        if self.error is not None:
            raise self.error
        return self.result


class AnnouncedWork(QueuedWork):
    """Work for which nobody waits: the writing thread passes the outcomes (result or `Exception` per item) to
    `report`."""

    __slots__ = ("_report",)

    def __init__(
        self, work: Callable[..., Any], items: Sequence[Any], report: Callable[[list[Any]], object]
    ) -> None:
        super().__init__(WorkKind.TOGETHER, work, items)
        self._report = report

    def settle(self) -> None:
        error = self.error
        if error is not None and not isinstance(error, Exception):
            error = Busy()  # what ends a thread, such as SystemExit, must not end the one that is told
        self._report(self.result if error is None else [error] * len(self.items))
