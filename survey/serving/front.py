"""What stands before Flask: repeats answers that are the same for everybody, and takes ballots in.

An ASGI application: one event loop serves all phones, so that one which waits for its ballot's commit costs
no thread. Flask makes each repeated answer once, with all its headers, and its view says how long it holds.
Whatever is out of the ordinary - a condition, a query, an error - is Flask's to answer, in a pool of threads.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import Any, NamedTuple

from a2wsgi import WSGIMiddleware
from flask import Flask

from survey.serving.ballot_box import BallotBox
from survey.views.repeating import NOTE, Note
from survey.views.respond import BODY_LIMIT, ballot_parts, ballot_reply

Scope = dict[str, Any]
Event = dict[str, Any]
Receive = Callable[[], Awaitable[Event]]
Send = Callable[[Event], Awaitable[None]]
Headers = dict[bytes, bytes]

THREADS = 32
BALLOT_PATH = ("/s/", "/ballot")
# Such a request may deserve another answer than the one at hand.
CONDITIONS = frozenset((b"if-none-match", b"if-modified-since", b"range"))
ENCODINGS = ("br", "gzip")
SCHEMES = frozenset((b"", b"http", b"https"))


class Key(NamedTuple):
    """All that a repeated answer depends on."""

    path: str
    encoding: str
    scheme: str
    forwarded: bytes  # what a proxy says of the scheme


class Ready(NamedTuple):
    """An answer that holds until `until` of the monotonic clock."""

    until: float
    start: Event
    body: Event


class Front:
    """ASGI application around the Flask application."""

    def __init__(self, app: Flask, threads: int = THREADS) -> None:
        self._wsgi: Any = WSGIMiddleware(app, workers=threads)  # type: ignore[arg-type]
        self._app = app
        self._box: BallotBox | None = None
        self._ready: dict[Key, Ready] = {}
        self._renewing: dict[Key, asyncio.Event] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return await self._live(receive, send)
        if scope["type"] != "http":
            return None
        headers = joined(scope["headers"])
        forwarded = headers.get(b"x-forwarded-proto", b"")
        if forwarded in SCHEMES:
            if scope["method"] == "GET" and not scope["query_string"] and CONDITIONS.isdisjoint(headers):
                encoding = best_encoding(headers.get(b"accept-encoding", b""))
                key = Key(scope["path"], encoding, scope["scheme"], forwarded)
                return await self._get(key, scope, receive, send)
            if scope["method"] == "POST" and _is_ballot(scope["path"], headers):
                return await self._cast(Key("ballot", "", scope["scheme"], forwarded), scope, receive, send)
        return await self._flask(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        """From the server's start to its end: then the database is closed, and its log removed."""
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        database = self._app.extensions["pingyi"].database
        await asyncio.get_running_loop().run_in_executor(None, database.close)
        await send({"type": "lifespan.shutdown.complete"})

    async def _get(self, key: Key, scope: Scope, receive: Receive, send: Send) -> None:
        while (ready := self._ready.get(key)) is not None:
            if time.monotonic() <= ready.until:
                await send(ready.start)
                return await send(ready.body)
            renewing = self._renewing.get(key)
            if renewing is None:
                return await self._renewed(key, scope, receive, send)
            await renewing.wait()
        return await self._asked(key, scope, receive, send)

    async def _renewed(self, key: Key, scope: Scope, receive: Receive, send: Send) -> None:
        """One asks, and whoever comes meanwhile waits for that: Flask is not asked by a crowd at once."""
        done = asyncio.Event()
        self._renewing.setdefault(key, done)
        try:
            await self._asked(key, scope, receive, send)
        finally:
            if self._renewing.get(key) is done:
                del self._renewing[key]
            done.set()

    async def _cast(self, key: Key, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _whole(receive)
        if body is None:
            return None  # the phone has hung up
        if key not in self._ready and key in self._renewing:
            await self._renewing[key].wait()
        ready = self._ready.get(key)
        if ready is None:  # its headers are Flask's to say, once
            return await self._renewed(key, scope, _replay(body), send)
        slug = scope["path"][len(BALLOT_PATH[0]) : -len(BALLOT_PATH[1])]
        try:
            receipt = await self._ballots().cast(slug, *ballot_parts(body))
        except Exception as error:  # Flask says it in words
            return await self._flask(scope | {NOTE: Note(failed=error)}, _replay(b""), send)
        reply = ballot_reply(receipt)
        length = (b"content-length", b"%d" % len(reply))
        await send(ready.start | {"headers": [*ready.start["headers"], length]})
        return await send(_body(reply))

    def _ballots(self) -> BallotBox:
        if self._box is None:
            self._box = BallotBox(self._app.extensions["pingyi"].database)
        return self._box

    async def _flask(self, scope: Scope, receive: Receive, send: Send) -> None:
        # In WSGI's environment X_Forwarded_For would pass for X-Forwarded-For.
        headers = [pair for pair in scope["headers"] if b"_" not in pair[0]]

        async def coroutine() -> Event:  # asked for from another thread, which takes nothing less
            return await receive()

        await self._wsgi(scope | {"headers": headers}, coroutine, send)

    async def _asked(self, key: Key, scope: Scope, receive: Receive, send: Send) -> None:
        """Flask's own answer, kept when its view says that it holds, and no older one with it."""
        note, said = Note(), list[Event]()

        async def keep(event: Event) -> None:
            if note.until is not None:
                said.append(event)
            await send(event)

        await self._flask(scope | {NOTE: note}, receive, keep)
        self._ready.pop(key, None)
        if note.until is None or not said or said[0].get("status") != 200:
            return
        start, *parts = said
        headers = [
            pair for pair in start["headers"] if scope["method"] == "GET" or pair[0] != b"content-length"
        ]
        if _is_for(key, headers):
            body = b"".join(part["body"] for part in parts)
            self._ready[key] = Ready(note.until, start | {"headers": headers}, _body(body))


def joined(headers: list[tuple[bytes, bytes]]) -> Headers:
    """Values by name; those of one name are joined as RFC 9110 §5.3 has it."""
    found: Headers = {}
    for name, value in headers:
        found[name] = found[name] + b"," + value if name in found else value
    return found


@lru_cache(maxsize=512)
def best_encoding(accepted: bytes) -> str:
    """`br`, `gzip` or nothing (RFC 9110 §12.5.3); weights other than 0 do not matter."""
    found = set()
    for part in accepted.decode("latin-1").lower().split(","):
        name, _, weight = part.partition(";")
        if weight.replace(" ", "").rstrip("0") not in ("q=", "q=0."):
            found.add(name.strip())
    return next((name for name in ENCODINGS if name in found), "")


def _is_for(key: Key, headers: list[tuple[bytes, bytes]]) -> bool:
    """Whether others may have this answer: Flask may read a list of encodings otherwise than we do."""
    given = dict(headers)
    return b"set-cookie" not in given and given.get(b"content-encoding", b"").decode() == key.encoding


def _is_ballot(path: str, headers: Headers) -> bool:
    length = headers.get(b"content-length", b"")
    return (
        path.startswith(BALLOT_PATH[0])
        and path.endswith(BALLOT_PATH[1])
        and headers.get(b"content-type") == b"application/json"
        and length.isdigit()
        and int(length) <= BODY_LIMIT
    )


async def _whole(receive: Receive) -> bytes | None:
    """The request's body, `None` when it breaks off; the server sees to its announced length."""
    event = await receive()
    body: bytes = event.get("body", b"")
    while event.get("more_body"):
        event = await receive()
        body += event.get("body", b"")
    return None if event["type"] == "http.disconnect" else body


def _replay(body: bytes) -> Receive:
    """Gives a body that was read already."""

    async def receive() -> Event:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


def _body(content: bytes) -> Event:
    return {"type": "http.response.body", "body": content}
