"""What grows with the ballots of a round, at 1,000, 10,000 and 100,000, with its exponent.

Mixing, what 64 phones wait meanwhile, and participation: `python -m bench growth` (minutes long)."""

from __future__ import annotations

import json
import math
import secrets
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from http.client import HTTPConnection, HTTPException
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, select

from bench.serving import SLUG, Site, ballot_bodies, databases, serving
from survey.clock import today
from survey.config import load_settings
from survey.database.engine import Database
from survey.models import Round
from survey.protocol.codes import parse_pinned, secret_to_send
from survey.protocol.crypto.encoding import b64u
from survey.services.voting import participation

SIZES = (1_000, 10_000, 100_000)
PHONES, PACE = 64, 1.6  # seconds between two requests of a phone
# The clock's first turn mixes; before it, phones are measured with nothing going on.
FIRST_TURN, WARM_UP = 20.0, 5.0
TARGET = 0.3
PATIENCE = 900.0
Waits = list[tuple[float, float, int]]


def main(sizes: tuple[int, ...] = SIZES) -> list[dict[str, Any]]:
    """Measure and print; the figures as dictionaries with `name`, `value` (s), `size`."""
    figures: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="pingyi-bench-") as folder, databases() as urls:
        for name, url in urls.items():
            for size in sizes:
                figures += _of_size(Path(folder), name, url, size)
            _exponents([each for each in figures if each["database"] == name])
    return figures


def _of_size(folder: Path, name: str, url: str | None, size: int) -> list[dict[str, Any]]:
    settings = {"BENCH_BALLOTS": str(size), "BENCH_FIRST_TURN": str(FIRST_TURN)}
    place = folder / f"{name}-{size}"
    if url:
        with create_engine(url).begin() as connection:
            connection.exec_driver_sql("DROP SCHEMA public CASCADE")
            connection.exec_driver_sql("CREATE SCHEMA public")
    found: dict[str, float] = {}
    with serving(place, url, invited=2000, settings=settings) as site:
        database = Database(url or load_settings(data=place).database_url)
        spawn = get_context("spawn")
        with ProcessPoolExecutor(1, mp_context=spawn) as pool, spawn.Manager() as shared:
            stop = shared.Event()
            waiting = pool.submit(ask, site.port, _requests(site), stop)
            began = _await(database, lambda round: round.mixing != "")
            ended = _await(database, lambda round: round.mixing == "" and round.mixed_cast > 0)
            stop.set()
            waits = waiting.result()
        found["mixing"] = ended - began
        warm = min(at for at, *_ in waits) + WARM_UP
        quiet = [took for at, took, _ in waits if at > warm and at + took < began]
        during = [took for at, took, _ in waits if at + took >= began and at <= ended]
        found["longest wait, quiet"], found["longest wait, mixing"] = (
            max(quiet, default=0.0),
            max(during, default=0.0),
        )
        found["refused"] = sum(status != 200 for *_, status in waits)
        found |= _pages(database)
        database.close()
    figures = [
        {"database": name, "size": size, "name": what, "value": value} for what, value in found.items()
    ]
    for figure in figures:
        print(f"{name:<11} {size:>8,}  {figure['name']:<22} {figure['value']:8.3f}", flush=True)
    return figures


def _pages(database: Database) -> dict[str, float]:
    def timed(work: Callable[[], object]) -> float:
        started = time.perf_counter()
        work()
        return time.perf_counter() - started

    with database.read() as session:
        round = session.scalars(select(Round)).one()
        return {"participation": timed(lambda: participation.totals(session, round, today()))}


def _await(database: Database, is_so: Callable[[Round], bool]) -> float:
    """Moment at which the round is so."""
    deadline = time.time() + PATIENCE
    while time.time() < deadline:
        with database.read() as session:
            if is_so(session.scalars(select(Round)).one()):
                return time.time()
        time.sleep(0.02)
    raise TimeoutError


def _exponents(figures: list[dict[str, Any]]) -> None:
    for what in dict.fromkeys(each["name"] for each in figures):
        points = [
            (each["size"], each["value"]) for each in figures if each["name"] == what and each["value"] > 0
        ]
        if len(points) > 1:
            (small, first), (large, last) = points[0], points[-1]
            power = math.log(last / first) / math.log(large / small)
            print(f"{figures[0]['database']:<11} {what:<30} grows with the power {power:.2f}", flush=True)


def _requests(site: Site) -> list[tuple[str, bytes]]:
    """Collecting and casting, in turns."""
    casting = [(f"/s/{SLUG}/ballot", body) for body in ballot_bodies(site, 1500)]
    collecting = []
    for code in site.codes[:1500]:
        sent = secret_to_send(site.description, parse_pinned(code)[0])
        blinded = b"\x00" + secrets.token_bytes(383)
        body = json.dumps({"code": sent, "blinded": b64u(blinded)}).encode()
        collecting.append((f"/s/{SLUG}/credential", body))
    return [each for pair in zip(collecting, casting, strict=True) for each in pair]


def ask(port: int, requests: list[tuple[str, bytes]], stop: threading.Event) -> Waits:
    """What 64 phones wait, each at its pace: (moment, seconds, status), until `stop` or out of requests."""
    source, lock, found = iter(requests), threading.Lock(), Waits()

    def phone(number: int) -> None:
        line, due = HTTPConnection("127.0.0.1", port, timeout=60), time.time() + PACE * number / PHONES
        while not stop.is_set():
            time.sleep(max(0.0, due - time.time()))
            due += PACE
            with lock:
                path, body = next(source, ("", b""))
            if not path:
                return
            found.append(_one(line, path, body))

    with ThreadPoolExecutor(PHONES) as pool:
        list(pool.map(phone, range(PHONES)))
    return found


def _one(line: HTTPConnection, path: str, body: bytes) -> tuple[float, float, int]:
    at, status = time.time(), 0
    try:
        line.request("POST", path, body, {"Content-Type": "application/json"})
        answer = line.getresponse()
        answer.read()
        status = answer.status
    except (OSError, HTTPException):
        line.close()
    return at, time.time() - at, status
