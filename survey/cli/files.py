"""Reading and writing of small files by commands, with errors in words."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from survey.errors import N_, InvalidInput, in_full

if TYPE_CHECKING:
    from survey.documents.uploads.roster_row import RosterRow
    from survey.protocol.questionnaire import Stratum

SHOWN_PROBLEMS = 10


def read_text(path: Path) -> str:
    """Text of a UTF-8 file; raises `InvalidInput`."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(N_("文件“%(file)s”读不出来：%(why)s"), file=path.name, why=error) from error


def roster_rows(path: Path, strata: Sequence[Stratum], refusal: str) -> Sequence[RosterRow]:
    """Rows of a roster file.

    Raises `InvalidInput` for a file that cannot be read and, worded by `refusal` (a message id with `count`
    and `problems`), for one with faulty rows.
    """
    from survey.documents.uploads.roster_table import read_roster

    try:
        with path.open("rb") as file:
            report = read_roster(file, path.name, strata)
    except OSError as error:
        raise InvalidInput(N_("文件 %(path)s 读不了：%(why)s。"), path=path, why=error.strerror) from error
    if report.problems:
        shown = report.problems[:SHOWN_PROBLEMS]
        lines = "\n".join(f"{p.row} {p.column}：{in_full(p)}" for p in shown)
        raise InvalidInput(refusal, count=len(report.problems), problems=lines)
    return report.rows


def write_private(path: Path, content: str | bytes) -> None:
    """Write a file readable by its owner only, whole or not at all; raises `InvalidInput`."""
    temporary = _beside(path, content)
    try:
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise _unwritten(path, error) from error


@contextmanager
def written(path: Path, content: str | bytes) -> Iterator[None]:
    """Write a new file as `write_private` does; it gets its name when the block ends well, unless another
    has it by then.

    So a list of codes that the block makes valid never stands under its name before they are, wherever the
    program is killed.
    """
    temporary = _beside(path, content)
    try:
        yield
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    try:
        if path.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
        temporary.replace(path)
    except OSError as error:
        kept = N_("写好的内容在 %(temporary)s，请改名保存。")
        raise _unwritten(path, error, kept, temporary=temporary) from error


def _beside(path: Path, content: str | bytes) -> Path:
    """A hidden file beside `path` with the content, durable."""
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise _unwritten(path, error) from error
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        Path(temporary).unlink(missing_ok=True)
        raise _unwritten(path, error) from error
    return Path(temporary)


def _unwritten(path: Path, error: OSError, remedy: str = "", **values: object) -> InvalidInput:
    said = N_("不能写入“%(file)s”：%(why)s")
    return InvalidInput(said, remedy=remedy, file=path, why=error.strerror, **values)
