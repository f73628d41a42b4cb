"""Command `pingyi script-hash`: check that browsers get exactly the scripts and the page of these sources."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from html.parser import HTMLParser
from http.client import HTTPException
from pathlib import Path
from urllib.parse import urljoin, urlsplit
from urllib.request import Request, urlopen

import click

from survey.cli.box.page_check import carried, page_problems, renderer
from survey.cli.language import language_option
from survey.errors import N_, InvalidInput, PingyiError
from survey.language import translator
from survey.protocol.box.scan import scan_box
from survey.scripts import integrity, script_hashes

TIMEOUT = 30.0
MOST_BYTES = 4 << 20
ADDRESS = re.compile(r"/(?P<name>[\w-]+)\.[0-9a-f]{16}(?P<suffix>\.js)$")
DATA = ("application/json",)
# A value that runs code without a script element: "javascript:", however it is spaced.
RUNS = re.compile(r"[\s\x00-\x1f]*j\s*a\s*v\s*a\s*s\s*c\s*r\s*i\s*p\s*t\s*:", re.IGNORECASE)
FOREIGN = frozenset(("base", "embed", "frame", "iframe", "object"))
BEGINNING = 40
DIGEST, ANNOUNCEMENT = N_("轮次说明的摘要"), N_("网页上的公告")


class ScriptsDiffer(PingyiError):
    """A browser gets something other than these sources make."""

    code = "scripts_differ"
    remedy = N_("请确认两边是同一个版本；如果是，请不要再填写，并告诉持钥人和评议办公室。")


@dataclass
class Script:
    """Script of a page: its address, or its text if it is inline; `stated`: its integrity value in the
    page."""

    address: str
    stated: str
    text: str = ""


class _Scripts(HTMLParser):
    """Parser that collects the scripts of a page, those that they load, and any other code in it; data are
    skipped."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[Script] = []
        self.fetched: list[Script] = []
        self.others: list[str] = []
        self._inside: Script | None = None
        self._elements = 0
        self.feed(page)
        self.close()
        # Count script elements that a browser may find and this parser did not.
        self.others += ["<script>"] * (page.lower().count("<script") - self._elements)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.others += [f"<{tag} {name}>" for name in values if name.startswith("on")]
        self.others += [f"<{tag} {v}>" for v in values.values() if v and RUNS.match(v)]
        self.others += [f"<{tag}>"] * (tag in FOREIGN or "http-equiv" in values)
        self._inside = None
        if (values.get("data-href") or "").endswith(".js"):
            self.fetched.append(Script(values["data-href"] or "", values.get("data-integrity") or ""))
        self._elements += tag == "script"
        if tag == "script" and values.get("type") not in DATA:
            self._inside = Script(values.get("src") or "", values.get("integrity") or "")
            self.found.append(self._inside)

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 - the base class's
        self._inside = None

    def handle_data(self, data: str) -> None:
        if self._inside is not None:
            self._inside.text += data


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
    """Print the data that the page carries, for the auditor to compare with what was published."""
    said = carried(page)
    if said is not None:
        click.echo(f"{translate(DIGEST)}  {said.description.frozen_digest()}")
        if said.announcement:
            click.echo(f"{translate(ANNOUNCEMENT)}  {said.announcement}")


def served_problems(url: str, own: dict[str, str], get: Callable[[str], bytes]) -> Iterator[PingyiError]:
    """Yield differences between the page at `url` with its scripts, fetched by `get`, and the hashes
    `own`."""
    page = _Scripts(get(url).decode("utf-8", "replace"))
    if not page.found:
        yield PingyiError(N_("网页 %(url)s 里没有程序。"), url=url)
    foreign = [f"<script>{s.text[:BEGINNING]}" for s in page.found if not s.address and not _own(s, own)]
    for code in (*page.others, *foreign):
        yield PingyiError(N_("网页里有源代码里没有的程序：%(script)s。"), script=code)
    for script in (s for s in (*page.found, *page.fetched) if s.address):
        known = ADDRESS.search(urlsplit(script.address).path)
        name = known["name"] + known["suffix"] if known else ""
        if name not in own or urlsplit(urljoin(url, script.address)).netloc != urlsplit(url).netloc:
            yield PingyiError(N_("网页里有源代码里没有的程序：%(script)s。"), script=script.address)
        elif script.stated != own[name]:
            yield PingyiError(N_("网页给 %(name)s 写的散列是“%(found)s”。"), name=name, found=script.stated)
        elif integrity(get(urljoin(url, script.address))) != own[name]:
            yield PingyiError(N_("网站发出的 %(name)s 内容不同。"), name=name)


def _own(script: Script, own: dict[str, str]) -> bool:
    """Whether an inline script is, byte for byte, one of these sources."""
    return integrity(script.text.encode()) in own.values()


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
