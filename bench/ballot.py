"""Speed of the ballot protocol, each figure beside a baseline of the same run: `python -m bench ballot`."""

from __future__ import annotations

import secrets
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding

from survey.database.engine import Database
from survey.database.migrations import upgrade
from survey.protocol.codes import hash_code, new_code, parse_code
from survey.protocol.credentials import check_credential, prepare
from survey.protocol.crypto import hpke
from survey.protocol.crypto.blind import RoundKey, blind, finalize
from survey.protocol.description import Holder, RoundDescription
from survey.protocol.questionnaire import Department, Item, Level, Questionnaire, Scale, Stratum
from survey.services.voting import collecting as credentials

# The small county of the tests.
sys.path.append(str(Path(__file__).parents[1] / "tests" / "support"))
from county import SECRET, County, Phone, round_key

PSS = padding.PSS(padding.MGF1(hashes.SHA384()), 48)
POINTS = (100.0, 80.0, 60.0, 40.0, 20.0)
CREDENTIALS = 200
TICK = 1e-6  # least CPU time in seconds that is believed


def main() -> list[dict[str, Any]]:
    """Measure and print; the figures as dictionaries with `name`, `value`, `unit`, `ratio` and `target`."""
    key, holders = round_key(), [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
    return show([*arithmetic(key, describe(key, holders)), codes(), *services()])


def show(figures: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Print figures as a table; returns them."""
    for figure in figures:
        ratio = f"  x {figure['ratio']:.2f} of {figure['baseline']}" if "ratio" in figure else ""
        target = f"  (target {figure['target']})" if "target" in figure else ""
        print(f"{figure['name']:<36} {figure['value']:9.3f} {figure['unit']}{ratio}{target}", flush=True)
    return figures


def describe(key: RoundKey, holders: list[ec.EllipticCurvePrivateKey]) -> RoundDescription:
    """A round of 30 departments and 6 items, of the size that ships."""
    items = ("服务态度", "办事效率", "服务质量", "依法履职", "廉洁自律", "总体评价")
    questionnaire = Questionnaire(
        items=tuple(Item(name) for name in items),
        scale=Scale(tuple(Level(str(p), str(p), p) for p in POINTS), 3, 70.0, "不了解", "Don't know"),
        departments=tuple(Department(f"部门{number}", "公共服务") for number in range(30)),
        strata=(Stratum("规模", "Size", ("大", "中", "小", "微"), ("L", "M", "S", "XS")),),
    )
    return RoundDescription(
        id=secrets.token_hex(16),
        slug="bench",
        title="",
        body="",
        opens_on="",
        closes_on="",
        blind_key_n=key.public.n_bytes,
        blind_key_e=key.public.e,
        blind_key_fingerprint=key.public.fingerprint,
        quorum=2,
        holders=tuple(Holder(str(i), hpke.point(k)) for i, k in enumerate(holders)),
        questionnaire=questionnaire,
    )


def seconds(work: Callable[[], object], times: int, rounds: int = 5) -> float:
    """CPU seconds of one call: the best of several rounds, as other programs only ever add. Never 0, since
    some machines count them in ticks."""
    best = float("inf")
    for _ in range(rounds):
        started = time.process_time()
        for _ in range(times):
            work()
        best = min(best, max(time.process_time() - started, TICK) / times)
    return best


def figure(name: str, value: float, unit: str = "ms", **more: Any) -> dict[str, Any]:
    return {"name": name, "value": value, "unit": unit} | more


def arithmetic(key: RoundKey, description: RoundDescription) -> list[dict[str, Any]]:
    message = prepare(description).message
    blinded, inverse = blind(key.public, message)
    signature = finalize(key.public, message, key.sign_blinded(blinded), inverse)
    own = seconds(lambda: key.private.sign(b"m", PSS, hashes.SHA384()), CREDENTIALS)
    issue = seconds(lambda: key.sign_blinded(blinded), CREDENTIALS)
    library = key.private.public_key()
    plain = seconds(lambda: library.verify(signature, message, PSS, hashes.SHA384()), CREDENTIALS)
    check = seconds(lambda: check_credential(key.public, description, message, signature), CREDENTIALS)
    return [
        figure("OpenSSL RSA-3072 sign", own * 1e3),
        figure("issue a credential", issue * 1e3, ratio=issue / own, baseline="OpenSSL sign", target="1.5"),
        figure("check a credential", check * 1e3, ratio=check / plain, baseline="OpenSSL verify"),
    ]


def codes() -> dict[str, Any]:
    count = 2000
    each = seconds(lambda: [hash_code(parse_code(new_code()), "ab" * 16, 2) for _ in range(count)], 1)
    return figure("make, read and hash 100,000 codes", each / count * 1e5, "s")


def services(count: int = CREDENTIALS) -> list[dict[str, Any]]:
    """Collecting and casting as the server does both, beside their arithmetic and one durable INSERT."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/bench.sqlite3", secret_key=SECRET)
        upgrade(database.engine)
        county = County(database).collecting(slips=count)
        phones = [county.phone() for _ in range(count)]
        phones[0].collect()  # unlocks the key, which a server does once
        started = time.process_time()
        for phone in phones:
            credentials.collect(database, county.slug, phone.sent, phone.blinded)
        collecting = (time.process_time() - started) / count
        for phone in phones:
            phone.collect()
            phone.seal()
        started = time.process_time()
        for phone in phones:
            phone.cast()
        casting = (time.process_time() - started) / count
        insert = _plain_insert(folder, phones)
        database.close()
    about = {"baseline": "a durable INSERT alone"}
    return [
        figure("durable INSERT by sqlite3, CPU", insert * 1e3),
        figure("collect, all of the service, CPU", collecting * 1e3, ratio=collecting / insert, **about),
        figure("cast, all of the service, CPU", casting * 1e3, ratio=casting / insert, **about),
    ]


def _plain_insert(folder: str, phones: list[Phone]) -> float:
    """CPU seconds of keeping the same bytes without any check."""
    with closing(sqlite3.connect(f"{folder}/plain.sqlite3", isolation_level=None)) as plain:
        plain.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE ballot (a, b, c)")
        started = time.process_time()
        for phone in phones:
            row = (phone.message, phone.signature, phone.sealed)
            plain.execute("INSERT INTO ballot VALUES (?, ?, ?)", row)
        return (time.process_time() - started) / len(phones)


if __name__ == "__main__":
    main()
