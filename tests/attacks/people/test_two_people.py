"""One administrator who would be every other person, or who grows a round while it collects."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import cheap
import pytest
from county import BASE_URL, PASSWORD, SECRET, County, roster, without_guards
from flask import Flask
from sqlalchemy import delete, func, select, text, update
from test_administrator import signed_in

from survey.app import create_app
from survey.clock import now
from survey.config import Settings
from survey.errors import Conflict, Forbidden, InvalidInput, PingyiError
from survey.models import (
    AuditEvent,
    Invitation,
    LoginSession,
    Mode,
    Proposal,
    ProposalKind,
    Role,
    Round,
    State,
    User,
)
from survey.services.followup import comment_releases
from survey.services.invitations import growth, issuing
from survey.services.opening import opening_job
from survey.services.operations import audit
from survey.services.people import (
    accounts,
    bodies,
    confirmations,
    enrolment,
    passwords,
    proposals,
    round_people,
)
from survey.services.publication import publishing
from survey.services.roster import enterprises
from survey.services.rounds import closing

FALSE = ("假人大", "假政协")


@pytest.fixture(autouse=True)
def _cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    cheap.passwords(monkeypatch)


@pytest.fixture
def round_(place: County) -> County:
    """A round that collects, of an administrator with a password and two reviewers."""
    place.collecting()
    hashed = passwords.hash_password(PASSWORD)
    change = update(User).where(User.role == Role.ADMINISTRATOR).values(password_hash=hashed)
    place.database.write(lambda s: s.execute(change) and None)
    return place


@pytest.fixture
def site(round_: County, tmp_path: Path) -> Flask:
    settings = Settings(tmp_path, round_.database.url, BASE_URL, SECRET, insecure_http=True)
    app = create_app(settings, round_.database)
    app.config.update(WTF_CSRF_ENABLED=False)
    return app


def named(place: County, name: str) -> User | None:
    with place.database.read() as session:
        return session.scalars(select(User).where(User.name == name)).first()


def take_link(site: Flask, page: str) -> bool:
    """Set a password through whatever link the page shows."""
    link = re.search(r"/enrol#([\w-]+)", page)
    form = {"token": link[1] if link else "", "password": PASSWORD, "again": PASSWORD}
    return link is not None and site.test_client().post("/enrol", data=form).status_code == 302


def add_reviewer(
    place: County, name: str, confirmer: User, body: str = "评议员0单位"
) -> tuple[User, str, str]:
    """By two people: (the person, the link, the code)."""
    place.database.write(lambda s: bodies.ensure(s, body))
    made, code = place.database.write(
        lambda s: proposals.propose_person(s, place.administrator, name=name, body=body, now=now())
    )
    link = place.database.write(lambda s: confirmations.confirm(s, made, confirmer, BASE_URL, now()))
    person = named(place, name)
    assert person is not None
    return person, link, code


def test_one_administrator_does_not_close_with_reviewers_of_his_own(site: Flask, round_: County) -> None:
    """Naive: a page on which an administrator adds reviewers, and is shown their links."""
    desk = signed_in(site, round_, round_.administrator)
    for name in FALSE:
        asked = {"name": name, "role": "reviewer", "body": "县政协", "proof": PASSWORD}
        take_link(site, desk.post("/admin/people/new", data=asked).text)
    round_.act(lambda s, r: closing.propose_closing(s, r, round_.administrator))
    fake = named(round_, FALSE[0])
    if fake is not None:
        signed_in(site, round_, fake).post(f"/review/{round_.slug}/confirm-closing", data={"confirm": "y"})
    assert (fake, round_.round().state) == (None, State.OPEN)


def test_one_administrator_does_not_send_all_reviewers_away(site: Flask, round_: County) -> None:
    """Naive: whoever may switch accounts off may switch off the last who could confirm anything."""
    desk = signed_in(site, round_, round_.administrator)
    enrolled = update(User).where(User.role == Role.REVIEWER).values(password_hash="$argon2id$")
    round_.database.write(lambda s: s.execute(enrolled) and None)
    for person in round_.reviewers:
        desk.post(f"/admin/people/{person.id.hex()}/deactivate", data={"act-proof": PASSWORD})
    with round_.database.read() as session:
        left = accounts.list_users(session, Role.REVIEWER)
    assert len(left) == 2
    page = desk.post(f"/admin/people/{left[0].id.hex()}/deactivate", data={"act-proof": PASSWORD})
    assert (page.status_code, "不到 2 位" in page.text) == (409, True)


def test_resetting_a_reviewer_shows_the_administrator_no_link(site: Flask, round_: County) -> None:
    desk, victim = signed_in(site, round_, round_.administrator), round_.reviewers[0]
    own = signed_in(site, round_, victim)
    for act in ("reset", "link"):
        data = {"confirm": "y", "act-confirm": "y", "act-proof": PASSWORD}
        page = desk.post(f"/admin/people/{victim.id.hex()}/{act}", data=data, follow_redirects=True)
        assert not take_link(site, page.text)
    assert own.get("/review/").status_code == 200, "nothing happened to the reviewer"


@pytest.mark.parametrize("age", [timedelta(hours=1), timedelta()])
def test_a_screen_left_unlocked_changes_nobody(site: Flask, round_: County, age: timedelta) -> None:
    """However fresh the sign-in: the proof belongs to the act, and each act wants its own."""
    desk = signed_in(site, round_, round_.administrator)
    aged = update(LoginSession).values(proved_at=now() - age)
    round_.database.write(lambda s: s.execute(aged) and None)
    for form in ({}, {"proof": "wrong wrong wrong", "act-proof": "wrong wrong wrong"}):
        for role in ("administrator", "liaison", "reviewer"):
            asked = {"name": f"某{role}", "role": role, "department": "税务局", "body": "评议员0单位"}
            desk.post("/admin/people/new", data=asked | form)
            assert named(round_, f"某{role}") is None
        person = round_.reviewers[0].id.hex()
        desk.post(f"/admin/people/{person}/reset", data={"confirm": "y", "act-confirm": "y"} | form)
        desk.post("/changes/bodies", data={"name": "假机构"} | form)
    with round_.database.read() as session:
        assert proposals.count_waiting(session) == 0


def test_neither_the_link_nor_the_code_alone_enrols(round_: County) -> None:
    """Who confirms has the link, who proposes has the code: neither becomes the new person."""
    _, link, code = add_reviewer(round_, "新人", round_.reviewers[0])
    for guess in ("", "AAAAA-AAAAA"):
        with pytest.raises(enrolment.CodeMissing):
            enrolment.enrol(round_.database, link, PASSWORD, now(), guess)
    with pytest.raises(enrolment.LinkInvalid):
        enrolment.enrol(round_.database, code, PASSWORD, now(), code)
    assert enrolment.enrol(round_.database, link, PASSWORD, now(), code.lower()).name == "新人"


def test_who_confirms_is_neither_who_asks_nor_who_is_meant(round_: County) -> None:
    victim, other = round_.reviewers
    made, _code = round_.database.write(
        lambda s: proposals.propose_change(s, round_.administrator, ProposalKind.PERSON_RESET, victim, now())
    )
    for person in (round_.administrator, victim):
        with pytest.raises(Forbidden):
            round_.database.write(lambda s, p=person: confirmations.confirm(s, made, p, BASE_URL, now()))
    assert round_.database.write(lambda s: confirmations.confirm(s, made, other, BASE_URL, now()))


def test_a_reviewer_of_later_cannot_vouch_against_those_of_the_round(round_: County) -> None:
    """Naive: any reviewer confirms. One puppet, once let in, would then reset both real reviewers."""
    puppet, *_ = add_reviewer(round_, "傀儡", round_.reviewers[0])
    for victim in round_.reviewers:
        made, _code = round_.database.write(
            lambda s, v=victim: proposals.propose_change(
                s, round_.administrator, ProposalKind.PERSON_RESET, v, now()
            )
        )
        with pytest.raises(Forbidden):
            round_.database.write(lambda s, m=made: confirmations.confirm(s, m, puppet, BASE_URL, now()))


def test_a_reviewer_of_later_neither_closes_nor_opens_nor_publishes(site: Flask, round_: County) -> None:
    late, *_ = add_reviewer(round_, "后来人", round_.reviewers[0])
    desk = signed_in(site, round_, late)
    round_.act(lambda s, r: closing.propose_closing(s, r, round_.administrator))
    for work in (closing.confirm_closing, closing.withdraw_closing):
        with pytest.raises(Forbidden):
            round_.act(lambda s, r, work=work: work(s, r, late))
    round_.act(lambda s, r: closing.confirm_closing(s, r, round_.reviewers[0]))
    assert desk.get(f"/review/{round_.slug}/open").status_code == 403
    assert desk.post(f"/review/{round_.slug}/open").status_code in (302, 403)
    opening_job.open_round(round_.database, round_.slug, round_.key_files, "人大")
    assert desk.get(f"/review/{round_.slug}/comments").status_code == 403
    for act in (
        lambda s, r: comment_releases.propose(s, r, late, {}),
        lambda s, r: comment_releases.confirm(s, r, late, {}),
        lambda s, r: publishing.propose(s, r, late),
    ):
        with pytest.raises(Forbidden):
            round_.act(act)


def test_plain_sql_adds_nobody_to_a_rounds_people(round_: County) -> None:
    late, *_ = add_reviewer(round_, "后来人", round_.reviewers[0])

    def add(session, round: Round) -> None:
        values = {"r": round.id, "u": late.id}
        session.execute(text("INSERT INTO round_reviewer (round_id, user_id) VALUES (:r, :u)"), values)

    with pytest.raises(Exception, match="its reviewers are frozen"):
        round_.act(add)


def test_every_change_of_people_stands_on_the_public_page(site: Flask, round_: County) -> None:
    add_reviewer(round_, "新人", round_.reviewers[0])
    round_.database.write(
        lambda s: accounts.create_user(
            s, name="机上加的", role=Role.REVIEWER, password=None, body="某机构", actor="root"
        )
    )
    page = site.test_client().get(f"/public/{round_.slug}").text
    assert "新增一名评议员（评议员0单位），由管理员提出、评议员确认" in page
    assert "新增一名评议员（某机构），没有经过评议员确认" in page
    assert "新人" not in page
    round_.database.write(
        lambda s: accounts.set_active(s, named(round_, "新人"), active=False, actor="管理员")
    )
    assert "停用了一名评议员" in site.test_client().get(f"/public/{round_.slug}").text
    assert [c.confirmed for c in round_.look(round_people.changes)] == [True, False, False]


def test_a_body_of_ones_own_invention_is_not_on_the_list(round_: County) -> None:
    with pytest.raises(InvalidInput):
        round_.database.write(
            lambda s: proposals.propose_person(s, round_.administrator, name="甲", body="省纪委", now=now())
        )
    made = round_.database.write(lambda s: proposals.propose_body(s, round_.administrator, "省纪委", now()))
    with round_.database.read() as session:
        assert "省纪委" not in bodies.listed(session), "proposed is not listed"
    round_.database.write(lambda s: confirmations.confirm(s, made, round_.reviewers[0], BASE_URL, now()))
    with round_.database.read() as session:
        assert "省纪委" in bodies.listed(session)


def count(place: County) -> int:
    with place.database.read() as session:
        return session.scalar(select(func.count()).select_from(Invitation)) or 0


def test_sixty_invented_firms_and_two_hundred_slips_are_not_taken(round_: County) -> None:
    before = count(round_)
    round_.database.write(lambda s: enterprises.import_roster(s, roster(60), actor="管理员"))
    for issue in (round_.issue_attributed, lambda: round_.issue(200)):
        with pytest.raises(Conflict):
            issue()
    assert count(round_) == before


def more(place: County, kind: Mode, slips: int = 0) -> Proposal:
    return place.act(
        lambda s, r: proposals.propose_invitations(s, place.administrator, r, kind, slips, "补发", now())
    )


def test_what_was_confirmed_is_issued_once_and_no_more_than_that(round_: County) -> None:
    made = more(round_, Mode.SLIP, 4)
    with pytest.raises(Conflict):
        round_.issue(4)
    round_.database.write(lambda s: confirmations.confirm(s, made, round_.reviewers[0], BASE_URL, now()))
    with pytest.raises(Conflict, match="确认的是 4 份"):
        round_.issue(5)
    round_.issue(4)
    with pytest.raises(Conflict):
        round_.issue(1)
    assert [(e.kind, e.count, e.reason) for e in round_.look(growth.by_day)] == [
        ("slip", 5, ""),
        ("slip", 4, "补发"),
    ]
    assert [e.count for e in round_.look(growth.added)] == [4]


def test_firms_that_were_put_on_the_roster_after_the_confirmation_are_not_invited(round_: County) -> None:
    round_.database.write(lambda s: enterprises.import_roster(s, roster(2), actor="管理员"))
    made = more(round_, Mode.ATTRIBUTED)
    round_.database.write(lambda s: confirmations.confirm(s, made, round_.reviewers[1], BASE_URL, now()))
    round_.database.write(lambda s: enterprises.import_roster(s, roster(60), actor="管理员"))
    issued = round_.act(lambda s, r: issuing.issue_attributed(s, r, BASE_URL, "管理员"))
    assert sorted(entry.enterprise_name for entry in issued) == ["企业000", "企业001"]
    assert round_.look(growth.added)[0].count is None, "fewer than the threshold are not counted out"


def cut(place: County, entries: int, *, and_witness: bool = False) -> None:
    with place.database.read() as session:
        last = audit.newest(session)
        assert last is not None
        shortest = last.number - entries
        kept = session.get_one(AuditEvent, shortest)
    with without_guards(place.database) as connection:
        connection.execute(delete(AuditEvent).where(AuditEvent.number > shortest))
        if and_witness:
            connection.execute(update(Round).values(log_number=kept.number, log_hash=kept.hash))


def closed_after_much(place: County) -> None:
    def much(session) -> None:
        for number in range(12):
            audit.record(session, actor="管理员", action="roster.import", added=number)

    place.database.write(much)
    place.close()


def test_ten_entries_cut_off_the_log_are_noticed(round_: County) -> None:
    closed_after_much(round_)
    cut(round_, 10)
    with round_.database.read() as session, pytest.raises(PingyiError, match="截短"):
        audit.verify_chain(session)


def test_who_changes_the_notes_too_is_found_by_comparing_with_paper(site: Flask, round_: County) -> None:
    closed_after_much(round_)
    page = site.test_client().get(f"/public/{round_.slug}").text
    number, noted = round_.round().log_number, round_.round().log_hash.hex()
    shown = " ".join(noted[i : i + 4] for i in range(0, 64, 4))
    assert f"截止时操作日志共 {number} 条" in page
    assert shown in page
    cut(round_, 10, and_witness=True)
    later = site.test_client().get(f"/public/{round_.slug}").text
    assert shown not in later
    with round_.database.read() as session:
        audit.verify_chain(session)
        assert audit.newest(session).number < number, "fewer than the paper says"
