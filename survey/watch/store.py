"""Files of a watcher: its log, its signing key, and each distinct content that it was served, as evidence."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from survey.errors import N_, InvalidInput
from survey.protocol.crypto.hpke import point
from survey.watch.log import Entry, WatchLog, first_entry, read_log

if sys.platform != "win32":
    import fcntl

OTHERS = 0o077


class WatchFiles:
    """Files of one watcher: the log `LOG`, the private key `LOG.key` (made at first use, readable by its
    owner only) and the folder `LOG.seen` with the contents served, each in a file named by its SHA-256."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.key_path = path.with_name(f"{path.name}.key")
        self.seen = path.with_name(f"{path.name}.seen")

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Context in which no other process writes this log; raises `InvalidInput` when one does already."""
        with _said_in_words(self.key_path), self._locked():
            yield

    def key(self) -> ec.EllipticCurvePrivateKey:
        """Watcher's private P-256 key from `LOG.key`; raises `InvalidInput` if the file is missing or
        damaged, or if other users may read it."""
        with _said_in_words(self.key_path):
            mode, pem = self.key_path.stat().st_mode, self.key_path.read_bytes()
        if os.name == "posix" and mode & OTHERS:
            raise InvalidInput(
                N_("别人也能读钥匙“%(file)s”。"),
                remedy=N_("请运行 chmod 600，只让自己读。"),
                file=self.key_path,
            )
        try:
            key = load_pem_private_key(pem, None)
        except (ValueError, TypeError) as error:
            raise InvalidInput(N_("钥匙“%(file)s”读不懂。"), file=self.key_path) from error
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise InvalidInput(N_("钥匙“%(file)s”读不懂。"), file=self.key_path)
        return key

    def public_key(self) -> bytes | None:
        """Public point (65 bytes) worked out from the private key in `LOG.key`; None without that file.

        Raises the errors of `key`.
        """
        return point(self.key()) if self.key_path.exists() else None

    def read(self, *, quick: bool = False) -> WatchLog:
        """Log read from its file and checked as `read_log` does; raises `InvalidInput`."""
        with _said_in_words(self.path):
            content = self.path.read_bytes()
        return read_log(content, quick=quick)

    def continued(self, time: str) -> WatchLog:
        """Log to be continued; a new one is begun, with an entry 0 of this time (UTC), if there is none.

        A last line left unfinished by a power cut is cut off. Raises `InvalidInput`, also for a log that was
        not signed by the key beside it.
        """
        key = self.key()
        with _said_in_words(self.path):
            content = self.path.read_bytes() if self.path.exists() else b""
            whole = content[: content.rfind(b"\n") + 1]
            if whole != content:
                os.truncate(self.path, len(whole))
        if not whole:
            self.append({}, first_entry(key, time))
        log = self.read(quick=True)
        if log.key != point(key):
            raise InvalidInput(
                N_("日志“%(file)s”不是用旁边的钥匙签的。"),
                remedy=N_("请用 --log 另写一份日志，原来的留着备查。"),
                file=self.path,
            )
        return log

    def append(self, kept: Mapping[str, bytes], entry: Entry) -> None:
        """Write the contents served (by SHA-256 in hex), then the entry that refers to them, durably."""
        with _said_in_words(self.path):
            self.seen.mkdir(mode=0o700, exist_ok=True)
            for digest, content in kept.items():
                if not (place := self.seen / digest).exists():
                    part = place.with_suffix(".part")
                    _write(part, content, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
                    part.replace(place)
            _write(self.path, entry.line(), os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def kept(self, digest: str) -> bytes | None:
        """Content with this SHA-256 (hex) from `LOG.seen`; None if it is missing or no longer has that
        hash."""
        try:
            content = (self.seen / digest).read_bytes() if digest.isalnum() else b""
        except OSError:
            return None
        return content if sha256(content).hexdigest() == digest else None

    @contextmanager
    def _locked(self) -> Iterator[None]:
        if not self.key_path.exists():
            if self.path.exists():
                raise InvalidInput(
                    N_("日志“%(file)s”的钥匙不在旁边。"),
                    remedy=N_("请把 %(key)s 放回来，或用 --log 另写一份日志。"),
                    file=self.path,
                    key=self.key_path.name,
                )
            key = ec.generate_private_key(ec.SECP256R1())
            pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            _write(self.key_path, pem, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
        with self.key_path.open("rb") as file:
            if sys.platform != "win32":
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError as error:
                    raise InvalidInput(
                        N_("已经有一个 pingyi watch 在写日志“%(file)s”。"), file=self.path
                    ) from error
            yield


def _write(path: Path, content: bytes, flags: int) -> None:
    handle = os.open(path, flags, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _said_in_words(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InvalidInput(
            N_("文件“%(file)s”不能读写：%(why)s"), file=error.filename or path, why=error.strerror or error
        ) from error
