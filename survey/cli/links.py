"""Command `pingyi links issue`: invitations as an Excel list or a PDF of slips, written once and stored
nowhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from survey.cli.database import data_option, opened, operator
from survey.cli.files import roster_rows, written
from survey.cli.language import language_option
from survey.contact import Contact
from survey.errors import N_, InvalidInput
from survey.language import translator

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from survey.database.engine import Database
    from survey.documents.lists.issued import IssuedInvitation
    from survey.documents.uploads.roster_row import RosterRow
    from survey.models import Round

NOT_IMPORTED = N_("名录有 %(count)s 处问题，什么都没有导入：\n%(problems)s")


@dataclass(frozen=True, slots=True)
class IssueRequest:
    """Request for invitations: `count` slips, or links for the enterprises in the file `roster`, or for the
    stored roster."""

    slug: str
    count: int | None
    roster: Path | None


@click.group()
def links() -> None:
    """签发邀请。Issue invitations."""


@links.command()
@click.argument("slug", metavar="ROUND")
@click.option("--count", type=click.IntRange(1), help="无记名票的张数 / how many slips")
@click.option(
    "--roster",
    type=click.Path(path_type=Path),
    help="导入并邀请这份名录中的企业 / import this roster and invite its enterprises",
)
@click.option("--all", "everyone", is_flag=True, help="邀请名录中全部企业 / invite the whole stored roster")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="links.xlsx | slips.pdf")
@data_option
@language_option
def issue(
    slug: str,
    count: int | None,
    roster: Path | None,
    everyone: bool,
    out: Path,
    data: Path | None,
    language: str,
) -> None:
    """为轮次 ROUND 签发邀请。Issue invitations for a round; this freezes it."""
    if (count is not None) + (roster is not None) + everyone != 1:
        raise InvalidInput(N_("--count、--roster、--all 应当恰好给出一个。"))
    if out.suffix not in (".xlsx", ".pdf"):
        raise InvalidInput(N_("--out 应以 .xlsx 或 .pdf 结尾。"))
    if out.exists():
        raise InvalidInput(N_("文件 %(path)s 已经存在，不会覆盖。"), path=out)
    with opened(data) as (database, settings):
        made = _issue(database, settings.base_url, IssueRequest(slug, count, roster), out)
    text = translator(language)(
        N_("已签发 %(count)s 个邀请，写入 %(path)s。这份文件只有这一份，请妥善保管。")
    )
    click.echo(text % {"count": made, "path": out})


def _issue(database: Database, base_url: str, wanted: IssueRequest, out: Path) -> int:
    """Write the file, then make the invitations valid; if it cannot be written, nothing is issued.

    The file is made outside the transaction, so that no ballot has to wait for it.
    """
    from survey.services.rounds import contacts
    from survey.services.rounds.descriptions import questionnaire_of
    from survey.services.rounds.lifecycle import get_round

    with database.read() as session:
        round = get_round(session, wanted.slug)
        rows = (
            roster_rows(wanted.roster, questionnaire_of(round).strata, NOT_IMPORTED) if wanted.roster else ()
        )
        issued = _prepare(session, round, base_url, wanted, rows)
        contact = contacts.of_round(session, round)
    with written(out, _document(round, issued, out.suffix, contact)):
        database.write(lambda session: _keep(session, wanted.slug, rows, issued))
    return len(issued)


def _prepare(
    session: Session, round: Round, base_url: str, wanted: IssueRequest, rows: Sequence[RosterRow]
) -> list[IssuedInvitation]:
    from survey.services.invitations import issuing

    if wanted.count is not None:
        return issuing.prepare_slips(session, round, base_url, wanted.count)
    if rows:
        return issuing.prepare_rows(session, round, base_url, rows)
    return issuing.prepare_attributed(session, round, base_url)


def _keep(session: Session, slug: str, rows: Sequence[RosterRow], issued: Sequence[IssuedInvitation]) -> None:
    from survey.services.invitations import issuing
    from survey.services.roster import enterprises as rosters
    from survey.services.rounds.lifecycle import get_round

    if rows:
        rosters.import_roster(session, rows, operator())
    issuing.store(session, get_round(session, slug), issued, operator())


def _document(
    round: Round, issued: Sequence[IssuedInvitation], suffix: str, contact: Contact | None
) -> bytes:
    if suffix == ".xlsx":
        from survey.documents.lists.links_xlsx import write_links

        return write_links(
            issued,
            round_title=round.title,
            closes_on=round.closes_on,
            contact=contact.line if contact else "",
        )
    from survey.documents.lists.slips import write_slips

    return write_slips(
        issued, round_title=round.title, body=round.body, closes_on=round.closes_on, contact=contact
    )
