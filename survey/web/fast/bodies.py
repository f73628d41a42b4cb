"""Reader of request bodies in the event loop, with limits of size and of time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from a2wsgi.asgi_typing import HTTPScope, Receive
from werkzeug.exceptions import RequestEntityTooLarge, RequestTimeout

from survey.errors import Busy
from survey.web.phone.protocol import BODY_LIMIT
from survey.web.site.security import MAX_UPLOAD

Headers = dict[bytes, bytes]

SECONDS = 10.0
"""A ballot takes a tenth of a second on a slow telephone network."""
LARGE_SECONDS = 120.0
MOST_LARGE = 4
"""Of what is longer than a ballot, 32 MB each at most."""
_FORM_SLACK = 1 << 20


class Bodies:
    """Reader of request bodies; `may_send_much(headers)` decides who may upload files."""

    def __init__(self, may_send_much: Callable[[Headers], bool]) -> None:
        self._may_send_much = may_send_much
        self._large = MOST_LARGE

    async def read(self, scope: HTTPScope, headers: Headers, receive: Receive) -> bytes | None:
        """Body of the request; None when the connection breaks off.

        Raises `RequestTimeout`, `RequestEntityTooLarge`, or `Busy` while `MOST_LARGE` other uploads are read.
        """
        announced = headers.get(b"content-length", b"")
        if not announced and b"transfer-encoding" not in headers and scope["http_version"] != "2":
            return b""
        length = int(announced) if announced.isdigit() and len(announced) < 16 else None
        if length is not None and length <= BODY_LIMIT:
            return await _within(SECONDS, _whole(receive, BODY_LIMIT))
        if scope["path"].startswith("/s/") or not self._may_send_much(headers):
            if length is not None:
                raise RequestEntityTooLarge
            return await _within(SECONDS, _whole(receive, BODY_LIMIT))
        if length is not None and length > MAX_UPLOAD + _FORM_SLACK:
            raise RequestEntityTooLarge
        return await self._much(receive)

    async def _much(self, receive: Receive) -> bytes | None:
        if not self._large:
            raise Busy
        self._large -= 1
        try:
            return await _within(LARGE_SECONDS, _whole(receive, MAX_UPLOAD + _FORM_SLACK))
        finally:
            self._large += 1


async def _within(seconds: float, work: Awaitable[bytes | None]) -> bytes | None:
    try:
        async with asyncio.timeout(seconds):
            found: bytes | None = await work
            return found
    except TimeoutError:
        raise RequestTimeout from None


async def _whole(receive: Receive, limit: int) -> bytes | None:
    """Body received whole, at most `limit` bytes; None when the connection breaks off. The server enforces
    the announced length."""
    parts: list[bytes] = []
    size, more = 0, True
    while more:
        event = await receive()
        if event["type"] != "http.request":
            return None
        parts.append(event.get("body", b""))
        size += len(parts[-1])
        if size > limit:
            raise RequestEntityTooLarge
        more = event.get("more_body", False)
    return b"".join(parts)
