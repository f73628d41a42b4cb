"""Front server before Flask: repeats answers that are the same for everybody, and takes ballots.

An ASGI application: one event loop serves all phones, so that one which waits for its ballot's commit costs
no thread. Flask makes each repeated answer once, with all headers, and the view says how long it holds.
Whatever is out of the ordinary - a condition, a query, an error - goes to Flask: requests of phones in one
pool of threads, everything else in another, so that no crowd of staff keeps a phone waiting.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time
from collections.abc import AsyncIterator, Iterable

from a2wsgi.asgi_typing import HTTPScope, Receive, Scope, Send
from flask import Flask
from werkzeug.exceptions import RequestTimeout

from survey.web.fast.bodies import Bodies, Headers
from survey.web.fast.browsers import known_browser, signed_in
from survey.web.fast.casting_loop import BallotBox
from survey.web.fast.clockwork import Clockwork
from survey.web.fast.flask_pool import Answer, FlaskPool, Full
from survey.web.fast.kept import SCHEMES, Kept, Key, Ready, is_for, key_of
from survey.web.phone.protocol import BODY_LIMIT, ballot_of, ballot_reply
from survey.web.site.repeatable import Note
from survey.web.site.security import HEADERS, HSTS

PHONES = "/s/"
PHONE_THREADS, DESK_THREADS, DOOR_THREADS = 16, 8, 1
PHONES_WAITING, DESK_WAITING, DOOR_WAITING = 4096, 64, 4
# Paths where strangers cause expensive work; when this pool is full, requests are refused without Flask.
DOORS = ("/login", "/enrol")
BALLOT = "/ballot"
DRAINING_SECONDS = 30.0
# Interpreter switch interval in seconds: a staff request's thread makes way for waiting phones this often.
SWITCH = 0.0005
# Delay before a refusal; clients that are refused at once would ask again at once and occupy the loop.
TURNED_AWAY_SECONDS = 1.0
_TRY_AGAIN = (
    "<!doctype html><html lang=zh-Hans><meta charset=utf-8><meta name=viewport content='width=device-width'>"
    "<title>评议</title><h1>这次没有成功</h1><p>请过几秒再试。</p>"
    "<p lang=en>This did not work; try again in a few seconds.</p>"
)


class Front:
    """ASGI application that answers from the cache, takes ballots, and hands everything else to Flask."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._phones = FlaskPool(app, "phones", PHONE_THREADS, PHONES_WAITING)
        self._desk = FlaskPool(app, "desk", DESK_THREADS, DESK_WAITING)
        self._door = FlaskPool(app, "door", DOOR_THREADS, DOOR_WAITING)
        self._bodies = Bodies(signed_in(app))
        self._is_known = known_browser(app)
        self._box: BallotBox | None = None
        self._kept = Kept()
        self._clock = Clockwork(app, self._kept, self._phones, self._keep)
        self._at_work = 0
        self._renewing: dict[Key, asyncio.Event] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return await self._live(receive, send)
        if scope["type"] != "http":
            return None
        self._at_work += 1
        try:
            return await self._answer(scope, receive, send)
        finally:
            self._at_work -= 1

    async def _answer(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        headers = joined(scope["headers"])
        if (key := key_of(scope, headers)) is not None:
            return await self._get(key, scope, send)
        if _is_ballot(scope, headers):
            return await self._cast(scope, headers, receive, send)
        return await self._read_and_ask(scope, headers, receive, send)

    async def _drained(self) -> None:
        """Wait until what was asked is answered, so that the database does not close under a ballot."""
        deadline = time.monotonic() + DRAINING_SECONDS
        while self._at_work and time.monotonic() < deadline:
            await asyncio.sleep(0.01)

    async def _live(self, receive: Receive, send: Send) -> None:
        """Handle start and end of the server: start the clockwork, at the end
        stop it and close the database."""
        await receive()
        sys.setswitchinterval(SWITCH)
        await self._clock.start()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._drained()
        self._clock.stop()
        database = self._app.extensions["pingyi"].database
        await asyncio.get_running_loop().run_in_executor(None, database.close)
        await send({"type": "lifespan.shutdown.complete"})

    async def _get(self, key: Key, scope: HTTPScope, send: Send) -> None:
        while (ready := self._kept.get(key)) is not None:
            if time.monotonic() <= ready.until:
                return await _respond(ready.answer, send)
            renewing = self._renewing.get(key)
            if renewing is None:
                return await self._renewed(key, scope, send)
            await renewing.wait()
        return await self._asked(key, scope, send)

    async def _renewed(self, key: Key, scope: HTTPScope, send: Send) -> None:
        async with self._alone(key):
            await self._asked(key, scope, send)

    @contextlib.asynccontextmanager
    async def _alone(self, key: Key) -> AsyncIterator[None]:
        """Context in which one request renews the answer under `key`, while others for the same key wait."""
        done = self._renewing[key] = asyncio.Event()
        try:
            yield
        finally:
            del self._renewing[key]
            done.set()

    async def _asked(self, key: Key, scope: HTTPScope, send: Send) -> None:
        """Send Flask's answer, and cache it if the view called `repeatable`; an older one is dropped."""
        note = Note()
        answer = await self._ask(scope, note=note)
        self._keep(key, note, answer)
        await _respond(answer, send)

    def _keep(self, key: Key, note: Note, answer: Answer) -> None:
        self._kept.drop(key)
        if note.until is not None and answer.status == 200 and is_for(key, answer):
            self._kept.put(key, Ready(note.until + self._clock.grace, answer))

    async def _cast(self, scope: HTTPScope, headers: Headers, receive: Receive, send: Send) -> None:
        try:
            body = await self._bodies.read(scope, headers, receive)
            if body is None:
                return None  # the phone has hung up
            slug = scope["path"][len(PHONES) : -len(BALLOT)]
            receipt = await self._ballots().cast(slug, ballot_of(body))
        except Exception as error:
            return await self._failed(scope, error, send)
        bare = await self._reply(scope, headers)
        reply = ballot_reply(receipt)
        length = (b"content-length", b"%d" % len(reply))
        return await _respond(Answer(bare.status, [*bare.headers, length], reply), send)

    async def _reply(self, scope: HTTPScope, headers: Headers) -> Answer:
        """Flask's answer to a ballot, without a length; its status and headers are those of every receipt.

        Flask is asked once, then the answer is cached.
        """
        key = Key(BALLOT, "", scope["scheme"], headers.get(b"x-forwarded-proto", b""))
        while (ready := self._kept.get(key)) is None:
            if (renewing := self._renewing.get(key)) is not None:
                await renewing.wait()
                continue
            async with self._alone(key):
                answer = await self._phones.ask(scope, note=Note(receipt="-"))
            pairs = [pair for pair in answer.headers if pair[0] != b"content-length"]
            answer = answer._replace(headers=pairs)
            self._kept.put(key, Ready(float("inf"), answer))
            return answer
        return ready.answer

    def _ballots(self) -> BallotBox:
        if self._box is None:
            self._box = BallotBox(self._app.extensions["pingyi"].database)
        return self._box

    async def _read_and_ask(self, scope: HTTPScope, headers: Headers, receive: Receive, send: Send) -> None:
        try:
            body = await self._bodies.read(scope, headers, receive)
        except Exception as error:
            return await self._failed(scope, error, send)
        if body is None:
            return None
        return await _respond(await self._ask(scope, body), send)

    async def _failed(self, scope: HTTPScope, error: Exception, send: Send) -> None:
        """Send the answer for an error: in Flask's words, except for bodies that timed out, of which there
        may be hundreds."""
        if isinstance(error, RequestTimeout):
            return await _respond(plain(408, scope), send)
        lengths = (b"content-length", b"transfer-encoding")
        rest = [pair for pair in scope["headers"] if pair[0] not in lengths]
        answer = await self._ask({**scope, "headers": rest}, note=Note(failed=error))
        return await _respond(answer, send)

    async def _ask(self, scope: HTTPScope, body: bytes = b"", note: Note | None = None) -> Answer:
        try:
            return await self._pool(scope).ask(scope, body, note)
        except Full:
            await asyncio.sleep(TURNED_AWAY_SECONDS)
            return plain(503, scope)

    def _pool(self, scope: HTTPScope) -> FlaskPool:
        if scope["path"].startswith(PHONES):
            return self._phones
        knocks = scope["method"] == "POST" and scope["path"].startswith(DOORS)
        return self._door if knocks and not self._is_known(joined(scope["headers"])) else self._desk


async def _respond(answer: Answer, send: Send) -> None:
    for event in answer.events():
        await send(event)


def plain(status: int, scope: HTTPScope) -> Answer:
    """Fixed page with `status` for clients turned away, made without a thread of Flask."""
    named = HEADERS | {"Content-Type": "text/html; charset=utf-8", "Retry-After": "5"}
    forwarded = joined(scope["headers"]).get(b"x-forwarded-proto")
    if scope["scheme"] == "https" or forwarded == b"https":
        named |= {"Strict-Transport-Security": HSTS}
    pairs = [(name.lower().encode(), value.encode()) for name, value in named.items()]
    return Answer(status, pairs, _TRY_AGAIN.encode())


def joined(headers: Iterable[tuple[bytes, bytes]]) -> Headers:
    """Header values by name; several of one name are joined by commas (RFC 9110 §5.3)."""
    found: Headers = {}
    for name, value in headers:
        found[name] = found[name] + b"," + value if name in found else value
    return found


def _is_ballot(scope: HTTPScope, headers: Headers) -> bool:
    path, length = scope["path"], headers.get(b"content-length", b"")
    return (
        scope["method"] == "POST"
        and headers.get(b"x-forwarded-proto", b"") in SCHEMES
        and path.startswith(PHONES)
        and path.endswith(BALLOT)
        and headers.get(b"content-type") == b"application/json"
        and length.isdigit()
        and len(length) < 8
        and int(length) <= BODY_LIMIT
    )
