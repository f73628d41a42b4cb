"""Responses of Qualtrics: three rows of headings (name, text `Question - Statement`, ImportId)."""

from __future__ import annotations

import re
from typing import Final

from analysis.foreign.grid import Grid
from analysis.foreign.headings import clean
from analysis.foreign.layout import Layout, Question, columns_with, folded, row_with

OWN: Final = frozenset(
    (
        *("startdate", "enddate", "status", "ipaddress", "progress", "duration (in seconds)", "finished"),
        *("recordeddate", "responseid", "recipientlastname", "recipientfirstname", "recipientemail"),
        *(
            "externalreference",
            "locationlatitude",
            "locationlongitude",
            "distributionchannel",
            "userlanguage",
        ),
        *("responseset", "externaldatareference", "locationaccuracy", "sc0"),
    )
)
# Status by text or by number (1 preview, 2 test, 8 spam, 9 and 17 preview with another mark).
_DROPPED: Final = {
    "status": frozenset(
        ("survey preview", "survey test", "spam", "offline survey preview", "1", "2", "8", "9", "17")
    )
}
_UNFINISHED: Final = {"finished": frozenset(("0", "false", "假", "falsch", "faux"))}
_LEAST: Final = 3
_SEPARATOR: Final = " - "
_ORDER_NAME: Final = re.compile(r"_do_[0-9]+$")
_ORDER_TEXT: Final = re.compile(r" - display order\b", re.IGNORECASE)
"""Columns of the order in which rows were shown to a rater: 1, 2, 3 … beside each row's answers."""


def recognise(grid: Grid) -> Layout | None:
    """Layout of responses of Qualtrics, None for others."""
    at = row_with(grid.top[:2], OWN, _LEAST)
    if at is None or at + 2 >= len(grid.rows):
        return None
    names = folded(grid.top[at])
    ids = [row for row in range(at + 1, min(at + 3, len(grid.top))) if '"ImportId"' in "".join(grid.top[row])]
    rows = tuple(range(at, (ids[0] if ids else at + 1) + 1))
    texts = grid.top[at + 1]
    found = {}
    for i, name in enumerate(names):
        order = _ORDER_NAME.search(name) or _ORDER_TEXT.search(texts[i])
        if name and name not in OWN and texts[i] and not order:
            whole, _, part = texts[i].rpartition(_SEPARATOR)
            found[i] = Question(clean(whole), clean(part)) if whole else Question(clean(part))
    keys = {"rater": names.index("responseid")} if "responseid" in names else {}
    parted = any(question.part for question in found.values())
    return Layout(
        "qualtrics",
        rows,
        rows[-1] + 1,
        found,
        keys,
        missing=(-99.0,),
        positions=True,
        joined=not parted,
        dropped=columns_with(names, _DROPPED),
        unfinished=columns_with(names, _UNFINISHED),
    )
