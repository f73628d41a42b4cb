"""Reading and writing of small files by commands, with errors in words."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from survey.errors import N_, InvalidInput


def read_text(path: Path) -> str:
    """Text of a UTF-8 file; raises `InvalidInput`."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(N_("文件“%(file)s”读不出来：%(why)s"), file=path.name, why=error) from error


def write_private(path: Path, content: str | bytes) -> None:
    """Write a file readable by its owner only, whole or not at all; raises `InvalidInput`."""
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise InvalidInput(N_("不能写入“%(file)s”：%(why)s"), file=path, why=error.strerror) from error
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except OSError as error:
        Path(temporary).unlink(missing_ok=True)
        raise InvalidInput(N_("不能写入“%(file)s”：%(why)s"), file=path, why=error.strerror) from error
