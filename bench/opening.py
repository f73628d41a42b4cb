"""Opening boxes of 10,000 and 100,000 ballots, beside their HPKE opens: `python -m bench opening`."""

from __future__ import annotations

import itertools
import os
import resource
import sys
import tempfile
import time
from collections.abc import Collection, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from bench.ballot import PSS, describe, figure, seconds, show
from survey.demo.crowd import Crowd
from survey.protocol.answers import encode_answers
from survey.protocol.ballots import CastBallot
from survey.protocol.box.opening import open_ballots
from survey.protocol.credentials import PROOF_BYTES, prepare
from survey.protocol.crypto import hpke
from survey.protocol.crypto.blind import RoundKey
from survey.protocol.crypto.merkle import merkle_root
from survey.protocol.description import RoundDescription
from survey.protocol.holders.sealing import seal, unwrap, wrap
from survey.protocol.receipts import receipt_bytes

SIZES = (10_000, 100_000)
PLAINTEXTS = 500
BATCH = 1000


class BallotFile(Collection[CastBallot]):
    """Ballots as fixed-size records of a file, read anew at every pass, as an export's are."""

    def __init__(self, path: Path, sealed_size: int) -> None:
        self._path = path
        self._ends = list(itertools.accumulate((137, 384, sealed_size, PROOF_BYTES), initial=0))

    def __len__(self) -> int:
        return self._path.stat().st_size // self._ends[-1]

    def __contains__(self, ballot: object) -> bool:
        return any(ballot == known for known in self)

    def __iter__(self) -> Iterator[CastBallot]:
        with self._path.open("rb") as file:
            while record := file.read(self._ends[-1]):
                yield CastBallot(*(record[a:b] for a, b in itertools.pairwise(self._ends)))


def main(sizes: tuple[int, ...] = SIZES) -> list[dict[str, Any]]:
    """Measure and print."""
    key, holders = RoundKey.generate(), [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
    description = describe(key, holders)
    info = b"pingyi:bench"
    wrapped = wrap(bytes(32), [hpke.point(holder) for holder in holders], info)
    opens = seconds(lambda: unwrap(wrapped, holders, info), 500)
    figures = [figure("HPKE opens of a ballot", opens * 1e3)]
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            ballots = _cast(Path(folder) / "ballots", key, description, size)
            figures += _open(description, ballots, holders, opens)
    return show(figures)


def _cast(path: Path, key: RoundKey, description: RoundDescription, count: int) -> BallotFile:
    """A file of `count` ballots, made by all processors."""
    pem, batches = key.to_pem(), [min(BATCH, count - start) for start in range(0, count, BATCH)]
    repeat = itertools.repeat
    with path.open("wb") as file, ProcessPoolExecutor(os.cpu_count()) as pool:
        for made in pool.map(_make, repeat(pem), repeat(description), range(len(batches)), batches):
            file.write(made)
    return BallotFile(path, description.sealed_size)


def _make(pem: bytes, description: RoundDescription, seed: int, count: int) -> bytes:
    """Records of ballots; an unblinded signature is an ordinary one, and signing directly is quicker."""
    key, crowd = RoundKey.from_pem(pem), Crowd(description.questionnaire, seed)
    texts = [
        encode_answers(description.questionnaire, crowd.answers(i)) for i in range(min(count, PLAINTEXTS))
    ]
    made = bytearray()
    for i in range(count):
        prepared = prepare(description)
        signature = key.private.sign(prepared.message, PSS, hashes.SHA384())
        sealed = seal(description, texts[i % len(texts)])
        made += prepared.message + signature + sealed + prepared.prove(sealed)
    return bytes(made)


def _open(
    description: RoundDescription,
    ballots: BallotFile,
    holders: list[ec.EllipticCurvePrivateKey],
    opens: float,
) -> list[dict[str, Any]]:
    root = merkle_root(sorted(receipt_bytes(ballot.sealed) for ballot in ballots))
    calls: list[float] = []

    def progress(stage: str, done: int, total: int) -> None:
        calls.append(time.monotonic())
        if sys.stderr.isatty():
            print(f"\r{stage} {done:,} of {total:,}", end="", file=sys.stderr, flush=True)

    started, wall = time.process_time(), time.monotonic()
    opened = open_ballots(description, ballots, dict(enumerate(holders)), merkle_root=root, progress=progress)
    total, wall = (time.process_time() - started) / len(ballots), time.monotonic() - wall
    assert opened.scores.valid == len(ballots)
    longest = max(after - before for before, after in itertools.pairwise(calls))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [
        figure(f"open {len(ballots):,} ballots", wall, "s"),
        figure("  each", total * 1e3, ratio=total / opens, baseline="its HPKE opens"),
        figure("  beyond its HPKE opens", (total - opens) * 1e3, target="1 ms"),
        figure("  longest wait for progress", longest, "s"),
        figure("  most memory of the process", memory, "MB"),
    ]


if __name__ == "__main__":
    main()
