"""Importing the roster: upload, preview, confirmation; what is wrong imports nothing."""

from __future__ import annotations

import io
import os
import re
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest
from county import County
from flask.testing import FlaskClient
from sqlalchemy import select, update

from survey import worker
from survey.clock import now
from survey.documents.uploads.credit_code import complete_credit_code
from survey.models import AuditEvent, Job
from survey.services.operations import job_threads
from survey.services.roster import enterprises, importing, reading

GOOD = complete_credit_code("91420983MA4K1234X")
OTHER = complete_credit_code("91420983MA4K5678X")
HEAD = ("企业名称", "统一社会信用代码", "联系人", "手机", "规模")


def workbook(*rows: tuple[str, ...], head: tuple[str, ...] = HEAD) -> io.BytesIO:
    book = openpyxl.Workbook()
    for row in (head, *rows):
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    file.seek(0)
    return file


def upload(client: FlaskClient, file: io.BytesIO, name: str = "名录.xlsx"):
    return client.post("/admin/roster/import", data={"file": (file, name)})


def count(place: County) -> int:
    with place.database.read() as session:
        return enterprises.count_enterprises(session)


def test_nothing_is_written_before_the_confirmation(place: County, administrator: FlaskClient) -> None:
    answer = upload(administrator, workbook(("宏达公司", GOOD, "王五", "13800000001", "小")))
    assert "1 行全部无误" in answer.text
    assert count(place) == 3
    done = administrator.post("/admin/roster/confirm", follow_redirects=True)
    assert "新增 1 家，更新 0 家，0 家没有变化" in done.text
    assert count(place) == 4


def test_each_bad_row_is_named_and_none_imported(place: County, administrator: FlaskClient) -> None:
    bad = GOOD[:-1] + ("0" if GOOD[-1] != "0" else "1")
    answer = upload(administrator, workbook(("甲公司", GOOD, "", "", ""), ("乙公司", bad, "", "", "")))
    assert "什么都没有导入" in answer.text
    assert bad in answer.text
    assert administrator.post("/admin/roster/confirm").status_code == 400
    assert count(place) == 3


@pytest.mark.parametrize(
    ("file", "name"),
    [
        (io.BytesIO(b"\x00\x01\x02 nothing we know"), "x.xlsx"),
        (io.BytesIO(b""), "empty.csv"),
        (workbook(("甲", "乙"), head=("一", "二")), "columns.xlsx"),
    ],
)
def test_an_unreadable_file_is_refused_in_words(
    place: County, administrator: FlaskClient, file: io.BytesIO, name: str
) -> None:
    answer = upload(administrator, io.BytesIO(file.getvalue()), name)
    assert answer.status_code == 400
    assert "什么都没有改动" in answer.text
    assert administrator.post("/admin/roster/confirm").status_code == 404
    assert count(place) == 3


def test_markup_in_a_roster_stays_text(place: County, administrator: FlaskClient) -> None:
    answer = upload(administrator, workbook(("<script>alert(1)</script>", GOOD, "", "", "")))
    assert "<script>alert(1)" not in answer.text
    administrator.post("/admin/roster/confirm")
    assert "<script>alert(1)" not in administrator.get("/admin/roster").text


def test_another_visitor_cannot_confirm_my_upload(place: County, administrator: FlaskClient, sign_in) -> None:
    upload(administrator, workbook(("宏达公司", GOOD, "", "", "")))
    other = sign_in(place.administrator)
    assert other.post("/admin/roster/confirm").status_code == 404
    assert count(place) == 3


def test_discarding_deletes_the_file(administrator: FlaskClient, tmp_path: Path) -> None:
    upload(administrator, workbook(("宏达公司", GOOD, "", "", "")))
    kept = list((tmp_path / "uploads").iterdir())
    assert len(kept) == 2  # the file and its report
    assert all(path.stat().st_mode & 0o077 == 0 for path in kept)
    administrator.post("/admin/roster/discard")
    assert list((tmp_path / "uploads").iterdir()) == []


def test_forgotten_uploads_are_swept_away(administrator: FlaskClient, tmp_path: Path) -> None:
    (tmp_path / "uploads").mkdir()
    stale = tmp_path / "uploads" / "stale"
    stale.write_bytes(b"names and phones")
    os.utime(stale, (time.time() - 7200, time.time() - 7200))
    upload(administrator, workbook(("宏达公司", OTHER, "", "", "")))
    assert not stale.exists()


def test_the_template_can_be_filled_and_imported(administrator: FlaskClient) -> None:
    template = administrator.get("/admin/roster/template.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(template.data))
    heads = [str(cell.value) for row in book.worksheets[0].iter_rows() for cell in row]
    assert any("企业名称" in head for head in heads)
    assert any("信用代码" in head for head in heads)


def test_the_good_rows_can_be_imported_alone(place: County, administrator: FlaskClient) -> None:
    bad = GOOD[:-1] + ("0" if GOOD[-1] != "0" else "1")
    answer = upload(administrator, workbook(("甲公司", OTHER, "", "", ""), ("乙公司", bad, "", "", "")))
    assert "只导入没有问题的 1 行" in answer.text
    administrator.post("/admin/roster/confirm", data={"good": "yes"})
    assert count(place) == 4


def test_options_are_those_of_the_newest_round(place: County, administrator: FlaskClient) -> None:
    place.draft()  # its sizes are 大 and 小
    answer = upload(administrator, workbook(("甲公司", GOOD, "", "", "巨无霸")))
    assert "没有这个选项" in answer.text
    assert administrator.post("/admin/roster/confirm").status_code == 400


def test_columns_can_be_chosen_by_hand(place: County, administrator: FlaskClient) -> None:
    head = ("甲", "乙", "丙", "丁", "戊")
    refused = upload(administrator, workbook(("宏达公司", GOOD, "王五", "13800000001", "城关镇"), head=head))
    assert refused.status_code == 400
    assert "自己指定哪一列是什么" in refused.text
    targets = [*refused.text.split('<label for="column-')[1:]]
    names = {part.split(">")[1].split("<")[0]: part.split('"')[0] for part in targets}
    chosen = {"企业名称": "0", "统一社会信用代码": "1", "联系人": "2", "手机": "3", "乡镇": "4"}
    data = {f"column-{names[name]}": place_ for name, place_ in chosen.items()}
    assert "1 行全部无误" in administrator.post("/admin/roster/match", data=data).text
    administrator.post("/admin/roster/confirm")
    with place.database.read() as session:
        found = enterprises.get_enterprise(session, GOOD)
    assert (found.name, found.contact, found.strata) == ("宏达公司", "王五", {"乡镇": "城关镇"})


def test_choosing_no_column_for_the_code_is_refused_again(administrator: FlaskClient) -> None:
    upload(administrator, workbook(("宏达公司", GOOD), head=("甲", "乙")))
    answer = administrator.post("/admin/roster/match", data={"column-0": "0"})
    assert answer.status_code == 400
    assert "缺少这些列：统一社会信用代码" in answer.text


def test_a_large_file_is_read_by_a_job(
    place: County, administrator: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("survey.web.administrator.roster.INLINE_BYTES", 10)
    answer = upload(administrator, workbook(("宏达公司", GOOD, "王五", "13800000001", "小")))
    assert answer.location == "/admin/roster/job"
    assert job_ended(administrator) == "done"
    page = administrator.get("/admin/roster/job", follow_redirects=True)
    assert "1 行全部无误" in page.text
    administrator.post("/admin/roster/confirm")
    assert count(place) == 4


def test_the_export_can_be_imported_again(place: County, administrator: FlaskClient) -> None:
    upload(administrator, workbook(("宏达公司", GOOD, "王五", "13800000001", "小")))
    administrator.post("/admin/roster/confirm")
    exported = administrator.get("/admin/roster.xlsx").data
    book = openpyxl.load_workbook(io.BytesIO(exported))
    rows = [[cell.value or "" for cell in row] for row in book.active.iter_rows()]
    assert ["宏达公司", GOOD, "王五", "13800000001", "", "小"] in rows
    assert len(rows) == 5


def test_the_roster_is_sorted_by_its_headings(administrator: FlaskClient) -> None:
    page = administrator.get("/admin/roster?sort=phone").text
    assert 'aria-sort="ascending"' in page
    assert administrator.get("/admin/roster?sort=id;DROP").status_code == 200


def job_ended(client: FlaskClient) -> str:
    for _ in range(1500):
        state = client.get("/admin/roster/job.json").json["state"]
        if state not in ("waiting", "running"):
            return state
        time.sleep(0.02)
    raise AssertionError("the job does not end")


def test_many_rows_are_imported_by_a_job(
    place: County, administrator: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("survey.web.administrator.roster.INLINE_ROWS", 1)
    bad = GOOD[:-1] + ("0" if GOOD[-1] != "0" else "1")
    rows = [("甲公司", GOOD, "", "", ""), ("乙公司", OTHER, "", "", ""), ("丙公司", bad, "", "", "")]
    upload(administrator, workbook(*rows))
    answer = administrator.post("/admin/roster/confirm", data={"good": "yes"})
    assert answer.location == "/admin/roster/job"
    assert job_ended(administrator) == "done"
    page = administrator.get("/admin/roster/job", follow_redirects=True)
    assert "新增 2 家，更新 0 家，0 家没有变化" in page.text
    assert count(place) == 5
    assert administrator.post("/admin/roster/confirm").status_code == 404, "the upload is gone"


def test_an_import_that_fails_in_the_middle_writes_nothing_and_can_be_tried_again(
    place: County, administrator: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = enterprises.import_roster

    def breaks(session, rows, actor, brings):
        whole(session, rows, actor, brings)
        raise RuntimeError("power cut")

    monkeypatch.setattr("survey.web.administrator.roster.INLINE_ROWS", 0)
    upload(administrator, workbook(("甲公司", GOOD, "", "", "")))
    monkeypatch.setattr(importing, "import_roster", breaks)
    administrator.post("/admin/roster/confirm")
    assert job_ended(administrator) == "failed"
    assert count(place) == 3
    page = administrator.get("/admin/roster/job").text
    assert ("导入名录" in page, "再导入一次" in page, "power cut" in page) == (True, True, False)
    monkeypatch.setattr(importing, "import_roster", whole)
    assert "1 行全部无误" in administrator.get("/admin/roster/preview").text
    administrator.post("/admin/roster/confirm")
    assert job_ended(administrator) == "done"
    assert count(place) == 4


def test_pressing_twice_imports_once(
    place: County, administrator: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, whole = threading.Event(), enterprises.import_roster
    calls: list[int] = []

    def waits(session, rows, actor, brings):
        calls.append(1)
        held.wait(60)
        return whole(session, rows, actor, brings)

    monkeypatch.setattr("survey.web.administrator.roster.INLINE_ROWS", 0)
    monkeypatch.setattr(importing, "import_roster", waits)
    upload(administrator, workbook(("甲公司", GOOD, "", "", "")))
    try:
        answers = [administrator.post("/admin/roster/confirm") for _ in range(2)]
    finally:
        held.set()
    assert [(a.status_code, a.location) for a in answers] == [(302, "/admin/roster/job")] * 2
    assert job_ended(administrator) == "done"
    assert (len(calls), count(place)) == (1, 4)


def broken_off(place: County, kind: str) -> None:
    """The newest job as a process leaves it that is killed before it wrote anything."""
    dead = {"state": "running", "step": "", "beat_at": now() - timedelta(minutes=5)}
    place.database.write(lambda s: s.execute(update(Job).where(Job.kind == kind).values(**dead)) and None)


@pytest.mark.parametrize("by", ["page", "clock"])
def test_reading_goes_on_after_a_restart(
    place: County, administrator: FlaskClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, by: str
) -> None:
    place.draft()  # with options for the size, which the row has to keep
    monkeypatch.setattr("survey.web.administrator.roster.INLINE_BYTES", 10)
    read = reading.read
    monkeypatch.setattr(reading, "read", lambda *_: None)
    rows = (("宏达公司", GOOD, "王五", "13800000001", "小"), ("甲公司", OTHER, "", "", "巨无霸"))
    upload(administrator, workbook(*rows))
    job_threads.finish()
    monkeypatch.setattr(reading, "read", read)
    broken_off(place, reading.KIND.name)
    if by == "clock":
        worker.do_duties(place.database, tmp_path)
        job_threads.finish()
    assert job_ended(administrator) == "done"
    page = administrator.get("/admin/roster/job", follow_redirects=True).text
    assert ("没有这个选项" in page, "只导入没有问题的 1 行" in page) == (True, True)


@pytest.mark.parametrize("by", ["page", "clock"])
def test_importing_goes_on_after_a_restart(
    place: County, administrator: FlaskClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, by: str
) -> None:
    kind = importing.KIND
    monkeypatch.setattr("survey.web.administrator.roster.INLINE_ROWS", 0)
    monkeypatch.setattr(importing, "KIND", replace(kind, run=lambda _running: None))
    upload(administrator, workbook(("宏达公司", GOOD, "", "", "")))
    administrator.post("/admin/roster/confirm")
    job_threads.finish()
    monkeypatch.setattr(importing, "KIND", kind)
    broken_off(place, importing.KIND.name)
    assert count(place) == 3
    if by == "clock":
        worker.do_duties(place.database, tmp_path)
        job_threads.finish()
    assert job_ended(administrator) == "done"
    page = administrator.get("/admin/roster/job", follow_redirects=True).text
    assert "新增 1 家，更新 0 家，0 家没有变化" in page


def test_an_import_that_was_kept_is_not_done_again(
    place: County, administrator: FlaskClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Killed between the rows and the note that it is done: there is no such moment."""
    monkeypatch.setattr("survey.web.administrator.roster.INLINE_ROWS", 0)
    monkeypatch.setattr(job_threads, "_end", lambda *_: None)  # the process dies right after its transaction
    upload(administrator, workbook(("宏达公司", GOOD, "", "", "")))
    administrator.post("/admin/roster/confirm")
    job_threads.finish()
    silent = update(Job).values(beat_at=now() - timedelta(minutes=5))
    place.database.write(lambda s: s.execute(silent) and None)
    worker.do_duties(place.database, tmp_path)
    job_threads.finish()
    page = administrator.get("/admin/roster/job", follow_redirects=True).text
    assert "新增 1 家，更新 0 家，0 家没有变化" in page
    with place.database.read() as session:
        assert len(session.scalars(select(AuditEvent).where(AuditEvent.action == "roster.import")).all()) == 2


def test_an_import_whose_file_is_gone_says_so(
    place: County, administrator: FlaskClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("survey.web.administrator.roster.INLINE_ROWS", 0)
    monkeypatch.setattr(importing, "KIND", replace(importing.KIND, run=lambda _running: None))
    upload(administrator, workbook(("宏达公司", GOOD, "", "", "")))
    administrator.post("/admin/roster/confirm")
    job_threads.finish()
    monkeypatch.undo()
    broken_off(place, importing.KIND.name)
    for path in (tmp_path / "uploads").iterdir():
        path.unlink()
    assert job_ended(administrator) == "failed"
    page = administrator.get("/admin/roster/job").text
    assert ("没有等待确认的文件" in page, "请重新上传" in page) == (True, True)


def test_one_telephone_or_legal_person_behind_several_is_listed(
    place: County, administrator: FlaskClient
) -> None:
    """Firms of one owner count as so many opinions: whoever makes the roster is told, nothing is refused."""
    head = ("企业名称", "统一社会信用代码", "联系人", "手机", "法定代表人")
    third = complete_credit_code("91420983MA4K9999X")
    answer = upload(
        administrator,
        workbook(
            ("宏达公司", GOOD, "王五", "13900000001", "赵一"),
            ("宏远公司", OTHER, "李六", "13900000001", "钱二"),
            ("宏图公司", third, "周七", "13900000009", "赵一"),
            head=head,
        ),
    )
    assert "2 组、共 3 家企业可能是一家的" in answer.text
    assert "电话 13900000001：宏达公司、宏远公司" in answer.text
    assert "法定代表人 赵一：宏达公司、宏图公司" in answer.text
    assert "3 行全部无误" in answer.text
    administrator.post("/admin/roster/confirm")
    # One telephone in the file and on the roster: the same owner, imported at two times.
    fourth = complete_credit_code("91420983MA4K8888X")
    again = upload(administrator, workbook(("宏伟公司", fourth, "", "13900000009", "")))
    assert "电话 13900000009：宏图公司、宏伟公司" in again.text
    assert "赵一" not in again.text


def test_a_roster_without_shared_owners_says_nothing_of_them(administrator: FlaskClient) -> None:
    answer = upload(administrator, workbook(("宏达公司", GOOD, "王五", "13900000001", "小")))
    assert "可能是一家的" not in answer.text


SHEETS = {
    "填写说明": (("甲", "乙", "丙"), ("先读这里", "", "")),
    "二〇二五": (("主体", "码", "电"), ("去年公司", OTHER, "13800000009")),
    "二〇二六": (("码", "主体", "电"), ("", "", ""), (GOOD, "宏达公司", "13800000001")),
}


def sheets_of(**rows: Sequence[Sequence[str]]) -> io.BytesIO:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, cells in rows.items():
        sheet = book.create_sheet(name)
        for row in cells:
            sheet.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    buffer.seek(0)
    return buffer


def places_in(page: str, **wanted: str) -> dict[str, str]:
    """The form's fields for columns, by the names that people read."""
    found = re.findall(r'<label for="column-(\d+)">([^<]+)</label>', page)
    return {f"column-{number}": wanted[name] for number, name in found if name in wanted}


def test_the_sheets_to_read_are_chosen(place: County, administrator: FlaskClient) -> None:
    refused = upload(administrator, sheets_of(**SHEETS))
    assert refused.status_code == 400
    for name in SHEETS:
        assert f'name="sheet" value="{name}"' in refused.text
    assert 'name="shown" value="填写说明"' in refused.text

    # Columns chosen on the sheet shown say nothing of another one: its headings are looked at first.
    asked = {"sheet": ["二〇二六"], "shown": "填写说明"} | places_in(
        refused.text, 企业名称="0", 统一社会信用代码="1"
    )
    other = administrator.post("/admin/roster/match", data=asked)
    assert other.status_code == 400
    assert 'name="shown" value="二〇二六"' in other.text
    asked = {"sheet": ["二〇二六"], "shown": "二〇二六"} | places_in(
        other.text, 企业名称="1", 统一社会信用代码="0", 手机="2"
    )
    preview = administrator.post("/admin/roster/match", data=asked).text
    assert "1 行全部无误" in preview
    assert "读取了工作表：二〇二六。" in preview
    assert "没有选、因此没有读取的工作表：填写说明、二〇二五。" in preview

    # The same headings elsewhere, in another order, are read with them.
    both = asked | {"sheet": ["二〇二六", "二〇二五"], "shown": "二〇二五"}
    both |= places_in(other.text, 企业名称="0", 统一社会信用代码="1", 手机="2")
    both["sheet"], both["shown"] = ["二〇二五", "二〇二六"], "二〇二五"
    assert "2 行全部无误" in administrator.post("/admin/roster/match", data=both).text
    administrator.post("/admin/roster/confirm")
    with place.database.read() as session:
        assert enterprises.get_enterprise(session, GOOD).name == "宏达公司"
        assert enterprises.get_enterprise(session, OTHER).name == "去年公司"


def test_one_of_two_sheets_that_fit_can_be_left_out(administrator: FlaskClient) -> None:
    rows = {name: (("企业名称", "统一社会信用代码"), (name, GOOD)) for name in ("去年", "今年")}
    twice = upload(administrator, sheets_of(**rows)).text
    assert "去年 2" in twice
    chosen = {"sheet": ["今年"], "shown": "去年"}
    assert "1 行全部无误" in administrator.post("/admin/roster/match", data=chosen).text


def test_columns_of_a_large_file_are_chosen_by_hand_too(
    administrator: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("survey.web.administrator.roster.INLINE_BYTES", 10)
    upload(administrator, sheets_of(**SHEETS))
    assert job_ended(administrator) == "failed"
    page = administrator.get("/admin/roster/job").text
    assert "自己指定哪一列是什么" in page
    assert administrator.get("/admin/roster/preview").status_code == 404
    administrator.post("/admin/roster/match", data={"sheet": ["二〇二五"], "shown": "填写说明"})
    assert job_ended(administrator) == "failed"
    page = administrator.get("/admin/roster/job").text
    asked = {"sheet": ["二〇二五"], "shown": "二〇二五"} | places_in(page, 企业名称="0", 统一社会信用代码="1")
    administrator.post("/admin/roster/match", data=asked)
    assert job_ended(administrator) == "done"
    assert "1 行全部无误" in administrator.get("/admin/roster/preview").text


def test_an_update_of_telephones_says_how_many_and_leaves_the_rest(
    place: County, administrator: FlaskClient
) -> None:
    upload(administrator, workbook(("宏达公司", GOOD, "王五", "13800000001", "小")))
    administrator.post("/admin/roster/confirm")
    head = ("企业名称", "统一社会信用代码", "手机")
    shown = upload(administrator, workbook(("宏达公司", GOOD, "13900000009"), head=head))
    assert "更新 1 家" in shown.text
    assert "改动：电话 1 家；文件里没有的列不动" in shown.text
    assert "电话 1 家" in administrator.post("/admin/roster/confirm", follow_redirects=True).text
    with place.database.read() as session:
        found = enterprises.get_enterprise(session, GOOD)
    assert (found.contact, found.phone, found.strata) == ("王五", "13900000009", {"规模": "小"})


def test_one_enterprise_is_added_edited_and_retired_on_its_page(
    place: County, administrator: FlaskClient
) -> None:
    typed = {"name": "宏达公司", "credit_code": GOOD.lower(), "contact": "王五", "phone": "138 0000 0001"}
    new = "/admin/enterprises/new"
    wrong = administrator.post(new, data=typed | {"credit_code": GOOD[:-1], "phone": "12"})
    assert wrong.status_code == 400
    assert "信用代码应为 18 位" in wrong.text
    assert "电话号码不像" in wrong.text
    assert 'value="宏达公司"' in wrong.text
    full = typed | {"stratum-0": "小"}
    added = administrator.post("/admin/enterprises/new", data=full, follow_redirects=True)
    assert "加入名录" in added.text
    assert administrator.post("/admin/enterprises/new", data=typed).status_code == 409
    page = f"/admin/enterprises/{GOOD}"
    seen = re.search(r'name="seen" value="(\w+)"', administrator.get(page).text)[1]
    mine = typed | {"name": "宏达新公司", "stratum-0": "小", "seen": seen}
    assert "原名“宏达公司”" in administrator.post(page, data=mine, follow_redirects=True).text
    late = administrator.post(page, data=mine | {"contact": "赵六"})
    assert late.status_code == 409
    assert "别人刚保存的" in late.text
    assert 'value="赵六"' in late.text
    assert "宏达新公司" in late.text
    assert administrator.post(f"{page}/retire", data={"reason": ""}).status_code == 400
    assert (
        "已停用" in administrator.post(f"{page}/retire", data={"reason": "注销"}, follow_redirects=True).text
    )
    assert "已停用" in administrator.get("/admin/roster").text
    assert count(place) == 3
