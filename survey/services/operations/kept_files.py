"""Files that are kept for a while only."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path


def delete_older(folder: Path, seconds: float) -> None:
    """Delete the files in `folder`, if there is one, that were written more than `seconds` ago."""
    for path in folder.iterdir() if folder.is_dir() else ():
        with suppress(FileNotFoundError):  # somebody else deletes them, or has done with them, too
            if path.stat().st_mtime < time.time() - seconds:
                path.unlink()
