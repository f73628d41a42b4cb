"""Connection to the mail server of PINGYI_SMTP_URL: encrypted, but to this machine."""

from __future__ import annotations

import smtplib
import ssl
from urllib.parse import parse_qs, unquote, urlsplit

from survey.hosts import is_loopback

PATIENCE_SECONDS = 20.0
USUAL_RATE = 30
"""Invitations a minute, unless the address says `rate`."""


def given(url: str, name: str) -> str:
    """What the query of a mail server's address says of `name`: `from`, `to` or `rate`; "" for nothing."""
    return parse_qs(urlsplit(url).query).get(name, [""])[0]


def rate(url: str) -> int:
    """How many invitations a minute may be sent."""
    return int(given(url, "rate") or USUAL_RATE)


def connected(url: str) -> smtplib.SMTP:
    """Connection to the mail server of `url`, signed in: encrypted from the start for `smtps`, after STARTTLS
    for `smtp`, and plain only to this machine.

    Raises `OSError` or `smtplib.SMTPException`; nothing was sent then.
    """
    parts = urlsplit(url)
    server = _encrypted(parts.scheme, parts.hostname or "", parts.port)
    try:
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
    except BaseException:
        server.close()
        raise
    return server


def _encrypted(scheme: str, host: str, port: int | None) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if scheme == "smtps":
        return smtplib.SMTP_SSL(host, port or 465, timeout=PATIENCE_SECONDS, context=context)
    server = smtplib.SMTP(host, port or 587, timeout=PATIENCE_SECONDS)
    if not is_loopback(f"http://{host}"):
        try:
            server.starttls(context=context)
        except BaseException:
            server.close()
            raise
    return server
