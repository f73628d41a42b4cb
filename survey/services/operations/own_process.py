"""Work in a process of its own with a limit of memory, so that it takes none from who serves phones.

`python -m survey.services.operations.own_process BYTES < PIECES`: what is asked for comes pickled through
standard input, progress and outcome go back the same way, each after its length.
"""

from __future__ import annotations

import os
import pickle
import resource
import signal
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib import import_module
from typing import IO, Final, TypeVar, cast

from survey.config import analysis_memory
from survey.errors import N_, PingyiError
from survey.services.operations.job_kinds import Running

T = TypeVar("T")
Report = Callable[..., None]

MEGABYTE: Final = 1 << 20
# So ends a process for which there is no memory: refused in a library that does not ask, or killed.
_NO_MEMORY: Final = {-signal.SIGKILL, -signal.SIGSEGV, -signal.SIGABRT, -signal.SIGBUS}


class TooLittleMemory(PingyiError):
    """Work needed more memory than it may take."""

    code = "too_little_memory"
    status = 409
    remedy = N_(
        "请技术人员把 PINGYI_ANALYSIS_MEMORY 调大，重新启动网站，再接着做；这台机器内存不够的，把数据库恢复到"
        "内存更大的电脑上运行 pingyi results remake。"
    )

    def __init__(self, limit: int) -> None:
        super().__init__(
            N_("这一步需要的内存超过了允许的 %(limit)s MB，没有做完。已经做完的都保留着。"), limit=limit
        )


class _Ended(Exception):
    """The process ended without an outcome."""


def work_out(progress: Report | None, work: Callable[..., T], *arguments: object) -> T:
    """Result of `work(*arguments, report)`. A job does it in a process of its own, as it runs where phones
    are served; a command is such a process."""
    if isinstance(progress, Running):
        return call(work, *arguments, report=progress)
    return work(*arguments, progress or (lambda *_: None))


def call(work: Callable[..., T], *arguments: object, report: Report) -> T:
    """Result of `work(*arguments, report)`, a function of a module, done in a process of its own.

    `report` is called here with what the work reports; what it raises ends the process. Raises
    `TooLittleMemory`, and the `PingyiError` that the work raised.
    """
    limit = analysis_memory(os.environ)
    command = [sys.executable, "-m", "survey.services.operations.own_process", str(limit * MEGABYTE)]
    # One thread of linear algebra: each would reserve address space of its own.
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            given, received = cast(IO[bytes], process.stdin), cast(IO[bytes], process.stdout)
            with suppress(BrokenPipeError):  # it ended before it had read all: its status says why
                _send(given, (work.__module__, work.__name__, arguments))
                given.close()
            outcome = cast(T, _outcome(received, report))
        except _Ended as error:
            if process.wait() in _NO_MEMORY:
                raise TooLittleMemory(limit) from error
            raise
        except MemoryError as error:
            raise TooLittleMemory(limit) from error
        finally:
            process.kill()
    return outcome


def _outcome(received: IO[bytes], report: Report) -> object:
    """What the work returned; raises what it raised."""
    for kind, content in _received(received):
        if kind == "done":
            return content
        if isinstance(content, Exception):
            raise content
        report(*cast(tuple[object, ...], content))
    raise _Ended


def _received(stream: IO[bytes]) -> Iterator[tuple[str, object]]:
    while len(head := stream.read(8)) == 8:
        (size,) = struct.unpack("<Q", head)
        # Our own process wrote it, from our own arguments.
        yield pickle.loads(stream.read(size))  # noqa: S301


def _send(stream: IO[bytes], piece: object) -> None:
    content = pickle.dumps(piece, protocol=5)
    stream.write(struct.pack("<Q", len(content)) + content)
    stream.flush()


def main() -> None:
    """Do what standard input asks for."""
    limit = int(sys.argv[1])
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints is no piece
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        module, name, arguments = next(_received(sys.stdin.buffer))  # type: ignore[misc]
        work = getattr(import_module(module), name)
        outcome = ("done", work(*arguments, lambda *said: _send(out, ("report", said))))
    except PingyiError as error:
        outcome = ("raised", error)
    except MemoryError:
        outcome = ("raised", MemoryError())
    _send(out, outcome)


if __name__ == "__main__":
    main()
