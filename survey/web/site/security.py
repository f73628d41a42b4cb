"""Response headers, cookies and limits that every page gets unless its view sets others."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from flask import Flask, Response, abort, request
from flask_wtf.csrf import CSRFProtect
from werkzeug.routing import IntegerConverter

from survey.config import Settings
from survey.web.site.repeatable import raise_failure

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from werkzeug.routing import Map


_SOURCES = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data: blob:",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
}


def content_policy(changes: Mapping[str, str] = MappingProxyType({})) -> str:
    """Value of the header Content-Security-Policy (W3C CSP 3); `changes`: sources by directive that replace
    the default."""
    return "; ".join(f"{directive} {sources}" for directive, sources in (_SOURCES | dict(changes)).items())


HEADERS = {
    "Content-Security-Policy": content_policy(),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Forms over HTTPS are checked against their referrer; other sites learn nothing.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
HSTS = "max-age=31536000; includeSubDomains"
_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
HOST = re.compile(
    rf"(?:(?P<name>(?=.{{1,253}}(?::|$)){_LABEL}(?:\.{_LABEL})*\.?)|\[[0-9A-Fa-f:.]+\])(?::\d{{1,5}})?"
)
LONGEST_HOST = 300
MAX_UPLOAD = 32 * 1024 * 1024
# Endpoints that take JSON, from our scripts or a witness; it is refused elsewhere, where views expect forms.
JSON_BLUEPRINT = "respond"
WRITING = ("POST", "PUT", "PATCH", "DELETE")
JSON_ENDPOINTS = ("review.register_key", "review.prove_key", "batch.take")

csrf = CSRFProtect()


class DatabaseInteger(IntegerConverter):
    """Converter for integers that both databases can look up; larger ones give 404."""

    def __init__(self, map: Map) -> None:  # noqa: A002 - Werkzeug's name
        super().__init__(map, max=2**31 - 1)


class RefuseNonsenseHost:
    """WSGI middleware that answers 400 to a malformed Host header (RFC 9110
    §7.2) before anything reads it."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        if is_host(environ.get("HTTP_HOST", "")):
            return self._app(environ, start)
        pinned = {"Strict-Transport-Security": HSTS} if environ.get("wsgi.url_scheme") == "https" else {}
        headers = {"Content-Type": "text/plain; charset=utf-8"} | HEADERS | pinned
        start("400 Bad Request", list(headers.items()))
        return ["这个请求无法识别。This request cannot be understood.\n".encode()]


def is_host(given: str) -> bool:
    """Whether `given` is a valid Host header: name or IP address, with or without port, or empty."""
    return len(given) <= LONGEST_HOST and _is_host(given)


@lru_cache(maxsize=256)
def _is_host(given: str) -> bool:
    found = HOST.fullmatch(given)
    if not given or found is None:
        return not given
    try:
        (found["name"] or "").encode("ascii").decode("idna")
    except UnicodeError:
        return False
    return True


def secure(app: Flask, settings: Settings) -> None:
    """Set cookies, limits, CSRF protection, default headers and the refusal of
    malformed requests on `app`.

    Call it before routes are added, since they use the converters that exist then.
    """
    app.url_map.converters["int"] = DatabaseInteger
    app.before_request(_refuse_what_nobody_sends)
    app.wsgi_app = RefuseNonsenseHost(app.wsgi_app)  # type: ignore[method-assign, assignment]
    app.config.update(
        SECRET_KEY=settings.secret_key,
        # With the prefix __Host-, browsers refuse the cookie from another host or path, or without HTTPS.
        SESSION_COOKIE_NAME="pingyi" if settings.insecure_http else "__Host-pingyi",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=not settings.insecure_http,
        MAX_CONTENT_LENGTH=MAX_UPLOAD,
        MAX_FORM_MEMORY_SIZE=1024 * 1024,
        WTF_CSRF_TIME_LIMIT=None,
    )
    csrf.init_app(app)

    @app.after_request
    def _headers(response: Response) -> Response:
        # The router makes absolute addresses with the host that the request names, so they are made relative.
        here = request.host_url
        if response.location is not None and response.location.startswith(here):
            response.location = response.location[len(here) - 1 :]
            response.set_data(b"")
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if request.is_secure and not settings.insecure_http:
            response.headers.setdefault("Strict-Transport-Security", HSTS)
        return response


def _refuse_what_nobody_sends() -> None:
    raise_failure()
    if "\x00" in request.path:  # PostgreSQL stores no such text
        abort(404)
    if request.blueprint == JSON_BLUEPRINT:
        return
    if request.method in WRITING and request.is_json and request.endpoint not in JSON_ENDPOINTS:
        abort(415)
    # A part of a form may have no name; the parser then says None.
    pairs = (pair for given in (request.args, request.form) for pair in given.items(True))
    if None in request.files or any(text is None or "\x00" in text for pair in pairs for text in pair):
        abort(400)
