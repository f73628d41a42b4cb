"""Typesetting of PDFs by typst, in a process of its own.

typst keeps threads and caches for the life of a process, so a server that forks after compiling may hang, and
the memory of a large document would never be given back. Its threads also need a deeper stack than the
default for thousands of images; that can only be set before they start.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from survey.errors import N_, PingyiError

MAIN = "main.typ"
OUTPUT = "out.pdf"
INPUT = "data.json"
_ACCESSIBLE = "ua-1"

_STACK = 1 << 30  # bytes of address space a thread, not of memory
_POLL = 0.2
_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own, mode 0700, is made inside


class TypesettingFailed(PingyiError):
    """Failure of typst to make a document; the message quotes typst."""

    status = 500
    code = "typesetting_failed"
    remedy = N_("没有生成文件。请减少份数再试一次；仍然不行，请把这段话发给技术支持。")

    def __init__(self, why: str) -> None:
        super().__init__(N_("排版没有成功：%(why)s"), why=why)


def typeset(
    template: Path,
    data: Mapping[str, object],
    files: Mapping[str, bytes],
    *,
    waiting: Callable[[], None] = lambda: None,
    accessible: bool = False,
) -> bytes:
    """PDF of `template`, a typst file that reads `data` as data.json and `files` by their names.

    `accessible`: tagged after PDF/UA-1, for which every picture needs words and the document a title.

    `waiting` is called several times a second; an exception that it raises stops the work. Raises
    `TypesettingFailed` with typst's message, also for warnings: a missing font is a failure, not a box.
    """
    # Documents may carry secrets: they pass through memory where the system has a place for that, not a disk.
    where = _SHARED_MEMORY if os.access(_SHARED_MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="pingyi-", dir=where) as name:
        folder = Path(name)
        (folder / MAIN).write_bytes(template.read_bytes())
        (folder / INPUT).write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
        for file, content in files.items():
            (folder / file).write_bytes(content)
        _run(folder, _ACCESSIBLE if accessible else "", waiting)
        return (folder / OUTPUT).read_bytes()


def _run(folder: Path, standard: str, waiting: Callable[[], None]) -> None:
    command = [
        sys.executable,
        "-m",
        "survey.documents.layout.typst_process",
        str(folder),
        standard,
        *map(str, _font_folders()),
    ]
    environment = os.environ | {"RUST_MIN_STACK": str(_STACK), "PYTHONUTF8": "1"}
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as process:
        try:
            words = _wait(process, waiting)
        except BaseException:
            process.kill()
            raise
    if process.returncode != 0:
        raise TypesettingFailed(words or f"typst {process.returncode}")


def _font_folders() -> list[Path]:
    from analysis.charts.fonts import font_files

    return list(dict.fromkeys(path.parent for path in font_files()))


def _wait(process: "subprocess.Popen[bytes]", waiting: Callable[[], None]) -> str:
    while True:
        try:
            _, words = process.communicate(timeout=_POLL)
        except subprocess.TimeoutExpired:
            waiting()
        else:
            return words.decode(errors="replace").strip()
