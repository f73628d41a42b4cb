"""A county with as many firms as ballots, made without HTTP: real credentials, proofs and sealed answers."""

from __future__ import annotations

import itertools
import json
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from sqlalchemy import text
from sqlalchemy.orm import Session

from bench.serving_site import BUILT
from survey.clock import today
from survey.config import Settings, load_settings
from survey.database.engine import Database
from survey.database.migrations import upgrade
from survey.demo.crowd import Crowd
from survey.models import Round
from survey.models.base import Base
from survey.protocol.answers import encode_answers
from survey.protocol.codes import hash_code, parse_code
from survey.protocol.credentials import prepare, spent_key
from survey.protocol.crypto import at_rest
from survey.protocol.crypto.blind import RoundKey
from survey.protocol.description import RoundDescription
from survey.protocol.holders.sealing import seal
from survey.services.rounds.defaults import default_questionnaire

# The small county of the tests.
sys.path.append(str(Path(__file__).parents[2] / "tests" / "support"))
from county import SECRET, County

SLUG = "bench"
WAITING = 2_000
"""Invitations that are still to be collected."""
PSS = padding.PSS(padding.MGF1(hashes.SHA384()), 48)
BATCH, GROUP = 500, 500
# Collected invitations, as if nobody had looked since the day before.
_COLLECTED = (
    "UPDATE invitation SET collected = true WHERE round_id = :round AND code_hash IN"
    " (SELECT code_hash FROM invitation WHERE round_id = :round ORDER BY code_hash LIMIT :count)"
)


@dataclass(frozen=True)
class Grown:
    """What the measurements need to know of a county that was built: `holders` are pairs (key file,
    passphrase), `codes` are not collected."""

    round: dict[str, object]
    key: str
    holders: list[tuple[str, str]]
    administrator: str
    reviewer: str
    codes: list[str]


def settings_of(folder: Path, url: str | None) -> Settings:
    """Settings of the site whose data lie in `folder`."""
    found = load_settings(data=folder)
    return replace(
        found,
        database_url=url or found.database_url,
        secret_key=SECRET,
        insecure_http=True,
        second_factor=False,
    )


def build(folder: Path, size: int) -> Grown:
    """Fill the empty `folder` with a county on SQLite: `size` ballots in the box of an open round."""
    folder.mkdir(parents=True)
    (folder / "secret.key").write_text(SECRET, encoding="utf-8")
    database = Database(settings_of(folder, None).database_url, secret_key=SECRET)
    upgrade(database.engine)
    place = County(database, slug=SLUG).populate(enterprises=size + WAITING)
    place.draft(threshold=10, questionnaire=default_questionnaire()).issue_attributed().start()
    key, description = _key(place), place.description()
    for rows in _made(key, description, size):
        database.write(partial(_insert, round_id=bytes.fromhex(description.id), rows=rows))
    database.write(partial(_collect, description=description, size=size))
    free = sorted(
        place.codes, key=lambda code: hash_code(parse_code(code), description.id, description.version)
    )
    database.close()
    people = place.administrator.id.hex(), place.reviewers[0].id.hex()
    made = Grown(description.to_dict(), key.to_pem().decode(), place.key_files, *people, free[size:])
    (folder / BUILT).write_text(json.dumps(asdict(made)), encoding="utf-8")
    return made


def read(folder: Path) -> Grown:
    """What `build` kept of a county."""
    return Grown(**json.loads((folder / BUILT).read_text(encoding="utf-8")))


def copy_to(folder: Path, url: str) -> None:
    """Copy the county's rows from SQLite into an empty database at `url`."""
    source, target = Database(settings_of(folder, None).database_url), Database(url)
    upgrade(source.engine)  # one that was kept may be older
    upgrade(target.engine)
    with source.engine.connect() as there, target.engine.begin() as here:
        # As one who restores a backup: the guards refuse rows in this order.
        here.exec_driver_sql("SET LOCAL session_replication_role = replica")
        for table in Base.metadata.sorted_tables:
            rows = there.execution_options(yield_per=GROUP).execute(table.select()).mappings()
            while some := [dict(row) for row in itertools.islice(rows, GROUP)]:
                here.execute(table.insert(), some)
    source.close()
    target.close()


def yesterday(round: Round) -> date:
    """Let the round's daily batch be of yesterday; returns the day."""
    round.participation_on = today() - timedelta(days=1)
    return round.participation_on


def _key(place: County) -> RoundKey:
    round = place.round()
    return RoundKey.from_pem(at_rest.unlock(SECRET, round.id, round.blind_key_private))


def _made(key: RoundKey, description: RoundDescription, size: int) -> Iterator[list[tuple[bytes, ...]]]:
    starts = range(0, size, BATCH)
    make = partial(_make, key.to_pem(), description, size)
    if size <= BATCH:
        yield make(0)
        return
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        yield from pool.map(make, starts)


def _make(
    pem: bytes, description: RoundDescription, size: int, start: int
) -> list[tuple[bytes, bytes, bytes, bytes, bytes]]:
    """Ballots as rows; an unblinded signature is an ordinary one, and signing directly is quicker."""
    key, crowd = RoundKey.from_pem(pem), Crowd(description.questionnaire, 7)
    rows = []
    for number in range(start, min(size, start + BATCH)):
        prepared = prepare(description)
        signature = key.private.sign(prepared.message, PSS, hashes.SHA384())
        sealed = seal(description, encode_answers(description.questionnaire, crowd.answers(number)))
        spent = spent_key(description, prepared.message)
        rows.append((spent, prepared.message, signature, sealed, prepared.prove(sealed)))
    return sorted(rows)


def _insert(session: Session, round_id: bytes, rows: list[tuple[bytes, ...]]) -> None:
    from survey.database.kinds import kind_of

    assert len(list(kind_of(session).insert_ballots(session.connection(), round_id, rows))) == len(rows)


def _collect(session: Session, description: RoundDescription, size: int) -> None:
    round = session.get_one(Round, bytes.fromhex(description.id))
    session.execute(text(_COLLECTED), {"round": round.id, "count": size})
    yesterday(round)
