"""A real Chromium for every browser test, and servers for it to visit."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from browsers import ARGUMENTS, CHROMIUM, MISSING
from phone_server import PhoneServer, RunningServer, make_app
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

if TYPE_CHECKING:
    from witness_beside import TwoMachines

sys.path.append(str(Path(__file__).parents[1] / "witness"))  # its helpers

SCREENSHOTS = Path(__file__).resolve().parents[2] / "screenshots"
# Milliseconds; eight processes share two cores, and a busy machine is no failure.
PATIENCE = 30_000
expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The system's Chromium, headless, one for each worker."""
    if not CHROMIUM.exists():
        pytest.skip(MISSING)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """`visit(**context options)`: a page of a new phone; an error in a script of the page fails the test."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def new_page(**options: Any) -> Page:
        settings = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "locale": "zh-CN"} | options
        context = chromium.new_context(**settings)
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: _note_refusal(message.text, errors))
        return page

    yield new_page
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture
def any_page(chromium: Browser) -> Iterator[Page]:
    """A page of a new phone whose scripts and console may complain."""
    page = chromium.new_page()
    yield page
    page.close()


def _note_refusal(text: str, errors: list[str]) -> None:
    if "Content Security Policy" in text or "integrity" in text:
        errors.append(text)


@pytest.fixture
def phone_server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[PhoneServer]:
    """A round in memory behind the real page; `stop` and `start` are its `running` server's."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = PhoneServer()
    running = RunningServer(make_app(server, monkeypatch, tmp_path))
    running.start()
    server.url = f"http://127.0.0.1:{running.port}"
    server.running = running
    yield server
    running.stop()


@pytest.fixture
def two_machines(phone_server: PhoneServer, tmp_path: Path) -> Iterator[TwoMachines]:
    """The round in memory, with a witness on an origin of its own."""
    from witness_beside import TwoMachines

    machines = TwoMachines(phone_server, tmp_path / "witness")
    machines.start()
    yield machines
    machines.stop()


@pytest.fixture(scope="session")
def screenshots() -> Path:
    """Where pictures of every screen are kept for people to leaf through."""
    SCREENSHOTS.mkdir(exist_ok=True)
    return SCREENSHOTS
