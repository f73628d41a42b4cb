"""Forms that were filled in when the sign-in ran out, kept for half an hour until their owner is back.

What was typed lies in a file that only the key in that browser's cookie opens (AES-256-GCM). Passwords,
codes and ticks are never kept; what is too large, or one too many, is not kept either.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from survey.services.operations.kept_files import delete_older

FOLDER = "half-filled"
KEPT_SECONDS = 1800
MOST_BYTES = 256 * 1024
MOST_FILES = 200
NEVER = frozenset({"password", "old", "again", "proof", "code", "token", "csrf_token", "passphrase", "key"})
_NONCE_BYTES = 12


@dataclass(frozen=True, slots=True)
class HalfFilled:
    """Form as it was sent: whose it is (id of the user in hexadecimal), page on which it stands, address that
    it was sent to, and its fields, each with all its values."""

    owner: str
    page: str
    action: str
    fields: Mapping[str, Sequence[str]]


def without_secrets(fields: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Fields that may be kept: no password, code or token, and no tick, which has to be set anew."""
    return {name: list(values) for name, values in fields.items() if not _is_secret(name)}


def keep(data: Path, form: HalfFilled) -> tuple[str, str] | None:
    """Seal the form into a file; returns (name, key) for the cookie, None where it cannot be kept."""
    kept = {"owner": form.owner, "page": form.page, "action": form.action}
    content = json.dumps(kept | {"fields": without_secrets(form.fields)}).encode()
    sweep(data)
    if len(content) > MOST_BYTES or sum(1 for _ in _folder(data).iterdir()) >= MOST_FILES:
        return None
    name, key, nonce = secrets.token_hex(16), AESGCM.generate_key(256), os.urandom(_NONCE_BYTES)
    path = _folder(data) / name
    path.touch(mode=0o600)
    path.write_bytes(nonce + AESGCM(key).encrypt(nonce, content, name.encode()))
    return name, key.hex()


def fetch(data: Path, name: str, key: str) -> HalfFilled | None:
    """Form of the file; None where it is gone, too old or not of this key."""
    sweep(data)
    with suppress(FileNotFoundError, InvalidTag, ValueError):
        sealed = _path(data, name).read_bytes()
        nonce, content = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        return HalfFilled(**json.loads(AESGCM(bytes.fromhex(key)).decrypt(nonce, content, name.encode())))
    return None


def drop(data: Path, name: str) -> None:
    """Delete the file, if it is still there."""
    with suppress(ValueError):
        _path(data, name).unlink(missing_ok=True)


def sweep(data: Path) -> None:
    """Delete what is older than half an hour."""
    delete_older(data / FOLDER, KEPT_SECONDS)


def _is_secret(name: str) -> bool:
    last = name.rpartition("-")[2]
    return last in NEVER or last == "confirm" or "password" in last or "passphrase" in last


def _path(data: Path, name: str) -> Path:
    if len(name) != 32 or not name.isalnum():
        raise ValueError(name)
    return _folder(data) / name


def _folder(data: Path) -> Path:
    folder = data / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder
