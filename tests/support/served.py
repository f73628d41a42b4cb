"""The site as `pingyi serve` runs it (granian, its front, its lifespan), in a process of its own; and any
application in a thread of the tests."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from county import SECRET, County, Phone
from werkzeug.serving import make_server

from survey.protocol.crypto.blind import finalize
from survey.protocol.crypto.encoding import b64u, unb64u

PATIENCE = 60.0
# How often a server in a thread looks whether it is to stop; half a second is what it does unasked.
STOPS = 0.05


@dataclass
class Served:
    """A server under way on `port`."""

    port: int
    process: subprocess.Popen[bytes]

    def send(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, bytes, dict[str, str]]:
        """Status, body and headers of one request on a connection of its own."""
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)) as line:
            line.request(method, path, body, dict(headers or {}))
            answer = line.getresponse()
            return answer.status, answer.read(), {name.lower(): value for name, value in answer.getheaders()}

    def post(self, path: str, body: dict[str, str]) -> dict[str, Any]:
        """What a phone's post is answered; it must succeed."""
        content = json.dumps(body).encode()
        status, reply, _ = self.send("POST", path, content, {"Content-Type": "application/json"})
        assert status == 200, reply
        found: dict[str, Any] = json.loads(reply)
        return found

    def collect(self, phone: Phone) -> None:
        slug = phone.county.slug
        reply = self.post(f"/s/{slug}/credential", {"code": phone.sent, "blinded": b64u(phone.blinded)})
        blind_signature = unb64u(reply["blind_signature"])
        phone.signature = finalize(phone.public, phone.message, blind_signature, phone._state)
        phone.seal()

    def cast(self, phone: Phone) -> None:
        body = {name: b64u(value) for name, value in phone.ballot().parts().items()}
        assert self.post(f"/s/{phone.county.slug}/ballot", body)["receipt"]

    def vote(self, phone: Phone) -> None:
        """Collect and cast, as a phone does."""
        self.collect(phone)
        self.cast(phone)

    def end(self, how: int = signal.SIGTERM) -> None:
        self.process.send_signal(how)
        self.process.wait(timeout=PATIENCE)


@contextlib.contextmanager
def served(url: str, folder: Path, settings: Mapping[str, str] | None = None) -> Iterator[Served]:
    """`pingyi serve` over the database at `url`, which nobody else may have open."""
    port = free_port()
    environment = os.environ | {
        "PINGYI_DATA": str(folder),
        "PINGYI_DATABASE_URL": url,
        "PINGYI_SECRET_KEY": SECRET,
        "PINGYI_INSECURE_HTTP": "1",
        "PINGYI_BASE_URL": f"http://127.0.0.1:{port}",
        **(settings or {}),
    }
    command = [sys.executable, "-m", "survey.cli", "serve", "--port", str(port)]
    with subprocess.Popen(command, env=environment, start_new_session=True) as process:
        site = Served(port, process)
        try:
            await_answer(site)
            yield site
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


class RunningServer:
    """`app` served on a free port of this machine until `stop`; `start` again takes the same port."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self.port = 0

    def start(self) -> None:
        self._server = make_server("127.0.0.1", self.port, self._app, threaded=True)
        self.port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, args=(STOPS,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@contextlib.contextmanager
def running(app: Any) -> Iterator[str]:
    """Address of a WSGI application that is served while the context lasts."""
    server = RunningServer(app)
    server.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.stop()


def await_answer(site: Served) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        assert site.process.poll() is None, "the server ended"
        with contextlib.suppress(OSError, http.client.HTTPException):
            site.send("GET", "/static/none")
            return
        assert time.monotonic() < deadline, "the server does not answer"
        time.sleep(0.1)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def phones_of(place: County) -> list[Phone]:
    """A phone for each code, made while the database can still be looked into."""
    return [place.phone() for _ in range(len(place.codes))]
