"""One look at one round: asks each address once, and keeps the bytes that it got."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cached_property
from hashlib import sha256
from urllib.parse import urljoin, urlsplit

from survey.errors import N_, InvalidInput, PingyiError
from survey.protocol.crypto.encoding import grouped, plain_letters
from survey.protocol.description import CHECK_LENGTH, FORMAT, SLUG, RoundDescription
from survey.watch.asking import CouldNotLook, Reply, Visitor, ask
from survey.watch.public_page import PublicPage, read_public_page
from survey.watch.rules import NamedChange
from survey.watch.served_page import Carried, Render, carried

ABSENT = frozenset((404, 409, 410))
OWN_PAGES = b"Pingyi"
"""In every error page of the program; other machines on the way answer 404 too."""


class Sources:
    """What a watcher's own copy of the program would serve: hashes of the scripts, and `render`, which makes
    the survey page."""

    def __init__(self, hashes: dict[str, str], render: Render) -> None:
        self.hashes, self.render = hashes, render


class RoundAddress:
    """Address of a round's survey page, https://…/s/SLUG, with the check number (核对号) printed on paper if
    it is given after `#`."""

    def __init__(self, text: str) -> None:
        """Read the address in `text`; raises `InvalidInput` for any other form."""
        parts = urlsplit(text.strip())
        place = re.fullmatch("/s/([^/]+)", parts.path)
        if parts.scheme not in ("http", "https") or not parts.hostname or not place or parts.query:
            raise InvalidInput(N_("网址“%(url)s”不对，应写成 https://…/s/轮次。"), url=parts.path)
        if not SLUG.fullmatch(place[1]) or "@" in parts.netloc:
            raise InvalidInput(N_("网址“%(url)s”不对，应写成 https://…/s/轮次。"), url=parts.path)
        self.slug, self.check_number = place[1], _check_number(parts.fragment)
        self.site = f"{parts.scheme}://{parts.netloc.lower()}"
        self.url = f"{self.site}/s/{self.slug}"


class Look:
    """One look of one visitor at one round: each address is fetched once, when it is first needed.
    `findings`: contradictions within this look."""

    def __init__(
        self,
        round_: RoundAddress,
        visitor: Visitor,
        sources: Sources | None = None,
        get: Callable[[str, Visitor], Reply] = ask,
    ) -> None:
        self.round, self.visitor, self.sources = round_, visitor, sources
        self.kept: dict[str, bytes] = {}
        self.certificates: set[str] = set()
        self.findings: list[NamedChange] = []
        self._get = get
        self._asked: dict[str, Reply | CouldNotLook] = {}

    def content(self, path: str) -> bytes | None:
        """Bytes served at a path of the site; None if the site says that there is no such thing (yet).

        Raises `CouldNotLook`.
        """
        url = urljoin(self.round.url, path)
        if url not in self._asked:
            try:
                self._asked[url] = self._get(url, self.visitor)
            except CouldNotLook as error:
                self._asked[url] = error
        reply = self._asked[url]
        if isinstance(reply, CouldNotLook):
            raise reply
        if reply.certificate:
            self.certificates.add(reply.certificate)
        if reply.status in ABSENT and OWN_PAGES in reply.content:
            return None
        if 300 <= reply.status < 400:
            raise CouldNotLook("redirected", reply.location[:200])
        if reply.status != 200:
            raise CouldNotLook("status", reply.status)
        return reply.content

    def note(self, content: bytes) -> str:
        """SHA-256 (hex) of a content served; the content is kept as evidence."""
        digest = sha256(content).hexdigest()
        self.kept[digest] = content
        return digest

    def contradicts(self, field: str, one: object, other: object) -> None:
        """Add a finding if two places of the site state different values of `field`."""
        if one != other:
            self.findings.append(NamedChange("contradicts", field, str(one), str(other)))

    @cached_property
    def page(self) -> str | None:
        """HTML of the survey page that enterprises open; None if there is no such round."""
        content = self.content(self.round.url)
        return None if content is None else content.decode("utf-8", "replace")

    @cached_property
    def carried(self) -> Carried | None:
        """Data of the round in the survey page; None if they cannot be read."""
        return carried(self.page or "")

    @cached_property
    def public(self) -> PublicPage | None:
        """Statements of the round's public page; None if there is none. Raises `CouldNotLook`."""
        content = self.content(f"/public/{self.round.slug}")
        return None if content is None else read_public_page(content.decode("utf-8", "replace"))

    @cached_property
    def described(self) -> RoundDescription | None:
        """Description in `round.json`; None if there is none. Raises `CouldNotLook`."""
        content = self.content(f"/s/{self.round.slug}/round.json")
        if content is None:
            return None
        try:
            value = json.loads(content)
            if not isinstance(value, dict) or value.get("format") != FORMAT:
                raise CouldNotLook("not_pingyi")
            return RoundDescription.from_dict(value)
        except (ValueError, RecursionError) as error:
            raise CouldNotLook("not_pingyi") from error
        except PingyiError as error:
            if isinstance(error, CouldNotLook):
                raise
            raise CouldNotLook("unreadable", error) from error


def _check_number(fragment: str) -> str:
    letters = plain_letters(fragment)
    if len(letters) not in (0, CHECK_LENGTH):
        raise InvalidInput(
            N_("网址 # 后面只能写 16 位核对号。"),
            remedy=N_("请不要把企业的邀请码交给别人的电脑，去掉它，只留最后四组。"),
        )
    return grouped(letters)
