"""Accounts, the audit log, invitations, roster and participation."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from county import BASE_URL, PASSWORD, County, roster
from sqlalchemy import select, text

from survey.clock import today
from survey.errors import Conflict, InvalidInput, InvitationReplaced, InvitationUsed
from survey.models import AuditEvent, Enterprise, Invitation, LoginSession, Mode, Role
from survey.protocol.codes import parse_code
from survey.services.invitations import issuing, replacing
from survey.services.operations import audit
from survey.services.people import accounts, sign_ins
from survey.services.people.accounts import LoginFailed
from survey.services.roster import enterprises as rosters
from survey.services.voting import participation

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def count(place: County, model: type) -> int:
    with place.database.read() as session:
        return len(session.scalars(select(model)).all())


def test_accounts_and_sign_ins(place: County) -> None:
    database = place.database
    database.write(lambda s: accounts.create_user(s, name="张三", role=Role.REVIEWER, password=PASSWORD))
    with pytest.raises(Conflict, match="已经存在"):
        database.write(lambda s: accounts.create_user(s, name="张三", role="reviewer", password=PASSWORD))
    with pytest.raises(InvalidInput, match="密码"):
        database.write(lambda s: accounts.create_user(s, name="李四", role="reviewer", password="short"))
    with pytest.raises(InvalidInput, match="角色"):
        database.write(lambda s: accounts.create_user(s, name="李四", role="god", password=PASSWORD))
    with database.read() as session:
        user = accounts.authenticate(session, "张三", PASSWORD)
        assert user.password_hash.startswith("$argon2id$")
        for name, password in (("张三", "wrong"), ("王五", PASSWORD), ("王五", "")):
            with pytest.raises(LoginFailed):
                accounts.authenticate(session, name, password)
        assert [u.name for u in accounts.list_users(session, Role.REVIEWER)] == ["张三"]
        assert accounts.list_users(session, Role.ADMINISTRATOR) == []


def test_sign_ins_run_out(place: County) -> None:
    user = place.populate().administrator
    token = place.database.write(lambda s: sign_ins.start_session(s, user, NOON))

    def who(moment: datetime, given: str = token):
        found = place.database.write(lambda s: sign_ins.login_of(s, given, moment))
        return found and found[1].name

    assert who(NOON, "forged") is None
    assert who(NOON + timedelta(hours=2, minutes=1)) is None, "idle"
    for hours in range(1, 12):
        assert who(NOON + timedelta(hours=hours)) == "管理员"
    assert who(NOON + timedelta(hours=12, minutes=1)) is None, "absolute"
    with place.database.read() as session:
        stored = session.scalars(select(LoginSession.token_hash)).all()
    assert token.encode() not in stored
    place.database.write(lambda s: sign_ins.end_session(s, token))
    assert who(NOON + timedelta(minutes=1)) is None


@pytest.mark.parametrize("attack", ["change", "remove", "insert"])
def test_the_audit_chain_shows_what_was_changed(place: County, attack: str) -> None:
    place.populate().draft()
    with place.database.read() as session:
        audit.verify_chain(session)
    event = AuditEvent.__table__
    database = place.database
    with database.engine.execution_options(pingyi_write=True).begin() as connection:
        if database.kind.NAME == "sqlite":  # somebody who can drop triggers
            for name in ("audit_unchanged", "audit_kept"):
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
        else:
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        if attack == "change":
            connection.execute(event.update().where(event.c.number == 2).values(actor="别人"))
        elif attack == "remove":
            connection.execute(event.delete().where(event.c.number == 2))
        else:
            copied = dict(connection.execute(event.select().where(event.c.number == 2)).mappings().one())
            connection.execute(event.insert(), copied | {"number": 99})
    with pytest.raises(Conflict, match="条与前一条对不上"), database.read() as session:
        audit.verify_chain(session)


def test_two_workers_write_one_chain(place: County) -> None:
    def write(number: int) -> None:
        place.database.write(lambda s: audit.record(s, actor=f"人{number}", action="test"))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(24)))
    with place.database.read() as session:
        audit.verify_chain(session)
        page = audit.list_events(session, page=2, per_page=10)
    assert [event.number for event in page] == list(range(14, 4, -1))


def test_the_audit_log_names_no_enterprise(place: County) -> None:
    place.populate(enterprises=6).draft().issue_attributed().start()
    place.phone().answer()
    place.act(lambda s, r: replacing.replace_invitation(s, r, _first(s), BASE_URL, "管理员"))
    place.close()
    with place.database.read() as session:
        told = " ".join(f"{e.subject} {e.detail}" for e in session.scalars(select(AuditEvent)))
    assert not any(row.name in told or row.credit_code in told for row in roster(6))


def test_attributed_invitations_one_each(place: County) -> None:
    place.populate(enterprises=5).draft()
    issued = place.act(lambda s, r: issuing.issue_attributed(s, r, BASE_URL, "管理员"))
    assert [entry.enterprise_name for entry in issued] == [f"企业{n:03d}" for n in range(5)]
    number = place.description().check_number
    assert all(entry.link == f"{BASE_URL}/s/{place.slug}#{entry.code}-{number}" for entry in issued)
    with place.database.read() as session:
        stored = set(session.scalars(select(Invitation.code_hash)))
    assert stored == {place.code_hash(entry.code) for entry in issued}
    with pytest.raises(Conflict, match="没有还未邀请的企业"):
        place.issue_attributed()
    place.database.write(lambda s: rosters.import_roster(s, roster(7), actor="管理员"))
    place.issue_attributed()
    assert (len(place.codes), count(place, Invitation)) == (2, 7)


def test_no_code_is_stored_anywhere(place_on_sqlite: County, tmp_path) -> None:
    place = place_on_sqlite.collecting()
    codes = list(place.codes)
    place.phone().answer()
    place.database.close()
    content = b"".join(path.read_bytes() for path in tmp_path.glob("pingyi.sqlite3*"))
    for code in codes:
        assert code.encode() not in content
        assert code.replace("-", "").encode() not in content
        assert parse_code(code) not in content


def test_replacing_once_and_within_bounds(place: County) -> None:
    place.populate(enterprises=6).draft(mode=Mode.ATTRIBUTED).issue_attributed().start()
    old = place.codes[0]
    place.phone(old).collect()

    def replace(number: int = 0):
        with place.database.read() as session:
            enterprise = session.scalars(select(Enterprise).order_by(Enterprise.name)).all()[number]
        return place.act(lambda s, r: replacing.replace_invitation(s, r, enterprise, BASE_URL, "管理员"))

    new = replace()
    with pytest.raises(InvitationReplaced):
        place.phone(old).collect()
    place.phone(new.code).answer()
    # Nobody may be told that the new one was used today: what comes in its place is a used one as well.
    with pytest.raises(InvitationUsed):
        place.phone(replace().code).collect()
    replace(1)
    replace(2)
    with pytest.raises(Conflict, match="上限 3 个"):
        replace(3)
    assert place.look(replacing.replacements) == (3, 3)
    assert count(place, Invitation) == 9
    place.close()
    closed = place.round()
    assert (closed.invited_count, closed.collected_count, closed.cast_count) == (9, 2, 1)


def _first(session):
    return session.scalars(select(Enterprise).order_by(Enterprise.name)).first()


def test_importing_a_roster_is_repeatable(place: County) -> None:
    place.populate()

    def take(rows):
        return place.database.write(lambda s: rosters.import_roster(s, rows, actor="管理员"))

    rows = roster(5)
    assert take(rows) == rosters.RosterImport(5, 0, 0)
    rows[0].name, rows[1].strata = "改名企业_100%", {"规模": "大"}
    changed = (("name", 1), ("规模", 1))
    assert take(rows + roster(6)[5:]) == rosters.RosterImport(1, 2, 3, fields=changed)
    with pytest.raises(InvalidInput, match="重复"):
        take([*roster(8), roster(1)[0]])
    with place.database.read() as session:
        assert rosters.count_enterprises(session) == 6
        assert [e.name for e in rosters.list_enterprises(session, search="_100%")] == ["改名企业_100%"]
        assert [e.name for e in rosters.list_enterprises(session, search="%")] == ["改名企业_100%"]
        page = rosters.list_enterprises(session, page=99, per_page=4)
        assert (page.page, page.pages, page.total, len(page)) == (2, 2, 6, 2)


def test_participation_cannot_be_watched_live(place: County) -> None:
    place.populate(enterprises=8).draft(threshold=3).issue_attributed().start()
    day = today()
    look = participation.totals

    def shown(on):
        found = place.look(lambda s, r: look(s, r, on))
        return found.invited, found.collected, found.cast, found.as_of

    def reported():
        page = place.look(lambda s, r: participation.enterprises(s, r))
        return sum(flag for _, flag in page)

    assert shown(day) == (8, 0, 0, None)
    for _ in range(5):
        place.phone().answer()
    assert shown(day) == (8, 0, 0, None)
    assert reported() == 0
    participation.refresh_due(place.database, day)
    assert shown(day) == (8, 3, 3, day)
    assert reported() == 5
    place.phone().answer()
    participation.refresh_due(place.database, day)
    assert (shown(day), reported()) == ((8, 3, 3, day), 5), "once a day, whatever happens"
    tomorrow = day + timedelta(days=1)
    participation.refresh_due(place.database, tomorrow)
    assert (shown(tomorrow), reported()) == ((8, 6, 6, tomorrow), 5), "one newcomer waits for two others"
    place.close()
    found = place.look(lambda s, r: look(s, r, tomorrow))
    assert (found.collected, found.cast, found.exact) == (6, 6, True)
    page = place.look(lambda s, r: participation.enterprises(s, r, search="企业001"))
    assert [(e.name, page.total) for e, _ in page] == [("企业001", 1)]


def test_errors_carry_no_parameters(place: County) -> None:
    with pytest.raises(Exception, match="parameters hidden") as caught, place.database.read() as session:
        session.execute(text("SELECT :code FROM nowhere"), {"code": "SECRET-CODE"})
    assert "SECRET-CODE" not in str(caught.value)
