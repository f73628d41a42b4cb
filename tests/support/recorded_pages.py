"""Walks a site as each of its people, in both languages, and writes down what they see (record.py)."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

LANGUAGES = {"zh": "zh-CN", "en": "en"}
STRANGER = "stranger"
ASSETS = "/static/"
# Pages of one route that differ by department, page or order: from here on they would only repeat.
MOST_OF_A_ROUTE = 12
LONGEST_NAME = 180
HIDDEN = {"script", "style", "template"}
INLINE = {
    "a",
    "abbr",
    "b",
    "code",
    "em",
    "i",
    "mark",
    "small",
    "span",
    "strong",
    "sub",
    "sup",
    "time",
    "tspan",
}
SAID_BY = ("alt", "aria-label", "placeholder", "title")
POINTERS = ("href", "src")

Browser = Callable[[], FlaskClient]


class Page(HTMLParser):
    """What is seen of an HTML page, a line for each block, and where it leads."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self._parts: list[str] = []
        self._hidden = 0
        self.feed(html)
        self.close()

    @property
    def text(self) -> str:
        lines = (re.sub(r"[ \t\r\f\v]+", " ", line).strip() for line in "".join(self._parts).split("\n"))
        return "".join(f"{line}\n" for line in lines if line)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        self.links += [given[name] for name in POINTERS if name in given]
        self._hidden += tag in HIDDEN
        if tag not in INLINE:
            self._parts.append("\n")
        said = [given[name] for name in SAID_BY if given.get(name)]
        if tag in ("input", "button", "option") and given.get("type") != "hidden" and given.get("value"):
            said.append(given["value"])
        self._parts += [f"\n[{' '.join(words.split())}]\n" for words in said]

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attributes)
        self._hidden -= tag in HIDDEN

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in HIDDEN
        if tag not in INLINE:
            self._parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self._parts.append(data.replace("\n", " "))


class Walk:
    """One person's way through a site in one language: every address that is asked for is written down."""

    def __init__(self, site: Flask, client: FlaskClient, base_url: str, folder: Path, language: str) -> None:
        self._client, self._base_url, self._folder = client, base_url, folder
        self._language = language
        self._map = site.url_map.bind(urlsplit(base_url).netloc)
        self._statuses: dict[str, str] = {}
        self._asked: Counter[str] = Counter()
        self._left_out: Counter[str] = Counter()
        self.reached: dict[str, str] = {}

    def go(self, addresses: Iterable[str], *, assets: bool = False) -> None:
        """Ask for these addresses and for all that they lead to."""
        waiting = list(dict.fromkeys(addresses))
        for address in waiting:  # grows meanwhile
            endpoint = self._endpoint(address)
            if address in self._statuses or endpoint is None or (address.startswith(ASSETS) and not assets):
                continue
            self._asked[endpoint] += 1
            if self._asked[endpoint] > MOST_OF_A_ROUTE and not address.startswith(ASSETS):
                self._left_out[endpoint] += 1
                continue
            waiting += self._ask(address, endpoint)

    def finish(self) -> None:
        """Write the list of all that was asked for: status, type, where it leads, name as a download."""
        left_out = [
            f"{count} more of {name} not asked for\n" for name, count in sorted(self._left_out.items())
        ]
        said = [f"{address}\t{status}\n" for address, status in sorted(self._statuses.items())]
        (self._folder / "statuses.txt").write_text("".join(said + left_out), encoding="utf-8")

    def _endpoint(self, address: str) -> str | None:
        try:
            return str(self._map.match(urlsplit(address).path, "GET")[0])
        except RequestRedirect:
            return None
        except HTTPException:
            return None

    def _ask(self, address: str, endpoint: str) -> list[str]:
        headers = {"Accept": "text/html", "Accept-Language": LANGUAGES[self._language]}
        answer = self._client.get(address, headers=headers, base_url=self._base_url)
        told = (
            answer.status,
            answer.mimetype,
            answer.location or "",
            answer.headers.get("Content-Disposition"),
        )
        self._statuses[address] = "\t".join(filter(None, told))
        if answer.status_code == 200:
            self.reached.setdefault(endpoint, address)
        if answer.mimetype != "text/html":
            write(self._folder / file_name(address), answer.data)
            return []
        page = Page(answer.text)
        write(self._folder / f"{file_name(address)}.txt", f"{answer.status}\n{page.text}".encode())
        return [found for link in page.links if (found := self._local(address, link))]

    def _local(self, address: str, link: str) -> str:
        """The address of a link as the site knows it; empty for one that leads elsewhere."""
        parts = urlsplit(urljoin(self._base_url + address, link))
        if parts.netloc != urlsplit(self._base_url).netloc:
            return ""
        return parts.path + (f"?{parts.query}" if parts.query else "")


def walk_all(
    site: Flask, people: dict[str, Browser], base_url: str, folder: Path, addresses: list[str], begin: Any
) -> int:
    """Walk as everybody, in both languages; then each asks for a page of every route that another reached."""
    walks = []
    for name, browser in people.items():
        for language in LANGUAGES:
            begin(f"{folder.name} {name} {language}")
            client = browser()
            client.post("/language", data={"language": language}, base_url=base_url)
            walk = Walk(site, client, base_url, folder / name / language, language)
            walk.go(addresses, assets=name == STRANGER)
            walks.append(walk)
    reached = {endpoint: address for walk in walks for endpoint, address in walk.reached.items()}
    for walk in walks:
        begin(f"{folder.name} again {len(walk.reached)}")
        walk.go(reached[endpoint] for endpoint in sorted(reached))
        walk.finish()
    return sum(1 for path in folder.rglob("*") if path.is_file())


def file_name(address: str) -> str:
    """A file's name for an address: its path with commas for slashes."""
    name = quote(address.strip("/").replace("/", ",") or "index", safe=",=&?.-_~")
    if len(name) <= LONGEST_NAME:
        return name
    return name[:LONGEST_NAME] + hashlib.sha256(address.encode()).hexdigest()[:12]


def write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
