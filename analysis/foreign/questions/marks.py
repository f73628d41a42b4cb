"""All questions about the marks of a file that was read: their scale, their direction, slips of typing."""

from __future__ import annotations

from analysis.files.outliers import all_apart, usual_codes
from analysis.files.ratings import RatingsTable
from analysis.foreign.hints import Hints
from analysis.foreign.questions.codes import refuse_apart
from analysis.foreign.questions.items import refuse_other_things, refuse_two_valued
from analysis.foreign.questions.opposed import refuse_opposed_items
from analysis.foreign.questions.scales import (
    refuse_five_beside_ten,
    refuse_mixed_scales,
    refuse_outside,
    refuse_ranks,
    refuse_slips,
)


def ask_about_marks(file: str, table: RatingsTable, hints: Hints, words: bool = False) -> None:
    """Raise InputError or `Ambiguous` for what the marks leave open and `hints` do not answer.

    words: the marks are points of words, which have one scale and direction unless an item says the opposite.
    """
    if not words:
        _ask_about_numbers(file, table, hints)
    if not hints.items:
        refuse_other_things(file, table)
        refuse_two_valued(file, table)
        refuse_opposed_items(file, table)


def _ask_about_numbers(file: str, table: RatingsTable, hints: Hints) -> None:
    if hints.scale is not None:
        refuse_outside(file, table, hints.scale)
    every = any(code.strip().casefold() == "none" for code in hints.missing)
    if hints.scale is None:
        if not every:
            refuse_apart(file, table, usual_codes)
            refuse_slips(file, table)
        refuse_mixed_scales(file, table)
        refuse_five_beside_ten(file, table)
        if not every:
            refuse_apart(file, table, all_apart)
    if hints.best is None:
        refuse_ranks(file, table)
