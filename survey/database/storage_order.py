"""Mixing ballots and invitations, so that no file tells in which order they came.

While a round collects, once a day and whenever enough has come in; when it stops, once more and for good.
"""

from __future__ import annotations

from weakref import WeakKeyDictionary, WeakSet

from sqlalchemy import func, select, text, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from survey.database.engine import Database
from survey.database.locking import locked
from survey.models import Ballot, Invitation, Round, State

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
# Databases in whose files old rows may lie still, for whoever was looking at them.
_OLD_FILES: WeakSet[Database] = WeakSet()
_SOON = text("SET LOCAL lock_timeout = '2s'")
_HERE = text("SELECT CAST(CAST(pg_current_xact_id() AS xid) AS text)")
# Whoever may still see what was deleted before `here` (PostgreSQL: GetOldestNonRemovableTransactionId).
_OLDER = text("""
SELECT count(*) FROM (
  SELECT backend_xmin AS seen FROM pg_stat_activity WHERE pid <> pg_backend_pid()
  UNION ALL SELECT backend_xid FROM pg_stat_activity WHERE pid <> pg_backend_pid()
  UNION ALL SELECT transaction FROM pg_prepared_xacts
  UNION ALL SELECT xmin FROM pg_replication_slots
) AS others WHERE age(seen) > age(CAST(:here AS xid))
""")
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
    inserted again in random order by one transaction, so that ctid, xmin and the TOAST numbers say nothing,
    and go into new files: VACUUM would leave the bytes of old rows, and in them who wrote them when.
    """
    if database.is_sqlite:
        database.vacuum()
        return
    database.write(lambda session: _mix_open(session, round_id))
    _rewrite(database)


def mix_enough(database: Database) -> None:
    """Mix every open round to which enough has come since: the threshold, and a twentieth of all."""
    if database in _OLD_FILES:
        _rewrite(database)
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

    Does nothing while the round collects, and when it was done before; may be repeated. On PostgreSQL it is
    left to the clock while somebody, such as a backup, looks at the rows as they were.
    """
    with database.read() as session:
        round = session.scalars(select(Round).where(Round.slug == slug)).one()
        if round.state not in OVER or round.reordered:
            return
    if database.is_sqlite:
        database.vacuum()
    elif not _rewrite(database):
        return
    database.write(lambda session: _mark(session, round))


def erase_all_traces(database: Database) -> None:
    """`erase_traces` for every round that stopped without it, as after a power cut."""
    waiting = select(Round.slug).where(Round.state.in_(OVER), ~Round.reordered, Round.frozen)
    with database.read() as session:
        slugs = list(session.scalars(waiting))
    for slug in slugs:
        erase_traces(database, slug)


def _rewrite(database: Database) -> bool:
    """Give PostgreSQL's tables new files in the order of hashes, without rows that were deleted.

    False, and for the next turn of the clock, when a transaction from before keeps deleted rows alive, or
    when a reader would make phones wait.
    """
    _OLD_FILES.add(database)
    with database.engine.begin() as connection:
        here = connection.execute(_HERE).scalar()
    try:
        for table in TABLES:
            with database.engine.begin() as connection:
                connection.execute(_SOON)
                if connection.execute(_OLDER, {"here": here}).scalar():
                    return False
                connection.execute(text(f"CLUSTER {table} USING pk_{table}"))
    except OperationalError:
        return False
    _OLD_FILES.discard(database)
    return True


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
