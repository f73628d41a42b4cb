"""Insertion of invitations as rows: a hundred thousand at once, each of full size from the start.

A row holds zeros where collecting will write: SQLite then overwrites it where it lies, and no page of the
file tells when. The database makes those zeros, as sending them costs more than all the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter
from typing import Final

from sqlalchemy import bindparam, update
from sqlalchemy.orm import Session

from survey.database.kinds import kind_of
from survey.models import Invitation, Round
from survey.protocol.codes import hash_code, parse_code


def insert_invitations(
    session: Session, round: Round, codes: Sequence[str], owners: Sequence[bytes | None]
) -> None:
    """Insert one uncollected invitation for each code; `owners`: enterprise ids in the same order, None for a
    slip.

    They are inserted in the order of their hashes: random, and by far the fastest where a file keeps that
    order.
    """
    name, version = round.id.hex(), round.format_version
    hashes = (hash_code(parse_code(code), name, version) for code in codes)
    rows = list(zip(hashes, owners, strict=True))
    if not rows:
        return
    rows.sort(key=itemgetter(0))
    kind_of(session).insert_invitations(session.connection(), round.id, rows)


_TABLE: Final = Invitation.__table__
_RENEW: Final = (
    update(_TABLE)  # type: ignore[arg-type]
    .where(_TABLE.c.round_id == bindparam("round"), _TABLE.c.code_hash == bindparam("old"))
    .values(code_hash=bindparam("new"))
)


def renew_codes(session: Session, round: Round, old: Sequence[bytes], codes: Sequence[str]) -> None:
    """Give the invitations with the hashes `old` new codes, one each; the old codes are then unknown.

    Whether they were collected stays as it is. They are written in the order of the new hashes, which is
    random.
    """
    name, version = round.id.hex(), round.format_version
    hashes = (hash_code(parse_code(code), name, version) for code in codes)
    rows = [{"round": round.id, "old": o, "new": n} for o, n in zip(old, hashes, strict=True)]
    if rows:
        session.connection().execute(_RENEW, sorted(rows, key=itemgetter("new")))
