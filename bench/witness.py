"""A round with two machines beside one: casting with two signatures; stamps (`python -m bench witness`)."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from unittest import mock

from cryptography.hazmat.primitives import hashes

from bench import serving
from bench.load import Load, Server, repeat, send_all
from bench.serving import PATIENCE, PSS, bare_flask, databases, free_port, listening, post, report
from survey.database.engine import Database
from survey.database.migrations import upgrade
from survey.protocol.ballots import CastBallot
from survey.protocol.codes import parse_pinned, witness_code
from survey.protocol.credentials import prepare, token_of
from survey.protocol.crypto.blind import RoundKey
from survey.protocol.crypto.encoding import b64u
from survey.protocol.witness.batches import Batch, blobs_at_once
from survey.protocol.witness.posting import seal_post
from survey.protocol.witness.stamps import prepare_stamp
from survey.witness.rounds import signing_key

# The county of the tests, with two machines.
sys.path.append(str(Path(__file__).parents[1]))
sys.path.append(str(Path(__file__).parents[1] / "tests" / "support"))
from county import SECRET, round_key
from keys_of_examples import stamp_key
from served import served

from tests.witness.two_machines import TwoMachines

CODES = 1200
BATCHES = 12
SECONDS = 1.0
TURNS = 3


def main(
    codes: int = CODES, batches: int = BATCHES, seconds: float = SECONDS, turns: int = TURNS
) -> list[dict[str, Any]]:
    """Measure and print; the figures as dictionaries with `name`, `value`, `ratio`, `target`."""
    figures: list[dict[str, Any]] = []
    with (
        tempfile.TemporaryDirectory(prefix="pingyi-bench-") as folder,
        databases() as urls,
        bare_flask() as bare,
    ):
        for name, url in urls.items():
            with two_machines(Path(folder) / name, url, codes) as place:
                figures += _stamps(place, turns) if name == "SQLite" else []
                figures += _casting(place, bare, name, batches, seconds, turns)
    return figures


@contextlib.contextmanager
def two_machines(folder: Path, url: str | None, codes: int) -> Iterator[TwoMachines]:
    """A round that collects, with so many slips; nothing is served yet."""
    folder.mkdir()
    database = Database(url or f"sqlite:///{folder / 'pingyi.sqlite3'}", secret_key=SECRET)
    upgrade(database.engine)
    with mock.patch.object(RoundKey, "generate", staticmethod(round_key)):
        place = TwoMachines(database, folder=folder).collecting(slips=codes)
    yield place
    place.witness.store.close()


@contextlib.contextmanager
def witness_of(place: TwoMachines, port: int = 0) -> Iterator[Server]:
    """The witness as `pingyi witness serve` runs it, on a free port unless one is named."""
    port = port or free_port()
    command = [sys.executable, "-m", "survey.cli", "witness", "serve", "--port", str(port)]
    environment = os.environ | {"PINGYI_DATA": str(place.witness.folder)}
    with subprocess.Popen(command, env=environment) as made:
        try:
            listening(port)
            yield Server(port, made.pid)
        finally:
            made.terminate()
            made.wait(PATIENCE)


@contextlib.contextmanager
def box_of(place: TwoMachines) -> Iterator[Server]:
    place.database.close()
    with served(place.database.url, place.folder) as site:
        yield Server(site.port, site.process.pid)
    place.database = Database(place.database.url, secret_key=SECRET)


def _stamps(place: TwoMachines, turns: int) -> list[dict[str, Any]]:
    """Stamps with tickets at the witness, two signatures each, beside credentials at the box, one each."""
    description = place.description()
    share = len(place.codes) // turns
    shown = {code: place.sent(code) for code in place.codes}
    pieces = [place.codes[n * share : (n + 1) * share] for n in range(turns)]
    with box_of(place) as box, witness_of(place) as witness:
        pairs = [
            (
                send_all(box, [_credential(place.slug, shown[code]) for code in piece]),
                send_all(witness, [_stamp(description, code) for code in piece]),
            )
            for piece in pieces
        ]
    found = {"credential": [own for own, _ in pairs], "stamp and ticket": [other for _, other in pairs]}
    return report(found, "credential", "the box's credentials", 0.50)


def _casting(
    place: TwoMachines, bare: Server, name: str, batches: int, seconds: float, turns: int
) -> list[dict[str, Any]]:
    """Ballots in batches, with both signatures, beside posts of one ballot to what does nothing."""
    made = _batches(place, batches * (turns + 1))
    size = len(made[0].blobs)
    bodies = iter([json.dumps(batch.to_dict()).encode() for batch in made])
    empty = post("/-/nothing", serving.ballot_body(place.description(), round_key()))
    pairs = []
    with box_of(place) as box:
        for turn in range(turns + 1):
            nothing = repeat(bare, empty, seconds)
            requests = [post(f"/s/{place.slug}/batch", next(bodies)) for _ in range(batches)]
            cast = _each(send_all(box, requests), size)
            pairs += [(nothing, cast)] if turn else []  # the first as a server that has taken some before
    found = {"nothing": [base for base, _ in pairs], f"ballots on {name}": [own for _, own in pairs]}
    return report(found, "nothing", "a bare Flask route", 0.60)


def _each(load: Load, size: int) -> Load:
    """The load by ballot instead of by batch of `size`."""
    return Load(load.rate * size, load.median, load.p99, load.errors, load.answers * size, load.cpu / size)


def _batches(place: TwoMachines, count: int) -> Sequence[Batch]:
    description = place.description()
    key = signing_key(place.witness.store, place.witness.round.id)
    size = blobs_at_once(description)
    return [
        Batch.signed(key, description.id, number, [_blob(description) for _ in range(size)])
        for number in range(1, count + 1)
    ]


def _blob(description: Any) -> bytes:
    prepared = prepare(description)
    message = prepare_stamp(description, token_of(2, prepared.message))
    sealed = b"\x01" + secrets.token_bytes(description.sealed_size - 1)
    signatures = [
        key.private.sign(said, PSS, hashes.SHA384())
        for key, said in ((round_key(), prepared.message), (stamp_key(), message))
    ]
    ballot = CastBallot(
        prepared.message, signatures[0], sealed, prepared.prove(sealed), message, signatures[1]
    )
    return seal_post(description, ballot)


def _credential(slug: str, shown: str) -> bytes:
    body = {"code": shown, "blinded": b64u(_blinded())}
    return post(f"/s/{slug}/credential", json.dumps(body).encode())


def _stamp(description: Any, code: str) -> bytes:
    half = witness_code(parse_pinned(code)[0], description.id)
    body = {"code": b64u(half), "description": description.frozen_digest()}
    body |= {"stamp": b64u(_blinded()), "ticket": b64u(_blinded())}
    made = post(f"/{description.id}/stamp", json.dumps(body).encode())
    return made.replace(b"Content-Type: application/json", b"Content-Type: text/plain")


def _blinded() -> bytes:
    """A number below any modulus of 3072 bits: whoever signs blindly cannot tell it from a message."""
    return b"\x01" + secrets.token_bytes(383)
