"""One BLAS thread for small problems: waking more costs more than they save, far more on a busy machine."""

from __future__ import annotations

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
    limit: AbstractContextManager[object] = _controller().limit(limits=1, user_api="blas")
    return limit
