"""Mails with invitations, made in memory out of the sealed list of links."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import format_datetime

from survey.clock import now
from survey.documents.lists.links_read import LINK, TEXT, read_links
from survey.errors import N_, InvalidInput
from survey.language import gettext as _
from survey.models import Round
from survey.protocol.codes import format_code, hash_code, parse_pinned
from survey.texts import undrawable

_PAGE = re.compile(r"https?://\S*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Letter:
    """Message to one enterprise; `key`: hash of its code; `secret`: letters and digits of its code."""

    key: bytes
    secret: str = field(repr=False)
    text: str = field(repr=False)

    def said(self, code: int, answer: bytes) -> str:
        """The mail server's answer without addresses of pages; the number alone where it repeats the code, as
        a filter of spam may."""
        words = " ".join(answer.decode("utf-8", "replace").split())
        words = "".join(sign for sign in _PAGE.sub("…", words) if sign.isprintable() and not undrawable(sign))
        repeated = self.secret in re.sub(r"[^0-9A-Z]", "", answer.decode("utf-8", "replace").upper())
        return str(code) if repeated else f"{code} {words}".strip()


def letters(links: bytes, round: Round) -> Iterator[Letter]:
    """Yield the letters of a list of links, in its order. Raises `InvalidInput` for a list of slips."""
    rows = read_links(links)
    if not rows:
        raise InvalidInput(N_("最近一次签发的是无记名票，没有可以发邮件的企业。"))
    for row in rows:
        code, _pin = parse_pinned(row[LINK].partition("#")[2])
        secret = format_code(code).replace("-", "")
        yield Letter(hash_code(code, round.id.hex(), round.format_version), secret, row[TEXT])


def mail(letter: Letter, round: Round, sender: str, address: str) -> EmailMessage:
    """Plain text in UTF-8. Its headers say nothing of the enterprise but the address, and nothing in it asks
    to be fetched or answered by a machine."""
    made = EmailMessage()
    made["Subject"] = _("匿名评议邀请：%(title)s", title=round.title)
    made["From"], made["To"] = sender, address
    made["Date"] = format_datetime(now())
    made["Message-ID"] = f"<{secrets.token_hex(16)}@{sender.rpartition('@')[2].rstrip('> ')}>"
    made.set_content(letter.text, cte="base64")
    return made
