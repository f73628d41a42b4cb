"""Rounds of the witness: its operator's steps (begin, import codes, close) and its signed statements."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)
from sqlalchemy import Connection, func, insert, select, update

from survey.clock import today
from survey.errors import N_, Conflict, InvalidInput, NotFound, RoundClosed, RoundNotOpen
from survey.protocol.crypto import at_rest
from survey.protocol.crypto.blind import RoundKey
from survey.protocol.crypto.hpke import point
from survey.protocol.description import RoundDescription
from survey.protocol.plain_json import hex_bytes, strict_json
from survey.protocol.witness.offers import WitnessOffer
from survey.protocol.witness.statements import Statement
from survey.protocol.witness_description import KeyDescription
from survey.witness.store import ANSWER_BYTES, BATCH, CODE, LIST, POST, ROUND, Store


@dataclass(frozen=True, slots=True)
class WitnessRound:
    """Row of a round as the witness's database had it at one moment."""

    id: bytes
    offer: WitnessOffer
    box: str
    description: RoundDescription | None
    statement: str
    handed_on: str
    closed: bool

    @property
    def begun(self) -> RoundDescription:
        """The description; raises `RoundNotOpen` while there are no codes."""
        if self.description is None:
            raise RoundNotOpen
        return self.description

    def require_collecting(self) -> RoundDescription:
        """The description; raises `RoundNotOpen` or `RoundClosed` unless the round collects today."""
        description, day = self.begun, today().isoformat()
        if self.closed or day > description.closes_on:
            raise RoundClosed
        if day < description.opens_on:
            raise RoundNotOpen
        return description


def begin(store: Store, round_id: str, name: str, address: str, box: str) -> WitnessOffer:
    """Make and store this witness's keys for the round with this id (hex); returns the offer for the office
    (`witness.json`).

    box: address of the site. Raises `InvalidInput` for a name or address that may not be used, `Conflict` if
    the round was begun before.
    """
    stamp, ticket = RoundKey.generate(), RoundKey.generate()
    signing = ec.generate_private_key(ec.SECP256R1())
    made = WitnessOffer(
        round_id,
        name,
        address,
        KeyDescription.of(stamp.public),
        KeyDescription.of(ticket.public),
        point(signing),
    )
    offer = WitnessOffer.from_json(made.to_json())  # says what is wrong with name, address or id
    known = hex_bytes(round_id, 16)
    der = signing.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    keys = {"stamp_key": stamp.to_pem(), "ticket_key": ticket.to_pem(), "signing_key": der}
    locked = {name: at_rest.lock(store.secret, known, key) for name, key in keys.items()}

    def keep(connection: Connection) -> None:
        if connection.execute(select(ROUND.c.id).where(ROUND.c.id == known)).first():
            raise Conflict(
                N_("这一轮的密钥已经生成过。"),
                remedy=N_("witness.json 可以用 pingyi witness init --again 再写一份。"),
            )
        values = {"id": known, "offer": offer.to_json(), "box": box.rstrip("/")} | locked
        connection.execute(insert(ROUND).values(values))

    store.write(keep)
    return offer


def all_rounds(store: Store) -> list[WitnessRound]:
    """Every round that this witness began."""
    with store.read() as connection:
        return [read_round(connection, row[0]) for row in connection.execute(select(ROUND.c.id))]


def look(store: Store, round_id: str) -> WitnessRound:
    """The round with this id in hex; raises `NotFound`."""
    try:
        known = hex_bytes(round_id, 16)
    except (TypeError, ValueError):
        known = b""
    with store.read() as connection:
        return read_round(connection, known)


def read_round(connection: Connection, round_id: bytes, *, held: bool = False) -> WitnessRound:
    """Round with this id; held: lock its row, so that nobody else changes it until this transaction ends.
    Raises `NotFound`."""
    names = ("id", "offer", "box", "description", "statement", "handed_on", "closed")
    query = select(*(ROUND.c[name] for name in names)).where(ROUND.c.id == round_id)
    row = connection.execute(query.with_for_update() if held else query).first()
    if row is None:
        raise NotFound(N_("这台监票机没有这个轮次。"), remedy=N_("请核对轮次编号。"))
    offer, description = WitnessOffer.from_json(row.offer), _described(row.description)
    return WitnessRound(bytes(row.id), offer, row.box, description, row.statement, row.handed_on, row.closed)


@lru_cache(maxsize=64)
def _described(text: str) -> RoundDescription | None:
    return RoundDescription.from_dict(strict_json(text)) if text else None


def require_due(round: WitnessRound, *, early: bool) -> None:
    """Raise `Conflict` before the planned end unless `early`."""
    if today().isoformat() <= round.begun.closes_on and not early:
        raise Conflict(
            N_("还没有到公布的截止日期 %(day)s。"),
            remedy=N_("如果两个单位商定提前截止，请加上 --early。"),
            day=date.fromisoformat(round.begun.closes_on).isoformat(),
        )


def close(store: Store, round_id: bytes, *, early: bool = False) -> None:
    """Close the round for good: nothing is stamped or taken any more, and the private keys of stamps and
    tickets and all stored answers are erased.

    Call `handing_over.hand_over` afterwards. On a closed round it does nothing. Raises `Conflict` before the
    planned end unless `early`.
    """

    def keep(connection: Connection) -> None:
        round = read_round(connection, round_id, held=True)
        if round.closed:
            return
        require_due(round, early=early)
        gone = {"closed": True, "stamp_key": None, "ticket_key": None}
        connection.execute(update(ROUND).where(ROUND.c.id == round_id).values(gone))
        empty = {"asked": bytes(32), "answer": bytes(ANSWER_BYTES)}
        connection.execute(update(CODE).where(CODE.c.round_id == round_id).values(empty))
        state(store, connection, round_id)

    store.write(keep)


def state(store: Store, connection: Connection, round_id: bytes, *, keep: bool = True) -> Statement:
    """Signed statement of the round's present counts; stored as the one that is published unless `keep` is
    false.

    Until closing the one that is published rounds stamps and ballots down in steps of the threshold, as the
    box does with what it shows: exact counts of two days would tell that so few took part between them.
    """
    round = read_round(connection, round_id)
    before = Statement.from_json(round.statement) if round.statement else None
    lists = select(LIST.c.digest).where(LIST.c.round_id == round_id).order_by(LIST.c.number)
    acknowledged = (BATCH.c.round_id == round_id, BATCH.c.kept.is_not(None))
    sums = select(func.coalesce(func.sum(BATCH.c.size), 0), func.count()).where(*acknowledged)
    handed_over, batches = connection.execute(sums).one()
    told = {
        "stamped": count(connection, CODE, round_id, CODE.c.stamped),
        "posted": count(connection, POST, round_id),
        "handed_over": int(handed_over),
    }
    if keep and not round.closed:
        told = {name: _in_steps(number, round, name, before) for name, number in told.items()}
    statement = Statement(
        round_id=round.id.hex(),
        description=round.begun.frozen_digest(),
        codes=count(connection, CODE, round_id),
        lists=tuple(connection.scalars(lists)),
        replaced=count(connection, CODE, round_id, CODE.c.replaced),
        batches=batches,
        waiting=told["posted"] - told["handed_over"],
        closed=round.closed,
        number=before.number + 1 if before else 1,
        stamped=told["stamped"],
        posted=told["posted"],
        handed_over=told["handed_over"],
    ).signed(signing_key(store, round_id))
    if keep:
        text = statement.to_json()
        connection.execute(update(ROUND).where(ROUND.c.id == round_id).values(statement=text))
    return statement


def _in_steps(number: int, round: WitnessRound, name: str, before: Statement | None) -> int:
    """`number` rounded down, but not below what was stated before (by a program that did not round)."""
    stated = min(number, getattr(before, name)) if before else 0
    return max(stated, number - number % round.begun.threshold)


def count(connection: Connection, table: Any, round_id: bytes, *conditions: Any) -> int:
    """Number of rows of `table` that are of the round and meet the conditions."""
    query = select(func.count()).select_from(table).where(table.c.round_id == round_id, *conditions)
    return connection.execute(query).scalar_one()


@lru_cache(maxsize=16)
def signing_key(store: Store, round_id: bytes) -> ec.EllipticCurvePrivateKey:
    """Private P-256 key that signs statements, acknowledgements and batches, unlocked once in a process."""
    key = load_der_private_key(_unlocked(store, round_id, "signing_key"), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise InvalidInput(N_("监票机的签名密钥无法识别。"))
    return key


@lru_cache(maxsize=16)
def blind_keys(store: Store, round_id: bytes) -> tuple[RoundKey, RoundKey]:
    """Private RSA keys (of stamps, of tickets); raises `RoundClosed` when they were erased."""
    stamp, ticket = (RoundKey.from_pem(_unlocked(store, round_id, n)) for n in ("stamp_key", "ticket_key"))
    return stamp, ticket


def _unlocked(store: Store, round_id: bytes, name: str) -> bytes:
    with store.read() as connection:
        locked = connection.execute(select(ROUND.c[name]).where(ROUND.c.id == round_id)).scalar()
    if locked is None:
        raise RoundClosed
    return at_rest.unlock(store.secret, round_id, bytes(locked))
