"""`pingyi witness`: the second machine of a round, which another body runs."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

import click
from sqlalchemy import select

from survey import quiet_log
from survey.cli.files import read_text, write_private
from survey.cli.language import language_option, visible
from survey.errors import N_, InvalidInput, PingyiError
from survey.language import translator
from survey.protocol.witness.code_lists import CodeList
from survey.protocol.witness.used_codes import write_used
from survey.witness import handing_over, importing, rounds
from survey.witness.app import AT
from survey.witness.box import require_absent, require_same
from survey.witness.doctor import examination
from survey.witness.status import Line, compare_lists, statuses
from survey.witness.store import CODE, Store

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
NEW = click.Path(path_type=Path)
DATA = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("witness-data"),
    envvar="PINGYI_DATA",
    show_default=True,
    help="数据目录 / data directory",
)
UNCOMPARED = click.option(
    "--uncompared",
    is_flag=True,
    help="票箱机不会回来了，不和它比 / without comparing with the box, which is gone",
)
TARGET = "survey.witness.app:create"


class NotWell(PingyiError):
    """Something at the witness is not as it must be."""

    code = "not_well"


@click.group()
def witness() -> None:
    """监票机：由另一个单位运行的第二台机器。The second machine of a round, run by another body."""


@witness.command()
@click.argument("round_id")
@click.option("--name", required=True, help="监票单位 / who runs it")
@click.option("--address", required=True, help="手机访问本机的网址 / address for phones, https://…")
@click.option("--box", required=True, help="评议网站的网址 / address of the site, https://…")
@click.option("--out", type=NEW, default=Path("witness.json"), show_default=True)
@click.option("--again", is_flag=True, help="再写一份 / write the file once more")
@DATA
@language_option
def init(
    round_id: str, name: str, address: str, box: str, out: Path, again: bool, data: Path, language: str
) -> None:
    """生成本轮的密钥，写出 witness.json。Make the keys of a round, for its draft's id."""
    if not re.fullmatch(r"https?://[a-z0-9.\[\]:-]+", box.rstrip("/")):
        raise InvalidInput(
            N_("评议网站的网址“%(url)s”只写协议和主机，例如 https://pingyi.example。"), url=box
        )
    store = _store(data)
    offer = rounds.look(store, round_id).offer if again else rounds.begin(store, round_id, name, address, box)
    write_private(out, offer.to_json())
    said = translator(language)(N_("已写出 %(file)s，请交给评议办公室上传。两边核对指纹：%(print)s"))
    click.echo(said % {"file": out, "print": offer.fingerprint})


@witness.command("import-codes")
@click.argument("round_json", type=FILE)
@click.argument("codes_json", type=FILE, required=False)
@DATA
@language_option
def import_codes(round_json: Path, codes_json: Path | None, data: Path, language: str) -> None:
    """导入定稿的 round.json 和 codes-witness.json。Take over the frozen round and its codes."""
    codes = CodeList.from_json(read_text(codes_json)) if codes_json else None
    store, said = _store(data), translator(language)
    statement = importing.import_codes(store, read_text(round_json), codes)
    shown = {"codes": statement.codes, "lists": "、".join(statement.lists)}
    click.echo(said(N_("邀请码共 %(codes)s 个。名单摘要：%(lists)s")) % shown)
    _say_compared(store, rounds.look(store, statement.round_id), language)


@witness.command("withdraw-codes")
@click.argument("codes_json", type=FILE)
@UNCOMPARED
@DATA
@language_option
def withdraw_codes(codes_json: Path, uncompared: bool, data: Path, language: str) -> None:
    """撤回票箱机没有、两家都不要的名单。Take back a list that the box does not have."""
    store, codes = _store(data), CodeList.from_json(read_text(codes_json))
    round = rounds.look(store, codes.round_id)
    if not uncompared:
        require_absent(round, codes.digest)
    statement = importing.withdraw_codes(store, codes)
    said = translator(language)(N_("已撤回，邀请码还有 %(codes)s 个。请评议办公室再取一次声明。"))
    click.echo(said % {"codes": statement.codes})


@witness.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=9000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--at", default="03:00", show_default=True, help="每天移交的时刻 / when to hand over, daily")
@DATA
def serve(host: str, port: int, at: str, data: Path) -> None:
    """启动监票机。Serve phones, and hand over once a day."""
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", at):
        raise InvalidInput(N_("时刻应写成 03:00 的样子，现在是“%(at)s”。"), at=at)
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    from survey.cli.site.serve import STOP_SECONDS, check_port

    check_port(host, port)
    as_json = quiet_log.log_as_json(os.environ)
    store = _store(data)
    for round in rounds.all_rounds(store):
        rounds.signing_key(store, round.id)  # another secret is said now, not to phones
    store.close()
    os.environ |= {"PINGYI_DATA": str(data.resolve()), AT: at}
    Granian(
        TARGET,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,  # one process writes
        blocking_threads=8,
        factory=True,
        log_access=False,
        log_level=LogLevels.error,
        log_dictconfig=quiet_log.of_the_server(as_json=as_json),
        workers_kill_timeout=STOP_SECONDS,
    ).serve()


@witness.command()
@DATA
@language_option
def status(data: Path, language: str) -> None:
    """各轮的数目，并检查本机。Counts of this moment, and whether all is well."""
    _report(statuses(_store(data)), language)


@witness.command()
@DATA
@language_option
def doctor(data: Path, language: str) -> None:
    """检查这台机器能不能当监票机，再查各轮。Is this machine fit to be the witness? Then as `status`."""
    _report(examination(_store(data)), language)


def _report(lines: Iterable[Line], language: str) -> None:
    said, well = translator(language), True
    for passed, words in lines:
        well = well and passed
        click.echo(f"{'✓' if passed else '✗'} {visible(words.say(said))}")
    if not well:
        raise NotWell(N_("有一项或几项不对，见上。"))


@witness.command("hand-over")
@click.argument("round_id")
@click.option("--all", "everything", is_flag=True, help="不到门槛也移交 / also fewer than the threshold")
@DATA
@language_option
def hand_over(round_id: str, everything: bool, data: Path, language: str) -> None:
    """现在就移交。Hand over now what waits."""
    store = _store(data)
    round = rounds.look(store, round_id)
    handing_over.gather(store, round.id, everything=everything)
    _say_handed_over(store, round.id, language)
    _say_compared(store, round, language)


@witness.command()
@click.argument("round_id")
@click.option("--early", is_flag=True, help="两个单位商定提前截止 / before the planned end, as both agreed")
@UNCOMPARED
@DATA
@language_option
def close(round_id: str, early: bool, uncompared: bool, data: Path, language: str) -> None:
    """截止：不再收票，全部移交。Take nothing more and hand everything over."""
    store = _store(data)
    round = rounds.look(store, round_id)
    if not round.closed and not uncompared:
        rounds.require_due(round, early=early)
        require_same(store, round)
    rounds.close(store, round.id, early=early)
    handing_over.gather(store, round.id, everything=True)
    _say_handed_over(store, round.id, language)


@witness.command()
@click.argument("round_id")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True)
@DATA
@language_option
def export(round_id: str, out: Path, data: Path, language: str) -> None:
    """写出声明和盖章名单，供公布。Write the statement, and which codes were stamped, to be published."""
    store = _store(data)
    round = rounds.look(store, round_id)
    with store.read() as connection:
        rows = connection.execute(select(CODE.c.hash, CODE.c.stamped).where(CODE.c.round_id == round.id))
        stamped = write_used((bytes(row.hash), row.stamped) for row in rows)
    out.mkdir(parents=True, exist_ok=True)
    write_private(out / "statement.json", round.statement)
    write_private(out / "stamped.txt", stamped)
    click.echo(translator(language)(N_("已写到 %(folder)s。")) % {"folder": out})


def _say_handed_over(store: Store, round_id: bytes, language: str) -> None:
    kept, refused = handing_over.hand_over(store, round_id)
    said = translator(language)(N_("已移交，票箱机收下 %(kept)s 张，作废 %(refused)s 张。"))
    click.echo(said % {"kept": kept, "refused": refused})


def _say_compared(store: Store, round: rounds.WitnessRound, language: str) -> None:
    passed, compared = compare_lists(store, round)
    click.echo(f"{'✓' if passed else '!'} {visible(compared.say(translator(language)))}")


def _store(data: Path) -> Store:
    return Store(data.resolve(), os.environ.get("PINGYI_DATABASE_URL"))
