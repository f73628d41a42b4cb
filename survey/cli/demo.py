"""Command `pingyi demo`: a county with three quarters, or one round of two machines, its ballots cast over
HTTP through the real protocol."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import click

from survey.cli.demonstration import clear, print_logins, server, simulate, write_facts
from survey.config import Settings, load_settings


@click.command()
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    help="数据目录，默认 demo，两台机器时 demo-two / data directory",
)
@click.option("--serve/--no-serve", "serving", default=True, help="建好后是否启动网站 / serve when built")
@click.option(
    "--witness", "two", is_flag=True, help="一轮两台机器，监票机用下一个端口 / one round, two machines"
)
def demo(port: int, data: Path | None, serving: bool, two: bool) -> None:
    """建一个示例县并启动网站。Build a demonstration county, then serve it."""
    from survey.cli.site.serve import check_port, run_server

    check_port("127.0.0.1", port)
    data = data or Path("demo-two" if two else "demo")
    os.environ["PINGYI_INSECURE_HTTP"] = os.environ["PINGYI_DEMO"] = "1"
    os.environ["PINGYI_BASE_URL"] = f"http://127.0.0.1:{port}"
    settings = load_settings(data=data)
    facts = data / "demo.json"
    if two:
        from survey.cli.demo_two import demonstrate

        demonstrate(settings, port, facts, serving=serving)
        return
    if facts.exists():
        _say_again(facts, settings.base_url)
    else:
        _build(settings, port, facts)
    print_logins(json.loads(facts.read_text(encoding="utf-8")))
    if serving:
        click.echo("\n按 Ctrl+C 停止 / Ctrl+C to stop\n")
        run_server(settings, "127.0.0.1", port)


def _build(settings: Settings, port: int, facts: Path) -> None:
    from survey.demo.county import CountyBuilder

    started = time.monotonic()
    clear(settings)
    click.echo("正在建示例县（首次约需一两分钟）/ Building the demonstration county")
    with CountyBuilder(settings, click.echo) as county:
        county.populate()
        with server(settings, port):
            county.hold_rounds(lambda slug, invited, seed: simulate(settings, slug, invited, seed))
        value = county.facts()
    value["seconds"] = round(time.monotonic() - started, 1)
    write_facts(facts, value)
    click.echo(f"用时 {value['seconds']:.0f} 秒 / built in {value['seconds']:.0f} s")


def _say_again(path: Path, base_url: str) -> None:
    """Update the address (its port may have changed) in the description of a county that exists already."""
    value = json.loads(path.read_text(encoding="utf-8"))
    old = value["url"]
    value["url"] = base_url
    value["links"] = [link.replace(old, base_url, 1) for link in value["links"]]
    for reviewer in value["reviewers"]:
        reviewer["key_file"] = str(path.parent / "keys" / Path(reviewer["key_file"]).name)
    write_facts(path, value)
