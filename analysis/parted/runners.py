"""Who computes the terms of parts: this process, processes of its own, or a Dask cluster.

Each is an `analysis.model.parts.Run`: results of a function of each part, in the order of the parts, so that
sums are added up in one order whoever computes them.
"""

from __future__ import annotations

from collections import deque
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


def runner(workers: int | None, dask: str | None = None) -> AbstractContextManager[Run]:
    """Context of the `Run` by so many workers; dask: address of a scheduler, whose workers do it instead."""
    if dask is not None:
        return on_dask(dask)
    return processes(workers) if workers is not None and workers > 1 else nullcontext(serial)


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


@contextmanager
def on_dask(address: str) -> Iterator[Run]:
    """Context with a `Run` by the workers of a Dask cluster.

    They must see the folder of the parts by the same path, and have this package. A part whose worker dies is
    given to another by the scheduler, as often as its setting `allowed-failures` says.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise InputError(
            "没有安装 Dask：请先执行 pip install 'pingyi[dask]'，或改用 --workers。",
            "Dask is not installed: run pip install 'pingyi[dask]' first, or use --workers.",
        ) from error
    try:
        client = Client(address, timeout=10)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise InputError(
            f"连不上 Dask 调度器“{address}”，请检查地址和端口，如 tcp://10.0.0.5:8786。",
            f"There is no Dask scheduler at {address}; check address and port, such as tcp://10.0.0.5:8786.",
        ) from error

    def run(function: Callable[[Any], Any], parts: Sequence[Any]) -> Iterator[Any]:
        waiting = deque(client.map(function, parts, pure=False))
        while waiting:
            yield _fetched(waiting.popleft())  # a result that was fetched is forgotten by the cluster

    with client:
        yield run


def _fetched(future: Any) -> Any:
    """Result of a part that Dask was asked for; InputError where its workers cannot give it."""
    from distributed import KilledWorker

    try:
        return future.result()
    except KilledWorker as error:
        raise _gave_up() from error
    except (FileNotFoundError, ModuleNotFoundError) as error:
        raise InputError(
            f"Dask 的工作进程做不了（{error}）。各台机器要装有同一版本的本程序，"
            "并能按同一路径看到 --out 的文件夹。",
            f"The workers of Dask cannot do it ({error}). All machines need this program in one version, and "
            "must see the folder of --out by the same path.",
        ) from error
