"""Device cookie (OWASP): a signed cookie that proves who signed in with this browser before.

It signs nobody in; it only exempts the browser from the delays that a stranger's failed attempts on the same
name cause.
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
    """Proof that `name` signed in with this browser before; None if not."""
    return _known().get(name.strip())


def remember_device(response: Response, user: User) -> Response:
    """Add `user` to the device cookie in `response`, which is returned."""
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
    """Name of the cookie; the prefix __Host- makes browsers refuse it from another host or path, or without
    HTTPS."""
    return COOKIE if settings().insecure_http else f"__Host-{COOKIE}"


def _known() -> dict[str, str]:
    try:
        value = signer(settings().secret_key).loads(request.cookies.get(_cookie(), ""))
    except BadSignature:
        return {}
    return value if isinstance(value, dict) else {}


def signer(secret_key: str) -> URLSafeSerializer:
    """Serializer that signs the value of the device cookie and checks it."""
    return URLSafeSerializer(secret_key, salt="pingyi-device")
