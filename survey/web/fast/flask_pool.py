"""Pools of threads that run Flask: a thread is taken after the request's body was read, and freed before the
answer is sent.

So slow clients hold no thread, and a crowd in one pool keeps nobody waiting in another.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from a2wsgi.wsgi import build_environ
from flask import Flask

Scope = dict[str, Any]
Event = dict[str, Any]
Receive = Callable[[], Awaitable[Event]]
Send = Callable[[Event], Awaitable[None]]


class Answer(NamedTuple):
    """Answer of Flask, as the two ASGI events that send it."""

    start: Event
    body: Event


class Full(Exception):
    """Request refused because as many as allowed wait for a thread already."""


class FlaskPool:
    """Pool of `threads` threads that run Flask, in which at most `waiting` further requests wait."""

    def __init__(self, app: Flask, name: str, threads: int, waiting: int) -> None:
        self._app = app
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix=f"pingyi-{name}")
        self._left = threads + waiting

    async def ask(self, scope: Scope, body: bytes = b"") -> Answer:
        """Answer of Flask to a request, `body` being read whole; raises `Full`."""
        if not self._left:
            raise Full
        self._left -= 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._executor, self._answer, scope, body)
        finally:
            self._left += 1

    def _answer(self, scope: Scope, body: bytes) -> Answer:
        # WSGI's environment does not distinguish X_Forwarded_For from X-Forwarded-For.
        headers = [pair for pair in scope["headers"] if b"_" not in pair[0]]
        environ: Any = build_environ(scope | {"headers": headers}, io.BytesIO(body))  # type: ignore[arg-type]
        environ["wsgi.input_terminated"] = True
        written: list[bytes] = []
        said: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(
            status: str, fields: list[tuple[str, str]], _error: object = None
        ) -> Callable[[bytes], object]:
            said.append((status, fields))
            return written.append

        parts = self._app(environ, start_response)
        try:
            content = b"".join([*written, *parts])
        finally:
            getattr(parts, "close", lambda: None)()
        status, fields = said[-1]
        pairs = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in fields]
        start = {"type": "http.response.start", "status": int(status[:3]), "headers": pairs}
        return Answer(start, {"type": "http.response.body", "body": content})
