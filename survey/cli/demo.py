"""Command `pingyi demo`: a county with three quarters, its ballots cast over HTTP through the real
protocol."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import click

from survey.config import Settings, load_settings
from survey.errors import N_, PingyiError

SERVER_PATIENCE = 60.0


@click.command()
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--data", default="demo", show_default=True, type=click.Path(path_type=Path, file_okay=False))
@click.option("--serve/--no-serve", "serving", default=True, help="建好后是否启动网站 / serve when built")
def demo(port: int, data: Path, serving: bool) -> None:
    """建一个示例县并启动网站。Build a demonstration county, then serve it."""
    from survey.cli.site.serve import check_port, run_server

    check_port("127.0.0.1", port)
    os.environ["PINGYI_INSECURE_HTTP"] = os.environ["PINGYI_DEMO"] = "1"
    os.environ["PINGYI_BASE_URL"] = f"http://127.0.0.1:{port}"
    settings = load_settings(data=data)
    facts = data / "demo.json"
    if facts.exists():
        _say_again(facts, settings.base_url)
    else:
        _build(settings, port, facts)
    _print_logins(json.loads(facts.read_text(encoding="utf-8")))
    if serving:
        click.echo("\n按 Ctrl+C 停止 / Ctrl+C to stop\n")
        run_server(settings, "127.0.0.1", port)


def _build(settings: Settings, port: int, facts: Path) -> None:
    from survey.database.kinds import kind_at
    from survey.demo.county import CountyBuilder

    started = time.monotonic()
    if file := kind_at(settings.database_url).file(settings.database_url):
        # A demonstration that was interrupted is made anew; nothing real is ever kept in its folder.
        for leftover in settings.data.glob(f"{file.name}*"):
            leftover.unlink()
    click.echo("正在建示例县（首次约需一两分钟）/ Building the demonstration county")
    with CountyBuilder(settings, click.echo) as county:
        county.populate()
        with _server(settings, port):
            county.hold_rounds(lambda slug, invited, seed: _simulate(settings, slug, invited, seed))
        value = county.facts()
    value["seconds"] = round(time.monotonic() - started, 1)
    _write(facts, value)
    click.echo(f"用时 {value['seconds']:.0f} 秒 / built in {value['seconds']:.0f} s")


def _simulate(
    settings: Settings, slug: str, invited: Sequence[tuple[str, Mapping[str, str]]], seed: int
) -> None:
    """Cast ballots by `pingyi simulate` in a separate process, as a crowd of phones would."""
    path, facts = settings.data / "links.json", settings.data / "facts.json"
    path.write_text(json.dumps([link for link, _strata in invited]))
    facts.write_text(json.dumps([strata for _link, strata in invited]))
    try:
        command = [sys.executable, "-m", "survey.cli", "simulate", slug, "--links", str(path)]
        command += ["--url", settings.base_url, "--seed", str(seed), "--workers", "4"]
        command += ["--facts", str(facts)]
        subprocess.run(command, check=True)
    except subprocess.CalledProcessError as error:
        raise PingyiError(
            N_("模拟投票没有完成（轮次 %(slug)s）。"),
            remedy=N_("请看上面的说明；改好后再运行一次，示例会重新建立。"),
            slug=slug,
        ) from error
    finally:
        path.unlink()
        facts.unlink()


@contextlib.contextmanager
def _server(settings: Settings, port: int) -> Iterator[None]:
    command = [sys.executable, "-m", "survey.cli", "serve", "--data", str(settings.data), "--port", str(port)]
    process = subprocess.Popen(command)
    try:
        _wait_for(settings, process)
        yield
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=SERVER_PATIENCE)


def _wait_for(settings: Settings, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + SERVER_PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(URLError, ConnectionError, TimeoutError):
            urlopen(f"{settings.base_url}/login", timeout=5).close()  # noqa: S310 - our own server on this machine
            return
        time.sleep(0.1)
    raise PingyiError(
        N_("网站没有启动起来。"),
        remedy=N_("请单独运行 pingyi serve --data %(data)s 看原因。"),
        data=settings.data,
    )


def _say_again(path: Path, base_url: str) -> None:
    """Update the address (its port may have changed) in the description of a county that exists already."""
    value = json.loads(path.read_text(encoding="utf-8"))
    old = value["url"]
    value["url"] = base_url
    value["links"] = [link.replace(old, base_url, 1) for link in value["links"]]
    for reviewer in value["reviewers"]:
        reviewer["key_file"] = str(path.parent / "keys" / Path(reviewer["key_file"]).name)
    _write(path, value)


def _write(path: Path, value: dict[str, Any]) -> None:
    temporary = path.with_suffix(".tmp")
    temporary.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    temporary.replace(path)


def _print_logins(facts: dict[str, Any]) -> None:
    click.echo(f"\n网站 / site            {facts['url']}")
    click.echo(
        f"管理员 / administrator {facts['administrator']['name']}  {facts['administrator']['password']}"
    )
    for reviewer in facts["reviewers"]:
        click.echo(
            f"评议员 / reviewer      {reviewer['name']}  {reviewer['password']}"
            f"  钥匙 / key {reviewer['key_file']}  口令 / passphrase {reviewer['passphrase']}"
        )
    if liaison := facts.get("liaison"):
        click.echo(f"联络员 / liaison        {liaison['name']}  {liaison['password']}")
    click.echo(f"手机链接 / phone link  {facts['links'][0]}")
