"""Reading and writing of small files by commands, with errors in words."""

from __future__ import annotations

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
    with written(path, content):
        pass


@contextmanager
def written(path: Path, content: str | bytes) -> Iterator[None]:
    """Write a file as `write_private` does; it gets its name when the block ends well.

    So a list of codes that the block makes valid never stands under its name before they are, wherever the
    program is killed.
    """
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise _unwritten(path, error) from error
    try:
        _fill(handle, path, content)
        yield
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    try:
        Path(temporary).replace(path)
    except OSError as error:
        kept = N_("写好的内容在 %(temporary)s，请改名保存。")
        raise _unwritten(path, error, kept, temporary=temporary) from error


def _fill(handle: int, path: Path, content: str | bytes) -> None:
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise _unwritten(path, error) from error


def _unwritten(path: Path, error: OSError, remedy: str = "", **values: object) -> InvalidInput:
    said = N_("不能写入“%(file)s”：%(why)s")
    return InvalidInput(said, remedy=remedy, file=path, why=error.strerror, **values)
