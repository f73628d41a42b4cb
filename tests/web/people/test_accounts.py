"""People, one's own account, the second factor's pages, fresh proofs and the log's page."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import cheap
import pyotp
import pytest
from county import BASE_URL, PASSWORD, SECRET, County
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text, update

from survey.app import create_app
from survey.clock import now
from survey.config import Settings
from survey.models import AuditEvent, LoginSession, Role, State, User
from survey.services.invitations import replacing
from survey.services.operations import audit
from survey.services.people import accounts, failed_attempts, passwords, sign_ins
from survey.services.people import second_factor as totp
from survey.web.site.request import Pingyi

PROVEN = {"act-proof": PASSWORD}
EVERYBODY = (Role.ADMINISTRATOR, Role.REVIEWER, Role.LIAISON)
# Who may come in, by blueprint; every route of these is tried.
DOORS = {"people": (Role.ADMINISTRATOR,), "audit": (Role.ADMINISTRATOR, Role.REVIEWER), "account": EVERYBODY}


@pytest.fixture(autouse=True)
def _cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The strength of hashes is tested elsewhere."""
    cheap.passwords(monkeypatch)


@pytest.fixture(autouse=True)
def _own_password(_cheap_hashes: None, place: County) -> None:
    """The administrator can prove who he is."""
    hashed = passwords.hash_password(PASSWORD)
    mine = update(User).where(User.id == place.administrator.id).values(password_hash=hashed)
    place.database.write(lambda s: s.execute(mine) and None)


def addresses(site: Flask, person: User) -> list[tuple[str, str, str]]:
    found = []
    for rule in site.url_map.iter_rules():
        part = rule.endpoint.partition(".")[0]
        if part in DOORS:
            address = rule.rule.replace("<person>", person.id.hex()).replace("<handle>", "0" * 16)
            found += [(part, method, address) for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}]
    return found


def test_doors(site: Flask, place: County, visitor: FlaskClient, sign_in) -> None:
    person = place.reviewers[1]
    assert len(addresses(site, person)) >= 20
    for _part, method, address in addresses(site, person):
        answer = visitor.open(address, method=method)
        assert (answer.status_code, answer.location.startswith("/login")) == (302, True), (method, address)
    for role in EVERYBODY:
        client = sign_in(place.add_user(f"某{role}", role))
        for part, method, address in addresses(site, person):
            status = client.open(address, method=method).status_code
            assert status < 500, (method, address)
            if role not in DOORS[part]:
                assert status == 403, (role, method, address)


def test_changes_need_the_token_of_the_page(site: Flask, place: County, administrator: FlaskClient) -> None:
    site.config.update(WTF_CSRF_ENABLED=True)
    for _part, method, address in addresses(site, place.reviewers[1]):
        if method == "POST":
            assert administrator.post(address).status_code == 400, address


def test_every_grave_step_wants_a_fresh_proof(site: Flask) -> None:
    """The page to come back to is one, and no step of a grave kind comes without."""
    endpoints = {rule.endpoint: rule.methods or set() for rule in site.url_map.iter_rules()}
    fresh = {name: getattr(view, "fresh", "") for name, view in site.view_functions.items()}
    assert {back for back in fresh.values() if back} <= set(endpoints)
    grave = re.compile(
        r"^(admin|review)\.(issue_\w+|download_issued|replace_invitation|extend|cancel|open_box"
        r"|(propose|confirm)_(closing|publication))$"
    )
    without = {"review.propose_publication"}
    found = {name for name, methods in endpoints.items() if grave.match(name) and "POST" in methods}
    assert len(found) >= 9
    assert {name for name in found if not fresh[name]} <= without


GRAVE_STEPS = {
    "cancel": ({"cancel-reason": "停办", "cancel-confirm": "y"}, ""),
    "extend": ({"extend-closes_on": "2099-01-01", "extend-reason": "停电"}, ""),
    "replacements": ({"credit_code": "91", "confirm": "y"}, "/replacements"),
    "invitations/download": ({}, "/invitations/job"),
}


@pytest.mark.parametrize("step", GRAVE_STEPS)
def test_a_screen_left_unlocked_ends_hands_out_and_replaces_nothing(
    place: County, administrator: FlaskClient, step: str
) -> None:
    place.draft().issue_attributed().start()
    before = place.round().closes_on
    old = update(LoginSession).values(proved_at=now() - timedelta(minutes=6))
    place.database.write(lambda s: s.execute(old) and None)
    data, back = GRAVE_STEPS[step]
    answer = administrator.post(f"/admin/rounds/2026-q4/{step}", data=data)
    [back_to] = parse_qs(urlsplit(answer.location).query)["next"]
    assert back_to == f"/admin/rounds/2026-q4{back}", "addresses stand in the log: nothing typed is in them"
    assert (place.round().state, place.round().closes_on) == (State.OPEN, before)
    assert place.look(replacing.replacements)[0] == 0
    assert "请先确认是您本人" in administrator.get(answer.location).text
    page = administrator.get(back_to).text
    for name, value in data.items():
        if not name.endswith("confirm"):
            assert re.search(rf'name="{name}"[^>]* value="{value}"', page), "what was typed comes back"
    assert " checked" not in page, "a tick does not"


def link_on(page: str) -> str:
    match = re.search(r"https://pingyi\.example(/enrol#[\w-]+)", page)
    assert match, page
    return match[1]


def test_from_added_to_signed_in(
    site: Flask, place: County, administrator: FlaskClient, visitor: FlaskClient
) -> None:
    place.draft(keys=False)  # it rates 税务局
    page = administrator.post(
        "/admin/people/new",
        data={"name": "李主任", "role": "liaison", "department": "税务局", "body": "", "proof": PASSWORD},
    )
    assert page.status_code == 200
    path, _, token = link_on(page.text).partition("#")
    assert "还没有设密码" in administrator.get("/admin/people/").text
    form = visitor.get(path)
    assert token not in form.text
    weak = visitor.post("/enrol", data={"token": token, "password": "qwertyuiop", "again": "qwertyuiop"})
    assert (weak.status_code, "太容易猜到" in weak.text) == (400, True)
    differing = visitor.post("/enrol", data={"token": token, "password": PASSWORD, "again": "x"})
    assert "两次输入的密码不一样" in differing.text
    done = visitor.post("/enrol", data={"token": token, "password": PASSWORD, "again": PASSWORD})
    assert (done.status_code, done.location) == (302, "/login")
    again = site.test_client().post("/enrol", data={"token": token, "password": PASSWORD, "again": PASSWORD})
    assert (again.status_code, "已经用过" in again.text) == (403, True)
    assert visitor.post("/login", data={"name": "李主任", "password": PASSWORD}).status_code == 302
    assert "税务局" in visitor.get("/account/").text


def test_a_form_with_gaps_adds_nobody(administrator: FlaskClient) -> None:
    page = administrator.post("/admin/people/new", data={"name": "", "role": "liaison", "department": ""})
    assert page.status_code == 400
    for words in ("请填写用户名", "请选择这位联络员属于哪个部门", "请填写您的密码或验证码"):
        assert words in page.text
    page = administrator.post("/admin/people/new", data={"name": "甲", "role": "reviewer"})
    assert "请选择评议员代表的单位" in page.text
    same = {"name": "管理员", "role": "reviewer", "body": "评议员0单位", "proof": PASSWORD}
    twice = administrator.post("/admin/people/new", data=same)
    assert (twice.status_code, "已经存在" in twice.text) == (409, True)
    forged = administrator.post("/admin/people/new", data={"name": "甲", "role": "god"})
    assert forged.status_code == 400


def test_people_are_changed_switched_off_and_reset(
    place: County, administrator: FlaskClient, sign_in
) -> None:
    person = place.add_user("另一位管理员", Role.ADMINISTRATOR)
    address, client = f"/admin/people/{person.id.hex()}", sign_in(person)
    administrator.post(address, data={"body": "评议员1单位", "proof": PASSWORD})
    assert "评议员1单位" in administrator.get(address).text
    assert administrator.post(f"{address}/reset", data=PROVEN).location == address, "without the tick"
    assert administrator.post(f"{address}/reset", data={"act-confirm": "y"}).location == address
    assert client.get("/admin/").status_code == 200
    page = administrator.post(f"{address}/reset", data={"act-confirm": "y"} | PROVEN)
    assert link_on(page.text)
    assert client.get("/admin/").status_code == 302, "signed out by the reset"
    assert administrator.post(f"{address}/deactivate").location == address, "without a proof"
    assert "已停用" not in administrator.get("/admin/people/").text
    administrator.post(f"{address}/deactivate", data=PROVEN)
    assert "已停用" in administrator.get("/admin/people/").text
    refused = administrator.post(f"{address}/link", data=PROVEN)
    assert (refused.status_code, "已停用" in refused.text) == (403, True)
    administrator.post(f"{address}/activate", data=PROVEN)
    assert link_on(administrator.post(f"{address}/link", data=PROVEN).text)


@pytest.mark.parametrize("what", ["reset", "deactivate"])
def test_nobody_locks_himself_out(place: County, administrator: FlaskClient, what: str) -> None:
    address = f"/admin/people/{place.administrator.id.hex()}/{what}"
    assert administrator.post(address, data={"confirm": "y"}).status_code == 403
    assert administrator.get("/admin/people/").status_code == 200


@pytest.mark.parametrize("person", ["zz", "00", "0" * 32])
def test_there_is_no_such_person(administrator: FlaskClient, person: str) -> None:
    assert administrator.get(f"/admin/people/{person}").status_code == 404


@pytest.fixture
def strict(site: Flask) -> Flask:
    """As outside the demonstration: administrators and reviewers need a second factor."""
    here = site.extensions["pingyi"]
    site.extensions["pingyi"] = Pingyi(replace(here.settings, second_factor=True), here.database)
    return site


def code_for(place: County, user: User) -> str:
    """What the telephone shows now."""
    with place.database.read() as session:
        stored = accounts.get_user(session, user.id)
        secret = totp._secret(stored, stored.totp_secret or stored.totp_pending, SECRET)
    return pyotp.TOTP(secret).now()


def forget_step(place: County) -> None:
    """As if half a minute had passed, so that the code shown may be used again."""
    place.database.write(lambda s: s.execute(text("UPDATE user_account SET totp_step = NULL")) and None)


def test_the_second_factor_comes_before_everything(strict: Flask, place: County, sign_in) -> None:
    client = sign_in(place.administrator)
    for address in ("/admin/", "/admin/people/", "/audit/", "/admin/roster"):
        assert client.get(address).location == "/account/second-factor", address
    page = client.get("/account/second-factor")
    assert "data:image/svg+xml" in page.text
    wrong = client.post("/account/second-factor", data={"code": "000000"})
    assert (wrong.status_code, "验证码不对" in wrong.text) == (403, True)
    done = client.post("/account/second-factor", data={"code": code_for(place, place.administrator)})
    assert len(re.findall(r"(?:[0-9A-Z]{4}-){6}[0-9A-Z]{4}", done.text)) == 8
    assert client.get("/admin/").status_code == 200


def test_a_liaison_needs_none(strict: Flask, place: County, sign_in) -> None:
    client = sign_in(place.add_user("联络员", Role.LIAISON))
    assert client.get("/account/").status_code == 200


def new_person(place: County) -> User:
    def add(session) -> User:
        return accounts.create_user(session, name="张三", role=Role.REVIEWER, password=PASSWORD)

    return place.database.write(add)


def test_signing_in_with_two_factors(strict: Flask, place: County, visitor: FlaskClient) -> None:
    user = new_person(place)
    secret = place.database.write(lambda s: totp.begin(s, user, SECRET))
    codes = place.database.write(lambda s: totp.confirm(s, user, pyotp.TOTP(secret).now(), now(), SECRET))
    forget_step(place)
    answer = visitor.post("/login?next=/review/", data={"name": "张三", "password": PASSWORD})
    assert answer.location == "/login/code?next=/review/"
    assert visitor.get("/review/").status_code == 302, "the password alone opens nothing"
    assert visitor.post("/login/code", data={"code": "123456"}).status_code in (403,)
    done = visitor.post("/login/code?next=/review/", data={"code": code_for(place, user)})
    assert (done.status_code, done.location) == (302, "/review/")
    assert visitor.get("/review/").status_code == 200
    other = strict.test_client()
    other.post("/login", data={"name": "张三", "password": PASSWORD})
    assert other.post("/login/code", data={"code": codes[0]}).status_code == 302
    assert other.get("/review/").status_code == 200


def test_without_the_password_there_is_no_second_page(visitor: FlaskClient) -> None:
    assert visitor.get("/login/code").location == "/login"
    assert visitor.post("/login/code", data={"code": "123456"}).location == "/login"


def test_guessing_is_slowed_but_the_owner_is_not(site: Flask, place: County) -> None:
    new_person(place)
    right, wrong = {"name": "张三", "password": PASSWORD}, {"name": "张三", "password": "wrong wrong wrong"}
    home, stranger = site.test_client(), site.test_client()
    assert home.post("/login", data=right).status_code == 302  # this browser is known from now on
    home.post("/logout")
    statuses = [stranger.post("/login", data=wrong).status_code for _ in range(7)]
    assert statuses == [403] * 5 + [429] * 2
    slowed = stranger.post("/login", data=right)
    assert (slowed.status_code, int(slowed.headers["Retry-After"]) > 0) == (429, True), "even when right"
    assert home.post("/login", data=right).status_code == 302, "same address, known browser"
    elsewhere = {"REMOTE_ADDR": "192.0.2.77"}
    assert site.test_client().post("/login", data=right, environ_base=elsewhere).status_code == 302
    assert stranger.post("/login", data={"name": "无此人", "password": "x"}).status_code == 403


@pytest.mark.parametrize("forged", ["x", "W10.abc", "eyLlvKDkuIkiOiJ4In0.AAAA"])
def test_a_forged_device_proves_nothing(site: Flask, place: County, forged: str) -> None:
    new_person(place)
    client = site.test_client()
    wrong = {"name": "张三", "password": "wrong wrong wrong"}
    statuses = []
    for _ in range(6):
        client.set_cookie("pingyi-device", forged)
        statuses.append(client.post("/login", data=wrong).status_code)
    assert statuses[-1] == 429


@pytest.mark.parametrize(
    ("insecure", "name"), [(False, "__Host-pingyi-device"), (True, "pingyi-device")], ids=["https", "demo"]
)
def test_the_device_is_of_this_host_alone(place: County, tmp_path: Path, insecure: bool, name: str) -> None:
    """Attack: a neighbour under the same domain plants a device; RFC 6265bis 4.1.3.2 refuses the name."""
    new_person(place)
    settings = Settings(
        data=tmp_path,
        database_url=place.database.url,
        base_url="http://localhost" if insecure else BASE_URL,
        secret_key=SECRET,
        insecure_http=insecure,
    )
    site = create_app(settings, place.database)
    site.config.update(WTF_CSRF_ENABLED=False)
    right, wrong = {"name": "张三", "password": PASSWORD}, {"name": "张三", "password": "wrong wrong wrong"}
    home, origin = site.test_client(), {"base_url": settings.base_url}
    answer = home.post("/login", data=right, **origin)
    (line,) = [one for one in answer.headers.getlist("Set-Cookie") if "device" in one]
    given, *attributes = line.replace(" ", "").split(";")
    assert given.startswith(f"{name}=")
    assert {"HttpOnly", "Path=/", "SameSite=Strict"} <= set(attributes)
    assert ("Secure" in attributes, "Domain" in line) == (not insecure, False)
    home.post("/logout", **origin)
    assert [home.post("/login", data=wrong, **origin).status_code for _ in range(6)][-1] == 429
    assert site.test_client().post("/login", data=right, **origin).status_code == 302, "its own bucket"
    planted = site.test_client()
    other = "pingyi-device" if not insecure else "__Host-pingyi-device"
    planted.set_cookie(other, given.partition("=")[2], domain="localhost" if insecure else "pingyi.example")
    assert planted.post("/login", data=right, **origin).status_code == 302, "not taken for the slowed one"


def log_of(place: County, action: str) -> list[tuple[str, str, dict[str, object]]]:
    with place.database.read() as session:
        query = select(AuditEvent).where(AuditEvent.action == action).order_by(AuditEvent.number)
        return [(event.actor, event.subject, event.detail) for event in session.scalars(query)]


def test_failed_sign_ins_are_in_the_log_before_the_one_that_succeeds(
    strict: Flask, place: County, visitor: FlaskClient
) -> None:
    new_person(place)
    for word in ("a", "b"):
        visitor.post("/login", data={"name": "张三", "password": word})
    assert log_of(place, "user.sign_in_failed") == []
    assert visitor.post("/login", data={"name": " 张三 ", "password": PASSWORD}).status_code == 302
    [(actor, subject, detail)] = log_of(place, "user.sign_in_failed")
    assert (actor, subject, detail["factor"], detail["tries"]) == ("未登录者", "张三", "password", 2)
    with place.database.read() as session:
        audit.verify_chain(session)
        first, second = [event.action for event in audit.list_events(session, per_page=2)][::-1]
    assert (first, second) == ("user.sign_in_failed", "user.sign_in")


def test_a_refused_page_is_in_the_log_when_its_hour_is_over(
    place: County, reviewer: FlaskClient, administrator: FlaskClient
) -> None:
    for _ in range(3):
        assert reviewer.get("/admin/roster").status_code == 403
    later = now() + timedelta(hours=1)
    place.database.write(lambda s: failed_attempts.write_down(s, later))
    [(actor, subject, detail)] = log_of(place, "user.refused")
    assert (actor, subject, detail["tries"]) == (place.reviewers[0].name, "", 3)
    page = administrator.get("/audit/?kind=user").text
    assert "打开无权查看的页面" in page
    assert re.search(r"次数</span> 3 ·", page), page


def age_proofs(place: County, minutes: int) -> None:
    old = now() - timedelta(minutes=minutes)
    place.database.write(lambda s: s.query(LoginSession).update({"proved_at": old}) and None)


def test_grave_steps_want_a_fresh_proof(place: County, administrator: FlaskClient, sign_in) -> None:
    place.draft().issue(3).start()
    age_proofs(place, 6)
    address = "/admin/rounds/2026-q4"
    answer = administrator.post(f"{address}/propose-closing", data={"confirm": "y"})
    assert answer.location == f"/account/prove?next={address}"
    assert place.round().close_proposed_by is None
    assert "还没有执行" in administrator.get(answer.location).text
    assert administrator.get(address).status_code == 200, "looking needs none"
    wrong = administrator.post(answer.location, data={"proof": "wrong wrong wrong"})
    assert wrong.status_code == 403
    place.database.write(lambda s: set_password(s, place.administrator))
    with administrator.session_transaction() as kept:
        before = kept["token"]
    right = administrator.post(answer.location, data={"proof": PASSWORD})
    assert right.location == address
    old = place.database.write(lambda s: sign_ins.login_of(s, before, now()))
    assert old is None, "ASVS 7.2.4: a token that somebody copied before proves nothing"
    administrator.post(f"{address}/propose-closing", data={"confirm": "y"})
    assert place.round().close_proposed_by == place.administrator.id


def set_password(session, user: User) -> None:
    from survey.services.people.passwords import hash_password

    accounts.get_user(session, user.id).password_hash = hash_password(PASSWORD)


def test_opening_wants_a_fresh_proof_at_its_page(place: County, reviewer: FlaskClient) -> None:
    place.draft().issue(3).start().close()
    age_proofs(place, 6)
    assert reviewer.get("/review/2026-q4/open").location == "/account/prove?next=/review/2026-q4/open"
    assert reviewer.post("/review/2026-q4/open").status_code == 400, "filling it in takes time"
    age_proofs(place, 59)
    assert reviewer.post("/review/2026-q4/open").status_code == 400
    age_proofs(place, 61)
    assert reviewer.post("/review/2026-q4/open").location.startswith("/account/prove")


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_proving_leads_nowhere_else(place: County, administrator: FlaskClient, target: str) -> None:
    place.database.write(lambda s: set_password(s, place.administrator))
    answer = administrator.post("/account/prove", query_string={"next": target}, data={"proof": PASSWORD})
    assert answer.location == "/admin/"


def test_guessing_at_a_left_open_desk_is_slowed(place: County, administrator: FlaskClient) -> None:
    statuses = [
        administrator.post("/account/prove", data={"proof": f"guess {n}"}).status_code for n in range(6)
    ]
    assert statuses == [403] * 5 + [429]


def test_own_sign_ins(place: County, sign_in, administrator: FlaskClient) -> None:
    sign_in(place.administrator)
    other = place.database.write(
        lambda s: sign_ins.start_session(s, place.administrator, now(), browser="旧电脑")
    )
    page = administrator.get("/account/").text
    assert "旧电脑" in page
    handles = re.findall(r"/account/sessions/([0-9a-f]{16})/end", page)
    assert len(handles) == 2
    with administrator.session_transaction() as kept:
        assert not any(kept["token"].startswith(name) for name in handles)
    for name in handles:
        assert administrator.post(f"/account/sessions/{name}/end").status_code == 302
    assert place.database.write(lambda s: sign_ins.login_of(s, other, now())) is None
    assert administrator.post(f"/account/sessions/{handles[0]}/end").status_code == 404
    assert administrator.get("/admin/").status_code == 200


@pytest.mark.parametrize("step", ["second-factor", "sessions/end-others", "sessions/{handle}/end"])
def test_a_screen_left_unlocked_changes_no_account(
    place: County, sign_in, administrator: FlaskClient, step: str
) -> None:
    """ASVS 7.5.1 and 7.5.2: no telephone of whoever sits there, no end of other sign-ins."""
    other = place.database.write(lambda s: sign_ins.start_session(s, place.administrator, now()))
    handles = re.findall(r"/account/sessions/([0-9a-f]{16})/end", administrator.get("/account/").text)
    age_proofs(place, 6)
    back = "second-factor" if step == "second-factor" else ""
    answer = administrator.post(f"/account/{step.format(handle=handles[0])}", data={"code": "123456"})
    assert answer.location == f"/account/prove?next=/account/{back}"
    assert place.database.write(lambda s: sign_ins.login_of(s, other, now())) is not None
    looked = administrator.get("/account/second-factor")
    assert looked.location == "/account/prove?next=/account/second-factor", "the secret is not shown either"


def test_own_password(site: Flask, place: County, sign_in) -> None:
    user = new_person(place)
    client, other = sign_in(user), sign_in(user)
    new = {"password": "another good phrase", "again": "another good phrase"}
    assert client.post("/account/password", data={"old": "wrong", **new}).status_code == 403
    assert client.post("/account/password", data={"old": PASSWORD, **new}).status_code == 302
    assert (client.get("/review/").status_code, other.get("/review/").status_code) == (200, 302)


def test_a_new_telephone(place: County, sign_in) -> None:
    user = new_person(place)
    secret = place.database.write(lambda s: totp.begin(s, user, SECRET))
    place.database.write(lambda s: totp.confirm(s, user, pyotp.TOTP(secret).now(), now(), SECRET))
    client = sign_in(user)
    assert client.post("/account/second-factor/remove", data={"password": "wrong"}).status_code == 403
    renewed = client.post("/account/recovery-codes", data={"password": PASSWORD})
    assert "请抄下备用码" in renewed.text
    answer = client.post("/account/second-factor/remove", data={"password": PASSWORD})
    assert answer.location == "/account/second-factor"
    assert secret not in client.get("/account/second-factor").text.replace(" ", "")


def test_the_log_is_read_filtered_and_checked(place: County, administrator, reviewer) -> None:
    place.draft()
    page = reviewer.get("/audit/").text
    assert "新建轮次" in page
    assert "验证钥匙" in page
    only = administrator.get("/audit/?kind=key&actor=评议员1").text
    assert ("新建轮次" in only, "验证钥匙" in only) == (False, True)
    assert "没有符合条件的记录" in administrator.get("/audit/?since=2999-01-01").text
    for nonsense in ("?since=x&until=y&kind=z&page=-3", "?until=9999-12-31", "?actor=%25"):
        assert administrator.get(f"/audit/{nonsense}").status_code == 200
    administrator.post("/audit/verify")
    assert "每一条都与前一条吻合" in administrator.get("/audit/").text
    engine = place.database.engine.execution_options(pingyi_write=True)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER audit_unchanged")
        connection.execute(text("UPDATE audit_event SET actor = '别人' WHERE number = 2"))
    administrator.post("/audit/verify")
    assert "第 2 条与前一条对不上" in administrator.get("/audit/").text


def test_a_long_log_has_pages(place: County, administrator: FlaskClient) -> None:
    from survey.services.operations import audit

    def fill(session) -> None:
        for number in range(120):
            audit.record(session, actor=f"人{number}", action="round.update", subject="2026-q4")

    place.database.write(fill)
    first, last = administrator.get("/audit/?subject=2026"), administrator.get("/audit/?subject=2026&page=3")
    assert "第 1 页，共 3 页" in first.text
    assert "subject=2026" in first.text.split('rel="next"')[1][:200]
    assert "人0<" in last.text


def test_the_demonstration_says_so(site: Flask, visitor: FlaskClient) -> None:
    assert "演示数据" not in visitor.get("/login").text
    site.jinja_env.globals["is_demo"] = True
    assert "演示数据" in visitor.get("/login").text
