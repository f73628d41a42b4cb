"""Files that failed once, through the pages that take them: no error page, and what is right, in words."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from county import County
from flask.testing import FlaskClient

CASES = Path(__file__).parents[2] / "data" / "cases"
# What the preview, or the refusal, says in each language: what was read, left out or wrong.
ROSTERS = {
    "roster-sheet-per-township.xlsx": ("城关镇、东河镇、西岗乡", "Sheets read: 城关镇、东河镇、西岗乡"),
    "roster-hidden-example-sheet-first.xlsx": ("隐藏的工作表：数据字典", "idden sheets"),
    "roster-error-values-optional.xlsx": ("#N/A", "#N/A"),
    "roster-backslash-paths.xlsx": ("12 行全部无误", "All 12 rows"),
    "roster-codes-rounded-to-zeros.csv": ("后三位变成了 0", "Excel"),
    "roster-codes-apostrophe.csv": ("行全部无误", "rows"),
    "roster-merged-footnote.xlsx": ("跳过了合计行和说明行：第 14 行", "14"),
    "roster-html-in-xls.xls": ("网页", "a web page"),
}


def given(name: str) -> tuple[io.BytesIO, str]:
    return io.BytesIO((CASES / name).read_bytes()), name


@pytest.mark.parametrize("name", ROSTERS)
@pytest.mark.parametrize("language", [0, 1], ids=["zh", "en"])
def test_rosters(name: str, language: int, administrator: FlaskClient) -> None:
    administrator.post("/language", data={"language": ("zh", "en")[language]})
    answer = administrator.post("/admin/roster/import", data={"file": given(name)})
    assert answer.status_code in (200, 400)
    assert ROSTERS[name][language] in re.sub(r"<[^>]+>", "", answer.text)
    if answer.status_code == 400:
        assert "<html" not in answer.text[500:], "the page's source must not be quoted"


@pytest.mark.parametrize("name", ["dep-zero-width.xlsx", "dep-linebreak.xlsx"])
def test_departments(name: str, place: County, administrator: FlaskClient) -> None:
    place.draft()
    data = {"file": given(name), "confirm": "yes"}
    address = "/admin/rounds/2026-q4/setup/departments/import"
    page = administrator.post(address, data=data, follow_redirects=True).text
    assert "已换成文件中的" in page
    names = [department.name for department in place.description().questionnaire.departments]
    assert "行政审批局" in names
    assert not any(re.search("[\u200b\n]", one) for one in names)


@pytest.mark.parametrize(
    ("name", "kind", "shown"),
    [("ind-percent-format.xlsx", "assessment", "86.5"), ("hot-total-row.xlsx", "hotline", "税务局")],
)
def test_indicators(name: str, kind: str, shown: str, place: County, reviewer: FlaskClient) -> None:
    data = {"kind": kind, "period": "2026年第三季度", "file": given(name)}
    page = reviewer.post("/review/indicators", data=data, follow_redirects=True).text
    assert "已导入" in page
    assert shown in page
    assert 'scope="row">合计' not in page
