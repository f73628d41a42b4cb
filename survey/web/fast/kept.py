"""Bounded cache of answers that are the same for everybody, under keys of everything that they depend on."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from a2wsgi.asgi_typing import HTTPScope

from survey.web.fast.bodies import Headers
from survey.web.fast.flask_pool import Answer

MOST = 2048
LONGEST_ENCODINGS = 256
ENCODINGS = ("br", "gzip")
SCHEMES = frozenset((b"", b"http", b"https"))
# Request headers whose presence may require another answer than the cached one.
CONDITIONS = frozenset((b"if-none-match", b"if-modified-since", b"range"))


class Key(NamedTuple):
    """Key of a cached answer: path, encoding and scheme."""

    path: str
    encoding: str
    scheme: str
    forwarded: bytes  # what a proxy says of the scheme


class Ready(NamedTuple):
    """Cached answer that is valid until `until` (monotonic clock, seconds)."""

    until: float
    answer: Answer


class Kept:
    """Cache of answers; when full, the oldest entry is removed."""

    def __init__(self) -> None:
        self._ready: dict[Key, Ready] = {}

    def __len__(self) -> int:
        return len(self._ready)

    def get(self, key: Key) -> Ready | None:
        return self._ready.get(key)

    def put(self, key: Key, ready: Ready) -> None:
        self._ready.pop(key, None)
        while len(self._ready) >= MOST:
            del self._ready[next(iter(self._ready))]
        self._ready[key] = ready

    def drop(self, key: Key) -> None:
        self._ready.pop(key, None)

    def clear(self) -> None:
        self._ready.clear()

    def timed(self) -> list[Key]:
        """Keys of the answers that expire."""
        return [key for key, ready in self._ready.items() if ready.until < float("inf")]


def key_of(scope: HTTPScope, headers: Headers) -> Key | None:
    """Key under which a cached answer fits this request; None for a request that Flask must answer."""
    forwarded, accepted = headers.get(b"x-forwarded-proto", b""), headers.get(b"accept-encoding", b"")
    plain = scope["method"] == "GET" and not scope["query_string"] and CONDITIONS.isdisjoint(headers)
    if not plain or forwarded not in SCHEMES or len(accepted) > LONGEST_ENCODINGS:
        return None
    return Key(scope["path"], best_encoding(accepted), scope["scheme"], forwarded)


def scope_of(key: Key) -> HTTPScope:
    """ASGI scope of the simplest request that has the key `key`."""
    headers = [(b"accept-encoding", key.encoding.encode()), (b"x-forwarded-proto", key.forwarded)]
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "method": "GET",
        "path": key.path,
        "root_path": "",
        "query_string": b"",
        "scheme": key.scheme,
        "http_version": "1.1",
        "headers": [pair for pair in headers if pair[1]],
    }


def is_for(key: Key, answer: Answer) -> bool:
    """Whether the answer may be cached under `key`: it sets no cookie and has
    the encoding that `key` names."""
    given = dict(answer.headers)
    return b"set-cookie" not in given and given.get(b"content-encoding", b"").decode() == key.encoding


@lru_cache(maxsize=512)
def best_encoding(accepted: bytes) -> str:
    """Encoding for a header Accept-Encoding: "br", "gzip" or "" (RFC 9110 §12.5.3); weights other than 0 are
    ignored."""
    found = set()
    for part in accepted.decode("latin-1").lower().split(","):
        name, _, weight = part.partition(";")
        if weight.replace(" ", "").rstrip("0") not in ("q=", "q=0."):
            found.add(name.strip())
    return next((name for name in ENCODINGS if name in found), "")
