"""Speed of the desk, each figure beside a plain way of the same in the same run: `python -m bench desk`."""

from __future__ import annotations

import io
import json
import secrets
import sqlite3
import sys
import tempfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import openpyxl
import segno

from bench.documents import _roster
from bench.measuring import HEADING, measured, row
from survey.database.engine import Database
from survey.database.migrations import upgrade
from survey.documents.lists.issued import IssuedInvitation
from survey.documents.uploads.roster_files import write_roster
from survey.documents.uploads.roster_row import RosterRow
from survey.documents.uploads.roster_table import read_roster
from survey.models import Round
from survey.protocol.codes import hash_code, invitation_link, new_code, parse_code
from survey.services.invitations import issuing as invitations
from survey.services.invitations import issuing_job, one_time_files
from survey.services.operations import job_threads
from survey.services.operations.job_kinds import Workplace
from survey.services.roster import enterprises as rosters
from survey.services.rounds import lifecycle
from survey.services.voting import participation, reminders

# The small county of the tests.
sys.path.append(str(Path(__file__).parents[1] / "tests" / "support"))
from county import BASE_URL, SECRET, County

CHECK_NUMBER = "7K3M-9QXD-2F4H-0R5T"
LINKS = 100_000
SLIPS = 10_000
ROWS = 100_000
SEGNO_SAMPLE = 500


def main(links: int = LINKS, slips: int = SLIPS, rows: int = ROWS) -> list[dict[str, Any]]:
    """Measure and print; the figures as dictionaries."""
    print(HEADING)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        return [*_links(folder, links), *_slips(folder, slips), *_rosters(folder, rows)]


def _links(folder: Path, count: int) -> list[dict[str, Any]]:
    place = _county(folder, "links")
    issued: list[IssuedInvitation] = []

    def issue() -> None:
        with place.database.read() as session:
            found = lifecycle.get_round(session, place.slug)
            issued.extend(invitations.prepare_slips(session, found, BASE_URL, count))
        place.act(lambda s, r: invitations.store(s, r, issued, "bench"))

    took = measured(issue)
    plain = measured(lambda: _plain_links(folder, count))
    place.database.close()
    return [row(f"{count:,} links issued and stored; sqlite3", took, 5, plain)]


def _plain_links(folder: Path, count: int) -> None:
    codes = [new_code() for _ in range(count)]
    for code in codes:
        invitation_link(BASE_URL, "bench", code, CHECK_NUMBER)
    rows = [(b"r" * 16, hash_code(parse_code(code), "ab" * 16, 2), bytes(32), bytes(384)) for code in codes]
    with closing(sqlite3.connect(folder / "plain.sqlite3")) as plain, plain:
        plain.execute(
            "CREATE TABLE invitation (round BLOB, code BLOB, a BLOB, b BLOB, PRIMARY KEY (round, code))"
        )
        plain.executemany("INSERT INTO invitation VALUES (?, ?, ?, ?)", rows)


def _slips(folder: Path, count: int) -> list[dict[str, Any]]:
    place = _county(folder, "slips")
    order = issuing_job.Order("slip", BASE_URL, "bench", one_time_files.new_code()[1], count=count)

    def issue() -> None:
        issuing_job.start(Workplace(place.database, folder), place.slug, order)
        job_threads.finish()

    took = measured(issue)
    link = invitation_link(BASE_URL, place.slug, new_code(), CHECK_NUMBER)
    sample = measured(lambda: [segno.make_qr(link, error="m").matrix for _ in range(SEGNO_SAMPLE)])
    plain = sample[1] * count / SEGNO_SAMPLE
    place.database.close()
    return [row(f"{count:,} slips as a job, with typst; segno alone", took, 20, (plain, plain))]


def _rosters(folder: Path, count: int) -> list[dict[str, Any]]:
    place, rows = _county(folder, "roster"), _roster()[:count]
    content = write_roster(rows)
    read = measured(lambda: read_roster(io.BytesIO(content)))
    plainly = measured(lambda: _plain_read(content))
    keep = measured(lambda: place.database.write(lambda s: rosters.import_roster(s, rows, "bench")))
    plain = measured(lambda: _plain_roster(folder, rows))
    again = measured(lambda: place.database.write(lambda s: rosters.import_roster(s, rows, "bench")))
    issued = measured(lambda: place.issue_attributed())
    page, whole = _pages(place)
    place.database.close()
    return [
        row(f"roster of {count:,} read; openpyxl", read, 20, plainly),
        row(f"roster of {count:,} imported; sqlite3", keep, None, plain),
        row("the same imported again; sqlite3", again, None, plain),
        row("links for all of them; sqlite3", issued, 5, plain),
        row("a page of participation; all of them", page, None, whole),
    ]


def _pages(place: County) -> tuple[tuple[float, float], tuple[float, float]]:
    """A page in the middle beside reading everybody."""

    def page(s: Any, r: Round) -> object:
        return participation.enterprises(s, r, page=100), reminders.by_stratum(s, r)

    return measured(lambda: place.look(page)), measured(lambda: place.look(reminders.to_remind))


def _plain_read(content: bytes) -> int:
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
    return sum(1 for _ in book.worksheets[0].iter_rows(values_only=True))


def _plain_roster(folder: Path, rows: Sequence[RosterRow]) -> None:
    values = [
        (secrets.token_bytes(16), r.credit_code, r.name, r.contact, r.phone, json.dumps(r.strata))
        for r in rows
    ]
    with closing(sqlite3.connect(folder / "enterprises.sqlite3")) as plain, plain:
        plain.execute("CREATE TABLE enterprise (id BLOB PRIMARY KEY, code TEXT UNIQUE, a, b, c, d)")
        plain.executemany("INSERT INTO enterprise VALUES (?, ?, ?, ?, ?, ?)", values)


def _county(folder: Path, name: str) -> County:
    database = Database(f"sqlite:///{folder / name}.sqlite3", secret_key=SECRET)
    upgrade(database.engine)
    return County(database).populate().draft()


if __name__ == "__main__":
    main()
