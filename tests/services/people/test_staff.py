"""Passwords, enrolment links, second factors, sign-ins and throttling, on both databases."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import threading
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import argon2
import pyotp
import pytest
from county import PASSWORD, SECRET, County
from sqlalchemy import select, text

from survey.errors import Conflict, Forbidden, InvalidInput
from survey.models import AuditEvent, Enrolment, RecoveryCode, Role, Throttle, User
from survey.services.operations import audit
from survey.services.people import (
    accounts,
    enrolment,
    failed_attempts,
    passwords,
    second_factor,
    sign_ins,
    throttle,
)
from survey.services.people.accounts import LoginFailed
from survey.services.people.enrolment import LinkInvalid
from survey.services.people.failed_attempts import AttemptKind
from survey.services.people.second_factor import CodeWrong
from survey.services.people.throttle import TooManyTries

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def person(place: County) -> User:
    return place.populate().reviewers[0]


@pytest.mark.parametrize(
    "password",
    [
        "qwertyuiop",  # among the most common of every published list
        "P@ssw0rd2026",
        "1qaz2wsx3edc",
        "13812345678",  # telephone
        "138-1234-5678",
        "11010119900307851X",  # identity card
        "aaaaaaaaaaaa",
        "abcdefghijkl",
        "2026112320261123",
        "pingyi2026!!",
        "张三张三张三张三张三",
        "short",
    ],
)
def test_easily_guessed_passwords_are_refused(password: str) -> None:
    with pytest.raises(InvalidInput, match="密码"):
        passwords.check_password(password, known=("张三", "县人大"))


@pytest.mark.parametrize(
    "password", [PASSWORD, "chun-xia-qiu-204816", "tV9#mQ2x!rLp", "山里的枇杷又大又甜不贵"]
)
def test_good_passwords_are_taken(password: str) -> None:
    passwords.check_password(password, known=("张三",))


def test_a_password_of_any_length_is_judged_at_once() -> None:
    passwords.check_password("山里的枇杷 x7Q" * 14)
    with pytest.raises(InvalidInput, match="最多 200"):
        passwords.check_password("x7Q!" * 51)


def test_argon2id_as_the_rfc_recommends() -> None:
    """RFC 9106 section 4: the second recommended option, t = 3, m = 64 MiB, p = 4."""
    stored = passwords.hash_password(PASSWORD)
    assert stored.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert passwords.is_password(stored, PASSWORD)
    assert not passwords.is_password(stored, PASSWORD + " ")
    assert not passwords.is_password(passwords.UNSET, passwords.UNSET)


def test_who_is_unknown_takes_as_long_as_a_wrong_password() -> None:
    """What is verified then costs as much, and is no hash that is refused at once for its form."""
    assert not passwords.is_password(None, PASSWORD)
    decoy = passwords._decoy()
    assert argon2.extract_parameters(decoy) == argon2.extract_parameters(passwords.hash_password(PASSWORD))
    with pytest.raises(argon2.exceptions.VerifyMismatchError):
        argon2.PasswordHasher().verify(decoy, PASSWORD)


def test_a_link_sets_the_first_password_once(place: County) -> None:
    place.populate()
    database = place.database
    user = database.write(lambda s: accounts.create_user(s, name="李四", role=Role.REVIEWER, password=None))
    with database.read() as session, pytest.raises(LoginFailed):
        accounts.authenticate(session, "李四", passwords.UNSET)
    link = database.write(lambda s: enrolment.make_link(s, user, "https://x", NOON, actor="管理员"))
    address, _, token = link.partition("#")
    assert address == "https://x/enrol"
    with database.read() as session:
        stored = session.scalars(select(Enrolment.token_hash)).one()
    assert stored not in (token.encode(), base64.urlsafe_b64decode(token))
    with pytest.raises(InvalidInput, match="猜到"):
        enrolment.enrol(database, token, "1234567890", NOON)
    assert enrolment.enrol(database, link, PASSWORD, NOON).name == "李四"  # pasted whole
    with pytest.raises(LinkInvalid):
        enrolment.enrol(database, token, PASSWORD + "!", NOON)
    with database.read() as session:
        assert accounts.authenticate(session, "李四", PASSWORD).id == user.id


@pytest.mark.parametrize("attack", ["late", "forged", "older", "inactive", "empty"])
def test_links_that_do_not_hold(place: County, person: User, attack: str) -> None:
    database = place.database

    def make() -> str:
        return database.write(lambda s: enrolment.make_link(s, person, "https://x", NOON, actor="管理员"))

    link, moment = make(), NOON
    if attack == "late":
        moment = NOON + timedelta(days=3, seconds=1)
    elif attack == "forged":
        link = link[:-1] + ("A" if link[-1] != "A" else "B")
    elif attack == "older":
        make()
    elif attack == "inactive":
        database.write(lambda s: accounts.set_active(s, person, active=False, actor="管理员"))
    else:
        link = ""
    with pytest.raises(LinkInvalid):
        enrolment.enrol(database, link, PASSWORD, moment)


def test_two_who_hold_one_link_cannot_both_use_it(place: County, person: User) -> None:
    database = place.database
    link = database.write(lambda s: enrolment.make_link(s, person, "https://x", NOON, actor="管理员"))

    def use(number: int) -> bool:
        try:
            enrolment.enrol(database, link, f"{PASSWORD} {number}", NOON)
        except LinkInvalid:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(use, range(4))) == 1


def test_a_reset_leaves_nothing_that_opens(place: County, person: User) -> None:
    database = place.database
    codes = set_up(place, person)
    token = database.write(lambda s: sign_ins.start_session(s, person, NOON))
    database.write(lambda s: enrolment.reset(s, person, "https://x", NOON, actor="管理员"))
    assert database.write(lambda s: sign_ins.login_of(s, token, NOON)) is None
    with database.read() as session:
        user = accounts.get_user(session, person.id)
        assert (user.password_hash, user.totp_secret) == (passwords.UNSET, None)
    with pytest.raises(CodeWrong):
        database.write(lambda s: second_factor.check(s, person, codes[0], NOON, SECRET))


def test_changing_a_password_ends_other_sign_ins(place: County) -> None:
    database = place.database
    user = database.write(
        lambda s: accounts.create_user(s, name="张三", role=Role.REVIEWER, password=PASSWORD)
    )
    here, there = (database.write(lambda s: sign_ins.start_session(s, user, NOON)) for _ in range(2))
    with pytest.raises(Forbidden, match="现在的密码不对"):
        accounts.change_password(database, user, "wrong", "another good phrase", keep=here)
    with pytest.raises(InvalidInput, match="相同"):
        accounts.change_password(database, user, PASSWORD, PASSWORD, keep=here)
    accounts.change_password(database, user, PASSWORD, "another good phrase", keep=here)
    assert database.write(lambda s: sign_ins.login_of(s, here, NOON)) is not None
    assert database.write(lambda s: sign_ins.login_of(s, there, NOON)) is None
    with database.read() as session, pytest.raises(LoginFailed):
        accounts.authenticate(session, "张三", PASSWORD)


def test_the_last_administrator_stays(place: County) -> None:
    administrator = place.populate().administrator
    switch = accounts.set_active
    with pytest.raises(Conflict, match="最后一位管理员"):
        place.database.write(lambda s: switch(s, administrator, active=False, actor="x"))
    place.add_user("第二位", Role.ADMINISTRATOR)
    token = place.database.write(lambda s: sign_ins.start_session(s, administrator, NOON))
    place.database.write(lambda s: switch(s, administrator, active=False, actor="x"))
    assert place.database.write(lambda s: sign_ins.login_of(s, token, NOON)) is None
    with place.database.read() as session:
        assert "管理员" not in [user.name for user in accounts.list_users(session)]
        assert "管理员" in [user.name for user in accounts.list_users(session, inactive=True)]


def test_a_liaison_belongs_to_a_department(place: County) -> None:
    make = {"name": "联络员", "role": Role.LIAISON, "password": None}
    with pytest.raises(InvalidInput, match="部门"):
        place.database.write(lambda s: accounts.create_user(s, **make))
    for unknown in ("税务局", "税务"):  # before any round rates it, and what none does
        with pytest.raises(InvalidInput, match=f"没有哪一轮评议“{unknown}”"):
            place.database.write(lambda s, d=unknown: accounts.create_user(s, department=d, **make))
        place.populate().draft(keys=False) if unknown == "税务局" else None
    user = place.database.write(lambda s: accounts.create_user(s, department=" 税务局 ", **make))
    assert user.department == "税务局"
    other = {"name": "评议员", "role": Role.REVIEWER, "password": None, "department": "税务局"}
    assert place.database.write(lambda s: accounts.create_user(s, **other)).department == ""


# RFC 6238, appendix B, SHA-1: the 8-digit values at these seconds end in these six digits.
@pytest.mark.parametrize(
    ("second", "digits"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_codes_of_the_rfc(second: int, digits: str) -> None:
    secret = base64.b32encode(b"12345678901234567890").decode()
    moment = datetime.fromtimestamp(second, UTC)
    assert second_factor._step(secret, digits, moment) == second // 30
    assert second_factor._step(secret, digits, moment + timedelta(seconds=90)) is None


def set_up(place: County, person: User, moment: datetime = NOON) -> list[str]:
    """What the person's telephone does; returns the recovery codes."""
    secret = place.database.write(lambda s: second_factor.begin(s, person, SECRET))
    code = pyotp.TOTP(secret).at(moment - timedelta(minutes=5))
    with pytest.raises(CodeWrong):
        place.database.write(lambda s: second_factor.confirm(s, person, code, moment, SECRET))
    code = pyotp.TOTP(secret).at(moment)
    return place.database.write(lambda s: second_factor.confirm(s, person, code, moment, SECRET))


def test_a_code_is_taken_once_and_near_its_time(place: County, person: User) -> None:
    database = place.database
    secret = database.write(lambda s: second_factor.begin(s, person, SECRET))
    assert database.write(lambda s: second_factor.begin(s, person, SECRET)) == secret, (
        "the same until confirmed"
    )
    with database.read() as session:
        assert secret.encode() not in (session.get(User, person.id).totp_pending or b"")
    set_up(place, person)
    later = NOON + timedelta(minutes=10)
    clock = pyotp.TOTP(secret)

    def check(code: str, moment: datetime = later) -> bool:
        try:
            database.write(lambda s: second_factor.check(s, person, code, moment, SECRET))
        except CodeWrong:
            return False
        return True

    assert not check(clock.at(NOON), NOON), "the code that confirmed is spent"
    assert check(clock.at(later))
    assert not check(clock.at(later)), "replayed"
    assert not check(clock.at(later - timedelta(seconds=30))), "older than the last one taken"
    assert check(
        f" {clock.at(later + timedelta(seconds=30))[:3]} {clock.at(later + timedelta(seconds=30))[3:]}"
    )
    assert not check(clock.at(later + timedelta(minutes=3)))
    assert not check("")
    assert not check("１２３４５６")


def test_one_code_at_the_same_moment_opens_once(place: County, person: User) -> None:
    secret = place.database.write(lambda s: second_factor.begin(s, person, SECRET))
    set_up(place, person)
    later = NOON + timedelta(minutes=10)
    code = pyotp.TOTP(secret).at(later)

    def use(_number: int) -> bool:
        try:
            place.database.write(lambda s: second_factor.check(s, person, code, later, SECRET))
        except CodeWrong:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(use, range(6))) == 1


def test_recovery_codes_open_once_each(place: County, person: User) -> None:
    codes = set_up(place, person)
    assert len(set(codes)) == 8
    other = place.reviewers[1]
    set_up(place, other)

    def check(user: User, code: str) -> None:
        place.database.write(lambda s: second_factor.check(s, user, code, NOON, SECRET))

    check(person, codes[0].lower().replace("-", " "))
    for user, code in ((person, codes[0]), (other, codes[1]), (person, codes[1][:-1])):
        with pytest.raises(CodeWrong):
            check(user, code)
    with place.database.read() as session:
        assert second_factor.count_recovery_codes(session, person) == 7
        stored = [row.code_hash for row in session.scalars(select(RecoveryCode))]
    assert not any(code.encode() in stored for code in codes)


def test_another_secret_says_so(place: County, person: User) -> None:
    set_up(place, person)
    with pytest.raises(InvalidInput, match="PINGYI_SECRET_KEY"):
        place.database.write(lambda s: second_factor.check(s, person, "123456", NOON, SECRET[::-1]))


def test_a_right_password_alone_is_no_sign_in(place: County, person: User) -> None:
    database = place.database
    token = database.write(lambda s: sign_ins.start_session(s, person, NOON, pending=True))
    assert database.write(lambda s: sign_ins.login_of(s, token, NOON)) is None
    with database.read() as session:
        assert sign_ins.pending_user(session, token, NOON) is not None
        assert sign_ins.pending_user(session, token, NOON + timedelta(minutes=11)) is None
    full = database.write(lambda s: sign_ins.complete(s, token, NOON))
    assert full != token
    assert database.write(lambda s: sign_ins.login_of(s, token, NOON)) is None
    assert database.write(lambda s: sign_ins.login_of(s, full, NOON))[1].id == person.id
    with database.read() as session:
        assert sign_ins.pending_user(session, full, NOON) is None


def test_sign_ins_are_listed_and_ended(place: County, person: User) -> None:
    database, other = place.database, place.reviewers[1]
    mine = [
        database.write(lambda s, b=b: sign_ins.start_session(s, person, NOON, browser=b))
        for b in ("甲", "乙")
    ]
    strange = database.write(lambda s: sign_ins.start_session(s, other, NOON, browser="丙"))
    with database.read() as session:
        listed = {
            login.browser: sign_ins.handle(login) for login in sign_ins.list_sessions(session, person, NOON)
        }
        foreign = sign_ins.handle(sign_ins.list_sessions(session, other, NOON)[0])
    assert set(listed) == {"甲", "乙"}
    assert not any(token.startswith(name) for token in mine for name in listed.values())
    assert not database.write(lambda s: sign_ins.end_by_handle(s, person, foreign, NOON)), "not one's own"
    assert database.write(lambda s: sign_ins.end_by_handle(s, person, listed["乙"], NOON))
    alive = [database.write(lambda s, t=t: sign_ins.login_of(s, t, NOON)) for t in (*mine, strange)]
    assert [found and found[1].name for found in alive] == ["评议员0", None, "评议员1"]


def test_a_proof_grows_old(place: County, person: User) -> None:
    database = place.database
    first = token = database.write(lambda s: sign_ins.start_session(s, person, NOON))

    def recent(minutes: float) -> bool:
        moment = NOON + timedelta(minutes=minutes)
        return sign_ins.is_recent(database.write(lambda s: sign_ins.login_of(s, token, moment))[0], moment)

    assert recent(4.9)
    assert not recent(5.1)
    token = database.write(lambda s: sign_ins.prove(s, first, NOON + timedelta(minutes=30)))
    assert recent(34)
    assert database.write(lambda s: sign_ins.login_of(s, first, NOON)) is None
    assert database.write(lambda s: sign_ins.prove(s, first, NOON)) == first, "proves nothing"


def buckets(name: str = "张三", client: str = "203.0.113.5", device: str | None = None):
    return throttle.login_buckets(SECRET, name, client, device)


def tries(place: County, count: int, moment: datetime = NOON, **whose) -> int:
    """How many of so many tries are let through."""
    passed = 0
    for _ in range(count):
        try:
            place.database.write(lambda s: throttle.take(s, buckets(**whose), moment))
        except TooManyTries:
            continue
        passed += 1
    return passed


def test_a_stranger_waits_and_nobody_else(place: County) -> None:
    assert tries(place, 50) == 5
    assert tries(place, 1, client="203.0.113.6") == 1, "the owner, elsewhere"
    assert tries(place, 1, device="proof") == 1, "the owner, behind the stranger's address"
    assert tries(place, 1, name="李四") == 1, "a colleague, behind the stranger's address"


def test_waiting_grows_and_ends(place: County) -> None:
    moment, waits = NOON, []
    assert tries(place, 5) == 5
    for _ in range(8):
        with pytest.raises(TooManyTries) as caught:
            place.database.write(lambda s, m=moment: throttle.take(s, buckets(), m))
        waits.append(caught.value.seconds - 1)
        moment += timedelta(seconds=caught.value.seconds)
        assert tries(place, 1, moment) == 1
    assert waits == [15, 30, 60, 120, 240, 480, 900, 900]
    assert tries(place, 9, moment + timedelta(hours=1, seconds=1)) == 5, "forgotten after an hour"


def test_the_right_answer_empties_the_bucket(place: County) -> None:
    tries(place, 4)
    place.database.write(lambda s: throttle.clear(s, buckets()))
    assert tries(place, 9) == 5


def test_tries_at_the_same_moment_are_all_counted(place: County) -> None:
    with ThreadPoolExecutor(8) as pool:
        passed = sum(pool.map(lambda _n: tries(place, 1), range(24)))
    # Those that looked before the first was counted may pass besides; never more than there are threads.
    assert 5 <= passed <= 5 + 8
    assert tries(place, 1) == 0


def test_six_digits_cannot_be_tried_from_many_addresses(place: County, person: User) -> None:
    passed = 0
    for number in range(60):
        tried = throttle.code_buckets(SECRET, person.id, f"198.51.100.{number}", None)
        try:
            place.database.write(lambda s, t=tried: throttle.take(s, t, NOON))
        except TooManyTries:
            continue
        passed += 1
    assert passed == 20
    own = throttle.code_buckets(SECRET, person.id, "192.0.2.1", "proof")
    place.database.write(lambda s: throttle.take(s, own, NOON))  # the owner's known browser goes on


def test_no_address_is_stored(place: County) -> None:
    tries(place, 3)
    with place.database.read() as session:
        rows = [bytes(row.bucket) for row in session.scalars(select(Throttle))]
    assert len(rows) == 2  # by name, and by network
    assert not set(rows) & {hashlib.sha256(t.encode()).digest() for t in ("203.0.113.5", "张三")}


def fail(place: County, name: str, moment: datetime, kind: AttemptKind = AttemptKind.PASSWORD) -> None:
    place.database.write(lambda s: failed_attempts.count(s, name, kind, moment))


def entries(place: County) -> list[tuple[str, str, dict[str, object]]]:
    """Actor, subject and detail of what the log says about failures."""
    actions = ("user.sign_in_failed", "user.refused")
    with place.database.read() as session:
        audit.verify_chain(session)
        query = select(AuditEvent).where(AuditEvent.action.in_(actions)).order_by(AuditEvent.number)
        return [(event.actor, event.subject, event.detail) for event in session.scalars(query)]


def test_a_stranger_cannot_flood_the_log(place: County, person: User) -> None:
    """Attack: thousands of tries for many names, real and invented, to bury or swell the log."""
    for number in range(300):
        fail(place, person.name, NOON + timedelta(seconds=number * 24))  # two hours of it
        fail(place, f"无此人{number}", NOON)
        fail(place, "my-own-password-typed-here", NOON)
    place.database.write(lambda s: failed_attempts.write_down(s, NOON + timedelta(hours=1, minutes=30)))
    assert entries(place) == [
        ("未登录者", "", {"factor": "password", "tries": 600, "hour": "2026-11-23 20:00–20:59"}),
        ("未登录者", person.name, {"factor": "password", "tries": 150, "hour": "2026-11-23 20:00–20:59"}),
    ]
    place.database.write(lambda s: failed_attempts.write_down(s, NOON + timedelta(hours=2)))
    place.database.write(lambda s: failed_attempts.write_down(s, NOON + timedelta(hours=9)))
    assert [detail["tries"] for _actor, _subject, detail in entries(place)] == [600, 150, 150]


def test_tries_at_the_same_moment_are_all_in_the_log(place: County, person: User) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _n: fail(place, person.name, NOON, AttemptKind.CODE), range(40)))
        later = NOON + timedelta(hours=2)
        list(
            pool.map(
                lambda _n: place.database.write(lambda s: failed_attempts.write_down(s, later)), range(8)
            )
        )
    [(_actor, subject, detail)] = entries(place)
    assert (subject, detail["factor"], detail["tries"]) == (person.name, "code", 40)


@pytest.mark.parametrize("error", [LoginFailed(), CodeWrong(), TooManyTries(timedelta(seconds=9))])
def test_what_fails_or_waits_is_counted_and_nothing_else(
    place: County, person: User, error: Exception
) -> None:
    with (
        pytest.raises(type(error)),
        failed_attempts.counted(place.database, person.name, AttemptKind.PASSWORD),
    ):
        raise error
    with failed_attempts.counted(place.database, person.name, AttemptKind.PASSWORD):
        pass
    with (
        pytest.raises(RuntimeError),
        failed_attempts.counted(place.database, person.name, AttemptKind.PASSWORD),
    ):
        raise RuntimeError
    place.database.write(lambda s: failed_attempts.write_down_of(s, person))
    assert [detail["tries"] for _actor, _subject, detail in entries(place)] == [1]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("", "nonsense", True),
    ],
)
def test_what_counts_as_one_client(one: str, other: str, same: bool) -> None:
    assert (throttle.network_of(one) == throttle.network_of(other)) is same


def test_the_log_is_found_by_day_person_and_kind(place: County) -> None:
    place.populate().draft()
    today = datetime.now(UTC).astimezone().date()

    def found(**wanted) -> list[str]:
        with place.database.read() as session:
            return [event.action for event in audit.list_events(session, wanted=audit.AuditFilter(**wanted))]

    everything = found()
    assert found(kind="key") == [action for action in everything if action.startswith("key.")] != []
    assert found(kind="k") == []
    assert found(actor="评议员0") == ["key.prove", "key.register"]
    assert found(actor="%") == []
    assert (
        found(subject="2026-q4", since=today - timedelta(days=2), until=today + timedelta(days=2))
        == everything
    )
    assert found(until=today - timedelta(days=2)) == []
    assert found(since=today + timedelta(days=2)) == []
    with place.database.read() as session:
        assert audit.newest(session).number == len(everything)


def test_a_day_is_the_countys(place: County) -> None:
    event = place.database.write(lambda s: audit.record(s, actor="x", action="round.test"))
    # 23:30 UTC on the 1st is already the 2nd in the county.
    with place.database.engine.execution_options(pingyi_write=True).begin() as connection:
        if place.database.kind.NAME == "sqlite":
            connection.exec_driver_sql("DROP TRIGGER audit_unchanged")
        else:
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        moment = (
            "2026-03-01 23:30:00+00" if place.database.kind.NAME != "sqlite" else "2026-03-01 23:30:00.000000"
        )
        connection.execute(text(f"UPDATE audit_event SET at = '{moment}' WHERE number = {event.number}"))
    day = datetime(2026, 3, 2).date()  # noqa: DTZ001

    def count(**wanted) -> int:
        with place.database.read() as session:
            return audit.list_events(session, wanted=audit.AuditFilter(**wanted)).total

    assert (count(since=day, until=day), count(until=day - timedelta(days=1))) == (1, 0)


def network_tries(place: County, moment: datetime, clients: Iterable[str], device: str | None = None) -> None:
    for number, client in enumerate(clients):
        tried = throttle.login_buckets(SECRET, f"nobody {number} {client}", client, device)
        place.database.write(lambda s, t=tried: throttle.take(s, t, moment))


@pytest.mark.parametrize("network", ["198.51.100.{}", "2001:db8:7:{}::1"])
def test_new_names_from_one_network_are_slowed_together(place: County, network: str) -> None:
    """Attack: a new name for every guess, which no count by name ever stops."""
    clients = [network.format(number % 250) for number in range(throttle.FREE_NETWORK)]
    network_tries(place, NOON, clients)
    with pytest.raises(throttle.TooManyFromNetwork):
        network_tries(place, NOON, [network.format(9)])
    network_tries(place, NOON, ["203.0.113.1", "2001:db8:8::1"])  # others are not
    network_tries(place, NOON, [network.format(9)] * 5, "proof")  # nor is a browser that is known


def test_who_signs_in_does_not_empty_the_networks_count(place: County) -> None:
    """Else a guesser with an account of his own would start anew with each of his sign-ins."""
    clients = ["198.51.100.1"] * (throttle.FREE_NETWORK - 1)
    network_tries(place, NOON, clients)
    mine = throttle.login_buckets(SECRET, "insider", "198.51.100.2", None)
    place.database.write(lambda s: throttle.take(s, mine, NOON))
    place.database.write(lambda s: throttle.clear(s, mine))
    network_tries(place, NOON, ["198.51.100.1"])
    with pytest.raises(throttle.TooManyFromNetwork):
        network_tries(place, NOON, ["198.51.100.1"])


def test_strangers_beyond_the_places_for_hashing_are_refused_at_once() -> None:
    """And leave those for who is known untouched."""
    with contextlib.ExitStack() as taken:
        hold = ThreadPoolExecutor(passwords.STRANGERS)
        taken.callback(hold.shutdown)
        leave = threading.Event()
        taken.callback(leave.set)
        inside = threading.Barrier(passwords.STRANGERS + 1)

        def stay() -> None:
            with passwords.room(known=False):
                inside.wait()
                leave.wait()

        for _ in range(passwords.STRANGERS):
            hold.submit(stay)
        inside.wait()
        started = time.perf_counter()
        with pytest.raises(passwords.Crowded), passwords.room(known=False):
            pass
        assert time.perf_counter() - started < 1
        with passwords.room(known=True):
            assert passwords.is_password(passwords.hash_password("some words"), "some words")
