"""Casting of ballots in an event loop: ballots that arrive during a commit are written together in the next
one."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from typing import TypeVar, TypeVarTuple

from survey.database.engine import Database
from survey.database.queued_work import WAIT_SECONDS
from survey.errors import Busy
from survey.protocol.ballots import CastBallot
from survey.services.voting import casting
from survey.services.voting.casting import Verified

T = TypeVar("T")
Arguments = TypeVarTuple("Arguments")


class _Group:
    """Ballots verified in one turn of the loop, each with the future that gets whether it is new."""

    def __init__(self) -> None:
        self.ballots: list[Verified] = []
        self.waiting: list[asyncio.Future[bool]] = []

    def report(self, outcomes: list[bool | Exception]) -> None:
        for waiting, outcome in zip(self.waiting, outcomes, strict=True):
            if waiting.done():
                continue  # nobody waits any more; the ballot is kept all the same
            if isinstance(outcome, bool):
                waiting.set_result(outcome)
            else:
                waiting.set_exception(outcome)


class BallotBox:
    """Writer of the ballots that one event loop receives.

    A ballot is verified in the loop as it comes. The thread that writes takes whatever has been verified
    since its last commit, and wakes the loop once that is durable: neither waits for the other.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._loop = asyncio.get_running_loop()  # asked once: the answer costs a system call
        self._group: _Group | None = None

    def cast(self, slug: str, ballot: CastBallot) -> Coroutine[object, object, str]:
        """Coroutine that casts the ballot and returns the receipt once it is durably stored."""
        return casting.steps(self, self._database, slug, ballot)

    def look(self, work: Callable[[*Arguments], T], *arguments: *Arguments) -> asyncio.Future[T]:
        """Future of `work(*arguments)` in the loop's own pool of threads, so that readers do not hold up the
        writer."""
        return self._loop.run_in_executor(None, work, *arguments)

    def keep(self, ballot: Verified) -> asyncio.Future[bool]:
        """Future of whether the ballot is new, resolved when it is stored together with all that this turn of
        the loop verifies."""
        if self._group is None:
            self._group = _Group()
            self._loop.call_soon(self._hand_over)
        waiting: asyncio.Future[bool] = self._loop.create_future()
        self._group.ballots.append(ballot)
        self._group.waiting.append(waiting)
        return waiting

    def _hand_over(self) -> None:
        group, self._group = self._group or _Group(), None

        def report(outcomes: list[bool | Exception]) -> None:
            with contextlib.suppress(RuntimeError):  # the loop has ended: nobody waits any more
                self._loop.call_soon_threadsafe(settle, outcomes)

        def settle(outcomes: list[bool | Exception]) -> None:
            late.cancel()
            group.report(outcomes)

        def give_up() -> None:
            if stop():
                group.report([Busy()] * len(group.ballots))

        late = self._loop.call_later(WAIT_SECONDS, give_up)
        try:
            stop = self._database.announce_together(casting.insert, group.ballots, report)
        except Exception as error:
            settle([error] * len(group.ballots))
