"""Command `pingyi paper`: forms on paper, from printing to the protocol of the count."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from survey.cli.files import write_private
from survey.cli.language import language_option, visible
from survey.cli.paper.printing import print_forms
from survey.cli.progress import ProgressLine
from survey.errors import N_, InvalidInput, in_full
from survey.language import Language, translator

if TYPE_CHECKING:
    from survey.paper.station.folder import Station
    from survey.paper.station.people import People

STATION = click.argument("station", type=click.Path(path_type=Path))
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def paper() -> None:
    """现场纸质评议：印表、阅表、认定、投票、记录。Reviews on paper, cast into the same box."""


paper.add_command(print_forms)


@paper.command()
@STATION
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
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
    """读扫描件。Read scans (PDF, TIFF, JPEG, PNG) into the folder STATION; go on where it stopped.

    A file that cannot be read is named at the end, and the exit code is 2; all others are read."""
    from survey.paper.scans.pages import Unreadable
    from survey.paper.station import taking_in
    from survey.paper.station.findings import said_of

    say = translator(language)
    place = _station(station, url, round_json)
    by_file, refused = taking_in.sorted_out(place, dict.fromkeys(files))
    waiting = [page for pages in by_file.values() for page in pages]
    line = ProgressLine(say(N_("读表")), len(waiting))
    ended = list[Unreadable]()
    for done, page in enumerate(taking_in.take_in(place, waiting, workers), start=1):
        line.show(done)
        if isinstance(page, Unreadable):
            ended.append(page)
    for phrase in said_of(place):
        click.echo(phrase.say(say))
    _tell(place, language)
    unread = [*refused.values(), *ended]
    for error in unread:
        click.echo(visible(in_full(error, say)), err=True)
    if unread:
        raise InvalidInput(N_("有 %(count)s 处没有读，见上；其余的都已读入。"), count=len(unread))


@paper.command()
@STATION
@click.option("--url", help="第一次打开时写明：评议网址 / address of the round, https://…/s/2026-q4")
@click.option("--round", "round_json", type=FILE, help="round.json，不联网时用 / its description, offline")
@click.option("--port", type=click.IntRange(0, 65535), default=0)
@language_option
def serve(station: Path, url: str | None, round_json: Path | None, port: int, language: Language) -> None:
    """在本机网页上阅表：读、认定、投、记录。The whole station as pages of this computer alone."""
    from survey.cli.site.serve import check_port
    from survey.paper.web.app import HOST
    from survey.paper.web.app import serve as opened_server

    if port:
        check_port(HOST, port)
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
    from survey.paper.station.people import TWO, People, same
    from survey.paper.station.report import count as counted
    from survey.paper.station.report import report as made
    from survey.paper.station.report import require_ended
    from survey.paper.station.signing import confirm

    place, say = Station(station), translator(language)
    made(place, handed_out, say)  # what cannot be true is said before anybody types a passphrase
    require_ended(counted(place))
    people = People(place)
    while len(people.names) < TWO:
        click.echo(say(N_("第二人登记") if people.names else N_("第一人登记")))
        name, *words = (
            click.prompt(say(asked), hide_input=n > 0, type=str)
            for n, asked in enumerate((N_("姓名"), N_("自己想一个口令"), N_("再填一遍")))
        )
        people.enrol(name, same(*words))
    click.echo(made(place, handed_out, say))
    click.echo(made(place, handed_out, say, confirm(place, handed_out, _passphrases(people, say))))
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
@language_option
def erase(station: Path, receipts: Path, language: Language) -> None:
    """截止后两人一起销毁图像。After closing, both people: compare with the published RECEIPTS, then erase."""
    from survey.cli.files import read_text
    from survey.paper.station import erasing
    from survey.paper.station.folder import Station
    from survey.paper.station.people import People

    place, say = Station(station), translator(language)
    if erasing.is_begun(place):
        click.echo(erasing.go_on(place, say).read_text(encoding="utf-8"))
        return
    place.require_unerased()
    record, people = _protocol(place, None, language), People(place)
    checked = erasing.check_receipts(place, read_text(receipts))
    click.echo(f"{record}\n{say(erasing.BEFORE)}")
    people.require_all(_passphrases(people, say))
    path = erasing.erase(place, record, say)
    said = N_("公布的清单里有这个站投的全部 %(count)s 张票。已销毁，证明在 %(path)s。")
    click.echo(say(said) % {"count": checked, "path": path})


@paper.command()
@STATION
@language_option
def keep(station: Path, language: Language) -> None:
    """封存备查：写文件摘要的清单。List the digests of all files, to be signed and sealed with the disk."""
    from survey.paper.station import erasing
    from survey.paper.station.folder import Station

    place = Station(station)
    place.require_unerased()
    path = erasing.keep(place, _protocol(place, None, language), translator(language))
    click.echo(translator(language)(N_("封存记录在 %(path)s，请打印，两人签名。")) % {"path": path})


def _passphrases(people: People, say: Callable[[str], str]) -> list[str]:
    """Passphrases that both people type, in their order."""
    ask = say(N_("%(name)s的口令"))
    return [click.prompt(ask % {"name": name}, hide_input=True, type=str) for name in people.names]


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
        try:
            description = RoundDescription.from_dict(strict_json(read_text(round_json)))
        except (ValueError, RecursionError) as error:
            raise InvalidInput(N_("轮次说明无法识别：%(why)s"), why=error) from error
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
