"""Mixing of an open round, and what 64 phones wait meanwhile that collect and cast."""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from http.client import HTTPConnection, HTTPException
from multiprocessing import get_context
from pathlib import Path

from sqlalchemy import select

from bench.serving import SLUG, Site, ballot_bodies, serving
from survey.config import load_settings
from survey.database.engine import Database
from survey.models import Round
from survey.protocol.codes import parse_pinned, secret_to_send
from survey.protocol.crypto.encoding import b64u

PHONES, PACE = 64, 1.6  # seconds between two requests of a phone
# The clock's first turn mixes; before it, phones are measured with nothing going on.
FIRST_TURN, WARM_UP = 20.0, 5.0
PATIENCE = 900.0
Waits = list[tuple[float, float, int]]


def measure(place: Path, url: str | None) -> dict[str, dict[str, float]]:
    """Mixing by the clock's first turn, and what phones wait meanwhile and before."""
    settings = {"BENCH_FIRST_TURN": str(FIRST_TURN)}
    with serving(place, url, settings=settings) as site:
        database = Database(url or load_settings(data=place).database_url)
        spawn = get_context("spawn")
        with ProcessPoolExecutor(1, mp_context=spawn) as pool, spawn.Manager() as shared:
            stop = shared.Event()
            waiting = pool.submit(ask, site.port, _requests(site), stop)
            began = _await(database, lambda round: round.mixing != "")
            ended = _await(database, lambda round: round.mixing == "" and round.mixed_cast > 0)
            stop.set()
            waits = waiting.result()
        database.close()
    warm = min(at for at, *_ in waits) + WARM_UP
    quiet = [took for at, took, _ in waits if at > warm and at + took < began]
    during = [took for at, took, _ in waits if at + took >= began and at <= ended]
    return {
        "mixing": {"wall": ended - began},
        "longest wait, quiet": {"wall": max(quiet, default=0.0)},
        "longest wait, mixing": {"wall": max(during, default=0.0)},
        "refused": {"requests": sum(status != 200 for *_, status in waits)},
    }


def _await(database: Database, is_so: Callable[[Round], bool]) -> float:
    """Moment at which the round is so."""
    deadline = time.time() + PATIENCE
    while time.time() < deadline:
        with database.read() as session:
            if is_so(session.scalars(select(Round)).one()):
                return time.time()
        time.sleep(0.02)
    raise TimeoutError


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
