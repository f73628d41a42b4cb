"""A machine before the site that shows one visitor something else."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

CLOSED = "2026-q3"
"""Slug of the round that is closed."""


def unchanged(_path: str, content: bytes) -> bytes:
    return content


def of_the_site(_path: str) -> None:
    """The site answers by itself."""


Change = Callable[[str, bytes], bytes]
Answer = tuple[int, bytes, dict[str, str]]


@dataclass
class TwoFaced:
    """Passes the site's answers on; `change` is made for visitors whose browser has `victim` in its name.

    `answer` instead of the site's, if it gives one.
    """

    site: int
    victim: str = ""
    change: Change = field(default=unchanged)
    answer: Callable[[str], Answer | None] = field(default=of_the_site)
    port: int = 0
    asked: list[tuple[str, list[tuple[str, str]]]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def honest(self) -> None:
        self.victim = ""
        self.change = unchanged
        self.answer = of_the_site

    def of_site(self, path: str) -> Answer:
        line = http.client.HTTPConnection("127.0.0.1", self.site, timeout=60)
        line.request("GET", path, headers={"Accept-Language": "zh-CN"})
        reply = line.getresponse()
        content, kind = reply.read(), reply.getheader("Content-Type") or ""
        line.close()
        return reply.status, content, {"Content-Type": kind}


@contextmanager
def two_faced(site: int) -> Iterator[TwoFaced]:
    state = TwoFaced(site)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.asked.append((self.path, self.headers.items()))
            path = self.path.removeprefix(f"http://127.0.0.1:{state.site}")
            is_victim = state.victim in (self.headers.get("User-Agent") or "")
            own = state.answer(path) if is_victim else None
            status, content, headers = own or state.of_site(path)
            content = state.change(path, content) if is_victim and not own else content
            self.send_response(status)
            for name, value in (headers | {"Content-Length": str(len(content))}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
