"""What takes seconds to build: made by the first worker that needs it, read from its files by the others."""

from __future__ import annotations

import fcntl
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

Made = TypeVar("Made")


def built_once(
    factory: pytest.TempPathFactory, name: str, build: Callable[[Path], Made]
) -> tuple[Path, Made]:
    """A folder with the files that `build` left in it, and what it gave back, through `pickle`.

    The files are everybody's: who changes them copies them first.
    """
    base = factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / f"once-{name}"
    folder.mkdir(exist_ok=True)
    result = folder / "result.pickle"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not result.exists():
            made = build(folder)
            result.write_bytes(pickle.dumps(made))
        return folder, pickle.loads(result.read_bytes())  # noqa: S301 - our own file
