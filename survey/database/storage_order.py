"""Mixing of ballots and invitations in storage, so that no file reveals the order in which they came.

While a round is open: once a day and whenever enough has come in; after it stops: once more, finally.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Update, or_, select, update
from sqlalchemy.orm import Session

from survey.database.box_keys import count_of
from survey.database.engine import Database
from survey.database.locking import locked
from survey.models import Invitation, Round, State
from survey.models.round import Mixing

TABLES = ("ballot", "invitation")
OVER = (State.CLOSED, State.OPENED, State.CANCELLED)
# Share of new ballots from which mixing is worth rewriting the whole round.
FRESH_SHARE = 0.05
# Answers to phones that are erased by one commit, for which other phones wait.
_ANSWERS = 500
# Number of the lock of the one process that mixes.
_TURN = 7023852


def mix(database: Database, *rounds: bytes) -> None:
    """Rewrite what these open rounds (ids) have received so far, so that a later copy of the files shows no
    order before now; phones go on writing meanwhile. Where that is not possible now, it stays due.

    SQLite: a small file is rewritten in the order of hashes; in a large one random rows change places.
    PostgreSQL: the tables are copied into new files, in the order of hashes.
    """
    with database.read() as session:  # the one thread that writes on SQLite must not count
        open_now = [(each, count_of(session, each.id)) for each in _open_rounds(session) if each.id in rounds]
    for round, _count in open_now:
        database.write(partial(_set_due, round=round))
    if open_now and database.kind.rewrite(database, TABLES, [round.id for round, _count in open_now]):
        for round, cast in open_now:
            database.write(partial(_set_done, round=round, cast=cast))


def mix_enough(database: Database) -> None:
    """Mix every open round whose mixing is due, or with enough new ballots: at least the threshold, and a
    twentieth of all.

    Of several processes one does this; the others return at once. What was mixed is known to the database, so
    that neither another process nor a restart repeats it.
    """
    with database.read() as turn:
        if not database.kind.claim(turn, _TURN):
            return
        with database.read() as session:
            due = [round.id for round in _open_rounds(session) if _is_due(session, round)]
        if due:
            mix(database, *due)


def erase_traces(database: Database, slug: str) -> None:
    """Erase blinded hashes and blind signatures of a round that has stopped, and rewrite its files, so that
    neither pages nor dead rows show an order; phones of other rounds go on meanwhile.

    Does nothing while the round is open or when it was done before; may be repeated. On PostgreSQL it is left
    to the next run of the clock while a transaction, such as a backup, can still see the old rows.
    """
    with database.read() as session:
        round = session.scalars(select(Round).where(Round.slug == slug)).one()
        if round.state not in OVER or round.reordered:
            return
    _erase_answers(database, round)
    if database.kind.rewrite(database, TABLES, [round.id]):
        database.write(lambda session: _mark(session, round))


def erase_all_traces(database: Database) -> None:
    """Run `erase_traces` for every stopped round where it has not been done, e.g. after a power cut."""
    waiting = select(Round.slug).where(Round.state.in_(OVER), ~Round.reordered, Round.frozen)
    with database.read() as session:
        slugs = list(session.scalars(waiting))
    for slug in slugs:
        erase_traces(database, slug)


def _erase_answers(database: Database, round: Round) -> None:
    """Erase what phones asked for and were answered, a slice of invitations after the other, in the order of
    their hashes; of a closed round also show who collected, whose totals are exact by now."""
    values: dict[str, Any] = {"blinded_hash": None, "blind_signature": None}
    left: ColumnElement[bool] = Invitation.blinded_hash.is_not(None)
    if round.state != State.CANCELLED:
        values["collected_reported"] = Invitation.collected
        left = or_(left, Invitation.collected_reported != Invitation.collected)
    mine = Invitation.round_id == round.id
    with database.read() as session:
        query = select(Invitation.code_hash).where(mine, left).order_by(Invitation.code_hash)
        keys = list(session.scalars(query))
    for start in range(0, len(keys), _ANSWERS):
        part = keys[start : start + _ANSWERS]
        some = update(Invitation).where(mine, Invitation.code_hash.between(part[0], part[-1]))
        database.write(partial(_run, statement=some.values(values)))


def _run(session: Session, statement: Update) -> None:
    session.execute(statement)


def _open_rounds(session: Session) -> list[Round]:
    return list(session.scalars(select(Round).where(Round.state == State.OPEN)))


def _is_due(session: Session, round: Round) -> bool:
    total = count_of(session, round.id)
    enough = total - round.mixed_cast >= max(round.threshold, FRESH_SHARE * total)
    return round.mixing != Mixing.DONE or enough


def _set_due(session: Session, round: Round) -> None:
    round = locked(session, round)
    if round.state == State.OPEN:
        round.mixing = Mixing.DUE


def _set_done(session: Session, round: Round, cast: int) -> None:
    round = locked(session, round)
    if round.state == State.OPEN:
        round.mixing, round.mixed_cast = Mixing.DONE, cast


def _mark(session: Session, round: Round) -> None:
    locked(session, round).reordered = True
