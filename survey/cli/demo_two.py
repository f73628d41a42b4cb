"""`pingyi demo --witness`: box, witness and issuer of one round on one computer, on two ports."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from survey.cli.demonstration import SERVER_PATIENCE, clear, print_logins, server, simulate, write_facts
from survey.cli.linkfile import read_codes
from survey.cli.site.serve import check_port, run_server
from survey.config import Settings
from survey.errors import N_, InvalidInput, PingyiError

HOST = "127.0.0.1"
NAME = "县政协办公室"
BALLOTS, SEED = 24, 7
MOST_PORT = 65535


def demonstrate(settings: Settings, port: int, facts: Path, *, serving: bool) -> None:
    """Build the demonstration where there is none, print how to go on, and serve both machines."""
    if port >= MOST_PORT:
        raise InvalidInput(N_("监票机要用下一个端口，所以 --port 最大是 %(most)s。"), most=MOST_PORT - 1)
    check_port(HOST, port + 1)
    if not facts.exists():
        _build(settings, port, facts)
    value = json.loads(facts.read_text(encoding="utf-8"))
    if value["url"] != settings.base_url or "witness" not in value:
        raise InvalidInput(
            N_("%(folder)s 里是另一个示例：网址是 %(url)s，两台机器的网址定稿后不能改。"),
            remedy=N_("请用原来的端口，或者用 --data 换一个目录。"),
            folder=settings.data,
            url=value["url"],
        )
    print_logins(value)
    _print_way(value)
    if serving:
        click.echo("\n按 Ctrl+C 停止 / Ctrl+C to stop\n")
        with _witness_server(settings.data, port + 1):
            run_server(settings, HOST, port)


def _build(settings: Settings, port: int, facts: Path) -> None:
    from survey.demo.two_machines import TwoMachineCounty

    started, data = time.monotonic(), settings.data
    witness, issuer = data / "witness", data / "issuer"
    clear(settings)
    for folder in (witness, issuer):
        shutil.rmtree(folder, ignore_errors=True)
    click.echo("正在建两台机器的示例（约需一分钟）/ Building a round with two machines")
    issuer.mkdir(mode=0o700)
    with TwoMachineCounty(settings, click.echo) as county:
        county.populate()
        click.echo("  2/4 监票机、定稿、制作邀请、两边导入 / witness, freezing, invitations, both imports")
        round_id, card = county.draft(), issuer / "witness.json"
        address = f"http://{HOST}:{port + 1}"
        names = ["--name", NAME, "--address", address, "--box", settings.base_url, "--out", card]
        _pingyi("witness", "init", round_id, *names, "--data", witness)
        description, roster, out = issuer / "round.json", issuer / "roster.xlsx", issuer / "invitations"
        description.write_bytes(county.freeze(card.read_text(encoding="utf-8")))
        roster.write_bytes(county.roster())
        made = ["--roster", roster, "--base-url", settings.base_url, "--out", out]
        _pingyi("invitations", "make", description, *made)
        county.import_codes((out / "codes-box.json").read_text(encoding="utf-8"))
        _pingyi("witness", "import-codes", description, out / "codes-witness.json", "--data", witness)
        invited = county.invited(read_codes(out / "links.xlsx", county.quarter.slug))
        with _witness_server(data, port + 1), server(settings, port):
            county.take_statement()
            county.start()
            click.echo(f"  3/4 {BALLOTS} 家企业经监票机投票 / {BALLOTS} ballots through the witness")
            simulate(settings, county.quarter.slug, invited[:BALLOTS], SEED)
            _pingyi("witness", "hand-over", round_id, "--data", witness)
            county.take_statement()
        county.keep_links([link for link, _ in invited[BALLOTS:]])
        value = county.facts()
    click.echo("  4/4 完成 / done")
    value["witness"] = {"round": round_id, "address": address, "data": str(witness), "issuer": str(out)}
    value["seconds"] = round(time.monotonic() - started, 1)
    write_facts(facts, value)


def _pingyi(*arguments: object) -> None:
    """Run a command of the witness or the issuer, as its people would."""
    words = [str(each) for each in arguments]
    click.echo(f"      $ pingyi {' '.join(words)}")
    done = subprocess.run([sys.executable, "-m", "survey.cli", *words], env=_environment(), check=False)
    if done.returncode:
        raise PingyiError(
            N_("上面的命令没有做成，示例没有建好。"), remedy=N_("改好后再运行一次，示例会重新建立。")
        )


def _environment() -> dict[str, str]:
    """Of another machine: the site's database is not the witness's."""
    return {name: value for name, value in os.environ.items() if name != "PINGYI_DATABASE_URL"}


@contextlib.contextmanager
def _witness_server(data: Path, port: int) -> Iterator[None]:
    """Serve the witness in a process of its own."""
    command = [sys.executable, "-m", "survey.cli", "witness", "serve", "--port", str(port)]
    process = subprocess.Popen([*command, "--data", str(data / "witness")], env=_environment())
    try:
        deadline = time.monotonic() + SERVER_PATIENCE
        while not _listens(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise PingyiError(N_("监票机没有启动起来，原因见上。"))
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(timeout=SERVER_PATIENCE)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


def _print_way(value: dict[str, Any]) -> None:
    witness, slug = value["witness"], value["rounds"]["open"]
    page = f"{value['url']}/admin/rounds/{slug}/witness"
    program = Path(sys.executable).with_name("pingyi")
    click.echo(f"监票机 / witness        {witness['address']}  数据 / data {witness['data']}")
    click.echo(f"签发人 / issuer         {witness['issuer']}")
    click.echo("\n走到开箱 / on to the opening:")
    click.echo("  1 用手机链接填一张 / fill in one on the phone link")
    click.echo(f"  2 {program} witness close {witness['round']} --early --data {witness['data']}")
    click.echo(f"  3 管理员在 {page} 取声明，再提议截止；评议员确认 / fetch the statement, propose, confirm")
    click.echo("  4 两位评议员带钥匙开箱 / both reviewers open the box with their keys")
