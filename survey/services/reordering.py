"""Mixing ballots and invitations, so that no file tells in which order they came.

While a round collects, once a day and whenever enough has come in; when it stops, once more and for good.
"""

from __future__ import annotations

from weakref import WeakKeyDictionary

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from survey.db import Database
from survey.models import Ballot, Invitation, Round, State
from survey.services.locking import locked

TABLES = ("ballot", "invitation")
OVER = (State.CLOSED, State.OPENED, State.CANCELLED)
# Mixing rewrites the whole round: not for less than this part of it.
FRESH_SHARE = 0.05
# SQLite's one process remembers how many ballots a round had when it was mixed last.
_MIXED: WeakKeyDictionary[Database, dict[bytes, int]] = WeakKeyDictionary()
_BY_WRITER = text(
    "SELECT coalesce(sum(n), 0), coalesce(max(n), 0) FROM"
    " (SELECT count(*) AS n FROM ballot WHERE round_id = :round GROUP BY xmin::text) AS written"
)
# gen_random_uuid is PostgreSQL's cryptographic generator; random() is not one.
_INSERT_AGAIN = tuple(
    text(statement.format(table=table))
    for table in TABLES
    for statement in (
        "CREATE TEMPORARY TABLE shelf_{table} (LIKE {table}) ON COMMIT DROP",
        "INSERT INTO shelf_{table} SELECT * FROM {table} WHERE round_id = :round",
        "DELETE FROM {table} WHERE round_id = :round",
        "INSERT INTO {table} SELECT * FROM shelf_{table} ORDER BY gen_random_uuid()",
    )
)


def mix(database: Database, round_id: bytes) -> None:
    """Rewrite what an open round has received so far: a later snapshot tells no order from before.

    SQLite: VACUUM copies every table in key order, which is the order of hashes. PostgreSQL: the rows are
    inserted again in random order by one transaction, so that ctid, xmin and the TOAST numbers say nothing.
    """
    if database.is_sqlite:
        database.vacuum()
        return
    database.write(lambda session: _mix_open(session, round_id))
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in TABLES:
            connection.execute(text(f"VACUUM {table}"))


def mix_enough(database: Database) -> None:
    """Mix every open round to which enough has come since: the threshold, and a twentieth of all."""
    with database.read() as session:
        open_rounds = list(session.scalars(select(Round).where(Round.state == State.OPEN)))
        fresh = [(round, *_fresh(database, session, round.id)) for round in open_rounds]
    for round, new, total in fresh:
        if new >= max(round.threshold, FRESH_SHARE * total):
            mix(database, round.id)
            _MIXED.setdefault(database, {})[round.id] = total


def erase(session: Session, round: Round) -> None:
    """Forget blinded hashes and blind signatures, and mix; part of closing and of cancelling.

    `round` is locked and still open: afterwards the database takes no ballot, not even an old one again.
    """
    mine = update(Invitation).where(Invitation.round_id == round.id)
    session.execute(mine.values(blinded_hash=None, blind_signature=None))
    if session.get_bind().dialect.name == "postgresql":
        _insert_again(session, round.id)


def erase_traces(database: Database, slug: str) -> None:
    """After a round stopped, write the files anew, so that neither pages nor dead rows remember.

    Does nothing while the round collects, and when it was done before; may be repeated.
    """
    with database.read() as session:
        round = session.scalars(select(Round).where(Round.slug == slug)).one()
        if round.state not in OVER or round.reordered:
            return
    if database.is_sqlite:
        database.vacuum()
    else:
        with database.engine.begin() as connection:
            for table in TABLES:
                connection.execute(text(f"CLUSTER {table} USING pk_{table}"))
    database.write(lambda session: _mark(session, round))


def erase_all_traces(database: Database) -> None:
    """`erase_traces` for every round that stopped without it, as after a power cut."""
    waiting = select(Round.slug).where(Round.state.in_(OVER), ~Round.reordered, Round.frozen)
    with database.read() as session:
        slugs = list(session.scalars(waiting))
    for slug in slugs:
        erase_traces(database, slug)


def _fresh(database: Database, session: Session, round_id: bytes) -> tuple[int, int]:
    """(ballots whose order would show, all ballots). PostgreSQL: those that no mixing wrote together."""
    if database.is_sqlite:
        total = session.scalar(select(func.count()).where(Ballot.round_id == round_id)) or 0
        return total - _MIXED.get(database, {}).get(round_id, 0), total
    total, together = session.execute(_BY_WRITER, {"round": round_id}).one()
    return int(total - together if together > 1 else total), int(total)


def _mix_open(session: Session, round_id: bytes) -> None:
    round = session.get(Round, round_id, with_for_update=True, populate_existing=True)
    if round is not None and round.state == State.OPEN:
        _insert_again(session, round_id)


def _insert_again(session: Session, round_id: bytes) -> None:
    for statement in _INSERT_AGAIN:
        session.execute(statement, {"round": round_id} if ":round" in statement.text else {})


def _mark(session: Session, round: Round) -> None:
    locked(session, round).reordered = True
