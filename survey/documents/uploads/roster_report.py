"""JSON form of a roster's report, so that it outlives the request or process that read the file."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from survey.documents.uploads.roster_row import RosterRow
from survey.documents.uploads.roster_table import RosterReport, RowProblem
from survey.errors import Phrase


def dump_report(report: RosterReport) -> str:
    """JSON of the report, from which `load_report` gives an equal one."""
    rows = [[row.credit_code, row.name, row.contact, row.phone, row.strata] for row in report.rows]
    return json.dumps(
        {
            "rows": rows,
            "problems": [asdict(problem) for problem in report.problems],
            "ignored": report.ignored_columns,
            "total": report.total,
            "headings": report.headings,
            "places": dict(report.places),
            "remarks": [asdict(remark) for remark in report.remarks],
            "persons": dict(report.persons),
            "sheets": report.sheets,
            "read": report.read,
            "meanings": {name: dict(options) for name, options in report.meanings.items()},
        },
        ensure_ascii=False,
    )


def load_report(text: str) -> RosterReport:
    """Report from the JSON that `dump_report` wrote."""
    value = json.loads(text)
    return RosterReport(
        rows=tuple(RosterRow(*row) for row in value["rows"]),
        problems=tuple(RowProblem(**_restored(problem)) for problem in value["problems"]),
        ignored_columns=tuple(value["ignored"]),
        total=value["total"],
        headings=tuple(value["headings"]),
        places=value["places"],
        remarks=tuple(Phrase(**_restored(remark)) for remark in value.get("remarks", ())),
        persons=value.get("persons", {}),
        sheets=tuple(value.get("sheets", ())),
        read=tuple(value.get("read", ())),
        meanings=value.get("meanings", {}),
    )


def _restored(value: dict[str, Any]) -> dict[str, Any]:
    """`value` (a dictionary made by `asdict`) with the phrases among its values made into `Phrase` again."""
    values = {name: _phrase(one) if isinstance(one, dict) else one for name, one in value["values"].items()}
    return value | {"values": values}


def _phrase(value: dict[str, Any]) -> Phrase:
    return Phrase(**_restored(value))
