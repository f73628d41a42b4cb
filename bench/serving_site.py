"""The servers that bench.serving measures: the real site with a static answer beside it, and bare Flask.

`python -m bench.serving_site FOLDER PORT SLUG INVITED` prints the round's description, key and codes, then
serves the site;
`python -m bench.serving_site PORT THREADS` serves a Flask application that does nothing.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from a2wsgi.asgi_typing import Receive, Scope, Send
from flask import Flask, request

from survey.cli.site import serve
from survey.clock import today
from survey.config import load_settings
from survey.database.engine import Database, open_database
from survey.database.migrations import upgrade
from survey.models import KeyHolder, Mode, Period, Role, State, User
from survey.models.base import random_id
from survey.protocol.crypto import at_rest
from survey.protocol.crypto.blind import RoundKey
from survey.services.invitations import issuing
from survey.services.rounds import descriptions, lifecycle
from survey.services.rounds.defaults import default_questionnaire

# Five bytes with two headers; five bytes under all headers of an answer of the site; its very answer.
BASE_URL = "https://pingyi.example"
# Of a county that was built before (bench.growth.building).
BUILT = "grown.json"
BARE, HELLO, SAME = "/-/bare", "/-/hello", "/-/same"


async def hello(send: Send) -> None:
    """What a static answer costs on this server, and nothing else."""
    headers = [(b"content-type", b"text/plain"), (b"content-length", b"5")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"hello"})


def bare() -> Flask:
    """A Flask application with one route that reads the body and does nothing."""
    app = Flask("bare", static_folder=None)

    @app.post("/-/nothing")
    def nothing() -> str:
        request.get_data()
        return "ok"

    return app


def create() -> Callable[[Scope, Receive, Send], Awaitable[None]]:
    """The site, with static answers beside it: see `BARE`, `HELLO` and `SAME`."""
    from survey import worker
    from survey.asgi import create as create_site

    worker.FIRST_SECONDS = float(os.environ.get("BENCH_FIRST_TURN", worker.FIRST_SECONDS))
    site, heard = create_site(), dict[str, list[Any]]()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        if path == BARE:
            return await hello(send)
        if not path.startswith((SAME, HELLO)):
            return await site(scope, receive, send)
        if path not in heard:
            heard[path] = await _hear(site, scope, receive)
        start, body = heard[path]
        await send(start)
        return await send(body)

    return app


async def _hear(site: Any, scope: Scope, receive: Receive) -> list[Any]:
    """What the site answers below `SAME` and `HELLO`: its headers with its bytes, or with five others."""
    events: list[Any] = []

    async def note(event: Any) -> None:
        events.append(event)

    path: str = scope["path"]
    await site(scope | {"path": path.removeprefix(SAME).removeprefix(HELLO)}, receive, note)
    start, *parts = events
    body = b"".join(part["body"] for part in parts)
    if path.startswith(HELLO):
        body = b"hello"
    headers = [pair for pair in start["headers"] if pair[0] != b"content-length"]
    length = (b"content-length", b"%d" % len(body))
    return [start | {"headers": [*headers, length]}, {"type": "http.response.body", "body": body}]


def open_round(database: Database, slug: str, secret_key: str, invited: int = 0) -> dict[str, Any]:
    """An open round with two key holders; returns its description, signing key and codes."""

    def make(session: Any) -> dict[str, Any]:
        people = [
            User(id=random_id(), name=name, body=name, role=Role.REVIEWER, password_hash="!")  # noqa: S106
            for name in ("县人大", "县政协")
        ]
        session.add_all(people)
        session.flush()
        new = lifecycle.NewRound(
            slug=slug,
            title="2026 年第四季度评议",
            body="县人大常委会、县政协",
            period=Period.QUARTER,
            mode=Mode.BOTH,
            opens_on=today(),
            closes_on=today() + timedelta(days=30),
            threshold=10,
            quorum=2,
            questionnaire=default_questionnaire(),
            holders=tuple(person.id for person in people),
        )
        made = lifecycle.create_round(session, new, secret_key=secret_key, actor="bench")
        session.flush()
        _give_keys(session)
        slips = issuing.prepare_slips(session, made, BASE_URL, invited) if invited else []
        if slips:
            issuing.store(session, made, slips, "bench")
        made.frozen, made.state = True, State.OPEN
        session.flush()
        assert made.blind_key_private is not None
        key = RoundKey.from_pem(at_rest.unlock(secret_key, made.id, made.blind_key_private))
        return {
            "round": descriptions.describe(session, made).to_dict(),
            "key": key.to_pem().decode(),
            "codes": [slip.code for slip in slips],
        }

    return database.write(make)


def _give_keys(session: Any) -> None:
    from cryptography.hazmat.primitives.asymmetric import ec

    from survey.protocol.crypto import hpke

    for holder in session.query(KeyHolder):
        holder.public_key = hpke.point(ec.generate_private_key(ec.SECP256R1()))
        holder.proven = True


def serve_bare(port: int, threads: int) -> None:
    """Bare Flask by granian's own WSGI.

    One thread answers what does nothing fastest, and would let one phone that waits hold up all; so both are
    measured.
    """
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    Granian(
        "bench.serving_site:bare",
        port=port,
        interface=Interfaces.WSGI,
        blocking_threads=threads,
        factory=True,
        log_access=False,
        log_level=LogLevels.error,
    ).serve()


def main() -> None:
    if len(sys.argv) == 3:
        serve_bare(int(sys.argv[1]), int(sys.argv[2]))
    else:
        serve_site(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3], int(sys.argv[4]))


def serve_site(folder: Path, port: int, slug: str, invited: int) -> None:
    settings = load_settings(data=folder)
    database = open_database(settings)
    upgrade(database.engine)
    built = folder / BUILT
    made = (
        json.loads(built.read_text(encoding="utf-8"))
        if built.exists()
        else open_round(database, slug, settings.secret_key, invited)
    )
    print(json.dumps(made), flush=True)
    database.close()
    serve.run_server(settings, "127.0.0.1", port, target="bench.serving_site:create")


if __name__ == "__main__":
    main()
