"""Hand-outs: files with secrets, sealed so that only a pickup code (取件码) of 100 random bits opens them.

The private key follows from the code, which is shown to the administrator who asks for the file and is kept
in that browser's cookie and on paper alone. The server, its backups and whoever copies its disk hold
ciphertext; the job that makes the file needs only the public key, so that it can be taken up again after a
restart. Any administrator with the code can fetch the file, from any browser, until it is destroyed or
`KEPT_DAYS` are over.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from survey.errors import N_, NotFound, PingyiError
from survey.protocol.crypto import hpke
from survey.protocol.crypto.encoding import b64u, crockford, grouped, unb64u, uncrockford
from survey.services.operations.kept_files import delete_older

KEPT_DAYS = 3
KEPT_SECONDS = KEPT_DAYS * 86_400
FOLDER = "handouts"
_CURVE = ec.SECP256R1()
_LENGTH = 20


class HandoutGone(NotFound):
    """File that was destroyed, or was not fetched in time."""

    status = 410
    code = "handout_gone"
    remedy = N_("系统没有留底。名单确实丢了的，请在“签发邀请”页提出整批换发。")

    def __init__(self) -> None:
        super().__init__(N_("文件已经销毁，或者超过 %(days)s 天。"), days=KEPT_DAYS)


class NotYours(PingyiError):
    """File that this browser has no key for, or a pickup code that does not open it."""

    status = 403
    code = "not_yours"
    remedy = N_("取件码有 20 位，在点“签发”的人那里；请对照着再输入一遍。")

    def __init__(self) -> None:
        super().__init__(N_("取件码不对，打不开这份文件。"))


def new_code() -> tuple[str, str]:
    """Pair (pickup code for people, public key for the job, base64url)."""
    code = grouped(crockford(secrets.randbits(5 * _LENGTH), _LENGTH))
    return code, b64u(hpke.point(_key(code)))


def _key(code: str) -> ec.EllipticCurvePrivateKey:
    """Private key of a pickup code: HKDF-SHA256 to 48 bytes, reduced to the order of P-256 (as FIPS 186-5,
    A.2.1). Raises `NotYours` for what is no code."""
    try:
        secret = uncrockford(code, _LENGTH).to_bytes(13)
    except ValueError as error:
        raise NotYours from error
    derived = HKDF(hashes.SHA256(), 48, salt=None, info=b"pingyi handout").derive(secret)
    return ec.derive_private_key(int.from_bytes(derived) % (_CURVE.group_order - 1) + 1, _CURVE)


def keep(data: Path, public_key: str, content: bytes) -> str:
    """Seal `content` to `public_key` in a file of the data directory; returns the file's name."""
    name = secrets.token_hex(16)
    path = _folder(data) / name
    path.touch(mode=0o600)
    path.write_bytes(hpke.seal(unb64u(public_key), content, _info(name)))
    return name


def kept_until(data: Path, name: str) -> datetime | None:
    """Moment at which the file is deleted; None where it is gone. Deletes old files first."""
    sweep(data)
    try:
        made = (_folder(data) / name).stat().st_mtime if name else None
    except FileNotFoundError:
        made = None
    return None if made is None else datetime.fromtimestamp(made + KEPT_SECONDS, UTC)


def drop(data: Path, name: str) -> None:
    """Delete the file, if it is still there."""
    (_folder(data) / name).unlink(missing_ok=True)


def fetch(data: Path, name: str, code: str) -> bytes:
    """Content of the file, opened by its pickup code; raises `HandoutGone` or `NotYours`."""
    if kept_until(data, name) is None:
        raise HandoutGone
    try:
        return hpke.unseal(_key(code), (_folder(data) / name).read_bytes(), _info(name))
    except FileNotFoundError as error:
        raise HandoutGone from error
    except (InvalidTag, ValueError) as error:
        raise NotYours from error


def sweep(data: Path) -> None:
    """Delete every file older than `KEPT_DAYS`."""
    delete_older(data / FOLDER, KEPT_SECONDS)


def _folder(data: Path) -> Path:
    folder = data / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def _info(name: str) -> bytes:
    return b"pingyi-handout:" + name.encode()
