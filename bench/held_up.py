"""What a vote takes, collecting and casting, while strangers do what they can: p99 beside a quiet one."""

from __future__ import annotations

import contextlib
import http.client
import json
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.serving import SLUG, Site, databases, serving
from survey.protocol.codes import parse_pinned, secret_to_send
from survey.protocol.credentials import Prepared, prepare
from survey.protocol.crypto.blind import BlindPublicKey, blind, finalize
from survey.protocol.crypto.encoding import b64u, unb64u

VOTES = 300  # under each of the conditions
TARGET = 5.0
# What strangers do, with how many connections; `bench.strangers` says how.
CONDITIONS = {
    "quiet": ("", 0),
    "login flood": ("login", 150),
    "slow bodies": ("bodies", 100),
    "500 idle": ("idle", 500),
}
PATIENCE = 60.0


@dataclass(frozen=True)
class Ready:
    """What a phone has prepared before it asks."""

    sent: str  # what the server is shown of the code
    prepared: Prepared
    blinded: bytes
    state: Any


def main(votes: int = VOTES) -> list[dict[str, Any]]:
    """Measure and print; the figures as dictionaries with `name`, `value` (ms), `ratio`, `target`."""
    figures: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="pingyi-bench-") as folder, databases() as urls:
        for name, url in urls.items():
            invited = votes * len(CONDITIONS) + 20
            settings = {"PINGYI_TRUSTED_PROXIES": "1"}
            with serving(Path(folder) / name, url, invited=invited, settings=settings) as site:
                figures += _conditions(site, name, votes)
    return figures


def _conditions(site: Site, database: str, votes: int) -> list[dict[str, Any]]:
    codes = iter(site.codes)
    _votes(site, [next(codes) for _ in range(20)])  # as a server that has taken ballots before
    figures: list[dict[str, Any]] = []
    for name, (kind, count) in CONDITIONS.items():
        with _strangers(kind, site.port, count):
            times = _votes(site, [next(codes) for _ in range(votes)])
        p99 = statistics.quantiles(times, n=100)[98]
        ratio = p99 / figures[0]["value"] * 1000 if figures else 1.0
        figure = {"name": f"{name} on {database}", "value": p99 * 1000, "ratio": ratio, "target": TARGET}
        figures.append(figure)
        print(
            f"a vote, {figure['name']:<26} median {statistics.median(times) * 1000:6.1f} ms, "
            f"p99 {p99 * 1000:6.1f} ms, x {ratio:.1f} of quiet (at most {TARGET:.0f})",
            flush=True,
        )
    return figures


def _votes(site: Site, codes: list[str]) -> list[float]:
    """Seconds from the first request to the receipt, each on a connection of its own."""
    public = BlindPublicKey.from_bytes(site.description.blind_key_n, site.description.blind_key_e)
    times = []
    for code in codes:
        prepared = prepare(site.description)
        sent = secret_to_send(site.description, parse_pinned(code)[0])
        phone = Ready(sent, prepared, *blind(public, prepared.message))
        times.append(_vote(site, public, phone))
    return times


def _vote(site: Site, public: BlindPublicKey, phone: Ready) -> float:
    line = http.client.HTTPConnection("127.0.0.1", site.port, timeout=PATIENCE)
    with contextlib.closing(line):
        asked = time.perf_counter()
        reply = _post(line, "credential", {"code": phone.sent, "blinded": b64u(phone.blinded)})
        took = time.perf_counter() - asked
        signature = finalize(public, phone.prepared.message, unb64u(reply["blind_signature"]), phone.state)
        sealed = b"\x01" + secrets.token_bytes(site.description.sealed_size - 1)
        fields = {
            "message": phone.prepared.message,
            "signature": signature,
            "sealed": sealed,
            "proof": phone.prepared.prove(sealed),
        }
        asked = time.perf_counter()
        _post(line, "ballot", {name: b64u(value) for name, value in fields.items()})
        return took + time.perf_counter() - asked


def _post(line: http.client.HTTPConnection, name: str, body: dict[str, str]) -> dict[str, str]:
    line.request("POST", f"/s/{SLUG}/{name}", json.dumps(body), {"Content-Type": "application/json"})
    answer = line.getresponse()
    content = answer.read()
    if answer.status != http.HTTPStatus.OK:
        raise RuntimeError(f"{name} was answered {answer.status}: {content[:200]!r}")
    found: dict[str, str] = json.loads(content)
    return found


@contextlib.contextmanager
def _strangers(kind: str, port: int, count: int) -> Iterator[None]:
    if not kind:
        yield
        return
    command = [sys.executable, "-m", "bench.strangers", kind, str(port), str(count)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            process.stdout.readline()
            yield
        finally:
            process.kill()
