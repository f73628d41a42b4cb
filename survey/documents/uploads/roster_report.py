"""JSON form of a roster's report, so that it outlives the request or process that read the file."""

from __future__ import annotations

import json
from dataclasses import asdict

from survey.documents.uploads.roster_row import RosterRow
from survey.documents.uploads.roster_table import RosterReport, RowProblem
from survey.errors import Phrase, phrased_values, plain_values


def dump_report(report: RosterReport) -> str:
    """JSON of the report, from which `load_report` gives an equal one."""
    rows = [[row.credit_code, row.name, row.contact, row.phone, row.strata, row.email] for row in report.rows]
    return json.dumps(
        {
            "rows": rows,
            "problems": [
                asdict(problem) | {"values": plain_values(problem.values)} for problem in report.problems
            ],
            "ignored": report.ignored_columns,
            "total": report.total,
            "headings": report.headings,
            "places": dict(report.places),
            "remarks": [remark.to_dict() for remark in report.remarks],
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
        problems=tuple(
            RowProblem(**problem | {"values": phrased_values(problem["values"])})
            for problem in value["problems"]
        ),
        ignored_columns=tuple(value["ignored"]),
        total=value["total"],
        headings=tuple(value["headings"]),
        places=value["places"],
        remarks=tuple(map(Phrase.from_dict, value.get("remarks", ()))),
        persons=value.get("persons", {}),
        sheets=tuple(value.get("sheets", ())),
        read=tuple(value.get("read", ())),
        meanings=value.get("meanings", {}),
    )
