"""Callback by which long work reports progress: `progress(step, done, total)`, `step` being a Chinese message
id.

An exception that the callback raises stops the work.
"""

from collections.abc import Callable

Progress = Callable[[str, int, int], None]


def silent(step: str, done: int, total: int) -> None:
    """Progress callback (step, steps done, steps in all) that does nothing."""
