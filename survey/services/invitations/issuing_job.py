"""Job that issues invitations: codes and file are made first, stored all at once, handed out by pickup code.

Nothing is issued unless its file exists, and the job has succeeded when and only when the invitations are
stored: one transaction does both. Whatever happens before leaves codes that were never valid.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy.orm import Session

from survey.contact import Contact
from survey.database import storage_order
from survey.documents.lists.issued import IssuedInvitation
from survey.errors import N_, NotFound
from survey.models import Mode, Round, State
from survey.protocol.description import RoundDescription
from survey.services.invitations import issuing as invitations
from survey.services.invitations import one_time_files, reissuing, sampling
from survey.services.operations import jobs
from survey.services.operations.job_kinds import JobKind, Running, Workplace
from survey.services.rounds import contacts
from survey.services.rounds.descriptions import describe
from survey.services.rounds.lifecycle import get_round

FORMS, LARGE = "forms", "large"
"""Slips printed as paper forms, and those in large print."""
DUPLEX, SINGLE, BOOKLET = "duplex", "single", "booklet"
FORMS_A_FILE = 1_000
SLIPS_A_FILE = 5_000
"""Slips of one PDF; typst needs about half a gigabyte for them."""

Report = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Order:
    """Order for invitations: links for enterprises (`kind` attributed), or `count` slips. Holds no secret."""

    kind: str
    base_url: str
    actor: str
    public_key: str
    count: int = 0
    per_page: int = 10
    printed: str = ""
    comments: bool = False
    """Paper forms have areas for comments."""
    sides: str = DUPLEX
    """How paper forms are laid onto sheets: `DUPLEX`, `SINGLE` or `BOOKLET` (A3, to be folded)."""
    message: str = ""
    sampled: bool = False
    reissue: bool = False
    """In place of the unused ones of a lost list."""

    @property
    def is_slips(self) -> bool:
        return self.kind == Mode.SLIP

    @property
    def most_a_file(self) -> int:
        return FORMS_A_FILE if self.printed else SLIPS_A_FILE

    @property
    def ending(self) -> str:
        """File name ending of the file that is handed out."""
        if not self.is_slips:
            return "xlsx"
        return "pdf" if self.count <= self.most_a_file else "zip"


@dataclass(frozen=True, slots=True)
class IssuedFile:
    """Result of the job: name of the one-time file, and how many invitations it holds."""

    file: str
    issued: int


def start(place: Workplace, slug: str, order: Order) -> bytes:
    """Start the job that issues invitations for the round `slug`; returns the job's id.

    Raises `Conflict` before the job starts when nothing can be issued.
    """
    with place.database.read() as session:
        round = get_round(session, slug)
        _check(session, round, order)
    return jobs.start(place, KIND, order, round.id)


def _check(session: Session, round: Round, order: Order) -> None:
    if not order.is_slips and not order.reissue:
        _check_message(order.message)
    _prepare(session, round, order)


def _check_message(message: str) -> None:
    from survey.documents.lists.links_xlsx import check_message

    if message:
        check_message(message)


def _prepare(session: Session, round: Round, order: Order) -> list[IssuedInvitation]:
    if order.reissue:
        return reissuing.prepare(session, round, order.base_url, order.kind)
    if order.is_slips:
        return invitations.prepare_slips(session, round, order.base_url, order.count)
    chosen = sampling.drawn_enterprises(session, round) if order.sampled else None
    return invitations.prepare_attributed(session, round, order.base_url, chosen)


def _run(running: Running[Order, IssuedFile]) -> None:
    order, round_id = running.asked, running.round_id or b""
    running(N_("准备邀请码"))
    with running.database.read() as session:
        round = _round(session, round_id)
        issued = _prepare(session, round, order)
        about = _About(describe(session, round), contacts.of_round(session, round))
    content = _document(about, issued, order, running)
    running(N_("保存"), len(issued), len(issued))
    name = one_time_files.keep(running.data, order.public_key, content)

    def keep(session: Session) -> IssuedFile:
        round = _round(session, round_id)
        if order.reissue:
            reissuing.store(session, round, issued, order.kind, order.actor)
        else:
            invitations.store(session, round, issued, order.actor)
        return IssuedFile(name, len(issued))

    try:
        running.keep(keep)
    except BaseException:
        one_time_files.drop(running.data, name)
        raise
    if order.reissue:
        storage_order.mix(running.database, round_id)


KIND = JobKind("issue", Order, IssuedFile, _run)


def _round(session: Session, round_id: bytes) -> Round:
    round = session.get(Round, round_id)
    if round is None or round.state == State.CANCELLED:
        raise NotFound(N_("没有这个轮次。"))
    return round


class _About(NamedTuple):
    """What a document says of the round, and whom enterprises may ask."""

    round: RoundDescription
    contact: Contact | None


def _document(about: _About, issued: Sequence[IssuedInvitation], order: Order, report: Report) -> bytes:
    if order.is_slips:
        return _slips(about, issued, order, report)
    from survey.documents.lists.links_xlsx import write_links

    return write_links(
        issued,
        round_title=about.round.title,
        body=about.round.body,
        closes_on=about.round.closes_on,
        contact=about.contact.line if about.contact else "",
        message=order.message or None,
        progress=report,
    )


def _slips(about: _About, issued: Sequence[IssuedInvitation], order: Order, report: Report) -> bytes:
    """PDF of the slips, or a zip of several PDFs when there are too many for one."""
    most = order.most_a_file
    parts = [issued[i : i + most] for i in range(0, len(issued), most)]
    made = []
    for number, part in enumerate(parts):
        before = number * most
        made.append(_pdf(about, part, order, _shifted(report, before, len(issued))))
    return made[0] if len(made) == 1 else _zipped(made)


def _pdf(about: _About, part: Sequence[IssuedInvitation], order: Order, report: Report) -> bytes:
    if order.printed:
        from survey.documents.paper.layout import Style
        from survey.documents.paper.printing import write_forms

        style = Style(large=order.printed == LARGE, comments=order.comments)
        duplex, booklet = order.sides != SINGLE, order.sides == BOOKLET
        return write_forms(
            about.round,
            part,
            style=style,
            duplex=duplex,
            booklet=booklet,
            contact=about.contact,
            progress=report,
        )
    from survey.documents.lists.slips import write_slips

    return write_slips(
        part,
        round_title=about.round.title,
        body=about.round.body,
        closes_on=about.round.closes_on,
        contact=about.contact,
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
