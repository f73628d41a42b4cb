"""One BLAS thread for small problems: waking more costs more than they save, far more on a busy machine."""

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
    """A context with one BLAS thread under 256 departments, and as many as there are from there on."""
    if departments >= _LARGE:
        return nullcontext()
    return single_blas_thread()


def single_blas_thread() -> AbstractContextManager[object]:
    """A context with one BLAS thread, for work that is shared among Python's own threads."""
    limit: AbstractContextManager[object] = _controller().limit(limits=1, user_api="blas")
    return limit


def processors() -> int:
    """Threads worth starting: the processors this process may use, at most 4."""
    return max(1, min(4, len(os.sched_getaffinity(0))))
