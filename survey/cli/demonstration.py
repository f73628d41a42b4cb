"""What both demonstrations need: a served site, a crowd of phones, and the file that describes them."""

from __future__ import annotations

import contextlib
import json
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

from survey.config import Settings
from survey.errors import N_, PingyiError

SERVER_PATIENCE = 600.0
"""Seconds for a process that lives: on a busy machine the start alone takes minutes."""


def clear(settings: Settings) -> None:
    """Delete what a demonstration left that was interrupted; nothing real is ever kept in its folder."""
    from survey.database.kinds import kind_at

    if file := kind_at(settings.database_url).file(settings.database_url):
        for leftover in settings.data.glob(f"{file.name}*"):
            leftover.unlink()


def simulate(
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
def server(settings: Settings, port: int) -> Iterator[None]:
    """Serve the site in a process of its own."""
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


def write_facts(path: Path, value: dict[str, Any]) -> None:
    """Write the description of a demonstration, whole or not at all."""
    temporary = path.with_suffix(".tmp")
    temporary.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    temporary.replace(path)


def print_logins(facts: dict[str, Any]) -> None:
    """Print who signs in how, and a link for a phone."""
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
