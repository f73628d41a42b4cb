"""How many ballots who records every time at the box links to who collected: the figures of record 60.

400 invited firms, 20 days, seven of ten take part, most on the first days and in working hours; four of five
cast within minutes of collecting. Of a batch the operator is even told whose ballots are in it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FIRMS, DAYS, THRESHOLD, ROUNDS = 400, 20, 10, 20
MINUTES, SPREAD, LATER = 0.1, 0.7, 20.0  # hours; of those who cast at once, and of the rest

Times = npt.NDArray[np.float64]


def arrivals(rng: np.random.Generator) -> tuple[Times, Times]:
    """Hours at which those who take part collect and cast."""
    count = rng.binomial(FIRMS, 0.7)
    day = np.minimum(rng.exponential(5, count).astype(int), DAYS - 1)
    collected = day * 24 + np.clip(rng.normal(rng.choice([10, 15], count), 1.5), 8, 22)
    soon = rng.lognormal(np.log(MINUTES), SPREAD, count)
    lag = np.where(rng.random(count) < 0.8, soon, rng.exponential(LATER, count))
    return collected, np.minimum(collected + lag, DAYS * 24.0)


def linked_by_one_server(collected: Times, cast: Times) -> float:
    """Share of ballots whose likeliest collector, by the time between, is the right one."""
    free, right = np.ones(len(collected), bool), 0
    for ballot in np.argsort(cast):
        firms = np.flatnonzero(free & (collected <= cast[ballot]))
        lag = np.maximum(cast[ballot] - collected[firms], 1e-6)
        soon = np.exp(-((np.log(lag / MINUTES) / SPREAD) ** 2) / 2) / (lag * SPREAD * np.sqrt(2 * np.pi))
        guess = firms[np.argmax(0.8 * soon + 0.2 * np.exp(-lag / LATER) / LATER)]
        right += int(guess == ballot)
        free[guess] = False
    return right / len(collected)


def batches(cast: Times, every: float, threshold: int) -> list[int]:
    """Sizes of the batches, handed over `every` so many hours if as many as the threshold wait."""
    sizes, waiting, ordered = [], 0, np.sort(cast)
    for end in np.arange(every, DAYS * 24 + every, every):
        waiting = int(np.searchsorted(ordered, end, "right")) - sum(sizes)
        if waiting >= threshold or (end >= DAYS * 24 and waiting):
            sizes.append(waiting)
    return sizes


def test_live_times_link_most_ballots_on_one_machine_and_no_more_than_one_a_batch_on_two() -> None:
    rng = np.random.default_rng(60)
    one, daily, hourly, daily_always = [], [], [], []
    for _ in range(ROUNDS):
        collected, cast = arrivals(rng)
        one.append(linked_by_one_server(collected, cast))
        # Whoever knows whose ballots a batch holds still links them by chance: one of them, on average.
        for shares, every, threshold in (
            (daily, 24, THRESHOLD),
            (hourly, 1, THRESHOLD),
            (daily_always, 24, 1),
        ):
            sizes = batches(cast, every, threshold)
            assert sum(sizes) == len(cast)
            shares.append(len(sizes) / len(cast))
    figures = [round(100 * float(np.mean(shares)), 1) for shares in (one, daily, daily_always, hourly)]
    assert figures[0] > 55
    assert figures[1] < 5.5
    assert figures[1] < figures[2] < figures[3] < 11
