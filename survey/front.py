"""What stands before Flask: repeats answers that are the same for everybody, and takes ballots in.

Flask makes each of these answers once, with all its headers, and its view says how long it holds. Whatever is
out of the ordinary - a condition, a query, an error - is Flask's to answer.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from functools import lru_cache
from io import BytesIO
from typing import Any, NamedTuple

from flask import Flask

from survey.views.repeating import FAILED, HOLDS
from survey.views.respond import BODY_LIMIT, ballot_reply

Environ = dict[str, Any]
Start = Callable[..., Any]
Headers = list[tuple[str, str]]
Key = tuple[str, str, str]

BALLOT_PATH = ("/s/", "/ballot")
# Such a request may deserve another answer than the one at hand.
CONDITIONS = ("HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_RANGE")
ENCODINGS = ("br", "gzip")


class Ready(NamedTuple):
    """An answer that holds until `until` of the monotonic clock."""

    until: float
    status: str
    headers: Headers
    body: bytes


class Front:
    """WSGI middleware around the Flask application."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._flask = app.wsgi_app
        self._ready: dict[Key, Ready] = {}

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        method = environ["REQUEST_METHOD"]
        if method == "GET" and not environ.get("QUERY_STRING") and not any(map(environ.get, CONDITIONS)):
            return self._get(environ, start)
        if method == "POST" and _is_ballot(environ):
            return self._cast(environ, start)
        return self._flask(environ, start)

    def _get(self, environ: Environ, start: Start) -> Iterable[bytes]:
        encoding = best_encoding(environ.get("HTTP_ACCEPT_ENCODING", ""))
        key = (environ["PATH_INFO"], encoding, environ["wsgi.url_scheme"])
        ready = self._ready.get(key)
        if ready is None or time.monotonic() > ready.until:
            return self._asked(key, environ, start)
        start(ready.status, ready.headers)
        return (ready.body,)

    def _cast(self, environ: Environ, start: Start) -> Iterable[bytes]:
        key = ("ballot", "", environ["wsgi.url_scheme"])
        ready = self._ready.get(key)
        if ready is None:
            return self._asked(key, environ, start)
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        slug = environ["PATH_INFO"][len(BALLOT_PATH[0]) : -len(BALLOT_PATH[1])]
        try:
            reply = ballot_reply(self._app.extensions["pingyi"].database, slug, body)
        except Exception as error:  # Flask says it in words
            environ |= {FAILED: error, "wsgi.input": BytesIO(body)}
            return self._flask(environ, start)
        start(ready.status, [*ready.headers, ("Content-Length", str(len(reply)))])
        return (reply,)

    def _asked(self, key: Key, environ: Environ, start: Start) -> Iterable[bytes]:
        """Flask's own answer, kept when its view says that it holds."""
        said: list[Any] = []

        def note(status: str, headers: Headers, *more: Any) -> Any:
            said[:] = [status, headers]
            return start(status, headers, *more)

        parts = self._flask(environ, note)
        if HOLDS not in environ or not said or not said[0].startswith("200"):
            return parts
        body = b"".join(parts)
        headers = [
            pair for pair in said[1] if environ["REQUEST_METHOD"] == "GET" or pair[0] != "Content-Length"
        ]
        if not any(name.lower() == "set-cookie" for name, _ in headers):
            self._ready[key] = Ready(environ[HOLDS], said[0], headers, body)
        return (body,)


@lru_cache(maxsize=512)
def best_encoding(accepted: str) -> str:
    """`br`, `gzip` or nothing (RFC 9110 §12.5.3); weights other than 0 do not matter."""
    found = set()
    for part in accepted.lower().split(","):
        name, _, weight = part.partition(";")
        if weight.replace(" ", "").rstrip("0") not in ("q=", "q=0."):
            found.add(name.strip())
    return next((name for name in ENCODINGS if name in found), "")


def _is_ballot(environ: Environ) -> bool:
    path, length = environ["PATH_INFO"], environ.get("CONTENT_LENGTH") or ""
    return (
        path.startswith(BALLOT_PATH[0])
        and path.endswith(BALLOT_PATH[1])
        and environ.get("CONTENT_TYPE") == "application/json"
        and length.isdecimal()
        and int(length) <= BODY_LIMIT
    )
