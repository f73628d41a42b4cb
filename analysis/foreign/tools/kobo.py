"""Submissions of KoboToolbox: `group/question` headings by name or label, and columns that begin with `_`."""

from __future__ import annotations

from typing import Final

from analysis.foreign.grid import Grid
from analysis.foreign.headings import clean
from analysis.foreign.layout import Layout, Question, columns_with, folded, row_with

_SURE: Final = frozenset(("_id", "_uuid", "_submission_time", "_index", "_validation_status"))
OWN: Final = _SURE | frozenset(
    (
        *(
            "start",
            "end",
            "today",
            "deviceid",
            "username",
            "subscriberid",
            "simserial",
            "phonenumber",
            "audit",
        ),
        *(
            "_notes",
            "_status",
            "_submitted_by",
            "__version__",
            "_version_",
            "_tags",
            "_attachments",
            "_geolocation",
        ),
        *("formhub/uuid", "meta/instanceid", "meta/rootuuid", "_xform_id_string", "meta/instancename"),
    )
)
_DROPPED: Final = {
    "_validation_status": frozenset(("not approved", "validation_status_not_approved", "未批准"))
}


def recognise(grid: Grid) -> Layout | None:
    """Layout of submissions of KoboToolbox, None for others."""
    at = row_with(grid.top[:2], _SURE, 2)
    if at is None:
        return None
    names = folded(grid.top[at])
    asked = {i: Question(clean(text)) for i, text in enumerate(grid.top[at]) if text and names[i] not in OWN}
    ids = [i for i, name in enumerate(names) if name in ("_id", "_uuid")]
    keys = {"rater": ids[0]} if ids else {}
    dropped = columns_with(names, _DROPPED)
    return Layout("kobo", (at,), at + 1, asked, keys, positions=True, joined=True, dropped=dropped)
