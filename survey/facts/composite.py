"""Several electorates as one index."""

from __future__ import annotations

from survey.facts.base import Direction, Fact, Interval


class ElectorateFacts(Fact):
    """A part of the index."""

    name: str
    weight: float
    """Share of 1."""
    n_raters: int | None
    """null: outside figures."""


class ElectorateMove(Fact):
    """What an electorate does to a department's place; by electorate, then rank."""

    electorate: str
    department: str
    contribution: float
    """Points, weighted."""
    shift: float
    """Points of the composite with it less without it."""
    se: float | None
    df: float | None
    ci: Interval
    p_adjusted: float | None
    direction: Direction
    rank: int
    rank_without: int


class CompositeFacts(Fact):
    """How the index was made."""

    level: float
    """Joint confidence of ranking and moves together."""
    independent: bool
    """Whether no rater is in two electorates, as declared."""
    electorates: tuple[ElectorateFacts, ...]
    moves: tuple[ElectorateMove, ...]
    not_compared: tuple[str, ...]
    """Names that are not in every part."""
