"""Limits on BLAS threads: for small problems several threads cost more than they save, above all on a busy
machine."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, nullcontext
from functools import cache

from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

_LARGE = 256


@cache
def _controller() -> ThreadpoolController:
    return ThreadpoolController()


def blas_threads(departments: int) -> AbstractContextManager[object]:
    """Context manager that limits BLAS to one thread for fewer than 256 departments, and else changes
    nothing."""
    if departments >= _LARGE:
        return nullcontext()
    return single_blas_thread()


def single_blas_thread() -> AbstractContextManager[object]:
    """Context manager that limits BLAS to one thread, for work already spread over Python threads."""
    limit: AbstractContextManager[object] = _controller().limit(limits=1, user_api="blas")
    return limit


def processors() -> int:
    """Number of threads to use: the processors this process may run on, at most 4."""
    return max(1, min(4, len(os.sched_getaffinity(0))))
