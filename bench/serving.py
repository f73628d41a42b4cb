"""Serving and casting under 64 phones at once, each beside a baseline of the same server and the same run."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from bench.load import Load, Server, in_turns, repeat, send_all
from bench.serving_site import BARE, HELLO, SAME
from survey.protocol.ballots import CastBallot
from survey.protocol.credentials import prepare
from survey.protocol.crypto.blind import RoundKey
from survey.protocol.crypto.encoding import b64u
from survey.protocol.description import RoundDescription
from survey.web.fast.front import PHONE_THREADS
from survey.web.site.assets import build_assets

SLUG = "bench"
PSS = padding.PSS(padding.MGF1(hashes.SHA384()), 48)
TURNS = 5
SECONDS = 1.0
BALLOTS = 2000  # a turn
# (KB, requests) of LimeSurvey's page: a given figure, not measured here.
LIMESURVEY = (666, 34)
PATIENCE = 30.0


@dataclass(frozen=True)
class Site(Server):
    """The site, and what phones need to know of its round."""

    description: RoundDescription = None  # type: ignore[assignment]
    key: RoundKey = None  # type: ignore[assignment]
    codes: tuple[str, ...] = ()


def main(ballots: int = BALLOTS, seconds: float = SECONDS, turns: int = TURNS) -> list[dict[str, Any]]:
    """Measure and print; the figures as dictionaries with `name`, `value`, `ratio`, `target`."""
    figures: list[dict[str, Any]] = []
    with (
        tempfile.TemporaryDirectory(prefix="pingyi-bench-") as folder,
        databases() as urls,
        bare_flask() as shipped,
        bare_flask(threads=1) as alone,
    ):
        bare = {"nothing": shipped, "nothing, one thread": alone}
        for name, url in urls.items():
            with serving(Path(folder) / name, url) as site:
                if name == "SQLite":
                    figures += _weigh(site.port)
                    figures += _pages(site, seconds / 10, 10 * turns)
                figures += _casting(site, bare, name, ballots, seconds, turns)
    return figures


def get(path: str, encoding: str = "br") -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: phone\r\nAccept-Encoding: {encoding}\r\n\r\n".encode()


def post(path: str, body: bytes) -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: phone\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def ballot_bodies(site: Site, count: int) -> list[bytes]:
    """Ballots with good credentials; what is sealed in them is noise, which the server cannot tell."""
    return [ballot_body(site.description, site.key) for _ in range(count)]


def ballot_body(description: RoundDescription, key: RoundKey) -> bytes:
    """A post of one ballot, as of a round of one machine."""
    prepared = prepare(description)
    signature = key.private.sign(prepared.message, PSS, hashes.SHA384())
    sealed = b"\x01" + secrets.token_bytes(description.sealed_size - 1)
    parts = CastBallot(prepared.message, signature, sealed, prepared.prove(sealed)).parts()
    return json.dumps({name: b64u(part) for name, part in parts.items() if part}).encode()


def _weigh(port: int) -> list[dict[str, Any]]:
    """Compressed bytes of the page, and of the ballot's screens, which it fetches before the first tap."""
    page, ballot = (_length(port, path) for path in (f"/s/{SLUG}", build_assets().url("ballot-page.js")))
    total = page + ballot
    kilobytes, requests = LIMESURVEY
    print(f"to the first tap: {total:,} bytes in two requests, {page:,} of them the page")
    times = kilobytes * 1000 / total
    print(f"LimeSurvey, a given figure: {kilobytes} KB in {requests} requests, {times:.0f} times")
    return [{"name": "weight to the first tap", "value": total, "target": "<= 30720"}]


def _length(port: int, path: str) -> int:
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        connection.sendall(get(path).replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        answer = b"".join(iter(lambda: connection.recv(1 << 16), b""))
    return len(answer.split(b"\r\n\r\n", 1)[1])


def _pages(site: Site, seconds: float, turns: int) -> list[dict[str, Any]]:
    assets = build_assets()
    paths = {
        "page": f"/s/{SLUG}",
        "ballot's screens": assets.url("ballot-page.js"),
        "English texts": assets.url("texts-en.json"),
        "desk's style": assets.url("desk.css"),
    }
    page = paths["page"]
    asked = {"hello": HELLO + page, "bare hello": BARE, "same bytes": SAME + page} | paths
    requests = {name: get(path) for name, path in asked.items()}
    in_turns(site, requests, seconds, 1)  # each answer is made once before it counts
    found = in_turns(site, requests, seconds, turns)
    figures = report(
        {name: found[name] for name in ("hello", *paths)}, "hello", "hello under the same headers", 0.80
    )
    for name, says in (
        ("same bytes", "the same answer from a variable"),
        ("bare hello", "five bytes, two headers"),
    ):
        figures += report({one: found[one] for one in (name, "page")}, name, says, None)
    return figures


def _casting(
    site: Site, bare: Mapping[str, Server], name: str, ballots: int, seconds: float, turns: int
) -> list[dict[str, Any]]:
    """Casting beside a bare route, with one thread and with as many as the site has; the faster counts."""
    bodies = iter(ballot_bodies(site, ballots * (turns + 1)))
    empty = post("/-/nothing", ballot_bodies(site, 1)[0])

    def cast() -> Load:
        return send_all(site, [post(f"/s/{SLUG}/ballot", next(bodies)) for _ in range(ballots)])

    def nothing() -> dict[str, Load]:
        return {says: repeat(server, empty, seconds) for says, server in bare.items()}

    nothing()
    cast()  # as a server that has taken ballots before
    pairs = [(nothing(), cast()) for _ in range(turns)]
    found = {says: [base[says] for base, _ in pairs] for says in bare}
    faster = max(bare, key=lambda says: statistics.median(load.rate for load in found[says]))
    found[f"casting on {name}"] = [own for _, own in pairs]
    return report(found, faster, "the faster bare Flask route", 0.60)


def report(
    found: dict[str, list[Load]], baseline: str, says: str, target: float | None
) -> list[dict[str, Any]]:
    """Print each of `found` beside `baseline`, and beside `target` where there is one."""
    figures: list[dict[str, Any]] = []
    for name, loads in found.items():
        pairs = zip(loads, found[baseline], strict=True)
        figure: dict[str, Any] = {
            "name": name,
            "value": statistics.median(load.rate for load in loads),
            "unit": "/s",
            "ratio": statistics.median(own.rate / base.rate for own, base in pairs),
            "target": target,
            "cpu": statistics.mean(load.cpu for load in loads),
            "median": statistics.median(load.median for load in loads),
            "tail": statistics.median(load.p99 / load.median for load in loads),
            "errors": sum(load.errors for load in loads),
        }
        figures.append(figure)
        aim = f" (target {target:.2f})" if target is not None else ""
        print(
            f"{name:<22} {figure['value']:7.0f}/s x {figure['ratio']:.2f} of {says}{aim},"
            f" {figure['cpu'] * 1e6:4.0f} us CPU each, median {figure['median'] * 1000:.1f} ms,"
            f" p99 x {figure['tail']:.1f} (under 10), {figure['errors']} errors",
            flush=True,
        )
    return figures


@contextlib.contextmanager
def serving(
    folder: Path, url: str | None, invited: int = 0, settings: Mapping[str, str] | None = None
) -> Iterator[Site]:
    """The site with one open round, `invited` to it by slips, or with the county that was built in `folder`,
    served as `pingyi serve` does."""
    folder.mkdir(exist_ok=True)
    port = free_port()
    environment = os.environ | {"PINGYI_DATA": str(folder), "PINGYI_INSECURE_HTTP": "1", **(settings or {})}
    if url:
        environment["PINGYI_DATABASE_URL"] = url
    with _started([str(folder), str(port), SLUG, str(invited)], environment) as made:
        assert made.stdout is not None
        described = json.loads(made.stdout.readline())
        listening(port)
        description = RoundDescription.from_dict(described["round"])
        key = RoundKey.from_pem(described["key"].encode())
        yield Site(port, made.pid, description, key, tuple(described["codes"]))


@contextlib.contextmanager
def bare_flask(threads: int = PHONE_THREADS) -> Iterator[Server]:
    """A Flask application with one route that reads the body and does nothing."""
    port = free_port()
    with _started([str(port), str(threads)], dict(os.environ)) as made:
        listening(port)
        yield Server(port, made.pid)


@contextlib.contextmanager
def _started(arguments: list[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "bench.serving_site", *arguments]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as made:
        try:
            yield made
        finally:
            made.terminate()
            made.wait(PATIENCE)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def listening(port: int) -> None:
    """Wait until somebody listens; raises `TimeoutError`."""
    deadline = time.monotonic() + PATIENCE
    while True:
        with contextlib.suppress(OSError):
            return socket.create_connection(("127.0.0.1", port)).close()
        if time.monotonic() > deadline:
            raise TimeoutError(f"nothing listens on port {port}")
        time.sleep(0.1)


@contextlib.contextmanager
def databases() -> Iterator[dict[str, str | None]]:
    """Addresses by name; PostgreSQL is left out, loudly, where it is not installed."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))
    import postgres  # type: ignore[import-not-found]

    binaries = postgres.find_binaries()
    if binaries is None:
        print("NO POSTGRESQL: casting on PostgreSQL was not measured (sh tests/install-system.sh)")
        yield {"SQLite": None}
        return
    with postgres.server(binaries) as server:
        yield {"SQLite": None, "PostgreSQL": server.create("bench")}
