"""Ballot box as a file: exported for a computer without a network, and the opened result imported again."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.database.engine import Database
from survey.errors import N_, Conflict, InvalidInput
from survey.models import Ballot as Stored
from survey.models import Round, State
from survey.protocol.ballots import CastBallot
from survey.protocol.box.checks import Progress, compare_root
from survey.protocol.box.counts import Counts
from survey.protocol.box.evident import check_evident
from survey.protocol.box.export import write_box
from survey.protocol.box.format import Audit
from survey.protocol.box.opened import BoxContents
from survey.protocol.errors import InvalidBox
from survey.protocol.receipts import format_receipt, receipt_bytes
from survey.scripts import script_hashes
from survey.services.opening.opening_job import StoredBallots, check_openable, finish_opening, keep_opened
from survey.services.operations.audit import Actor, record
from survey.services.results.ranking import score_table, version1_of
from survey.services.rounds import witnessing
from survey.services.rounds.closing import CHANGED, checked_receipts, closing_entry, recorded_root
from survey.services.rounds.counting import count_invitations
from survey.services.rounds.descriptions import describe
from survey.services.rounds.lifecycle import get_round

MOST_BYTES = 1 << 30


def export_box(database: Database, slug: str, path: Path, progress: Progress | None = None) -> None:
    """Write the box of a closed or opened round to `path`, whole or not at all.

    Raises `Conflict` for a box that would not pass `pingyi verify`, and `InvalidInput` when the file cannot
    be written.
    """
    temporary = path.with_name(path.name + ".part")
    try:
        with database.read() as session, temporary.open("wb") as file:
            round = get_round(session, slug)
            _require_closed(round)
            require_sound(session, round, progress)
            _write(session, round, file)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise InvalidInput(
            N_("文件 %(path)s 写不了：%(why)s。"), path=path, why=error.strerror or error
        ) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def require_sound(session: Session, round: Round, progress: Progress | None = None) -> list[bytes]:
    """Receipts of a closed round, after checking that the ballots are those counted and have the root
    recorded at closing.

    Raises `Conflict`.
    """
    root, receipts = recorded_root(session, round), checked_receipts(session, round, progress)
    try:
        compare_root(receipts, root)
    except InvalidBox as error:
        raise Conflict(error.message, remedy=CHANGED) from error
    return receipts


def import_opened(
    database: Database,
    slug: str,
    path: Path,
    actor: Actor,
    progress: Callable[..., None] | None = None,
) -> None:
    """Store the result that `pingyi open` made of this round's box, and make the results; raises `Conflict`
    when it is of another box."""
    result = BoxContents.from_json(_read_text(path))
    with database.read() as session:
        round = get_round(session, slug)
        check_openable(round, complete=round.state == State.OPENED)
        description, root, cast = describe(session, round), round.merkle_root or b"", round.cast_count
        stored = require_sound(session, round)
    if (result.round_id, result.merkle_root) != (description.id, root):
        raise Conflict(N_("这份开箱结果不是本轮票箱的。"), remedy=N_("请选用由本轮导出文件得到的结果。"))
    if result.description != description.frozen_digest():
        raise Conflict(
            N_("开箱时用的轮次说明（部门、问卷、持钥人或开箱把数）与本轮的不同，导出的文件被改动过。"),
            remedy=N_("请重新导出票箱，再离线开箱。"),
        )
    if not {*map(format_receipt, stored)}.issuperset(receipt for receipt, _ in result.invalid):
        raise Conflict(N_("开箱结果里有票箱中没有的回执号。"), remedy=N_("请重新运行 pingyi open。"))
    result.check_fits(description)
    check_evident(description, StoredBallots(database, bytes.fromhex(description.id)), result.invalid)
    if result.scores.valid + result.scores.invalid != cast:
        raise Conflict(N_("开箱结果的票数与本轮公布的投票数不同。"))
    database.write(lambda s: keep_opened(s, description, result, actor))
    finish_opening(database, slug, progress)


def receipts(session: Session, round: Round) -> list[bytes]:
    """Receipts (10 bytes each) of a closed round, sorted; raises `Conflict` before closing."""
    return [receipt for receipt, _ in _receipts(session, round)]


def record_export(session: Session, slug: str, actor: Actor) -> None:
    """Record in the audit log that the box was exported."""
    record(session, actor=actor, action="box.export", subject=slug)


def _write(session: Session, round: Round, file: BinaryIO) -> None:
    order = _receipts(session, round)
    replaced = count_invitations(session, round).replaced
    counts = Counts(round.invited_count or 0, round.collected_count or 0, round.cast_count or 0, replaced)
    opened = round.state == State.OPENED
    write_box(
        file,
        describe(session, round),
        counts,
        _ballots(session, round, [spent for _, spent in order]),
        merkle_root=round.merkle_root,
        audit=closing_audit(session, round),
        scores_digest=score_table(session, round).digest if opened else None,
        ranking=version1_of(session, round) if opened else None,
        scripts=script_hashes(),
        witness=witnessing.account_of(session, round),
    )


def closing_audit(session: Session, round: Round) -> Audit:
    """Number and hash of the log entry of the closing; raises `Conflict` where there is none."""
    entry = closing_entry(session, round)
    if entry is None:
        raise Conflict(N_("操作日志里没有本轮截止的记录，有人改过数据库，票箱不能导出。"))
    return Audit(entry.hash, entry.number)


def _require_closed(round: Round) -> None:
    if round.state not in (State.CLOSED, State.OPENED):
        raise Conflict(N_("本轮还没有截止，票箱不能导出。"))


def _receipts(session: Session, round: Round) -> list[tuple[bytes, bytes]]:
    """Pairs (receipt, spent key) of every ballot, by receipt."""
    _require_closed(round)
    query = select(Stored.sealed, Stored.spent).where(Stored.round_id == round.id)
    rows = session.execute(query, execution_options={"yield_per": 500})
    return sorted((receipt_bytes(sealed), bytes(spent)) for sealed, spent in rows)


def _ballots(session: Session, round: Round, keys: list[bytes]) -> Iterator[CastBallot]:
    query = select(Stored.spent, *Stored.cast_columns())
    for start in range(0, len(keys), 200):
        part = keys[start : start + 200]
        rows = session.execute(query.where(Stored.round_id == round.id, Stored.spent.in_(part)))
        found = {bytes(row[0]): CastBallot(*(bytes(value or b"") for value in row[1:])) for row in rows}
        yield from (found[key] for key in part)


def _read_text(path: Path) -> str:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InvalidInput(N_("文件 %(path)s 太大，不是开箱结果。"), path=path)
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(N_("文件 %(path)s 读不了：%(why)s。"), path=path, why=error) from error
