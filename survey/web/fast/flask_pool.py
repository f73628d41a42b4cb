"""Pools of threads that run Flask: a thread is taken after the request's body was read, and freed before the
answer is sent.

So slow clients hold no thread, and a crowd in one pool keeps nobody waiting in another.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from a2wsgi.asgi_typing import HTTPResponseBodyEvent, HTTPResponseStartEvent, HTTPScope
from a2wsgi.wsgi import build_environ
from flask import Flask

from survey.web.site.repeatable import NOTE, Note

Pairs = list[tuple[bytes, bytes]]
"""Headers by lower-case name, as ASGI sends them."""


class Answer(NamedTuple):
    """Answer of Flask, its body whole."""

    status: int
    headers: Pairs
    body: bytes

    def events(self) -> tuple[HTTPResponseStartEvent, HTTPResponseBodyEvent]:
        """The two ASGI events that send the answer."""
        start: HTTPResponseStartEvent = {
            "type": "http.response.start",
            "status": self.status,
            "headers": self.headers,
        }
        return start, {"type": "http.response.body", "body": self.body}


class Full(Exception):
    """Request refused because as many as allowed wait for a thread already."""


class FlaskPool:
    """Pool of `threads` threads that run Flask, in which at most `waiting` further requests wait."""

    def __init__(self, app: Flask, name: str, threads: int, waiting: int) -> None:
        self._app = app
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix=f"pingyi-{name}")
        self._left = threads + waiting

    async def ask(self, scope: HTTPScope, body: bytes = b"", note: Note | None = None) -> Answer:
        """Answer of Flask to a request, `body` being read whole; raises `Full`.

        `note`: what the view is told, and may fill in.
        """
        if not self._left:
            raise Full
        self._left -= 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._executor, self._answer, scope, body, note)
        finally:
            self._left += 1

    def _answer(self, scope: HTTPScope, body: bytes, note: Note | None) -> Answer:
        # WSGI's environment does not distinguish X_Forwarded_For from X-Forwarded-For.
        headers = [pair for pair in scope["headers"] if b"_" not in pair[0]]
        asked = build_environ({**scope, "headers": headers}, io.BytesIO(body))  # type: ignore[arg-type]
        environ = {**asked, "wsgi.input_terminated": True, NOTE: note}
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
        return Answer(int(status[:3]), pairs, content)
