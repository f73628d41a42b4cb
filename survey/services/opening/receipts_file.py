"""The list of receipts of a closed round as a file beside the database: made once, then only read.

Whoever made it for each visitor read every sealed ballot each time, while phones of other rounds waited.
"""

from __future__ import annotations

import contextlib
import os
import threading
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.database.engine import Database
from survey.models import Round, State
from survey.protocol.receipt_list import write_receipts
from survey.services.opening import box_files

FOLDER = "receipts"
_MAKING = threading.Lock()


def text_of(session: Session, round: Round, data: Path) -> bytes:
    """Text of `receipts.txt`, from its file in the data directory, which is made first where it is missing.

    Raises `Conflict` before closing.
    """
    if not round.merkle_root:
        return _made(session, round)
    path = path_of(data, round)
    if not path.exists():
        with _MAKING:  # of many visitors one makes it
            if not path.exists():
                _keep(path, content := _made(session, round))
                return content
    return path.read_bytes()


def path_of(data: Path, round: Round) -> Path:
    """Where the file of the round is kept, made or not."""
    # The root is in the name, so that a file of other ballots (a restored database) is not taken for it.
    return data / FOLDER / f"{round.id.hex()}-{(round.merkle_root or b'').hex()}.txt"


def make_missing(database: Database, data: Path) -> None:
    """Make the file of every closed round that has none, so that no visitor has to wait for it."""
    with database.read() as session:
        over = select(Round).where(Round.state.in_((State.CLOSED, State.OPENED)))
        for round in session.scalars(over):
            if not path_of(data, round).exists():
                text_of(session, round, data)


def _made(session: Session, round: Round) -> bytes:
    return write_receipts(box_files.receipts(session, round)).encode()


def _keep(path: Path, content: bytes) -> None:
    part = path.with_suffix(f".{os.getpid()}.part")
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        part.write_bytes(content)
        part.replace(path)
    except OSError:  # such as a full disk: the next visitor tries again
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
