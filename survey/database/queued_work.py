"""Work queued for the thread that writes (group_writer.py), and how its callers learn the outcome."""

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
    """A piece of work, its result and its error."""

    __slots__ = ("_claim", "error", "items", "kind", "result", "work")

    def __init__(self, kind: WorkKind, work: Callable[..., Any], items: Sequence[Any] = ()) -> None:
        self.kind, self.work, self.items = kind, work, items
        self.result: Any = None
        self.error: BaseException | None = None
        self._claim = threading.Lock()

    def claim(self) -> bool:
        """True for the first caller alone, who runs the work or gives it up: never both."""
        return self._claim.acquire(blocking=False)

    def attempt(self, work: Callable[[], Any]) -> None:
        try:
            self.result = work()
        except BaseException as error:  # it belongs to whoever waits, not to this thread
            self.error = error

    @abstractmethod
    def settle(self) -> None:
        """Tell whoever waits that result or error is there."""


class AwaitedWork(QueuedWork):
    """A thread waits for it: two locks, a tenth of what a `Future` costs."""

    __slots__ = ("_done",)

    def __init__(self, kind: WorkKind, work: Callable[..., Any], items: Sequence[Any] = ()) -> None:
        super().__init__(kind, work, items)
        self._done = threading.Lock()
        self._done.acquire()

    def settle(self) -> None:
        self._done.release()

    def wait(self) -> Any:
        """The result; raises what the work raised, and `Busy` when nobody began with it in time."""
        if not self._done.acquire(timeout=WAIT_SECONDS):
            if self.claim():
                raise Busy
            self._done.acquire()  # work that has begun cannot be given up: wait for its true outcome
        if self.error is not None:
            raise self.error
        return self.result


class AnnouncedWork(QueuedWork):
    """Its outcomes, a result or an `Exception` for each item, are handed to `tell` by the writing thread."""

    __slots__ = ("_tell",)

    def __init__(
        self, work: Callable[..., Any], items: Sequence[Any], tell: Callable[[list[Any]], object]
    ) -> None:
        super().__init__(WorkKind.TOGETHER, work, items)
        self._tell = tell

    def settle(self) -> None:
        error = self.error
        if error is not None and not isinstance(error, Exception):
            error = Busy()  # what ends a thread, such as SystemExit, must not end the one that is told
        self._tell(self.result if error is None else [error] * len(self.items))
