"""A server that ends answers first what it was asked; a worker that dies is replaced."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from county import SECRET, County
from loops import run

from survey.app import create_app
from survey.cli.site import serve
from survey.config import Settings
from survey.database.engine import Database
from survey.web.fast import front
from survey.web.fast.front import Front


@pytest.fixture
def site(sqlite_database: Database, tmp_path: Path, _cheap_keys: None) -> Front:
    place = County(sqlite_database)
    settings = Settings(tmp_path, place.database.url, "http://127.0.0.1", SECRET, insecure_http=True)
    return Front(create_app(settings, place.database))


async def end(site: Front, monkeypatch: pytest.MonkeyPatch, answer_after: float | None) -> list[str]:
    """What happens, in order, when the server ends while one request is being answered."""
    happened: list[str] = []
    events: asyncio.Queue[dict[str, str]] = asyncio.Queue()
    database = site._app.extensions["pingyi"].database
    monkeypatch.setattr(database, "close", lambda: happened.append("closed"))

    async def answer(_scope: object, _receive: object, _send: object) -> None:
        await asyncio.sleep(answer_after if answer_after is not None else 60)
        happened.append("answered")

    async def send(event: dict[str, str]) -> None:
        if event["type"] == "lifespan.startup.complete":
            asking.append(asyncio.create_task(site({"type": "http"}, events.get, send)))  # type: ignore[arg-type]
            await asyncio.sleep(0.01)
            await events.put({"type": "lifespan.shutdown"})

    asking: list[asyncio.Task[None]] = []
    monkeypatch.setattr(site, "_answer", answer)
    await events.put({"type": "lifespan.startup"})
    await site({"type": "lifespan"}, events.get, send)  # type: ignore[arg-type]
    for task in asking:
        task.cancel()
    return happened


def test_the_database_closes_after_the_last_answer(site: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise the ballot that is being committed is refused, and its phone asks again."""
    assert run(end(site, monkeypatch, 0.3)) == ["answered", "closed"]


def test_a_request_without_end_keeps_no_server_running(site: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(front, "DRAINING_SECONDS", 0.2)
    assert run(end(site, monkeypatch, None)) == ["closed"]


def test_a_worker_that_dies_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """granian's default ends all workers with the first that dies."""
    asked: dict[str, object] = {}

    class Server:
        def __init__(self, _target: str, **options: object) -> None:
            asked.update(options)

        def serve(self) -> None:
            pass

    monkeypatch.setattr("granian.Granian", Server)
    for name in ("DATA", "BASE_URL", "INSECURE_HTTP", "DEMO"):
        monkeypatch.setenv(f"PINGYI_{name}", "")
    settings = Settings(tmp_path, f"sqlite:///{tmp_path}/a.sqlite3", "http://127.0.0.1", SECRET)
    serve.run_server(settings, "127.0.0.1", 0)
    assert asked["respawn_failed_workers"] is True
