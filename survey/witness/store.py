"""What the witness keeps, in its own data directory or on a server of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    inspect,
    text,
)

from survey.database.kinds_of_store import open_store
from survey.errors import N_, InvalidInput
from survey.secret_file import secret_of

T = TypeVar("T")

NAME = "witness"
ANSWER_BYTES = 2 * 384
"""A blind stamp and a blind ticket."""

METADATA = MetaData()

ROUND = Table(
    "witness_round",
    METADATA,
    Column("id", LargeBinary(16), primary_key=True),
    Column("offer", Text, nullable=False),  # witness.json
    Column("box", Text, nullable=False),  # the site's address
    Column("description", Text, nullable=False, default=""),  # round.json, once codes are there
    Column("statement", Text, nullable=False, default=""),  # the last one that was made
    Column("handed_on", String(10), nullable=False, default=""),  # the day whose handing over is done
    Column("closed", Boolean, nullable=False, default=False),
    # Private halves, locked with the secret; those of stamps and tickets are erased by closing.
    Column("stamp_key", LargeBinary),
    Column("ticket_key", LargeBinary),
    Column("signing_key", LargeBinary, nullable=False),
)
# No row has a time, and none ever changes its size: where it lies says nothing of when it was used.
CODE = Table(
    "witness_code",
    METADATA,
    Column("round_id", LargeBinary(16), ForeignKey("witness_round.id"), primary_key=True),
    Column("hash", LargeBinary(32), primary_key=True),
    Column("replaced", Boolean, nullable=False),
    Column("stamped", Boolean, nullable=False),
    Column("asked", LargeBinary(32), nullable=False),  # hash of both blinded messages; zeros before
    Column("answer", LargeBinary(ANSWER_BYTES), nullable=False),  # erased by closing
)
LIST = Table(
    "witness_list",
    METADATA,
    Column("round_id", LargeBinary(16), ForeignKey("witness_round.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("digest", String(64), nullable=False),
    Column("other", String(64)),  # of the box's list of the same codes; NULL: imported by an older program
)
POST = Table(
    "witness_post",
    METADATA,
    Column("round_id", LargeBinary(16), ForeignKey("witness_round.id"), primary_key=True),
    Column("ticket", LargeBinary(32), primary_key=True),  # SHA-256 of it
    Column("hash", LargeBinary(32), nullable=False),  # of the blob
    Column("blob", LargeBinary),  # until the box has it
    Column("batch", Integer, nullable=False),  # 0: waits
)
BATCH = Table(
    "witness_batch",
    METADATA,
    Column("round_id", LargeBinary(16), ForeignKey("witness_round.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("size", Integer, nullable=False),
    Column("kept", Integer),  # NULL until the box has acknowledged it
    Column("refused", Integer),
)


class Store:
    """The witness's database and secret."""

    def __init__(self, data: Path, url: str | None = None) -> None:
        """`data` is made where it is missing; `url` overrides a file in it. Raises `InvalidInput`."""
        self.data = data
        try:
            data.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.secret = secret_of(data / "secret.key")
        except OSError as error:
            raise InvalidInput(
                N_("监票机的数据目录 %(path)s 用不了：%(why)s。"),
                remedy=N_("请换一个目录，或让运行监票机的用户能写它。"),
                path=data,
                why=error.strerror,
            ) from error
        self.engine, self._writer = open_store(url, data, NAME, METADATA)
        if all(column["name"] != "other" for column in inspect(self.engine).get_columns(LIST.name)):
            with self.engine.begin() as connection:
                connection.execute(text(f"ALTER TABLE {LIST.name} ADD COLUMN other VARCHAR(64)"))

    def read(self) -> Connection:
        """A connection for looking only, to be closed."""
        return self.engine.connect()

    def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work`, commit durably together with others' work, then return its result."""
        return self._writer.submit(lambda session: work(session.connection()))

    def close(self) -> None:
        self._writer.stop()
        self.engine.dispose()
