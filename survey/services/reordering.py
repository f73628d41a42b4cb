"""Rewriting ballots and invitations after opening, so that no file tells in which order they came."""

from __future__ import annotations

from sqlalchemy import text, update
from sqlalchemy.orm import Session

from survey.db import Database
from survey.models import Invitation, State
from survey.services.locking import locked
from survey.services.rounds import get_round

TABLES = ("ballot", "invitation")
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


def erase_traces(database: Database, slug: str) -> None:
    """Erase blinded hashes and blind signatures of an opened round, and write both tables anew.

    SQLite: VACUUM copies every table in key order, which is the order of hashes. PostgreSQL: the rows are
    inserted again in random order by one transaction, so that xmin and the TOAST numbers say nothing,
    and CLUSTER then leaves no dead row behind. Done once a round; may be repeated.
    """
    with database.read() as session:
        round = get_round(session, slug)
        if round.state != State.OPENED or round.reordered:
            return
    round_id = round.id
    database.write(lambda session: _erase(session, round_id))
    if database.is_sqlite:
        database.vacuum()
    else:
        database.write(lambda session: _insert_again(session, round_id))
        with database.engine.begin() as connection:
            for table in TABLES:
                connection.execute(text(f"CLUSTER {table} USING pk_{table}"))
    database.write(lambda session: _mark(session, slug))


def _erase(session: Session, round_id: bytes) -> None:
    mine = update(Invitation).where(Invitation.round_id == round_id)
    session.execute(mine.values(blinded_hash=None, blind_signature=None))


def _insert_again(session: Session, round_id: bytes) -> None:
    for statement in _INSERT_AGAIN:
        session.execute(statement, {"round": round_id} if ":round" in statement.text else {})


def _mark(session: Session, slug: str) -> None:
    locked(session, get_round(session, slug)).reordered = True
