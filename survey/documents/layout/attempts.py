"""Making several files so that one that cannot be made costs no other; each failure with its reason."""

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
    """A file that was not made, and why, in both languages."""

    name: str
    zh: str
    en: str


class Attempts:
    """Runs the makers of files and collects their failures; what `progress` raises stops everything."""

    def __init__(self, progress: Progress | None = None) -> None:
        self._progress = progress or silent
        self._stop: BaseException | None = None
        self.failures: list[Failure] = []

    def report(self, step: str, done: int = 0, total: int = 0) -> None:
        """Hand on to `progress`; raises what it raises."""
        try:
            self._progress(step, done, total)
        except BaseException as error:
            self._stop = error
            raise

    def make(self, name: str, work: Callable[[], T]) -> T | None:
        """What `work` makes; None, with a `Failure`, where it raises."""
        try:
            return work()
        except Exception as error:
            if error is self._stop:
                raise
            self.failures.append(_failure(name, error))
            return None


def _failure(name: str, error: Exception) -> Failure:
    """Without the text of an unexpected error: it may quote what is not for everybody."""
    if isinstance(error, InputError):
        return Failure(name, error.zh, error.en)
    if isinstance(error, PingyiError):
        return Failure(name, error.say(), error.say(translator("en")))
    return Failure(name, *in_both(N_("出了意外（%(kind)s）。"), kind=type(error).__name__))
