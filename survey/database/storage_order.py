"""Mixing of ballots and invitations in storage, so that no file reveals the order in which they came.

While a round is open: once a day and whenever enough has come in; after it stops: once more, finally.
"""

from __future__ import annotations

from weakref import WeakKeyDictionary, WeakSet

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from survey.database.engine import Database
from survey.database.kinds import kind_of
from survey.database.locking import locked
from survey.models import Invitation, Round, State

TABLES = ("ballot", "invitation")
OVER = (State.CLOSED, State.OPENED, State.CANCELLED)
# Share of new ballots from which mixing is worth rewriting the whole round.
FRESH_SHARE = 0.05
# Number of ballots of each round when this process mixed it last.
_MIXED: WeakKeyDictionary[Database, dict[bytes, int]] = WeakKeyDictionary()
# Databases whose files could not be rewritten at the last attempt, so that old rows may remain in them.
_OLD_FILES: WeakSet[Database] = WeakSet()


def mix(database: Database, round_id: bytes) -> None:
    """Rewrite what an open round has received so far, so that a later copy of the files shows no order before
    now.

    SQLite: the file is rewritten in the order of hashes. PostgreSQL: the rows are inserted again in random
    order, and then written into new files.
    """
    database.write(lambda session: _mix_open(session, round_id))
    _rewrite(database)


def mix_enough(database: Database) -> None:
    """Mix every open round with enough new ballots: at least the threshold, and a twentieth of all."""
    if database in _OLD_FILES:
        _rewrite(database)
    mixed = _MIXED.setdefault(database, {})
    with database.read() as session:
        open_rounds = list(session.scalars(select(Round).where(Round.state == State.OPEN)))
        fresh = [database.kind.fresh(session, round.id, mixed.get(round.id, 0)) for round in open_rounds]
    for round, (new, total) in zip(open_rounds, fresh, strict=True):
        if new >= max(round.threshold, FRESH_SHARE * total):
            mix(database, round.id)
            mixed[round.id] = total


def erase(session: Session, round: Round) -> None:
    """Delete blinded hashes and blind signatures of a round and mix its rows, when it is closed or cancelled.

    `round` is locked and still open: afterwards the database accepts no ballot, not even one inserted again.
    """
    mine = update(Invitation).where(Invitation.round_id == round.id)
    session.execute(mine.values(blinded_hash=None, blind_signature=None))
    kind_of(session).mix_rows(session, round.id, TABLES)


def erase_traces(database: Database, slug: str) -> None:
    """Rewrite the files after a round has stopped, so that neither pages nor dead rows show an order.

    Does nothing while the round is open or when it was done before; may be repeated. On PostgreSQL it is left
    to the next run of the clock while a transaction, such as a backup, can still see the old rows.
    """
    with database.read() as session:
        round = session.scalars(select(Round).where(Round.slug == slug)).one()
        if round.state not in OVER or round.reordered:
            return
    if _rewrite(database):
        database.write(lambda session: _mark(session, round))


def erase_all_traces(database: Database) -> None:
    """Run `erase_traces` for every stopped round where it has not been done, e.g. after a power cut."""
    waiting = select(Round.slug).where(Round.state.in_(OVER), ~Round.reordered, Round.frozen)
    with database.read() as session:
        slugs = list(session.scalars(waiting))
    for slug in slugs:
        erase_traces(database, slug)


def _rewrite(database: Database) -> bool:
    """Rewrite the files; returns False if that is not possible now, and remembers it for the next
    `mix_enough`."""
    _OLD_FILES.add(database)
    if done := database.kind.rewrite(database, TABLES):
        _OLD_FILES.discard(database)
    return done


def _mix_open(session: Session, round_id: bytes) -> None:
    round = session.get(Round, round_id, with_for_update=True, populate_existing=True)
    if round is not None and round.state == State.OPEN:
        kind_of(session).mix_rows(session, round_id, TABLES)


def _mark(session: Session, round: Round) -> None:
    locked(session, round).reordered = True
