"""Mixing ballots and invitations, so that no file tells in which order they came.

While a round collects, once a day and whenever enough has come in; when it stops, once more and for good.
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
# Mixing rewrites the whole round: not for less than this part of it.
FRESH_SHARE = 0.05
# How many ballots a round had when this process mixed it last.
_MIXED: WeakKeyDictionary[Database, dict[bytes, int]] = WeakKeyDictionary()
# Databases in whose files old rows may lie still, for whoever was looking at them.
_OLD_FILES: WeakSet[Database] = WeakSet()


def mix(database: Database, round_id: bytes) -> None:
    """Rewrite what an open round has received so far: a later snapshot tells no order from before.

    SQLite: the file is written anew in the order of hashes. PostgreSQL: the rows are inserted again in random
    order, and then go into new files.
    """
    database.write(lambda session: _mix_open(session, round_id))
    _rewrite(database)


def mix_enough(database: Database) -> None:
    """Mix every open round to which enough has come since: the threshold, and a twentieth of all."""
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
    """Forget blinded hashes and blind signatures, and mix; part of closing and of cancelling.

    `round` is locked and still open: afterwards the database takes no ballot, not even an old one again.
    """
    mine = update(Invitation).where(Invitation.round_id == round.id)
    session.execute(mine.values(blinded_hash=None, blind_signature=None))
    kind_of(session).mix_rows(session, round.id, TABLES)


def erase_traces(database: Database, slug: str) -> None:
    """After a round stopped, write the files anew, so that neither pages nor dead rows remember.

    Does nothing while the round collects, and when it was done before; may be repeated. On PostgreSQL it is
    left to the clock while somebody, such as a backup, looks at the rows as they were.
    """
    with database.read() as session:
        round = session.scalars(select(Round).where(Round.slug == slug)).one()
        if round.state not in OVER or round.reordered:
            return
    if _rewrite(database):
        database.write(lambda session: _mark(session, round))


def erase_all_traces(database: Database) -> None:
    """`erase_traces` for every round that stopped without it, as after a power cut."""
    waiting = select(Round.slug).where(Round.state.in_(OVER), ~Round.reordered, Round.frozen)
    with database.read() as session:
        slugs = list(session.scalars(waiting))
    for slug in slugs:
        erase_traces(database, slug)


def _rewrite(database: Database) -> bool:
    """Write the files anew; False, and for the next turn of the clock, when it cannot be now."""
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
