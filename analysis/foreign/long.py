"""What was understood of a long table, which `analysis.files` reads."""

from __future__ import annotations

from analysis.answers.labels import Coded
from analysis.files.ratings import RatingsTable
from analysis.foreign.hints import Hints
from analysis.foreign.understood import ROLES, AnswerColumn, KeyColumn, Understood


def of_long(file: str, table: RatingsTable, hints: Hints) -> Understood:
    """Description of a table that has one rating a row: its columns by role. Rows left out are in the table's
    notes, not here."""
    has = {role for role in ROLES if getattr(table, role) is not None}
    keys = tuple(KeyColumn(role, "", hints.keys.get(role, role)) for role in ROLES if role in has)
    score = AnswerColumn("", hints.keys.get("score", "score"))
    first = min(table.numbers[:1] or (2,))
    return Understood(
        file,
        (),
        "long",
        (max(first - 1, 1),),
        first,
        keys,
        (score,),
        n_ratings=len(table.score),
        n_raters=len(table.rater.names if isinstance(table.rater, Coded) else set(table.rater)),
    )
