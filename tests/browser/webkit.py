"""WebKit, the engine of every iPhone, driven by its own WebDriver (W3C) on a screen that nobody sees."""

from __future__ import annotations

import base64
import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

import pytest

DRIVER, SCREEN = "WebKitWebDriver", "Xvfb"
PATIENCE = 15.0
VISIBLE = "[...document.querySelectorAll(arguments[0])].filter((e) => e.offsetParent)"


class WebKit:
    """One window of a browser that has been nowhere."""

    def __init__(self, port: int) -> None:
        self._base = f"http://127.0.0.1:{port}"
        browser = {"binary": str(_browser()), "args": ["--automation"]}
        wanted = {"capabilities": {"alwaysMatch": {"webkitgtk:browserOptions": browser}}}
        self._base += f"/session/{self._call('POST', '/session', wanted)['sessionId']}"

    def goto(self, url: str) -> None:
        self._call("POST", "/url", {"url": url})

    def reload(self) -> None:
        self._call("POST", "/refresh", {})

    def run(self, script: str, *arguments: Any) -> Any:
        """What the body of a function returns in the page."""
        return self._call("POST", "/execute/sync", {"script": script, "args": arguments})

    def until(self, script: str, *arguments: Any) -> Any:
        """The first value of `script` that is true, which comes soon."""
        deadline = time.monotonic() + PATIENCE
        while not (value := self.run(f"return {script}", *arguments)):
            assert time.monotonic() < deadline, (
                script,
                arguments,
                self.run("return document.body.innerText"),
            )
            time.sleep(0.05)
        return value

    def title_is(self, text: str) -> None:
        self.until(f"{VISIBLE}.some((e) => e.textContent === arguments[1])", "h1", text)

    def tap(self, text: str, kind: str = "button") -> None:
        """The visible element of this kind that says just this, once it can be tapped."""
        own = "(e) => e.textContent.trim() === arguments[1] && !e.disabled"
        self.until(f"{VISIBLE}.filter({own}).map((e) => e.click() || true)[0]", kind, text)

    def picture(self, path: Path) -> None:
        path.write_bytes(base64.b64decode(self._call("GET", "/screenshot")))

    def close(self) -> None:
        self._call("DELETE", "")

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        data = json.dumps(body).encode() if body is not None else None
        request = Request(  # noqa: S310 - loopback
            self._base + path, data, {"Content-Type": "application/json"}, method=method
        )
        with urlopen(request, timeout=60) as reply:  # noqa: S310
            return json.load(reply)["value"]


@contextmanager
def webkit() -> Iterator[WebKit]:
    """A new browser; skips loudly where there is none."""
    if not (shutil.which(DRIVER) and shutil.which(SCREEN) and _browser()):
        pytest.skip("NO WEBKIT: the page was not tried in it (apt install webkit2gtk-driver xvfb)")
    with _screen() as display, _driver(display) as port:
        browser = WebKit(port)
        try:
            yield browser
        finally:
            browser.close()


def _browser() -> Path | None:
    return next(iter(sorted(Path("/usr/lib").glob("*/webkit2gtk-*/MiniBrowser"))), None)


@contextmanager
def _screen() -> Iterator[str]:
    reading, writing = os.pipe()
    command = [SCREEN, "-displayfd", str(writing), "-screen", "0", "500x900x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL) as made:
        os.close(writing)
        with os.fdopen(reading) as said:
            yield f":{said.readline().strip()}"
        made.terminate()


@contextmanager
def _driver(display: str) -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    # The sandbox wants more than a container gives; only our own pages are visited.
    environment = os.environ | {"DISPLAY": display, "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1"}
    with subprocess.Popen([DRIVER, f"--port={port}"], env=environment, stderr=subprocess.DEVNULL) as made:
        try:
            _await(port)
            yield port
        finally:
            made.terminate()


def _await(port: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            return urlopen(f"http://127.0.0.1:{port}/status", timeout=5).close()
        except URLError:
            time.sleep(0.05)
    raise TimeoutError("the driver does not start")
