"""Command `pingyi script-hash`: check that browsers get exactly the scripts and the page of these sources."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from http.client import HTTPException
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import click

from survey.cli.box.page_render import renderer
from survey.cli.language import language_option
from survey.errors import N_, InvalidInput, PingyiError
from survey.language import translator
from survey.protocol.box.scan import scan_box
from survey.scripts import script_hashes
from survey.watch.served_page import carried, page_problems
from survey.watch.served_scripts import served_problems

TIMEOUT = 30.0
MOST_BYTES = 4 << 20
DIGEST, ANNOUNCEMENT = N_("轮次说明的摘要"), N_("网页上的公告")


class ScriptsDiffer(PingyiError):
    """A browser gets something other than these sources make."""

    code = "scripts_differ"
    remedy = N_("请确认两边是同一个版本；如果是，请不要再填写，并告诉持钥人和评议办公室。")


@click.command()
@click.option("--url", help="企业打开的网页 / the page that enterprises open, https://…/s/…")
@click.option(
    "--export",
    type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path),
    help="导出的票箱 / an exported box",
)
@language_option
def script_hash(url: str | None, export: Path | None, language: str) -> None:
    """由源代码算出程序的散列，并与网站（连同网页全文）或导出文件比较。

    Hash the scripts; compare them, and a site's whole page, with a site or an export.
    """
    translate = translator(language)
    own = script_hashes()
    for name, value in own.items():
        click.echo(f"{name}  {value}")
    problems: list[PingyiError] = []
    if url:
        get = cache(_get)  # both look at one and the same answer
        problems += served_problems(url, own, get)
        page = get(url).decode("utf-8", "replace")
        problems += page_problems(page, renderer())
        _tell_what_it_carries(page, translate)
    if export:
        with export.open("rb") as file:
            problems += stated_problems(scan_box(file).scripts, own)
    for problem in problems:
        click.echo(f"✗ {problem.say(translate)}")
    if problems:
        raise ScriptsDiffer(N_("有 %(count)s 处与源代码不同。"), count=len(problems))
    if url or export:
        click.echo(translate(N_("✓ 与源代码一致。")))


def _tell_what_it_carries(page: str, translate: Callable[[str], str]) -> None:
    """Print the page's digest of the round and its announcement, which the auditor compares with those
    published."""
    said = carried(page)
    if said is not None:
        click.echo(f"{translate(DIGEST)}  {said.description.frozen_digest()}")
        if said.announcement:
            click.echo(f"{translate(ANNOUNCEMENT)}  {said.announcement}")


def stated_problems(stated: dict[str, str], own: dict[str, str]) -> Iterator[PingyiError]:
    """Yield differences between the hashes that an export states and `own`."""
    if not stated:
        yield PingyiError(N_("导出文件里没有程序的散列。"))
    for name, value in stated.items():
        if own.get(name) != value:
            yield PingyiError(N_("导出文件给 %(name)s 写的散列是“%(found)s”。"), name=name, found=value)


def _get(url: str) -> bytes:
    if urlsplit(url).scheme not in ("http", "https"):
        raise InvalidInput(N_("网址“%(url)s”不对，应以 https:// 开头。"), url=url)
    # Headers of a phone, so that the site gives the answer that a phone would get.
    agent = (
        "Mozilla/5.0 (Linux; Android 12) AppleWebKit/537.36 Chrome/107.0 Mobile Safari/537.36 MicroMessenger"
    )
    headers = {"User-Agent": agent, "Accept-Encoding": "identity", "Accept-Language": "zh-CN"}
    try:
        with urlopen(Request(url, headers=headers), timeout=TIMEOUT) as reply:  # noqa: S310 - http(s), see above
            content: bytes = reply.read(MOST_BYTES)
            return content
    except (OSError, HTTPException) as error:
        raise InvalidInput(N_("打不开 %(url)s：%(why)s。"), url=url, why=error) from error
