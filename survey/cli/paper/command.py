"""Command `pingyi paper`: forms on paper, from printing to the protocol of the count."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from survey.cli.database import data_option, opened, operator
from survey.cli.files import write_private
from survey.cli.language import language_option
from survey.cli.progress import ProgressLine
from survey.errors import N_, InvalidInput
from survey.language import Language, translator

if TYPE_CHECKING:
    from survey.database.engine import Database
    from survey.documents.paper.layout import Style
    from survey.paper.station.folder import Station

STATION = click.argument("station", type=click.Path(path_type=Path, file_okay=False))
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def paper() -> None:
    """现场纸质评议：印表、阅表、认定、投票、记录。Reviews on paper, cast into the same box."""


@paper.command("print")
@click.argument("slug", metavar="ROUND")
@click.option("--count", type=click.IntRange(1, 2000), required=True, help="份数 / how many forms")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="forms.pdf")
@click.option("--large", is_flag=True, help="大字版 / large print")
@click.option("--comments", is_flag=True, help="留意见栏 / areas for comments")
@click.option("--duplex", is_flag=True, help="双面，每份另起一张 / each form begins on a new sheet")
@click.option("--booklet", is_flag=True, help="A3 双面，对折成册 / A3 sides, to be folded")
@click.option(
    "--form-language", type=click.Choice(["zh", "en"]), default="zh", help="表的语言 / of the forms"
)
@data_option
@language_option
def print_forms(
    slug: str,
    count: int,
    out: Path,
    large: bool,
    comments: bool,
    duplex: bool,
    booklet: bool,
    form_language: Language,
    data: Path | None,
    language: Language,
) -> None:
    """签发无记名票，印成纸质评议表。Issue slips as forms to fill in with a pen; this freezes the round."""
    from survey.documents.paper.layout import Style

    if out.suffix != ".pdf":
        raise InvalidInput(N_("--out 应以 .pdf 结尾。"))
    if out.exists():
        raise InvalidInput(N_("文件 %(path)s 已经存在，不会覆盖。"), path=out)
    style = Style(large=large, comments=comments)
    with opened(data) as (database, settings):
        printing = _Printing(database, settings.base_url, slug, style)
        printing.make(out, count, form_language, duplex=duplex, booklet=booklet)
    said = N_("已签发 %(count)s 份纸质评议表，写入 %(path)s。只有这一份：印完即删，打散后发放。")
    click.echo(translator(language)(said) % {"count": count, "path": out})


class _Printing:
    """Issuing of slips as forms: the file first, then the invitations become valid."""

    def __init__(self, database: Database, base_url: str, slug: str, style: Style) -> None:
        self._database, self._base_url, self._slug, self._style = database, base_url, slug, style

    def make(self, out: Path, count: int, language: Language, *, duplex: bool, booklet: bool) -> None:
        from survey.documents.paper.printing import write_forms
        from survey.services.invitations import issuing
        from survey.services.rounds.descriptions import describe
        from survey.services.rounds.lifecycle import get_round

        with self._database.read() as session:
            round = get_round(session, self._slug)
            issued = issuing.prepare_slips(session, round, self._base_url, count)
            description = describe(session, round)
        line = ProgressLine(translator("zh")(N_("排版")), count)
        write_private(
            out,
            write_forms(
                description,
                issued,
                style=self._style,
                language=language,
                duplex=duplex,
                booklet=booklet,
                progress=lambda _stage, done, _total: line.show(done),
            ),
        )
        try:
            self._database.write(lambda s: issuing.store(s, get_round(s, self._slug), issued, operator()))
        except BaseException:
            out.unlink(missing_ok=True)  # its codes were never valid
            raise


@paper.command()
@STATION
@click.argument("files", nargs=-1, required=True, type=FILE)
@click.option("--url", help="第一次读表时写明：评议网址 / address of the round, https://…/s/2026-q4")
@click.option("--round", "round_json", type=FILE, help="round.json，不联网时用 / its description, offline")
@click.option("--workers", type=click.IntRange(1, 16), default=min(2, os.cpu_count() or 1), show_default=True)
@language_option
def read(
    station: Path,
    files: tuple[Path, ...],
    url: str | None,
    round_json: Path | None,
    workers: int,
    language: Language,
) -> None:
    """读扫描件。Read scans (PDF, TIFF, JPEG, PNG) into the folder STATION; go on where it stopped."""
    from survey.paper.station import taking_in
    from survey.paper.station.findings import said_of

    say = translator(language)
    place = _station(station, url, round_json)
    waiting = taking_in.waiting(place, files)
    line = ProgressLine(say(N_("读表")), len(waiting))
    for done, _ in enumerate(taking_in.take_in(place, waiting, workers), start=1):
        line.show(done)
    for phrase in said_of(place):
        click.echo(phrase.say(say))
    _tell(place, language)


@paper.command()
@STATION
@click.option("--url", help="第一次打开时写明：评议网址 / address of the round, https://…/s/2026-q4")
@click.option("--round", "round_json", type=FILE, help="round.json，不联网时用 / its description, offline")
@click.option("--port", type=click.IntRange(0, 65535), default=0)
@language_option
def serve(station: Path, url: str | None, round_json: Path | None, port: int, language: Language) -> None:
    """在本机网页上阅表：读、认定、投、记录。The whole station as pages of this computer alone."""
    from survey.paper.web.app import serve as opened_server

    server, address = opened_server(_station(station, url, round_json), port)
    said = N_("请在这台电脑的浏览器里打开：%(address)s\n用完按 Ctrl+C。不要把网址给别人。")
    click.echo(translator(language)(said) % {"address": address})
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()


paper.add_command(serve, "settle")


@paper.command()
@STATION
@language_option
def cast(station: Path, language: Language) -> None:
    """把认定好的表投入票箱。Cast every form that is ready; run again, it goes on."""
    from survey.paper.station.casting import Lines, cast_all
    from survey.paper.station.folder import Station
    from survey.paper.station.settling import Settling

    place = Station(station)
    line = ProgressLine(translator(language)(N_("投票")), len(Settling(place).forms()))
    lines = Lines.to(place.url, place.description)
    for done, _ in enumerate(cast_all(place, lines), start=1):
        line.show(done)
    _tell(place, language)


@paper.command()
@STATION
@click.option("--handed-out", required=True, type=click.IntRange(0), help="发出的份数 / forms handed out")
@language_option
def count(station: Path, handed_out: int, language: Language) -> None:
    """计票记录由两人各填口令确认，写成 count.json。Both people confirm the count, each by a passphrase."""
    from survey.paper.station.folder import COUNT, Station
    from survey.paper.station.people import TWO, People
    from survey.paper.station.report import report as made
    from survey.paper.station.signing import confirm

    place, say = Station(station), translator(language)
    place.require_unerased()
    people = People(place)
    while len(people.names) < TWO:
        name = click.prompt(say(N_("姓名")), type=str)
        people.enrol(name, click.prompt(say(N_("自己想一个口令")), hide_input=True, confirmation_prompt=True))
    click.echo(made(place, handed_out, say))
    ask = say(N_("%(name)s的口令"))
    typed = [click.prompt(ask % {"name": name}, hide_input=True, type=str) for name in people.names]
    click.echo(made(place, handed_out, say, confirm(place, handed_out, typed)))
    said = N_("已写入 %(path)s。请打印上面的记录（report --out），两人签名。")
    click.echo(say(said) % {"path": place.folder / COUNT})


@paper.command()
@STATION
@click.option("--handed-out", type=click.IntRange(0), help="发出的份数；已作记录的不用写 / forms handed out")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False))
@language_option
def report(station: Path, handed_out: int | None, out: Path | None, language: Language) -> None:
    """计票记录，两人签名。The protocol of the count, to be signed by two people."""
    from survey.paper.station.folder import Station

    text = _protocol(Station(station), handed_out, language)
    if out is not None:
        write_private(out, text)
    click.echo(text)


@paper.command()
@STATION
@click.argument("receipts", type=FILE)
@click.option("--handed-out", type=click.IntRange(0), help="已作记录的不用写 / forms handed out")
@language_option
def erase(station: Path, receipts: Path, handed_out: int | None, language: Language) -> None:
    """截止后销毁图像。After closing: compare with the published RECEIPTS, then erase the forms."""
    from survey.cli.files import read_text
    from survey.paper.station import erasing
    from survey.paper.station.folder import Station

    place, say = Station(station), translator(language)
    if erasing.is_begun(place):
        click.echo(erasing.go_on(place, say).read_text(encoding="utf-8"))
        return
    place.require_unerased()
    checked = erasing.check_receipts(place, read_text(receipts))
    path = erasing.erase(place, _protocol(place, handed_out, language), say)
    said = N_("公布的清单里有这个站投的全部 %(count)s 张票。已销毁，证明在 %(path)s。")
    click.echo(say(said) % {"count": checked, "path": path})


@paper.command()
@STATION
@click.option("--handed-out", type=click.IntRange(0), help="已作记录的不用写 / forms handed out")
@language_option
def keep(station: Path, handed_out: int | None, language: Language) -> None:
    """封存备查：写文件摘要的清单。List the digests of all files, to be signed and sealed with the disk."""
    from survey.paper.station import erasing
    from survey.paper.station.folder import Station

    place = Station(station)
    place.require_unerased()
    path = erasing.keep(place, _protocol(place, handed_out, language), translator(language))
    click.echo(translator(language)(N_("封存记录在 %(path)s，请打印，两人签名。")) % {"path": path})


def _protocol(station: Station, handed_out: int | None, language: Language) -> str:
    """The protocol: of the count that both confirmed, or, before that, of a number of forms handed out."""
    from survey.paper.station.report import report as made
    from survey.paper.station.signing import require_confirmed

    station.require_unerased()
    if handed_out is not None:
        return made(station, handed_out, translator(language))
    signed = require_confirmed(station)
    return made(station, signed.handed_out, translator(language), signed)


def _station(folder: Path, url: str | None, round_json: Path | None) -> Station:
    """The station's folder, made when a round is named."""
    from survey.cli.files import read_text
    from survey.demo.phone import PhoneClient
    from survey.paper.station.casting import split_address
    from survey.paper.station.folder import Station
    from survey.protocol.description import RoundDescription
    from survey.protocol.plain_json import strict_json

    if url is None:
        return Station(folder)
    base, slug = split_address(url)
    if round_json is None:
        with PhoneClient(base, slug) as line:
            description = line.description()
    else:
        description = RoundDescription.from_dict(strict_json(read_text(round_json)))
    return Station.begin(folder, description, url)


def _tell(station: Station, language: Language) -> None:
    """Say where the forms of a station stand."""
    from survey.paper.station.report import count

    counted = count(station)
    said = N_(
        "收回 %(returned)s 份：已投 %(cast)s，待投 %(ready)s，待认定 %(undecided)s，"
        "票箱没有收 %(refused)s（其中已截止 %(late)s），空白 %(empty)s，不计 %(not_counted)s。"
    )
    values = {name: getattr(counted, name) for name in counted.__slots__}
    click.echo(translator(language)(said) % values)
