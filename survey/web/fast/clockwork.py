"""Renewal of cached answers by the clock: renewed by a visit, they would reveal
when the first visitor came."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable

from flask import Flask

from survey.services.rounds import descriptions
from survey.web.fast.flask_pool import Answer, FlaskPool
from survey.web.fast.kept import ENCODINGS, Kept, Key, scope_of
from survey.web.site.repeatable import Note

log = logging.getLogger("pingyi")

EVERY_SECONDS = 1.0
GRACE_SECONDS = 10.0
"""So long a kept answer still holds where the clock falls behind."""
# What a phone fetches beside the page.
ASSETS = ("ballot-page.js", "later-page.js", "witness-page.js", "texts-en.json")

Keep = Callable[[Key, Note, Answer], None]


class Clockwork:
    """Task that renews cached answers every second from the server's start to its end; without it a visitor's
    request renews them."""

    def __init__(self, app: Flask, kept: Kept, pool: FlaskPool, keep: Keep) -> None:
        self._app, self._kept, self._pool, self._keep = app, kept, pool, keep
        self._task: asyncio.Task[None] | None = None
        self.grace = 0.0

    async def start(self) -> None:
        """Cache every answer that phones ask for, then start renewing."""
        self.grace = GRACE_SECONDS
        with contextlib.suppress(Exception):  # such as a database that is away: the next turn tries again
            await self._turn()
            for name in ASSETS:
                for key in self._keys(self._app.extensions["pingyi.assets"].url(name)):
                    await self._renew(key)
        self._task = asyncio.get_running_loop().create_task(self._run())

    def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            try:
                await self._turn()
            except Exception as error:  # the next turn tries again
                log.error("renewing failed: %s", type(error).__name__)  # noqa: TRY400

    async def _turn(self) -> None:
        database = self._app.extensions["pingyi"].database
        loop = asyncio.get_running_loop()
        slugs = await loop.run_in_executor(None, descriptions.look_again, database)
        wanted = dict.fromkeys(self._kept.timed())
        for slug in slugs:
            for path in (f"/s/{slug}", f"/s/{slug}/round.json"):
                wanted |= dict.fromkeys(self._keys(path))
        for key in wanted:
            await self._renew(key)

    async def _renew(self, key: Key) -> None:
        note = Note()
        self._keep(key, note, await self._pool.ask(scope_of(key), note=note))

    def _keys(self, path: str) -> list[Key]:
        """Keys of the answers at `path`, one for each encoding, as phones ask for it under `base_url`."""
        settings = self._app.extensions["pingyi"].settings
        scheme = settings.base_url.partition(":")[0]
        forwarded = scheme.encode() if settings.trusted_proxies else b""
        served = "http" if settings.trusted_proxies else scheme
        return [Key(path, encoding, served, forwarded) for encoding in (*ENCODINGS, "")]
