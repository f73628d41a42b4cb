"""Issuing as a job: the file once, to one browser, kept nowhere in clear; all or nothing in any case."""

from __future__ import annotations

import html
import io
import os
import re
import time
import zipfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pypdfium2
import pytest
import zxingcpp
from county import BASE_URL, SECRET, SLUG, County
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from survey.clock import now
from survey.contact import Contact
from survey.documents.paper import printing
from survey.documents.paper.layout import Style
from survey.models import AuditEvent, Invitation, Job, Role
from survey.services.invitations import issuing_job, one_time_files
from survey.services.operations import jobs
from survey.services.operations.job_kinds import Workplace
from survey.services.roster import enterprises
from survey.services.rounds import contacts, lifecycle

INVITATIONS = "/admin/rounds/2026-q4/invitations"
LINKS = {"attributed-confirm": "y"}


def ended(place: County) -> Job:
    """The issuing job, once it has stopped."""
    for _ in range(600):
        job = place.look(lambda s, r: jobs.newest(s, issuing_job.KIND, r.id))
        if not job.is_running:
            return job
        time.sleep(0.05)
    raise AssertionError("the job does not end")


def file_of(job: Job) -> str:
    return issuing_job.KIND.result(job).file


def issue_links(place: County, client: FlaskClient, **data: str) -> Job:
    answer = client.post(f"{INVITATIONS}/attributed", data=LINKS | data)
    assert answer.location == f"{INVITATIONS}/job", answer.text
    return ended(place)


def issued(place: County) -> int:
    return place.look(
        lambda s, r: s.scalar(select(func.count()).select_from(Invitation).where(Invitation.round_id == r.id))
    )


def download(client: FlaskClient, code: str = "") -> Any:
    return client.post(f"{INVITATIONS}/download", data={"code": code})


def pickup_code(client: FlaskClient) -> str:
    """What the page shows to who asked for the invitations."""
    shown = re.search(r"<code>((?:\w{4}-){4}\w{4})</code>", client.get(f"{INVITATIONS}/job").text)
    return shown[1] if shown else ""


def cells_of(content: bytes) -> list[str]:
    book = openpyxl.load_workbook(io.BytesIO(content))
    return [str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row]


def links_in(content: bytes) -> set[str]:
    return {cell for cell in cells_of(content) if cell.startswith("https://pingyi.example/s/2026-q4#")}


def test_links_come_as_excel_are_not_cached_and_can_be_destroyed(
    place: County, administrator: FlaskClient
) -> None:
    place.draft()
    assert issue_links(place, administrator).state == "done"
    answer = download(administrator)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    links = links_in(answer.data)
    assert len(links) == 3
    assert place.round().frozen
    assert links_in(download(administrator).data) == links
    administrator.post(f"{INVITATIONS}/destroy")
    assert download(administrator).status_code == 410
    assert "文件已经销毁" in administrator.get(f"{INVITATIONS}/job").text
    place.start()
    assert place.phone(links.pop().partition("#")[2]).answer()


@pytest.fixture
def colleague(place: County, sign_in) -> FlaskClient:
    return sign_in(place.add_user("另一位管理员", Role.ADMINISTRATOR))


def test_after_signing_out_and_for_a_second_administrator_the_pickup_code_opens_the_file(
    place: County, administrator: FlaskClient, colleague: FlaskClient, sign_in
) -> None:
    place.draft()
    issue_links(place, administrator)
    code = pickup_code(administrator)
    administrator.post("/logout")
    again = sign_in(place.administrator)
    for browser in (again, colleague):
        assert pickup_code(browser) == ""
        assert download(browser).status_code == 403
        assert "取件码不对" in download(browser, code[:-1]).text
        assert len(links_in(download(browser, code.lower().replace("-", " ")).data)) == 3
    with place.database.read() as session:
        fetched = session.scalars(select(AuditEvent).where(AuditEvent.action == "invitation.fetch")).all()
    assert [event.actor for event in fetched] == ["管理员", "另一位管理员"]


def test_a_copy_of_database_files_and_secret_yields_no_code(
    place: County, administrator: FlaskClient, tmp_path: Path
) -> None:
    """Who copies the disk has the sealed file, the public key and every secret of the installation."""
    place.draft()
    job = issue_links(place, administrator)
    order, sealed = issuing_job.KIND.asked(job), (tmp_path / "handouts" / file_of(job)).read_bytes()
    known = [order.public_key, SECRET, place.round().id.hex(), job.id.hex(), file_of(job)]
    for guess in known:
        with pytest.raises(one_time_files.NotYours):
            one_time_files.fetch(tmp_path, file_of(job), guess)
    for bits in (format(n, "020d") for n in range(50)):
        with pytest.raises(one_time_files.NotYours):
            one_time_files.fetch(tmp_path, file_of(job), bits)
    links = links_in(download(administrator).data)
    code, copied = pickup_code(administrator), place.database.url.removeprefix("sqlite:///")
    everything = b"".join(
        path.read_bytes() for path in [*tmp_path.rglob("*"), Path(copied)] if path.is_file()
    )
    for secret in [code, code.replace("-", ""), *(link.partition("#")[2] for link in links)]:
        assert secret.encode() not in everything + sealed


def test_no_file_and_no_row_tells_a_code(place: County, administrator: FlaskClient, tmp_path: Path) -> None:
    place.draft()
    job = issue_links(place, administrator)
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    everything = b"".join(path.read_bytes() for path in kept)
    sealed = tmp_path / "handouts" / file_of(job)
    assert sealed.stat().st_mode & 0o077 == 0
    assert b"PK\x03\x04" not in sealed.read_bytes()[:200]
    links = links_in(download(administrator).data)
    assert links
    for link in links:
        code = link.partition("#")[2]
        assert code.encode() not in everything
        assert code not in str(job.parameters)
    administrator.post(f"{INVITATIONS}/destroy")
    assert not sealed.exists()


def test_the_wrong_key_opens_nothing(tmp_path: Path) -> None:
    name = one_time_files.keep(tmp_path, one_time_files.new_code()[1], b"secrets")
    with pytest.raises(one_time_files.NotYours):
        one_time_files.fetch(tmp_path, name, one_time_files.new_code()[0])
    with pytest.raises(one_time_files.NotYours):
        one_time_files.fetch(tmp_path, name, "")


def test_after_three_days_the_file_is_gone(place: County, administrator: FlaskClient, tmp_path: Path) -> None:
    place.draft()
    sealed = tmp_path / "handouts" / file_of(issue_links(place, administrator))
    assert download(administrator).status_code == 200
    os.utime(sealed, (time.time() - 71 * 3600, time.time() - 71 * 3600))
    assert download(administrator).status_code == 200
    os.utime(sealed, (time.time() - 73 * 3600, time.time() - 73 * 3600))
    assert download(administrator).status_code == 410
    assert not sealed.exists()


def test_the_message_is_written_from_the_template(place: County, administrator: FlaskClient) -> None:
    place.draft()
    issue_links(place, administrator, **{"attributed-message": "{enterprise}请看{link}，{day}前。"})
    cells = cells_of(download(administrator).data)
    assert (
        sum(cell.startswith("企业00") and "请看https://pingyi.example/s/2026-q4#" in cell for cell in cells)
        == 3
    )


def test_a_gateway_that_forbids_links_gets_address_and_code(
    place: County, administrator: FlaskClient
) -> None:
    place.draft()
    page = administrator.get(f"{INVITATIONS}?words=typed").text
    typed = html.unescape(re.search(r"<textarea[^>]*>\s*(.*?)</textarea>", page, re.DOTALL)[1])
    assert "{link}" not in typed
    issue_links(place, administrator, **{"attributed-message": typed})
    texts = [cell for cell in cells_of(download(administrator).data) if "输入邀请码" in cell]
    assert len(texts) == 3
    code = re.search(r"输入邀请码 ([\w-]+) ", texts[0])[1]
    place.start()
    assert place.phone(code).answer()
    merged = administrator.post(f"{INVITATIONS}/download", data={"merge": "gateway"})
    assert merged.headers["Content-Type"].startswith("text/csv")
    assert merged.data.decode("utf-8-sig").count("输入邀请码") == 3


@pytest.mark.parametrize(
    ("message", "said"), [("没有链接", "没有 {link}"), ("{link}{secret}", "不认识的内容")]
)
def test_a_wrong_template_is_refused_beside_the_field(
    place: County, administrator: FlaskClient, message: str, said: str
) -> None:
    place.draft()
    answer = administrator.post(f"{INVITATIONS}/attributed", data=LINKS | {"attributed-message": message})
    assert answer.status_code == 400
    assert said in answer.text
    assert not place.round().frozen


def test_nobody_left_to_invite_is_said_at_once(place: County, administrator: FlaskClient) -> None:
    place.draft()
    issue_links(place, administrator)
    assert administrator.post(f"{INVITATIONS}/attributed", data=LINKS).status_code == 409


def test_slips_come_as_pdf(place: County, administrator: FlaskClient) -> None:
    place.draft()
    data = {"slips-count": "5", "slips-per_page": "8", "slips-confirm": "y"}
    administrator.post(f"{INVITATIONS}/slips", data=data)
    assert ended(place).state == "done"
    answer = download(administrator)
    assert answer.headers["Cache-Control"] == "no-store"
    assert len(pypdfium2.PdfDocument(answer.data)) == 1
    assert "这一轮已签发：企业 0 家，无记名票 5 张" in administrator.get(INVITATIONS).text


@pytest.mark.parametrize("printed", ["forms", "large"])
def test_slips_come_as_paper_forms(place: County, administrator: FlaskClient, printed: str) -> None:
    """One form a slip, each on sheets of its own, with its link to scan."""
    place.draft()
    data = {"slips-count": "3", "slips-per_page": "8", "slips-printed": printed, "slips-confirm": "y"}
    administrator.post(f"{INVITATIONS}/slips", data=data)
    assert ended(place).state == "done"
    document = pypdfium2.PdfDocument(download(administrator).data)
    pages = [page.render(scale=2).to_pil() for page in document]
    texts = [code.text for page in pages for code in zxingcpp.read_barcodes(page)]
    links = {text for text in texts if "/s/2026-q4#" in text}
    assert len(links) == 3
    assert all(link.endswith(place.description().check_number) for link in links)
    assert len(pages) % 3 == 0


@pytest.mark.parametrize(
    ("sides", "laid"), [("duplex", (True, False)), ("single", (False, False)), ("booklet", (True, True))]
)
def test_paper_forms_with_comments_laid_as_asked(
    sides: str,
    laid: tuple[bool, bool],
    place: County,
    administrator: FlaskClient,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked, whole = {}, printing.write_forms

    def noted(*given, **named):
        asked.update(named)
        return whole(*given, **named)

    monkeypatch.setattr(printing, "write_forms", noted)
    place.draft()
    office = Contact("县评议办王主任", "0310-1234567")
    place.database.write(lambda s: contacts.set_office(s, None, office, "管理员"))
    data = {"slips-count": "2", "slips-per_page": "8", "slips-printed": "large", "slips-confirm": "y"}
    administrator.post(f"{INVITATIONS}/slips", data=data | {"slips-comments": "y", "slips-sides": sides})
    assert ended(place).state == "done"
    assert asked["style"] == Style(large=True, comments=True)
    assert (asked["duplex"], asked["booklet"]) == laid
    assert asked["contact"] == office


def test_too_many_slips_for_one_file_come_as_several(
    place: County, administrator: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(issuing_job, "SLIPS_A_FILE", 9)
    place.draft()
    data = {"slips-count": "20", "slips-per_page": "8", "slips-confirm": "y"}
    administrator.post(f"{INVITATIONS}/slips", data=data)
    assert ended(place).state == "done"
    with zipfile.ZipFile(io.BytesIO(download(administrator).data)) as archive:
        pages = [len(pypdfium2.PdfDocument(archive.read(name))) for name in archive.namelist()]
    assert pages == [2, 2, 1]
    assert issued(place) == 20


def failing(*_args: object, **_options: object) -> bytes:
    raise OSError("disk full")


def test_a_file_that_fails_issues_nothing(
    place: County, administrator: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.draft()
    monkeypatch.setattr("survey.documents.lists.links_xlsx.write_links", failing)
    assert issue_links(place, administrator).state == "failed"
    assert not place.round().frozen
    assert "没有签发任何邀请" in administrator.get(f"{INVITATIONS}/job").text
    assert "这一轮已签发：企业 0 家" in administrator.get(INVITATIONS).text


def test_a_round_that_stopped_meanwhile_gets_no_invitations_and_leaves_no_file(
    place: County, administrator: FlaskClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from survey.documents.lists import links_xlsx

    write = links_xlsx.write_links

    def cancelled_first(*args: Any, **options: Any) -> bytes:
        place.act(lambda s, r: lifecycle.cancel_round(s, r, "管理员", "另建", second="评议员0"))
        return write(*args, **options)

    place.draft()
    monkeypatch.setattr(links_xlsx, "write_links", cancelled_first)
    assert issue_links(place, administrator).state == "failed"
    assert issued(place) == 0
    assert list((tmp_path / "handouts").iterdir()) == []


def test_cancelling_leaves_nothing(
    place: County, administrator: FlaskClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from survey.documents.lists import links_xlsx

    write = links_xlsx.write_links

    def cancelled_first(*args: Any, **options: Any) -> bytes:
        administrator.post(f"{INVITATIONS}/cancel")
        return write(*args, **options)

    place.draft()
    monkeypatch.setattr(links_xlsx, "write_links", cancelled_first)
    assert issue_links(place, administrator).state == "cancelled"
    assert (issued(place), place.round().frozen) == (0, False)
    assert not any((tmp_path / "handouts").iterdir()) if (tmp_path / "handouts").exists() else True
    assert "已取消，没有签发任何邀请" in administrator.get(f"{INVITATIONS}/job").text


def interrupted(place: County, public_key: str) -> None:
    """A job as a process that was killed in the middle leaves it."""
    order = issuing_job.Order("attributed", BASE_URL, "管理员", public_key)
    never, round_id = replace(issuing_job.KIND, run=lambda _running: None), place.round().id
    job_id = jobs.start(Workplace(place.database, Path()), never, order, round_id)
    ended(place)
    dead = {"state": "running", "beat_at": now() - timedelta(minutes=5)}
    place.database.write(lambda s: s.execute(update(Job).where(Job.id == job_id).values(**dead)) and None)


def test_a_job_goes_on_after_a_restart_without_the_browser(place: County, tmp_path: Path) -> None:
    place.draft()
    private, public = one_time_files.new_code()
    interrupted(place, public)
    assert issued(place) == 0
    jobs.resume_all(Workplace(place.database, tmp_path), issuing_job.KIND)
    job = ended(place)
    assert (job.state, issued(place)) == ("done", 3)
    assert len(links_in(one_time_files.fetch(tmp_path, file_of(job), private))) == 3


def test_two_processes_that_take_it_up_issue_once(place: County, tmp_path: Path) -> None:
    place.draft()
    interrupted(place, one_time_files.new_code()[1])
    job = place.look(lambda s, r: jobs.newest(s, issuing_job.KIND, r.id))
    at, never = Workplace(place.database, tmp_path), replace(issuing_job.KIND, run=lambda _running: None)
    assert jobs.resume(at, never, job)
    assert not jobs.resume(at, never, job)
    assert ended(place).state == "done"


def test_an_enterprise_invited_meanwhile_is_not_invited_twice(
    place: County, administrator: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    from survey.documents.lists import links_xlsx

    write = links_xlsx.write_links

    def others_first(*args: Any, **options: Any) -> bytes:
        place.issue_attributed()
        return write(*args, **options)

    place.draft()
    monkeypatch.setattr(links_xlsx, "write_links", others_first)
    assert issue_links(place, administrator).state == "failed"
    assert issued(place) == 3
    with place.database.read() as session:
        assert enterprises.count_enterprises(session) == 3


def test_the_page_says_how_long_the_longest_message_is(place: County, administrator: FlaskClient) -> None:
    """As long as the longest that then stands in the file."""
    place.draft()
    [(length, count)] = re.findall(
        r"最长的一条 (\d+) 个字，按 (\d+) 条短信计费[^\"]*</p>", administrator.get(INVITATIONS).text
    )
    issue_links(place, administrator)
    texts = [
        cell
        for cell in cells_of(download(administrator).data)
        if cell.count(f"/s/{SLUG}#") and "请您匿名评议" in cell
    ]
    assert len(texts) == 3
    assert int(length) == max(map(len, texts))
    assert int(count) == -(-int(length) // 67)
