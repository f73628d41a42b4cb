"""Long work of the station, one at a time, in a thread; what it makes is kept piece by piece."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Protocol

from survey.errors import N_, Conflict, PingyiError, disk_trouble, in_full, is_of_disk
from survey.language import Language, current_language, speaking

READING, CASTING = N_("读表"), N_("投票")
BROKEN = N_("程序出错，中断了。已做完的都在，再按一次就接着做。")
log = logging.getLogger("pingyi")


class Tell(Protocol):
    """How work says how far it is."""

    def __call__(self, done: int, total: int) -> None: ...


class Work:
    """What runs now, or ran last: `step` names it, `error` says why it ended early."""

    def __init__(self) -> None:
        self.step = ""
        self.done = self.total = 0
        self.error: PingyiError | None = None
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    @property
    def is_running(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def runs(self, step: str) -> bool:
        return self.is_running and self.step == step

    def ended(self, step: str, translate: Callable[[str], str]) -> str:
        """Why `step` ended early, in words; "" where it did not."""
        if self.error is None or self.step != step:
            return ""
        return in_full(self.error, translate)

    def start(self, step: str, run: Callable[[Tell], None]) -> None:
        """Begin; raises `Conflict` while other work runs."""
        with self._lock:
            if self.is_running:
                raise Conflict(N_("正在读表或投票。"), remedy=N_("请等它做完。"))
            self.step, self.done, self.total, self.error = step, 0, 0, None
            self._thread = threading.Thread(target=self._run, args=(run, current_language()), daemon=True)
            self._thread.start()

    def wait(self) -> None:
        """Return when nothing runs."""
        if self._thread is not None:
            self._thread.join()

    def _run(self, run: Callable[[Tell], None], language: Language) -> None:
        try:
            with speaking(language):  # as the page that began it: what the site says comes in it too
                run(self._tell)
        except PingyiError as error:
            self.error = error
        except OSError as error:
            self.error = disk_trouble(error) if is_of_disk(error) else PingyiError(BROKEN)
        except Exception as error:  # its message may hold what is on a form
            log.error("%s in %s", type(error).__name__, self.step)  # noqa: TRY400
            self.error = PingyiError(BROKEN)

    def _tell(self, done: int, total: int) -> None:
        self.done, self.total = done, total
