"""Issuing invitations as a job: codes and file are made first, kept all at once, handed out once.

Nothing is issued unless its file exists, and the job has succeeded when and only when the invitations are
kept: one transaction does both. Whatever happens before leaves codes that were never valid.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.clock import now
from survey.database.engine import Database
from survey.documents.lists.issued import IssuedInvitation
from survey.errors import N_, NotFound
from survey.models import Job, Mode, Round, State
from survey.services.invitations import issuing as invitations
from survey.services.invitations import one_time_files, sampling
from survey.services.operations import jobs
from survey.services.operations.audit import Actor
from survey.services.rounds.lifecycle import get_round

KIND = "issue"
SLIPS_A_FILE = 5_000
"""Slips of one PDF; typst needs about half a gigabyte for them."""

Report = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Order:
    """What to issue: links for enterprises (`kind` attributed), or `count` slips. Holds no secret."""

    kind: str
    base_url: str
    actor: str
    public_key: str
    count: int = 0
    per_page: int = 10
    message: str = ""
    sampled: bool = False

    @property
    def is_slips(self) -> bool:
        return self.kind == Mode.SLIP

    @property
    def ending(self) -> str:
        """Of the file that is handed out."""
        if not self.is_slips:
            return "xlsx"
        return "pdf" if self.count <= SLIPS_A_FILE else "zip"


def start(database: Database, data: Path, slug: str, order: Order) -> bytes:
    """Begin; returns the job's id. Raises `Conflict` at once when nothing can be issued."""
    with database.read() as session:
        round = get_round(session, slug)
        _check(session, round, order)
    run = partial(_run, database, data, round.id, order)
    return jobs.start(database, KIND, round.id, run, asdict(order))


def latest(database: Database, data: Path, round: Round) -> Job | None:
    """The round's newest issuing job; one that a dead process left is taken up again."""
    with database.read() as session:
        job = jobs.newest(session, round.id, KIND)
    if job is not None:
        jobs.resume(database, job, _run_of(database, data, job))
    return job


def resume_all(database: Database, data: Path) -> None:
    """Take up every issuing job that a dead process left."""
    jobs.resume_all(database, KIND, partial(_run_of, database, data))


def order_of(job: Job) -> Order:
    """What the job was asked for."""
    return Order(**{name: job.parameters[name] for name in Order.__dataclass_fields__})


def file_of(job: Job) -> str:
    """Name of the job's file among the handouts; empty before it is done."""
    return str(job.parameters.get("file", ""))


def _check(session: Session, round: Round, order: Order) -> None:
    if order.is_slips:
        invitations.prepare_slips(session, round, order.base_url, order.count)
        return
    _compose_once(order.message)
    _prepare(session, round, order)


def _compose_once(message: str) -> None:
    from survey.documents.lists.links_xlsx import compose_message

    if message:
        values = {"title": "", "body": "", "day": ""}
        compose_message(message, IssuedInvitation(code="", link=""), values)


def _prepare(session: Session, round: Round, order: Order) -> list[IssuedInvitation]:
    if order.is_slips:
        return invitations.prepare_slips(session, round, order.base_url, order.count)
    chosen = sampling.drawn_enterprises(session, round) if order.sampled else None
    return invitations.prepare_attributed(session, round, order.base_url, chosen)


def _run_of(database: Database, data: Path, job: Job) -> jobs.Run:
    return lambda progress: _run(database, data, job.round_id or b"", order_of(job), progress)


def _run(database: Database, data: Path, round_id: bytes, order: Order, progress: jobs.Progress) -> None:
    progress(N_("准备邀请码"))
    with database.read() as session:
        round = _round(session, round_id)
        issued = _prepare(session, round, order)
    content = _document(round, issued, order, progress)
    progress(N_("保存"), len(issued), len(issued))
    name = one_time_files.keep(data, order.public_key, content)
    try:
        database.write(lambda session: _keep(session, round_id, progress.job_id, issued, order.actor, name))
    except BaseException:
        one_time_files.drop(data, name)
        raise


def _keep(
    session: Session,
    round_id: bytes,
    job_id: bytes,
    issued: Sequence[IssuedInvitation],
    actor: Actor,
    name: str,
) -> None:
    """Invitations and the job's success in one transaction: never one without the other."""
    job = session.scalars(select(Job).where(Job.id == job_id).with_for_update()).one()
    if job.cancel_requested or job.state not in jobs.RUNNING:
        raise jobs.JobCancelled
    invitations.store(session, _round(session, round_id), issued, actor)
    job.state, job.error, job.beat_at = "done", "", now()
    job.parameters = job.parameters | {"file": name, "issued": len(issued)}


def _round(session: Session, round_id: bytes) -> Round:
    round = session.get(Round, round_id)
    if round is None or round.state == State.CANCELLED:
        raise NotFound(N_("没有这个轮次。"))
    return round


def _document(round: Round, issued: Sequence[IssuedInvitation], order: Order, report: Report) -> bytes:
    if order.is_slips:
        return _slips(round, issued, order, report)
    from survey.documents.lists.links_xlsx import write_links

    return write_links(
        issued,
        round_title=round.title,
        body=round.body,
        closes_on=round.closes_on,
        message=order.message or None,
        progress=report,
    )


def _slips(round: Round, issued: Sequence[IssuedInvitation], order: Order, report: Report) -> bytes:
    """One PDF, or a zip of several when there are too many for one."""
    parts = [issued[i : i + SLIPS_A_FILE] for i in range(0, len(issued), SLIPS_A_FILE)]
    made = []
    for number, part in enumerate(parts):
        before = number * SLIPS_A_FILE
        made.append(_pdf(round, part, order, _shifted(report, before, len(issued))))
    return made[0] if len(made) == 1 else _zipped(made)


def _pdf(round: Round, part: Sequence[IssuedInvitation], order: Order, report: Report) -> bytes:
    from survey.documents.lists.slips import write_slips

    return write_slips(
        part,
        round_title=round.title,
        body=round.body,
        closes_on=round.closes_on,
        per_page=order.per_page,
        progress=report,
    )


def _shifted(report: Report, before: int, total: int) -> Report:
    return lambda step, done, _part: report(step, before + done, total)


def _zipped(parts: Sequence[bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for number, part in enumerate(parts, start=1):
            archive.writestr(zipfile.ZipInfo(f"slips-{number:02d}.pdf", (2000, 1, 1, 0, 0, 0)), part)
    return buffer.getvalue()
