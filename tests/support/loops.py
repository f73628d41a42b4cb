"""Event loops in tests: a browser's driver keeps one running in the main thread."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


def in_thread(work: Callable[[], T]) -> T:
    """What `work` returns, from a thread that has no event loop yet."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(work).result()


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Like `asyncio.run`, wherever it is called."""
    return in_thread(lambda: asyncio.run(coroutine))
