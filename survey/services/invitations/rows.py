"""Insertion of invitations as rows: a hundred thousand at once, each of full size from the start.

A row holds zeros where collecting will write: SQLite then overwrites it where it lies, and no page of the
file tells when. The database makes those zeros, as sending them costs more than all the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter

from sqlalchemy.orm import Session

from survey.database.kinds import kind_of
from survey.models import Round
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
