"""Contact of the office: on what enterprises get; telephones of key holders: for administrators only."""

from __future__ import annotations

import io

import openpyxl
import pytest
from county import County
from flask import Flask
from flask.testing import FlaskClient

from survey.cli.box.page_render import renderer
from survey.contact import Contact
from survey.models import OfficeContact
from survey.services.rounds import contacts
from survey.watch.served_page import carried, page_problems

OFFICE = {"name": "县评议办王主任", "telephone": "0310-1234567转8", "hours": "工作日 9:00–17:00"}
SECRET_NUMBER = "13900001111"


@pytest.fixture
def drafted(place: County) -> County:
    return place.draft()


def phone_page(site: Flask, place: County) -> str:
    """The survey page as it is now, and not as it was a second ago."""
    site.extensions.get("pingyi.pages", {}).clear()
    return site.test_client().get(f"/s/{place.slug}").text


def test_the_contact_stands_where_enterprises_look(
    site: Flask, administrator: FlaskClient, drafted: County
) -> None:
    invitations = f"/admin/rounds/{drafted.slug}/invitations"
    assert "咨询{office}" not in administrator.get(invitations).text
    assert administrator.post("/admin/contact", data=OFFICE).status_code == 302
    assert "咨询{office}" in administrator.get(invitations).text
    drafted.issue_attributed().start()
    public = site.test_client().get(f"/public/{drafted.slug}").text
    for page in (phone_page(site, drafted), public):
        page = " ".join(page.split())
        assert '县评议办王主任 <a href="tel:03101234567">0310-1234567转8</a>（工作日 9:00–17:00）' in page
    book = openpyxl.load_workbook(
        io.BytesIO(administrator.get(f"/admin/rounds/{drafted.slug}/reminders.xlsx").data)
    )
    assert "请与评议办公室（县评议办王主任 0310-1234567转8）联系换发" in str(book.active.cell(2, 5).value)


def test_a_round_has_its_own_contact_before_that_of_all(
    site: Flask, administrator: FlaskClient, drafted: County
) -> None:
    drafted.issue().start()
    administrator.post("/admin/contact", data=OFFICE)
    own = f"/admin/rounds/{drafted.slug}/contact"
    administrator.post(own, data=OFFICE | {"name": "李科长", "telephone": "0310-7654321"})
    assert "李科长" in phone_page(site, drafted)
    administrator.post(own, data={"name": "", "telephone": "", "hours": ""})
    assert "王主任" in phone_page(site, drafted)
    assert drafted.look(contacts.own) is None


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("telephone", "<b>0310</b>", "不像电话号码"),
        ("telephone", "0310-1234567\u202e", ""),
        ("telephone", "javascript:1", "不像电话号码"),
        ("telephone", "", "不像电话号码"),
        ("name", "", "请写明找谁"),
        ("name", "王\u0007主任", "不能用"),
        ("name", "王" * 31, "最多 30 个字"),
        ("hours", "全\ue000天", "不能用"),
    ],
)
def test_what_is_no_contact_is_refused_or_cleaned(
    site: Flask, administrator: FlaskClient, drafted: County, field: str, value: str, said: str
) -> None:
    drafted.issue().start()
    answer = administrator.post("/admin/contact", data=OFFICE | {field: value})
    if said:
        assert answer.status_code == 400
        assert said in answer.text
        assert drafted.look(lambda s, _r: s.get(OfficeContact, OfficeContact.EVERY_ROUND)) is None
    else:  # an invisible sign is taken away
        assert "0310-1234567</a>" in phone_page(site, drafted)


def test_markup_is_shown_and_not_done(site: Flask, administrator: FlaskClient, drafted: County) -> None:
    """Attack: a name that would end the element, or be read back as another contact by a watcher."""
    drafted.issue().start()
    name = '</span><a href="tel:1">x'
    administrator.post("/admin/contact", data=OFFICE | {"name": name})
    page = phone_page(site, drafted)
    assert name not in page
    said = carried(page)
    assert said is not None
    assert said.contact == Contact(name, OFFICE["telephone"], OFFICE["hours"])


def test_a_watcher_makes_the_same_page_and_names_another_telephone(
    site: Flask, administrator: FlaskClient, drafted: County
) -> None:
    drafted.issue().start()
    administrator.post("/admin/contact", data=OFFICE)
    page = phone_page(site, drafted)
    assert list(page_problems(page, renderer())) == []
    moved = page.replace("tel:03101234567", "tel:110")
    assert len(list(page_problems(moved, renderer()))) == 1


def test_key_holders_telephones_are_for_administrators(
    site: Flask, administrator: FlaskClient, reviewer: FlaskClient, drafted: County
) -> None:
    drafted.issue().start()  # keys are frozen; telephones are not
    form = {"holders-0-person": "赵钥", "holders-0-telephone": SECRET_NUMBER}
    assert administrator.post(f"/admin/rounds/{drafted.slug}/contact", data=form).status_code == 302
    assert SECRET_NUMBER in administrator.get(f"/admin/rounds/{drafted.slug}").text
    visitor = site.test_client()
    for browser, address in (
        (reviewer, f"/review/{drafted.slug}"),
        (reviewer, "/audit"),
        (visitor, f"/public/{drafted.slug}"),
        (visitor, f"/s/{drafted.slug}"),
        (visitor, f"/s/{drafted.slug}/round.json"),
    ):
        answer = browser.get(address, follow_redirects=True)
        assert SECRET_NUMBER not in answer.text, address
        assert "赵钥" not in answer.text, address
    assert reviewer.get(f"/admin/rounds/{drafted.slug}/contact").status_code == 403
