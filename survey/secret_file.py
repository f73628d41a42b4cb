"""File with the secret of an installation, of the site or of the witness."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def new_secret(path: Path) -> None:
    """Write a new secret durably to a file of its own, before anything is locked with it."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_hex(32))
        file.flush()
        os.fsync(file.fileno())
