"""Making of several files where one that fails does not stop the others; each failure is kept with its
reason."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from analysis.errors import InputError
from survey.documents.layout.progress import Progress, silent
from survey.errors import N_, PingyiError
from survey.language import in_both, translator

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Failure:
    """File that could not be made, and the reason in both languages."""

    name: str
    zh: str
    en: str


class Attempts:
    """Runner of makers of files that collects failures; an exception of `progress` stops everything."""

    def __init__(self, progress: Progress | None = None) -> None:
        self._progress = progress or silent
        self._stop: BaseException | None = None
        self.failures: list[Failure] = []

    def report(self, step: str, done: int = 0, total: int = 0) -> None:
        """Call `progress`; raises what `progress` raises."""
        try:
            self._progress(step, done, total)
        except BaseException as error:
            self._stop = error
            raise

    def make(self, name: str, work: Callable[[], T]) -> T | None:
        """Result of `work`; None where it raises, which is recorded as a `Failure`."""
        try:
            return work()
        except Exception as error:
            if error is self._stop:
                raise
            self.failures.append(_failure(name, error))
            return None


def _failure(name: str, error: Exception) -> Failure:
    """Failure of file `name`; the text of an unexpected error is left out, since it may quote confidential
    data."""
    if isinstance(error, InputError):
        return Failure(name, error.zh, error.en)
    if isinstance(error, PingyiError):
        return Failure(name, error.say(), error.say(translator("en")))
    return Failure(name, *in_both(N_("出了意外（%(kind)s）。"), kind=type(error).__name__))
