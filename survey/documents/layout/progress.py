"""How long work tells how far it is: `progress(step, done, total)`, the step as a Chinese message id.

An exception raised by the callback gives the work up.
"""

from collections.abc import Callable

Progress = Callable[[str, int, int], None]


def silent(step: str, done: int, total: int) -> None:
    """Nobody is watching."""
