"""The watcher's log: entries chained by hashes and signed by the watcher's own key (docs/formats.md)."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import partial
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

from survey.errors import N_, InvalidInput
from survey.protocol.canonical_json import canonical_json
from survey.protocol.crypto import ecdsa
from survey.protocol.crypto.encoding import b64u, crockford, grouped, unb64u
from survey.protocol.crypto.hpke import point
from survey.protocol.plain_json import plain, strict_json
from survey.watch.rules import NAMED, NamedChange

FORMAT = "pingyi-watch"
VERSION = 1
NOTHING = "0" * 64
PREFIX = b"pingyi-watch:"
SHOWN_BYTES, SHOWN_LENGTH = 10, 16


@dataclass(frozen=True, slots=True)
class Entry:
    """Entry of the log for one look, signed by the watcher.

    `seen`: values by thing (None: the site says that there is none); `missed`: reasons by thing that could
    not be fetched or read; `previous`: hash of the line before. Entry 0 has no look: it says whose log this
    is, `key` being the watcher's public point.
    """

    number: int
    previous: str
    time: str
    url: str
    visitor: dict[str, str]
    seen: dict[str, dict[str, Any] | None]
    missed: dict[str, dict[str, str]]
    findings: tuple[NamedChange, ...]
    key: str = ""
    signature: str = ""

    def to_dict(self) -> dict[str, Any]:
        """JSON object that stands in a line of the log."""
        said = asdict(self) | {"findings": [asdict(finding) for finding in self.findings]}
        if self.number:
            return {name: value for name, value in said.items() if name != "key"}
        shown = {name: said[name] for name in ("number", "previous", "time", "key", "signature")}
        return {"format": FORMAT, "version": VERSION} | shown

    @classmethod
    def from_dict(cls, value: dict[str, Any]) -> Entry:
        """Read what `to_dict` wrote; raises `ValueError`, `TypeError` or `KeyError`."""
        head = (plain("int", value["number"]), plain("str", value["previous"]), plain("str", value["time"]))
        signature = plain("str", value["signature"])
        if not head[0]:
            if (value["format"], value["version"]) != (FORMAT, VERSION):
                raise ValueError(f"{value['format']} {value['version']}")
            return cls(*head, "", {}, {}, {}, (), plain("str", value["key"]), signature)
        findings = tuple(NamedChange(**{n: plain("str", v) for n, v in f.items()}) for f in value["findings"])
        if any(finding.code not in NAMED for finding in findings):
            raise ValueError("findings")
        visitor = {n: plain("str", v) for n, v in value["visitor"].items()}
        seen = {n: v if v is None else dict(v.items()) for n, v in value["seen"].items()}
        missed = {n: {m: plain("str", v) for m, v in why.items()} for n, why in value["missed"].items()}
        return cls(*head, plain("str", value["url"]), visitor, seen, missed, findings, "", signature)

    def signed(self, key: EllipticCurvePrivateKey) -> Entry:
        """The entry with the watcher's signature."""
        return replace(self, signature=b64u(ecdsa.sign(key, self._said())))

    def verifies(self, point: bytes) -> bool:
        """Whether the watcher with this public key (point, 65 bytes) signed the entry; raises `ValueError`
        when key or signature cannot be read."""
        return ecdsa.verifies(point, self._said(), unb64u(self.signature))

    def line(self) -> bytes:
        """Line of the log (canonical JSON) with its line feed."""
        return canonical_json(self.to_dict()) + b"\n"

    def digest(self) -> str:
        """SHA-256 (hex) of the line without its line feed: `previous` of the next entry."""
        return sha256(self.line()[:-1]).hexdigest()

    def _said(self) -> bytes:
        said = {name: value for name, value in self.to_dict().items() if name != "signature"}
        return PREFIX + canonical_json(said)


def first_entry(key: EllipticCurvePrivateKey, time: str) -> Entry:
    """Entry 0 of a new log, signed; time: UTC, ISO 8601."""
    return Entry(0, NOTHING, time, "", {}, {}, {}, (), key=b64u(point(key))).signed(key)


@dataclass(frozen=True, slots=True)
class WatchLog:
    """Log that was read and checked: the watcher's public key, the entries after entry 0, and the hash of
    every line."""

    key: bytes
    entries: tuple[Entry, ...]
    hashes: tuple[str, ...]

    @property
    def fingerprint(self) -> str:
        """First 80 bits of SHA-256 of the key, for people."""
        return shown_key(self.key)


def shown_key(public: bytes) -> str:
    """Fingerprint of a watcher's key: 16 Crockford characters in groups of four."""
    return grouped(crockford(int.from_bytes(sha256(public).digest()[:SHOWN_BYTES]), SHOWN_LENGTH))


def read_log(content: bytes, *, quick: bool = False) -> WatchLog:
    """Read a log and check that it is whole; raises `InvalidInput`, naming the line.

    `quick` checks the chain of all lines and the signature of the last alone: for the watcher's own log,
    which grows by thousands of lines a month.
    """
    lines = content.splitlines(keepends=True)
    entries, hashes = list[Entry](), list[str]()
    key = b""
    for number, line in enumerate(lines):
        entry = _entry(line, number, quick=quick)
        _check(entry.previous == (hashes[-1] if hashes else NOTHING), number, _UNCHAINED)
        key = key or _checked(partial(unb64u, entry.key), number)
        if not quick or number in (0, len(lines) - 1):
            good = _checked(partial(entry.verifies, key), number)
            _check(good, number, _UNSIGNED)
        entries.append(entry)
        hashes.append(sha256(line[:-1]).hexdigest())
    _check(bool(entries), 0, _UNREADABLE)
    return WatchLog(key, tuple(entries[1:]), tuple(hashes))


_UNREADABLE = N_("日志第 %(line)s 行不是完整的一条。")
_UNCHAINED = N_("日志第 %(line)s 行与前一行接不上：有一行被改过、删去或换了次序。")
_UNSIGNED = N_("日志第 %(line)s 行不是这位观察者签的。")
_REMEDY = N_("请不要使用这份日志，向观察者索取原件，或与另一位观察者的日志比较。")


def _check(good: bool, number: int, message: str) -> None:
    if not good:
        raise InvalidInput(message, remedy=_REMEDY, line=number + 1)


def _checked(read: Callable[[], Any], number: int) -> Any:
    try:
        return read()
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise InvalidInput(_UNREADABLE, remedy=_REMEDY, line=number + 1) from error


def _entry(line: bytes, number: int, *, quick: bool) -> Entry:
    _check(line.endswith(b"\n"), number, _UNREADABLE)
    value = _checked(lambda: json.loads(line) if quick else strict_json(line), number)
    _check(isinstance(value, dict), number, _UNREADABLE)
    entry: Entry = _checked(lambda: Entry.from_dict(value), number)
    _check(entry.number == number, number, _UNCHAINED)
    _check(quick or _checked(entry.line, number) == line, number, _UNREADABLE)
    return entry
