"""Casting for an event loop: what comes in while ballots are being written is written together after them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from survey.db import Database
from survey.group_writer import GROUP_LIMIT
from survey.services import ballots
from survey.services.ballots import Verified
from survey.services.descriptions import collecting_description, remembered_description

T = TypeVar("T")


class BallotBox:
    """Takes the ballots of one event loop in, one group at a time.

    A ballot is verified in the loop as it comes; one thread waits for the database, whatever their number.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._loop = asyncio.get_running_loop()  # asked once: the answer costs a system call
        self._thread = ThreadPoolExecutor(1, "pingyi-box")
        self._waiting: list[tuple[Verified, asyncio.Future[str]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def cast(self, slug: str, message: bytes, signature: bytes, sealed: bytes) -> str:
        """Like `survey.services.ballots.cast`: the receipt of a ballot that is durably kept."""
        description = remembered_description(self._database, slug)
        if description is None:
            description = await self._aside(collecting_description, self._database, slug)
        if description is None:
            resent = (self._database, slug, message, signature, sealed)
            return await self._aside(ballots.receipt_of_resend, *resent)
        return await self._kept(ballots.verified(description, message, signature, sealed))

    def _aside(self, work: Callable[..., T], *arguments: Any) -> asyncio.Future[T]:
        """In the loop's own pool: who only looks does not stand in the way of who writes."""
        return self._loop.run_in_executor(None, work, *arguments)

    def _kept(self, ballot: Verified) -> asyncio.Future[str]:
        receipt: asyncio.Future[str] = self._loop.create_future()
        self._waiting.append((ballot, receipt))
        if self._writing is None:
            self._writing = self._loop.create_task(self._write())
        return receipt

    async def _write(self) -> None:
        try:
            while self._waiting:
                group, self._waiting = self._waiting[:GROUP_LIMIT], self._waiting[GROUP_LIMIT:]
                await self._write_group(group)
        finally:
            self._writing = None

    async def _write_group(self, group: list[tuple[Verified, asyncio.Future[str]]]) -> None:
        new = [ballot for ballot, _ in group]
        outcomes: list[str | Exception]
        try:
            outcomes = await self._loop.run_in_executor(self._thread, ballots.keep, self._database, new)
        except Exception as error:
            outcomes = [error] * len(group)
        for (_, receipt), outcome in zip(group, outcomes, strict=True):
            if receipt.done():
                continue  # nobody waits any more; the ballot is kept all the same
            if isinstance(outcome, Exception):
                receipt.set_exception(outcome)
            else:
                receipt.set_result(outcome)
