"""The check by telephone and paper forms in what an edition hands out, and nothing of them without."""

from __future__ import annotations

import io

import openpyxl
import pytest

from survey.documents.edition.content import Edition
from survey.documents.edition.report_departments import closing
from survey.documents.edition.workbook import publication_workbook
from survey.language import speaking
from tests.documents.edition_data import make_edition

CALLS = {"population": 300, "took_part": 54, "did_not": 0, "not_reached": 0}
SAID = "有 95% 的把握排除：没有参加而被人领了票的企业有 15 家或更多。"
"""1 − C(285, 54)/C(300, 54) > 0.95 (tests/analysis/sampling/test_discovery.py)."""


PAPER = {"stations": 1, "handed_out": 90, "returned": 80, "cast": 76}
PAPER |= {"refused": 2, "empty": 1, "not_counted": 1}
COUNTED = "现场发出纸质评议表 90 份，收回 80 份：投入票箱 76 份，"


@pytest.fixture(scope="module")
def editions() -> tuple[Edition, Edition]:
    return make_edition(rounds=1), make_edition(rounds=1, extras={"telephone": CALLS, "paper": PAPER})


def cells(edition: Edition) -> str:
    book = openpyxl.load_workbook(io.BytesIO(publication_workbook(edition)))
    return "\n".join(str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row)


def test_workbook_and_report_say_it(editions: tuple[Edition, Edition]) -> None:
    without, called = editions
    with speaking("zh"):
        assert called.telephone_lines[-1] == SAID
        assert SAID in cells(called)
        assert SAID in str(list(closing(called)))
        for words in (cells(called), str(list(closing(called)))):
            assert COUNTED in words
        assert "纸质" not in cells(without) + str(list(closing(without)))
        assert "打电话" not in cells(without) + str(list(closing(without)))
