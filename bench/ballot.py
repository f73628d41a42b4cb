"""Speed of the ballot protocol, each figure beside a baseline of the same run: `python -m bench.ballot`."""

from __future__ import annotations

import secrets
import sys
import time
from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding

from survey.ballot import hpke
from survey.ballot.answers import encode_answers
from survey.ballot.blind import RoundKey, blind, finalize
from survey.ballot.codes import hash_code, new_code, parse_code
from survey.ballot.credentials import check_credential, prepare_message
from survey.ballot.merkle import merkle_root
from survey.ballot.opening import open_ballots
from survey.ballot.questionnaire import (
    Department,
    Holder,
    Item,
    Level,
    Questionnaire,
    RoundDescription,
    Scale,
    Stratum,
)
from survey.ballot.receipts import receipt_bytes
from survey.ballot.sealing import seal, unwrap, wrap
from survey.cli.crowd import Crowd

PSS = padding.PSS(padding.MGF1(hashes.SHA384()), 48)
POINTS = (100.0, 80.0, 60.0, 40.0, 20.0)
CREDENTIALS = 200
PLAINTEXTS = 500


def main(ballots: int = 10_000) -> list[dict[str, Any]]:
    """Measure and print; the figures as dictionaries with `name`, `value`, `unit`, `ratio` and `target`."""
    key, holders = RoundKey.generate(), [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
    description = describe(key, holders)
    figures = [*credentials(key, description), codes(), *opening(key, description, holders, ballots)]
    for figure in figures:
        ratio = f"  x {figure['ratio']:.2f} of {figure['baseline']}" if "ratio" in figure else ""
        target = f"  (target {figure['target']})" if "target" in figure else ""
        print(f"{figure['name']:<36} {figure['value']:9.3f} {figure['unit']}{ratio}{target}")
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
    """CPU seconds of one call: the best of several rounds, as other programs only ever add."""
    best = float("inf")
    for _ in range(rounds):
        started = time.process_time()
        for _ in range(times):
            work()
        best = min(best, (time.process_time() - started) / times)
    return best


def figure(name: str, value: float, unit: str = "ms", **more: Any) -> dict[str, Any]:
    return {"name": name, "value": value, "unit": unit} | more


def credentials(key: RoundKey, description: RoundDescription) -> list[dict[str, Any]]:
    message = prepare_message(description.id)
    blinded, inverse = blind(key.public, message)
    signature = finalize(key.public, message, key.sign_blinded(blinded), inverse)
    own = seconds(lambda: key.private.sign(b"m", PSS, hashes.SHA384()), CREDENTIALS)
    issue = seconds(lambda: key.sign_blinded(blinded), CREDENTIALS)
    library = key.private.public_key()
    plain = seconds(lambda: library.verify(signature, message, PSS, hashes.SHA384()), CREDENTIALS)
    check = seconds(lambda: check_credential(key.public, description.id, message, signature), CREDENTIALS)
    return [
        figure("OpenSSL RSA-3072 sign", own * 1e3),
        figure("issue a credential", issue * 1e3, ratio=issue / own, baseline="OpenSSL sign", target="1.5"),
        figure("check a credential", check * 1e3, ratio=check / plain, baseline="OpenSSL verify"),
    ]


def codes() -> dict[str, Any]:
    count = 2000
    each = seconds(lambda: [hash_code(parse_code(new_code())) for _ in range(count)], 1)
    return figure("make, read and hash 100,000 codes", each / count * 1e5, "s")


def cast(key: RoundKey, description: RoundDescription, plaintext: bytes) -> tuple[bytes, bytes, bytes]:
    """A ballot as phone and signer make it together."""
    message = prepare_message(description.id)
    blinded, inverse = blind(key.public, message)
    signature = finalize(key.public, message, key.sign_blinded(blinded), inverse)
    return message, signature, seal(description, plaintext)


def opening(
    key: RoundKey,
    description: RoundDescription,
    holders: list[ec.EllipticCurvePrivateKey],
    count: int,
) -> list[dict[str, Any]]:
    crowd = Crowd(description.questionnaire, 1)
    texts = [encode_answers(description.questionnaire, crowd.answers(i)) for i in range(PLAINTEXTS)]
    started = time.process_time()
    ballots = [cast(key, description, texts[i % PLAINTEXTS]) for i in range(count)]
    casting = (time.process_time() - started) / count
    root = merkle_root(sorted(receipt_bytes(sealed) for _, _, sealed in ballots))
    started = time.process_time()
    open_ballots(description, ballots, dict(enumerate(holders)), merkle_root=root)
    total = (time.process_time() - started) / count
    info = b"pingyi:bench"
    wrapped = wrap(bytes(32), [hpke.point(holder) for holder in holders], info)
    opens = seconds(lambda: unwrap(wrapped, holders, info), 500)
    return [
        figure("a phone's and the signer's part", casting * 1e3),
        figure(f"open {count:,} ballots, each", total * 1e3, ratio=total / opens, baseline="its HPKE opens"),
        figure("  beyond its HPKE opens", (total - opens) * 1e3, target="1 ms"),
    ]


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
