"""One-time files: files with secrets, handed out once and readable by one browser alone.

A file is sealed (HPKE) to a public key whose private half lives only in the cookie of the browser that asked
for it. The server, its backups and whoever copies its disk hold ciphertext; the job that makes the file needs
only the public half, so that it can be taken up again after a restart. The file is deleted when it has been
sent, and an hour after it was made.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec

from survey.errors import N_, NotFound, PingyiError
from survey.protocol.crypto import hpke
from survey.protocol.crypto.encoding import b64u, unb64u

KEPT_SECONDS = 3600
FOLDER = "handouts"
_CHUNK = 256 * 1024
_CURVE = ec.SECP256R1()
_PRIVATE_BYTES = 32


class HandoutGone(NotFound):
    """File that was sent already, or was not fetched within an hour."""

    status = 410
    code = "handout_gone"
    remedy = N_("系统没有留底。如果文件没有存下来，只能给企业换发新的邀请，或另签一批无记名票。")

    def __init__(self) -> None:
        super().__init__(N_("文件已经交付并销毁，或者超过一小时没有下载。"))


class NotYours(PingyiError):
    """File that this browser has no key for."""

    status = 403
    code = "not_yours"
    remedy = N_("请回到当时点“签发”的那台电脑、那个浏览器，不要退出登录，在一小时内下载。")

    def __init__(self) -> None:
        super().__init__(N_("这份文件只有签发时所用的浏览器能打开。"))


def new_key() -> tuple[str, str]:
    """Pair (private key for the browser's cookie, public key for the job), both base64url."""
    key = ec.generate_private_key(_CURVE)
    number = key.private_numbers().private_value
    return b64u(number.to_bytes(_PRIVATE_BYTES, "big")), b64u(hpke.point(key))


def keep(data: Path, public_key: str, content: bytes) -> str:
    """Seal `content` to `public_key` in a file of the data directory; returns the file's name."""
    name = secrets.token_hex(16)
    path = _folder(data) / name
    path.touch(mode=0o600)
    path.write_bytes(hpke.seal(unb64u(public_key), content, _info(name)))
    return name


def waiting(data: Path, name: str) -> bool:
    """Whether the file can still be fetched; deletes old files first."""
    sweep(data)
    return bool(name) and (_folder(data) / name).is_file()


def drop(data: Path, name: str) -> None:
    """Delete the file, if it is still there."""
    (_folder(data) / name).unlink(missing_ok=True)


def fetch(data: Path, name: str, private_key: str) -> bytes:
    """Content of the file, decrypted; raises `HandoutGone` or `NotYours`. `deliver` sends it and deletes the
    file."""
    if not waiting(data, name):
        raise HandoutGone
    try:
        number = int.from_bytes(unb64u(private_key), "big")
        key = ec.derive_private_key(number, _CURVE)
        return hpke.unseal(key, (_folder(data) / name).read_bytes(), _info(name))
    except FileNotFoundError as error:
        raise HandoutGone from error
    except (InvalidTag, ValueError) as error:
        raise NotYours from error


def deliver(data: Path, name: str, content: bytes) -> Iterator[bytes]:
    """Pieces of `content`; when the last piece was taken, the file is deleted.

    A connection that breaks before leaves the file for another try.
    """
    for start in range(0, len(content), _CHUNK):
        yield content[start : start + _CHUNK]
    drop(data, name)


def sweep(data: Path) -> None:
    """Delete every one-time file older than an hour."""
    for path in _folder(data).iterdir():
        try:
            if path.stat().st_mtime < time.time() - KEPT_SECONDS:
                path.unlink(missing_ok=True)
        except FileNotFoundError:  # somebody else swept it
            continue


def _folder(data: Path) -> Path:
    folder = data / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def _info(name: str) -> bytes:
    return b"pingyi-handout:" + name.encode()
