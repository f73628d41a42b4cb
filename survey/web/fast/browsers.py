"""Checks of signed cookies in the event loop, before Flask is called."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from itsdangerous import BadSignature
from itsdangerous.serializer import Serializer
from werkzeug.http import parse_cookie

from survey.web.account.devices import COOKIE, signer
from survey.web.fast.bodies import Headers
from survey.web.site.request import SESSION_TOKEN

Proof = Callable[[Headers], bool]


def signed_in(app: Flask) -> Proof:
    """Function that tells from the headers whether the request has a session cookie of ours with a sign-in,
    even one that has ended."""
    serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    return lambda headers: (
        SESSION_TOKEN in _proved(serializer, headers, app.config["SESSION_COOKIE_NAME"].encode())
    )


def known_browser(app: Flask) -> Proof:
    """Function that tells from the headers whether the browser has a device cookie, that is, somebody signed
    in with it before."""
    serializer = signer(app.secret_key) if isinstance(app.secret_key, str) else None
    return lambda headers: bool(_proved(serializer, headers, COOKIE.encode()))


def _proved(serializer: Serializer[str] | None, headers: Headers, name: bytes) -> dict[str, object]:
    """Content of our cookie whose name ends like `name`; empty for none, and for a forged one."""
    sent = headers.get(b"cookie", b"")
    if serializer is None or name not in sent:
        return {}
    cookies = parse_cookie(sent.decode("latin-1"))
    text = next((value for key, value in cookies.items() if key.encode().endswith(name)), "")
    try:
        found = serializer.loads(text)
    except BadSignature:
        return {}
    return found if isinstance(found, dict) else {}
