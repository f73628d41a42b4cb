"""`pingyi invitations make|replace`: the issuer of a round with a witness, without network or database."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from analysis.answers.spelling import clean_line
from survey.cli.files import read_text, roster_rows, write_private
from survey.cli.language import language_option
from survey.contact import Contact
from survey.errors import N_, InvalidInput
from survey.language import translator
from survey.protocol.codes import invitation_link, new_code, parse_code
from survey.protocol.description import RoundDescription
from survey.protocol.plain_json import strict_json
from survey.protocol.witness.code_lists import MOST_CODES, NewCode, make_lists
from survey.protocol.witness.issued_list import IssuedList

if TYPE_CHECKING:
    from survey.documents.lists.issued import IssuedInvitation
    from survey.documents.paper.layout import Style
    from survey.documents.uploads.roster_row import RosterRow

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
NOT_MADE = N_("名录有 %(count)s 处问题，什么都没有制作：\n%(problems)s")
LINKS, SLIPS, FOR_BOX, FOR_WITNESS = "links.xlsx", "slips.pdf", "codes-box.json", "codes-witness.json"
KEPT, FORMS = "issued.json", "forms.pdf"
BASE_URL = click.option("--base-url", required=True, help="评议网站的网址 / address of the site, https://…")
CONTACT = click.option(
    "--contact",
    nargs=3,
    metavar="NAME TELEPHONE HOURS",
    help="印在邀请上：找谁、电话、时间（可为 ''）/ whom enterprises may ask; hours may be ''",
)
OUT = click.option(
    "--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="目录 / folder"
)


@click.group()
def invitations() -> None:
    """有监票机的轮次：在不联网的电脑上制作邀请。Make invitations away from both machines."""


@invitations.command()
@click.argument("round_json", type=FILE)
@click.option("--roster", type=FILE, help="邀请这份名录中的企业 / invite the enterprises of this roster")
@click.option("--count", type=click.IntRange(1, MOST_CODES), help="无记名票的张数 / how many slips")
@click.option("--forms", is_flag=True, help="无记名票印成纸质评议表 / slips as paper forms")
@click.option("--large", is_flag=True, help="大字版评议表 / forms in large print")
@click.option("--comments", is_flag=True, help="评议表留意见栏 / forms with areas for comments")
@CONTACT
@BASE_URL
@OUT
@language_option
def make(
    round_json: Path,
    roster: Path | None,
    count: int | None,
    forms: bool,
    large: bool,
    comments: bool,
    contact: tuple[str, str, str] | None,
    base_url: str,
    out: Path,
    language: str,
) -> None:
    """照定稿的 ROUND.json 制作邀请和两份名单。Make links or slips, and a list for each machine."""
    if (count is None) == (roster is None):
        raise InvalidInput(N_("--roster 和 --count 应当恰好给出一个。"))
    from survey.documents.paper.layout import Style

    if roster and forms:
        raise InvalidInput(N_("纸质评议表不属于任何企业，--forms 请和 --count 一起用。"))
    description, ask = _read(round_json, base_url), _contact(contact)
    if roster is None:
        rows: list[RosterRow | None] = [None] * (count or 0)
    else:
        strata = description.questionnaire.strata
        rows = [*sorted(roster_rows(roster, strata, NOT_MADE), key=attrgetter("name"))]
    issued = [_issued(description, base_url, row) for row in rows]
    codes = [NewCode(parse_code(each.code), each.credit_code) for each in issued]
    kept: dict[str, str | bytes] = {KEPT: IssuedList.of(description, codes).to_json()} if roster else {}
    style = Style(large, comments)
    document = _forms(description, issued, style, ask) if forms else _document(description, issued, ask)
    _hand_out(description, document, codes, out, kept, language)
    if kept:
        said = N_(
            "issued.json 留在这台电脑上，换发时要用；里面没有邀请码，但看得出哪一份是哪家企业的，不要外传。"
        )
        click.echo(translator(language)(said))


@invitations.command()
@click.argument("round_json", type=FILE)
@click.argument("issued_json", type=FILE)
@click.option("--roster", type=FILE, required=True, help="制作时用的名录 / the roster of then")
@click.option(
    "--enterprise",
    "enterprises",
    multiple=True,
    required=True,
    help="统一社会信用代码，可写几次 / credit code",
)
@CONTACT
@BASE_URL
@OUT
@language_option
def replace(
    round_json: Path,
    issued_json: Path,
    roster: Path,
    enterprises: tuple[str, ...],
    contact: tuple[str, str, str] | None,
    base_url: str,
    out: Path,
    language: str,
) -> None:
    """企业丢了链接：换一个，旧的作废。Make another code for an enterprise that lost its link."""
    description, kept = _read(round_json, base_url), IssuedList.from_json(read_text(issued_json))
    ask = _contact(contact)
    rows = {row.credit_code: row for row in roster_rows(roster, description.questionnaire.strata, NOT_MADE)}
    issued, codes = [], []
    for owner in dict.fromkeys(enterprises):
        old = kept.halves(description, owner)
        if owner not in rows:
            raise InvalidInput(N_("名录里没有信用代码为 %(code)s 的企业。"), code=owner)
        issued.append(_issued(description, base_url, rows[owner]))
        codes.append(NewCode(parse_code(issued[-1].code), owner, old))
    _hand_out(description, _document(description, issued, ask), codes, out, {}, language)
    said = N_("两边都导入以后，旧链接作废、新链接可用。一家企业只能换一次，换发的份数会公布。")
    click.echo(translator(language)(said))


def _hand_out(
    description: RoundDescription,
    document: tuple[str, bytes],
    codes: Sequence[NewCode],
    out: Path,
    kept: dict[str, str | bytes],
    language: str,
) -> None:
    """Write `document` (name, content) with the invitations, a list of codes for each machine and the files
    `kept` into `out`; then print which file goes where."""
    for_box, for_witness = make_lists(description, codes)
    name, content = document
    files: dict[str, str | bytes] = {
        name: content,
        FOR_BOX: for_box.to_json(),
        FOR_WITNESS: for_witness.to_json(),
    }
    _write(out, files | kept)
    said = translator(language)(
        N_(
            "已制作 %(count)s 份邀请，写入 %(folder)s：\n"
            "%(name)s 只有这一份，发完即销毁；\n"
            "codes-box.json 交评议办公室导入，摘要 %(box)s；\n"
            "codes-witness.json 交监票单位导入，摘要 %(witness)s。"
        )
    )
    shown = {"count": len(codes), "folder": out, "name": name}
    click.echo(said % (shown | {"box": for_box.digest, "witness": for_witness.digest}))


def _read(path: Path, base_url: str) -> RoundDescription:
    """The frozen description of a round with a witness; raises `InvalidInput`, also for a site's address that
    no link can carry."""
    if not base_url.startswith(("https://", "http://127.0.0.1", "http://localhost")):
        raise InvalidInput(N_("网址“%(url)s”不对，应形如 https://pingyi.example。"), url=base_url)
    try:
        description = RoundDescription.from_dict(strict_json(read_text(path)))
    except (ValueError, RecursionError) as error:
        raise InvalidInput(N_("轮次说明无法识别：%(why)s"), why=error) from error
    if not description.complete or description.witness is None:
        raise InvalidInput(
            N_("轮次说明还没有定稿，或者没有写明监票机。"), remedy=N_("请用定稿以后下载的 round.json。")
        )
    return description


def _issued(description: RoundDescription, base_url: str, row: RosterRow | None) -> IssuedInvitation:
    from survey.documents.lists.issued import IssuedInvitation

    code, number = new_code(), description.check_number
    link = invitation_link(base_url, description.slug, code, number)
    if row is None:
        return IssuedInvitation(code=code, link=link, check_number=number)
    return IssuedInvitation(code, link, row.name, row.contact, row.phone, row.credit_code, number)


def _contact(given: tuple[str, str, str] | None) -> Contact | None:
    """Contact as it was typed; raises `InvalidInput`."""
    from survey.services.rounds.contacts import check

    if given is None:
        return None
    wanted = Contact(*map(clean_line, given))
    check(wanted)
    return wanted


def _document(
    description: RoundDescription, issued: Sequence[IssuedInvitation], contact: Contact | None
) -> tuple[str, bytes]:
    """File (name, content) of the invitations to hand out: a list of links where the enterprises are known,
    else printed slips."""
    title, until = description.title, description.closes_on
    if issued[0].credit_code:
        from survey.documents.lists.links_xlsx import write_links

        asked = contact.line if contact else ""
        return LINKS, write_links(
            issued, round_title=title, closes_on=until, body=description.body, contact=asked
        )
    from survey.documents.lists.slips import write_slips

    body = description.body
    return SLIPS, write_slips(issued, round_title=title, body=body, closes_on=until, contact=contact)


def _forms(
    description: RoundDescription,
    issued: Sequence[IssuedInvitation],
    style: Style,
    contact: Contact | None,
) -> tuple[str, bytes]:
    """Name and content of slips as forms to fill in with a pen."""
    from survey.documents.paper.printing import write_forms

    return FORMS, write_forms(description, issued, style=style, contact=contact)


def _write(folder: Path, files: dict[str, str | bytes]) -> None:
    """Write all files into a folder that has none of them; what was there is never overwritten."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise InvalidInput(N_("文件 %(path)s 写不了：%(why)s。"), path=folder, why=error.strerror) from error
    for name in files:
        if (folder / name).exists():
            raise InvalidInput(N_("文件 %(path)s 已经存在，不会覆盖。"), path=folder / name)
    for name, content in files.items():
        write_private(folder / name, content)
