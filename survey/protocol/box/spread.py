"""Credentials of a large box, checked by several processes: for commands, not for who serves phones."""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import islice

from survey.protocol.ballots import CastBallot
from survey.protocol.box.checks import Progress, check_credentials
from survey.protocol.credentials import public_key
from survey.protocol.description import RoundDescription

# Fewer ballots are checked sooner than processes begin; so many are sent at a time, and for each process.
MANY, PIECE, AHEAD = 5_000, 250, 4
_description: list[RoundDescription] = []
"""Of a process that checks: the round."""


def check_spread(
    description: RoundDescription,
    ballots: Iterable[CastBallot],
    receipts: Sequence[bytes],
    processes: int,
    progress: Progress | None = None,
) -> list[bytes]:
    """What `check_credentials` finds, by so many processes where there are many ballots.

    Raises `InvalidBox` for the first ballot that fails, as it does.
    """
    if processes < 2 or len(receipts) < MANY:
        return check_credentials(public_key(description), description, ballots, receipts, progress)
    keys: list[bytes] = []
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, context, initializer=_begin, initargs=(description,)) as pool:
        try:
            for found in _in_order(pool, zip(ballots, receipts, strict=True), AHEAD * processes):
                keys += found
                if progress:
                    progress("verify", len(keys), len(receipts))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return keys


def _in_order(
    pool: ProcessPoolExecutor, pairs: Iterator[tuple[CastBallot, bytes]], most: int
) -> Iterator[list[bytes]]:
    """Results of pieces in their order; no more than `most` pieces are in memory."""
    pending: deque[Future[list[bytes]]] = deque()
    while piece := list(islice(pairs, PIECE)):
        pending.append(pool.submit(_check, piece))
        if len(pending) >= most:
            yield pending.popleft().result()
    for future in pending:
        yield future.result()


def _begin(description: RoundDescription) -> None:
    _description.append(description)


def _check(piece: list[tuple[CastBallot, bytes]]) -> list[bytes]:
    (description,) = _description
    ballots, receipts = zip(*piece, strict=True)
    return check_credentials(public_key(description), description, ballots, receipts)
