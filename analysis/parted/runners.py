"""Who computes the terms of parts: this process, or processes of its own.

Each is an `analysis.model.parts.Run`: results of a function of each part, in the order of the parts, so that
sums are added up in one order whoever computes them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from multiprocessing import get_context
from queue import SimpleQueue
from typing import Any, Final

from analysis.errors import InputError
from analysis.model.parts import Run

TRIES: Final = 3


def serial(function: Callable[[Any], Any], parts: Sequence[Any]) -> Iterator[Any]:
    """Results of the parts, computed here one after the other."""
    return map(function, parts)


def runner(workers: int) -> AbstractContextManager[Run]:
    """Context of the `Run` by so many workers."""
    return processes(workers) if workers > 1 else nullcontext(serial)


@contextmanager
def processes(workers: int) -> Iterator[Run]:
    """Context with a `Run` by as many processes.

    Each process is a pool by itself, so that the death of one breaks its own and costs no more than the part
    it had; that part is given to a new process, three times at most.
    """
    idle: SimpleQueue[ProcessPoolExecutor] = SimpleQueue()
    for _ in range(workers):
        idle.put(_process())

    def tried(function: Callable[[Any], Any], part: Any) -> Any:
        pool = idle.get()
        try:
            for _ in range(TRIES):
                try:
                    return pool.submit(function, part).result()
                except BrokenProcessPool:
                    pool.shutdown()
                    pool = _process()
            raise _gave_up()
        finally:
            idle.put(pool)

    with ThreadPoolExecutor(workers) as threads:
        try:
            yield lambda function, parts: threads.map(partial(tried, function), parts)
        finally:
            threads.shutdown(cancel_futures=True)
            for _ in range(workers):
                idle.get().shutdown()


def _process() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(1, mp_context=get_context("spawn"))


def _gave_up() -> InputError:
    return InputError(
        f"同一份评分，工作进程 {TRIES} 次中途退出，多半是内存不够。请减少进程数，或把每份改小。",
        f"A worker ended {TRIES} times while it had one and the same part of the ratings; most likely memory "
        "ran out. Take fewer workers or smaller parts.",
    )
