"""Reading of .xlsx files in a separate process, with limits to its memory and time.

A malicious workbook can only harm that process; this one receives plain values, a few thousand rows at a
time, and stops when there are too many.
"""

import contextlib
import datetime
import io
import os
import pickle
import signal
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any, BinaryIO

from analysis.tables import refusals
from analysis.tables.cells import TableFile, TableSheet
from analysis.tables.refusals import FileDamaged, ReaderBusy, TableRefused, TooLarge
from analysis.tables.worksheet_scan import Limits

AT_A_TIME = 2
PATIENCE = 60.0
_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - the file has no name there
_ENDED_BY_LIMIT = (-signal.SIGABRT, -signal.SIGXCPU, -signal.SIGKILL, -signal.SIGSEGV)
_VALUES = {"date", "datetime", "time", "timedelta"}
_places = threading.BoundedSemaphore(AT_A_TIME)


def read_workbook(file: BinaryIO, limits: Limits) -> TableFile:
    """Read every visible sheet with content; raises `TableRefused`, or `ReaderBusy` if too many are being
    read."""
    if not _places.acquire(timeout=PATIENCE):
        raise ReaderBusy
    try:
        with _with_number(file) as real:
            return _read(real, limits)
    finally:
        _places.release()


def _read(file: IO[bytes], limits: Limits) -> TableFile:
    command = [sys.executable, "-m", "analysis.tables.workbook_process"]
    with subprocess.Popen(
        command, stdin=file, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=_environment(limits)
    ) as process:
        late = threading.Timer(2 * limits.seconds + 10, process.kill)
        late.start()
        try:
            return _book(_answers(process, limits.result))
        finally:
            late.cancel()
            process.kill()


def _environment(limits: Limits) -> dict[str, str]:
    named = {f"WORKBOOK_LIMIT_{name.upper()}": str(int(value)) for name, value in asdict(limits).items()}
    return os.environ | named | {"PYTHONUTF8": "1"}


def _book(answers: Iterator[Any]) -> TableFile:
    sheets: list[TableSheet] = []
    for kind, *rest in answers:
        if kind == "sheet":
            name, merged, formulas, *others = rest
            sheets.append(TableSheet(name, [], merged, formulas, (), "", *others))
        elif kind == "rows":
            sheets[-1].rows.extend(rest[0])
        elif kind == "refused":
            raise _refusal(*rest)
        else:
            return TableFile(tuple(sheets), rest[0])
    raise FileDamaged


def _refusal(name: str, values: dict[str, Any]) -> TableRefused:
    kind: type[TableRefused] = getattr(refusals, name)
    return refusals.OtherFile(values["kind"]) if kind is refusals.OtherFile else kind(**values)


def _answers(process: "subprocess.Popen[bytes]", most: int) -> Iterator[Any]:
    """Yield the process's messages; raises `TooLarge` if they are too long or if it was ended by a limit."""
    pipe: Any = process.stdout
    left = most
    while head := pipe.read(8):
        (length,) = struct.unpack("<Q", head)
        left -= length
        if left < 0:
            raise TooLarge("work")
        piece = pipe.read(length)
        if len(piece) < length:
            break
        yield _Plain(io.BytesIO(piece)).load()
    # Ended by a limit: a library aborts without memory, the system kills a process that takes too long.
    raise TooLarge("work") if process.wait() in _ENDED_BY_LIMIT else FileDamaged


class _Plain(pickle.Unpickler):
    """Unpickler that accepts plain values only, nothing that could execute code."""

    def find_class(self, module: str, name: str) -> Any:
        if module == "datetime" and name in _VALUES:
            return getattr(datetime, name)
        raise FileDamaged


@contextlib.contextmanager
def _with_number(file: BinaryIO) -> Iterator[IO[bytes]]:
    """Context with the file as one that a process can inherit; data in memory go to a temporary file, in
    memory if possible."""
    try:
        file.fileno()
    except (OSError, AttributeError):
        where = _SHARED_MEMORY if os.access(_SHARED_MEMORY, os.W_OK) else None
        with tempfile.TemporaryFile(dir=where) as copy:
            copy.write(file.read())
            copy.seek(0)
            yield copy
    else:
        yield file
