"""Browsers in which somebody signed in before: a signed cookie that proves it, person by person.

OWASP calls it a device cookie. It opens nothing; it keeps a stranger's tries from slowing its owner.
"""

from __future__ import annotations

import secrets

from flask import Response, request
from itsdangerous import BadSignature, URLSafeSerializer

from survey.models import User
from survey.web.site.request import settings

COOKIE = "pingyi-device"
YEAR = 365 * 24 * 3600
MOST = 6


def device_of(name: str) -> str | None:
    """The proof that `name` signed in with this browser before; None without one."""
    return _known().get(name.strip())


def remember_device(response: Response, user: User) -> Response:
    """Let this browser be known for `user` from now on."""
    known = _known()
    proof = known.pop(user.name, None) or secrets.token_urlsafe(12)
    newest = dict([*known.items(), (user.name, proof)][-MOST:])
    response.set_cookie(
        _cookie(),
        signer(settings().secret_key).dumps(newest),
        max_age=YEAR,
        path="/",
        secure=not settings().insecure_http,
        httponly=True,
        samesite="Strict",
    )
    return response


def _cookie() -> str:
    """The prefix has browsers refuse it from another host, path or without HTTPS, as the session's."""
    return COOKIE if settings().insecure_http else f"__Host-{COOKIE}"


def _known() -> dict[str, str]:
    try:
        value = signer(settings().secret_key).loads(request.cookies.get(_cookie(), ""))
    except BadSignature:
        return {}
    return value if isinstance(value, dict) else {}


def signer(secret_key: str) -> URLSafeSerializer:
    """Signs and reads the cookie's value."""
    return URLSafeSerializer(secret_key, salt="pingyi-device")
