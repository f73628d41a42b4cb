"""Scripts that a page runs or loads, compared with those of this copy of the program."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from survey.errors import N_, PingyiError
from survey.scripts import integrity

ADDRESS = re.compile(r"/(?P<name>[\w-]+)\.[0-9a-f]{16}(?P<suffix>\.js)$")
DATA = ("application/json",)
# A value that runs code without a script element: "javascript:", however it is spaced.
RUNS = re.compile(r"[\s\x00-\x1f]*j\s*a\s*v\s*a\s*s\s*c\s*r\s*i\s*p\s*t\s*:", re.IGNORECASE)
FOREIGN = frozenset(("base", "embed", "frame", "iframe", "object"))
BEGINNING = 40


@dataclass
class Script:
    """Script of a page: its address, or its text if it is inline; `stated`: its integrity value in the
    page."""

    address: str
    stated: str
    text: str = ""


class Scripts(HTMLParser):
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


def served_problems(url: str, own: dict[str, str], get: Callable[[str], bytes]) -> Iterator[PingyiError]:
    """Yield differences between the page at `url` with its scripts, fetched by `get`, and the hashes
    `own`."""
    page = Scripts(get(url).decode("utf-8", "replace"))
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
