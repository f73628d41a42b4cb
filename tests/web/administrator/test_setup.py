"""Setting up a draft step by step: what is saved, what is refused and where it is said, and the preview."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from county import County, small_questionnaire
from flask import Flask, render_template_string
from flask.testing import FlaskClient

from survey.documents.uploads.departments_table import read_departments, write_departments
from survey.models import Role
from survey.services.rounds.defaults import default_departments, make_department

SETUP = "/admin/rounds/2026-q4/setup"
TEMPLATES = Path(__file__).resolve().parents[3] / "templates"


def rows(prefix: str, *entries: dict[str, str]) -> dict[str, str]:
    """Fields of a table as a browser posts them."""
    return {f"{prefix}-{n}-{name}": value for n, entry in enumerate(entries) for name, value in entry.items()}


DEPARTMENTS = rows(
    "rows",
    {"group": "行政执法", "name": "城管局", "common": "y"},
    {"group": "公共服务", "name": "供水公司"},
    {"group": "", "name": ""},
)
QUESTIONS = {
    **rows(
        "items",
        {"name": "态度", "name_en": "Attitude", "weight": "2"},
        {"name": "效率", "name_en": "", "weight": "0.5"},
        {"name": "总体", "name_en": "Overall", "weight": "1", "overall": "y"},
    ),
    **rows(
        "levels",
        {"label": "好", "label_en": "Good", "points": "100"},
        {"label": "中", "label_en": "Fair", "points": "50"},
        {"label": "差", "label_en": "Poor", "points": "0"},
        {"label": "", "label_en": "", "points": ""},
    ),
    "satisfied": "2",
    "warning_line": "65",
    "grade_lines": "85、75, 60",
    "not_known": "不清楚",
    "not_known_en": "No idea",
    "comments": "y",
    "comment_chars": "150",
}


def save(client: FlaskClient, step: str, data: dict[str, Any]) -> Any:
    return client.post(f"{SETUP}/{step}", data=data)


def test_each_step_leads_to_the_next(place: County, administrator: FlaskClient) -> None:
    place.draft()
    assert save(administrator, "departments", DEPARTMENTS).location == f"{SETUP}/questions"
    assert (
        save(administrator, "departments", DEPARTMENTS | {"then": "stay"}).location == f"{SETUP}/departments"
    )
    assert save(administrator, "questions", QUESTIONS).location == f"{SETUP}/strata"
    assert save(administrator, "strata", {}).location == f"{SETUP}/keys"


def test_departments_are_kept_as_typed(place: County, administrator: FlaskClient) -> None:
    place.draft()
    save(administrator, "departments", DEPARTMENTS)
    kept = place.description().questionnaire.departments
    assert [(d.group, d.name, d.common, d.initials) for d in kept] == [
        ("行政执法", "城管局", True, "cgj"),
        ("公共服务", "供水公司", False, "gsgs"),
    ]


def test_items_and_scale_are_kept_as_typed(place: County, administrator: FlaskClient) -> None:
    place.draft()
    save(administrator, "questions", QUESTIONS)
    asked = place.description().questionnaire
    assert [(i.name, i.name_en, i.weight, i.overall) for i in asked.items] == [
        ("态度", "Attitude", 2.0, False),
        ("效率", "", 0.5, False),
        ("总体", "Overall", 1.0, True),
    ]
    assert [(v.label, v.points) for v in asked.scale.levels] == [("好", 100.0), ("中", 50.0), ("差", 0.0)]
    assert asked.scale.grade_lines == (85, 75, 60)
    assert (asked.scale.satisfied, asked.scale.warning_line, asked.scale.not_known) == (2, 65.0, "不清楚")
    assert (asked.comments, asked.comment_chars) == (True, 150)


def test_grade_lines_are_proposed_frozen_and_shown_to_everybody(
    place: County, administrator: FlaskClient
) -> None:
    place.draft()
    assert 'value="90、80、70"' in administrator.get(f"{SETUP}/questions").text
    save(administrator, "questions", QUESTIONS | {"grade_lines": "85、75、60"})
    place.issue(2)
    page = administrator.get("/public/2026-q4").text
    assert "优秀 85 分以上，良好 75 分以上，一般 60 分以上，其余较差" in page
    assert save(administrator, "questions", QUESTIONS | {"grade_lines": "95、75、60"}).status_code == 409
    assert place.description().questionnaire.scale.grade_lines == (85, 75, 60)


def test_strata_are_kept_as_typed_and_may_be_none(place: County, administrator: FlaskClient) -> None:
    place.draft()
    entry = {"name": "规模", "name_en": "Size", "options": "大、 中，小", "options_en": "L, M, S"}
    save(administrator, "strata", rows("rows", entry))
    strata = place.description().questionnaire.strata
    assert [(s.name, s.options, s.options_en) for s in strata] == [
        ("规模", ("大", "中", "小"), ("L", "M", "S"))
    ]
    save(administrator, "strata", rows("rows", {"name": "", "options": ""}))
    assert place.description().questionnaire.strata == ()


def test_holders_quorum_and_threshold_are_kept(place: County, administrator: FlaskClient) -> None:
    place.draft()
    one = place.reviewers[1].id.hex()
    answer = save(
        administrator,
        "keys",
        {"holders": [one], "quorum": "1", "threshold": "12", "at_least": "5", "alone": "y"},
    )
    assert answer.location == "/admin/rounds/2026-q4/witness"  # one machine or two, then the preview
    described = place.description()
    assert (described.quorum, described.threshold, [h.name for h in described.holders]) == (
        1,
        12,
        ["评议员1单位"],
    )


def test_a_new_slug_moves_the_pages(place: County, administrator: FlaskClient) -> None:
    place.draft()
    day = place.round().closes_on.isoformat()
    data = {"title": "改名", "slug": "2026-d", "body": "县政协", "period": "month", "mode": "slip"}
    answer = save(administrator, "basics", data | {"opens_on": day, "closes_on": day})
    assert answer.location == "/admin/rounds/2026-d/setup/departments"


@pytest.mark.parametrize(
    ("step", "data", "said"),
    [
        ("departments", rows("rows", {"group": "甲", "name": "税务局"}), "至少要有两个部门"),
        ("departments", DEPARTMENTS | {"rows-1-name": "城管局"}, "rows-1-name-error-1"),
        ("departments", DEPARTMENTS | {"rows-0-group": ""}, "rows-0-group-error-1"),
        ("questions", QUESTIONS | {"levels-1-points": "100"}, "levels-1-points-error-1"),
        ("questions", QUESTIONS | {"levels-1-points": ""}, "levels-1-points-error-1"),
        ("questions", QUESTIONS | {"levels-3-label": "很差", "levels-3-points": "-1"}, "现在是 4 级"),
        ("questions", QUESTIONS | {"items-0-overall": "y"}, "总体评价最多一项"),
        ("questions", QUESTIONS | {"items-0-weight": "heavy"}, "items-0-weight-error-1"),
        ("questions", QUESTIONS | {"items-1-name": "态度"}, "items-1-name-error-1"),
        ("questions", QUESTIONS | {"satisfied": "4"}, "不能多于等级数 3"),
        ("questions", QUESTIONS | {"grade_lines": ""}, "请填写等次线"),
        *(
            ("questions", QUESTIONS | {"grade_lines": typed}, "等次线应是 0 到 100 之间从高到低的三个数")
            for typed in (
                "90、80",
                "70、80、90",
                "90、90、70",
                "101、80、70",
                "90、80、0",
                "高、中、低",
                "nan、80、70",
            )
        ),
        ("strata", rows("rows", {"name": "规模", "options": "大"}), "rows-0-options-error-1"),
        ("strata", rows("rows", {"name": "规模", "options": "大、大"}), "选项有重复"),
        (
            "strata",
            rows("rows", {"name": "规模", "options": "大、小", "options_en": "L"}),
            "rows-0-options_en-error-1",
        ),
        ("keys", {"holders": [], "quorum": "1", "threshold": "10", "at_least": "5"}, "请选 1 到 4 位持钥人"),
        (
            "keys",
            {"holders": ["00"], "quorum": "1", "threshold": "2", "at_least": "5"},
            "公布门槛应在 3 到 1000 之间",
        ),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_saved(
    place: County, administrator: FlaskClient, step: str, data: dict[str, Any], said: str
) -> None:
    place.draft()
    before = place.description().digest()
    answer = save(administrator, step, data)
    assert answer.status_code == 400
    assert said in answer.text
    assert "什么都没有保存" in answer.text
    assert place.description().digest() == before


@pytest.mark.parametrize("step", ["basics", "departments", "questions", "strata", "keys"])
def test_after_the_first_invitation_nothing_can_be_set_up(
    place: County, administrator: FlaskClient, step: str
) -> None:
    place.draft().issue(2)
    before = place.description().digest()
    assert administrator.get(f"{SETUP}/{step}").status_code == 409
    assert save(administrator, step, DEPARTMENTS).status_code == 409
    assert place.description().digest() == before


def test_departments_go_out_to_excel_and_come_back(place: County, administrator: FlaskClient) -> None:
    place.draft()
    book = openpyxl.Workbook()
    for row in (
        ("部门", "英文名称", "类别", "常用"),
        ("城管局", "Urban Management", "行政执法", "是"),
        ("供水公司", "", "公共服务", ""),
    ):
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    file.seek(0)
    administrator.post(f"{SETUP}/departments/import", data={"file": (file, "部门.xlsx"), "confirm": "yes"})
    assert [d.name for d in place.description().questionnaire.departments] == ["城管局", "供水公司"]
    exported = administrator.get("/admin/rounds/2026-q4/departments.xlsx").data
    assert read_departments(io.BytesIO(exported)).rows == [
        ("行政执法", "城管局", "Urban Management", True),
        ("公共服务", "供水公司", "", False),
    ]


@pytest.mark.parametrize("heading", ["类别", "部门类别", "单位类别", "单位类型"])
def test_a_list_of_another_office_is_understood(heading: str) -> None:
    text = f"2026 年被评议单位名单,,\n{heading},单位名称,常打交道\n执法监管,税务局,是\n服务,供电公司,\n"
    assert read_departments(io.BytesIO(text.encode("gb18030"))).rows == [
        ("执法监管", "税务局", "", True),
        ("服务", "供电公司", "", False),
    ]


def test_every_default_department_survives_excel() -> None:
    again = read_departments(io.BytesIO(write_departments(default_departments()))).rows
    assert again == [(d.group, d.name, d.name_en, d.common) for d in default_departments()]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("甲,乙\n1,2\n", "表头"),
        ("类别,部门\n执法,税务局\n,公安局\n", "第 3 行"),
        ("类别,部门\n执法,税务局\n执法,税务局\n", "重复"),
        ("类别,部门\n执法,税务局\n", "2 到 120"),
        ("", "空的"),
    ],
)
def test_a_table_that_does_not_fit_changes_nothing(
    place: County, administrator: FlaskClient, text: str, said: str
) -> None:
    place.draft()
    before = place.description().digest()
    file = (io.BytesIO(text.encode()), "部门.csv")
    answer = administrator.post(
        f"{SETUP}/departments/import", data={"file": file, "confirm": "yes"}, follow_redirects=True
    )
    assert said in answer.text
    assert place.description().digest() == before


def test_departments_are_copied_from_another_round(place: County, administrator: FlaskClient) -> None:
    place.draft(questionnaire=small_questionnaire(6))
    place.slug = "2027-q1"
    place.draft(keys=False)
    administrator.post(
        "/admin/rounds/2027-q1/setup/departments/copy", data={"from": "2026-q4", "confirm": "yes"}
    )
    assert len(place.description().questionnaire.departments) == 6


def test_only_the_preview_may_be_framed_and_only_by_us(place: County, administrator: FlaskClient) -> None:
    place.draft()
    frame = administrator.get("/admin/rounds/2026-q4/preview/phone")
    assert "frame-ancestors 'self'" in frame.headers["Content-Security-Policy"]
    assert frame.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "class Preview" in frame.text
    assert "pingyi-look" not in frame.text
    around = administrator.get("/admin/rounds/2026-q4/preview")
    assert "frame-src 'self'" in around.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in around.headers["Content-Security-Policy"]
    place.issue(2)
    page = administrator.get("/s/2026-q4")
    assert page.headers["X-Frame-Options"] == "DENY"
    assert "class Preview" not in page.text
    assert "pingyi-look" in page.text


def table(count: int) -> bytes:
    return write_departments([make_department(f"第{n:03}号局", "甲") for n in range(count)])


def send_table(client: FlaskClient, count: int) -> Any:
    data = {"file": (io.BytesIO(table(count)), "部门.xlsx"), "confirm": "yes"}
    return client.post(f"{SETUP}/departments/import", data=data, follow_redirects=True)


def test_as_many_departments_as_are_allowed_can_be_imported_and_saved(
    place: County, administrator: FlaskClient
) -> None:
    place.draft()
    page = send_table(administrator, 120)
    assert page.status_code == 200
    full = rows("rows", *({"group": "甲", "name": f"第{n:03}号局"} for n in range(120)))
    spare = rows("rows", *([{"group": "", "name": ""}] * 123))
    assert save(administrator, "departments", spare | full).status_code == 302
    assert len(place.description().questionnaire.departments) == 120


@pytest.mark.parametrize(
    ("step", "row", "most"),
    [
        ("departments", {"group": "甲", "name": "第%s号局"}, 120),
        ("questions", {"name": "指标%s", "weight": "1"}, 12),
        ("strata", {"name": "分层%s", "options": "大、小"}, 8),
    ],
)
def test_full_tables_are_kept_and_one_row_more_is_refused_not_dropped(
    place: County, administrator: FlaskClient, step: str, row: dict[str, str], most: int
) -> None:
    place.draft()
    prefix = "items" if step == "questions" else "rows"

    def filled(count: int) -> dict[str, str]:
        data = rows(prefix, *(row | {"name": row["name"] % n} for n in range(count)))
        fixed = {k: v for k, v in QUESTIONS.items() if not k.startswith("items-")}
        return data | (fixed if step == "questions" else {})

    assert save(administrator, step, filled(most)).status_code == 302
    assert administrator.get(f"{SETUP}/{step}").status_code == 200
    answer = save(administrator, step, filled(most + 1))
    assert answer.status_code == 400
    assert f"最多 {most} 行，现在有 {most + 1} 行，请删去 1 行。" in answer.text


def test_what_a_job_says_may_have_a_per_cent_sign(place: County, site: Flask) -> None:
    """Jinja's own `_` takes it for a placeholder."""
    with site.test_request_context():
        assert render_template_string("{{ words.translated('甲 50% 公司') }}") == "甲 50% 公司"


def test_no_template_translates_a_stored_text_with_its_own_gettext() -> None:
    for path in TEMPLATES.rglob("*.html"):
        assert not re.search(r"\b_\([a-z]", path.read_text(encoding="utf-8")), path


def version_of(page: str) -> str:
    return re.search(r'name="version" value="(\w+)"', page)[1]  # type: ignore[index]


def test_of_two_who_save_one_step_the_second_is_told_and_loses_nothing(
    place: County, administrator: FlaskClient, sign_in: Any
) -> None:
    place.draft()
    other = sign_in(place.add_user("乙管理员", Role.ADMINISTRATOR))
    seen = version_of(administrator.get(f"{SETUP}/departments").text)
    theirs = DEPARTMENTS | {"rows-1-name": "燃气公司", "version": seen}
    assert save(other, "departments", theirs).status_code == 302
    mine = DEPARTMENTS | {"version": seen}
    invalid = save(administrator, "departments", mine | {"rows-0-group": ""})
    assert version_of(invalid.text) == seen, "what is wrong with a form does not make it newer"
    answer = save(administrator, "departments", mine)
    assert answer.status_code == 409
    assert "乙管理员改过这一步" in answer.text
    assert "公共服务 · 燃气公司" in answer.text
    assert 'value="供水公司"' in answer.text
    kept = [d.name for d in place.description().questionnaire.departments]
    assert kept == ["城管局", "燃气公司"]
    again = mine | {"version": version_of(answer.text)}
    assert save(administrator, "departments", again).status_code == 302


@pytest.mark.parametrize("step", ["basics", "departments", "questions", "strata", "keys"])
def test_every_step_knows_what_it_was_opened_with(
    place: County, administrator: FlaskClient, step: str
) -> None:
    place.draft()
    page = administrator.get(f"{SETUP}/{step}").text
    assert version_of(page) == version_of(administrator.get(f"{SETUP}/{step}").text)
    assert 'data-unsaved=""' in page
    stale = save(administrator, step, {"version": "0", "title": ""} | DEPARTMENTS)
    assert stale.status_code in (400, 409)


def test_departments_are_replaced_only_when_it_was_confirmed(
    place: County, administrator: FlaskClient
) -> None:
    place.draft()
    before = place.description().questionnaire.departments
    data = {"file": (io.BytesIO(table(5)), "部门.xlsx")}
    page = administrator.post(f"{SETUP}/departments/import", data=data, follow_redirects=True).text
    assert "没有替换：请先勾选" in page
    assert place.description().questionnaire.departments == before


def test_a_refused_button_leads_back_to_its_page(place: County, administrator: FlaskClient) -> None:
    place.draft()
    here = {"Referer": "http://localhost/admin/rounds/2026-q4"}
    start = "/admin/rounds/2026-q4/start"
    answer = administrator.post(start, data={"confirm": "yes"}, headers=here)
    assert answer.status_code == 409
    assert 'href="/admin/rounds/2026-q4">回到刚才的页面' in answer.text
    far = {"Referer": "https://elsewhere.example/admin"}
    answer = administrator.post(start, data={"confirm": "yes"}, headers=far)
    assert "回到刚才的页面" not in answer.text
