"""Facts on a composite: one index of several electorates (groups of raters, or outside figures), each with a
weight."""

from __future__ import annotations

from survey.facts.base import Direction, Fact, Interval


class ElectorateFacts(Fact):
    """Electorate of a composite, with its weight."""

    name: str
    weight: float
    """Share of 1."""
    n_raters: int | None
    """null: outside figures."""


class ElectorateMove(Fact):
    """Contribution of an electorate to a department's composite score, and the shift of score and rank
    against the composite without it; sorted by electorate, then rank."""

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
    """Electorates of a composite, what each moves, and how sure that is."""

    level: float
    """Joint confidence of ranking and moves together."""
    independent: bool
    """Whether no rater is in two electorates, as declared."""
    electorates: tuple[ElectorateFacts, ...]
    moves: tuple[ElectorateMove, ...]
    not_compared: tuple[str, ...]
    """Names that are not in every part."""
