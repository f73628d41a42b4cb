"""Processes that look into files from outside: little memory and time, no files; few at a time."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import threading
from typing import Final

from survey.errors import Busy

AT_A_TIME: Final = 2
PATIENCE: Final = 60.0
MEMORY: Final = 1 << 30
SECONDS: Final = 20
_places = threading.BoundedSemaphore(AT_A_TIME)


def run(module: str, content: bytes) -> tuple[str, bytes]:
    """First line and the rest of what `python -m module` writes about `content`; "" where a limit ended it.
    Raises `Busy` if too many run already."""
    if not _places.acquire(timeout=PATIENCE):
        raise Busy
    try:
        done = subprocess.run(
            [sys.executable, "-m", module],
            input=content,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"PYTHONUTF8": "1", "OPENBLAS_NUM_THREADS": "1"},
            timeout=PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return "", b""
    finally:
        _places.release()
    said, _, rest = done.stdout.partition(b"\n")
    return said.decode(), rest


def confine() -> None:
    """Limit this process for the rest of its life."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 5))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
