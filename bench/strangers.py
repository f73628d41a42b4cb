"""Strangers who want to stop the vote: `python -m bench.strangers KIND PORT COUNT [HOST]` until it is ended.

Each prints a line once its connections are up. With HOST it speaks TLS, as through the shipped nginx.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import ssl
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import count
from urllib.parse import urlencode

PATHS = ("/login", "/s/bench/credential", "/s/bench/ballot")
GUESS = "a password of nobody here"


@dataclass(frozen=True)
class Target:
    """Where a stranger sends to; `host` is empty for plain HTTP."""

    port: int
    host: str = ""

    @property
    def name(self) -> str:
        return self.host or f"127.0.0.1:{self.port}"

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if not self.host:
            return await asyncio.open_connection("127.0.0.1", self.port)
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return await asyncio.open_connection("127.0.0.1", self.port, ssl=context, server_hostname=self.host)


async def _answer(reader: asyncio.StreamReader) -> tuple[str, bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    length = re.search(r"content-length: (\d+)", head, re.IGNORECASE)
    return head, await reader.readexactly(int(length[1])) if length else b""


async def _form(target: Target) -> tuple[str, str]:
    """A visitor's cookie and the token of the form that goes with it."""
    reader, writer = await target.connect()
    writer.write(f"GET /login HTTP/1.1\r\nHost: {target.name}\r\n\r\n".encode())
    head, page = await _answer(reader)
    writer.close()
    cookie = re.search(r"set-cookie: ([^;]+)", head, re.IGNORECASE)
    token = re.search(rb'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert cookie
    assert token
    return cookie[1], token[1].decode()


async def login_flood(target: Target, connections: int) -> None:
    """New names without end, each from an address of its own where the site believes its proxy."""
    cookie, token = await _form(target)
    numbers = count()

    def request() -> bytes:
        number = next(numbers)
        body = urlencode({"name": f"nobody {number}", "password": GUESS, "csrf_token": token})
        origin = f"{'https' if target.host else 'http'}://{target.name}"
        address = f"{11 + number % 200}.{number // 200 % 250}.{number // 50000 % 250}.7"
        return (
            f"POST /login HTTP/1.1\r\nHost: {target.name}\r\nCookie: {cookie}\r\nReferer: {origin}/login\r\n"
            f"X-Forwarded-For: {address}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        ).encode()

    async def one() -> None:
        reader, writer = await target.connect()
        with contextlib.closing(writer):
            while True:
                writer.write(request())
                await _answer(reader)

    await _all(one, connections)


async def slow_bodies(target: Target, connections: int) -> None:
    """Half of a post, and never the rest; once the server gives up, again."""
    numbers = count()

    async def one() -> None:
        reader, writer = await target.connect()
        with contextlib.closing(writer):
            path = PATHS[next(numbers) % len(PATHS)]
            writer.write(
                f"POST {path} HTTP/1.1\r\nHost: {target.name}\r\nContent-Type: application/json\r\n"
                'Content-Length: 5000\r\n\r\n{"code": "'.encode()
            )
            await reader.read()

    await _all(one, connections)


async def idle(target: Target, connections: int) -> None:
    """Connections on which nothing is said."""

    async def one() -> None:
        reader, writer = await target.connect()
        with contextlib.closing(writer):
            await reader.read()

    await _all(one, connections)


async def _all(one: Callable[[], Awaitable[None]], connections: int) -> None:
    async def again() -> None:
        while True:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                await one()
            await asyncio.sleep(0.1)

    tasks = [asyncio.create_task(again()) for _ in range(connections)]
    await asyncio.sleep(1)
    print("there", flush=True)
    await asyncio.gather(*tasks)


KINDS = {"login": login_flood, "bodies": slow_bodies, "idle": idle}

if __name__ == "__main__":
    _, kind, port, number, *named = sys.argv
    asyncio.run(KINDS[kind](Target(int(port), *named), int(number)))
