"""File with the secret of an installation, of the site or of the witness."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from survey.errors import N_, InvalidInput

MINIMUM_SECRET = 32
# A line of one repeated word is long, but not secret.
DIFFERENT_CHARACTERS = 10


def secret_of(path: Path) -> str:
    """The secret in the file, which is made where there is none.

    Raises `InvalidInput` that names the file when it cannot be read, or holds less than a secret does, and
    `OSError` when it cannot be made.
    """
    if not path.exists():
        _make(path)
    return _read(path)


def _make(path: Path) -> None:
    """Write a new secret durably to a file of its own, before anything is locked with it."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_hex(32))
        file.flush()
        os.fsync(file.fileno())


def _read(path: Path) -> str:
    try:
        secret = path.read_text(encoding="utf-8").strip()
    except UnicodeDecodeError as error:
        raise _damaged(path) from error
    except OSError as error:
        raise InvalidInput(
            N_("密钥文件 %(path)s 读不了（%(why)s）。"),
            remedy=N_("请用运行本程序的用户执行，例如 sudo -u pingyi。"),
            path=path,
            why=error.strerror,
        ) from error
    if len(secret) < MINIMUM_SECRET or len(set(secret)) < DIFFERENT_CHARACTERS:
        raise _damaged(path)
    return secret


def _damaged(path: Path) -> InvalidInput:
    return InvalidInput(
        N_("密钥文件 %(path)s 坏了：里面不是密钥。"),
        remedy=N_("请从备份放回原来的文件；换一个新的，原来锁住的钥匙就打不开了。"),
        path=path,
    )
