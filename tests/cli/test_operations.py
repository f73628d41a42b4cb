"""`pingyi backup`, `restore`, `doctor`, `worker` and `user`, as somebody types them, on both databases."""

from __future__ import annotations

import json
import os
import time
import zipfile
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from county import PASSWORD, SECRET, County
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from survey.cli import main
from survey.clock import now
from survey.config import Settings
from survey.database.backups import postgresql as postgresql_backup
from survey.database.backups.table_digests import table_digests
from survey.database.engine import Database
from survey.errors import Conflict
from survey.models import Ballot, Enrolment, Invitation, Job, Round, State, Throttle, User
from survey.services.doctor import clock as doctor_clock
from survey.services.doctor import examination
from survey.services.doctor import site as doctor_site
from survey.services.invitations import issuing_job, one_time_files
from survey.services.operations import audit, backup, job_threads, jobs
from survey.services.operations.job_kinds import Workplace
from survey.services.people import sign_ins
from survey.services.rounds import closing, extending

pytestmark = pytest.mark.usefixtures("_cheap_keys")


@pytest.fixture
def place(database: Database) -> County:
    """A county with ballots, a closed round and a log."""
    return County(database).collecting(6)


@pytest.fixture
def here(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The environment as a running installation has it; returns the data directory."""
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    environment = {"DATA": str(data), "DATABASE_URL": database.url, "SECRET_KEY": SECRET}
    for name, value in environment.items():
        monkeypatch.setenv(f"PINGYI_{name}", value)
    for name in ("BASE_URL", "DEMO", "INSECURE_HTTP", "TRUSTED_PROXIES"):
        monkeypatch.delenv(f"PINGYI_{name}", raising=False)
    return data


def pingyi(*arguments: str | Path, typed: str = "") -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments], input=typed)


@pytest.fixture
def elsewhere(database: Database, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of the same kind."""
    if database.kind.NAME == "sqlite":
        return f"sqlite:///{tmp_path / 'elsewhere.sqlite3'}"
    return str(request.getfixturevalue("postgresql").copy("template1"))


def test_a_backup_comes_back_equal_and_goes_on_working(
    place: County, here: Path, elsewhere: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        place.phone().answer()
    saved, file = digests(place.database), tmp_path / "county.backup"
    made = pingyi("backup", file)
    assert made.exit_code == 0, made.output
    assert file.stat().st_mode & 0o777 == 0o600
    place.phone().answer()  # the site goes on; the backup is of its own moment
    monkeypatch.setenv("PINGYI_DATABASE_URL", elsewhere)
    result = pingyi("restore", file)
    assert result.exit_code == 0, result.output
    assert result.output.count("相同") == len(saved) + 1
    assert f"“{place.round().title}”正在收票。备份以后投的选票没有了" in result.output
    restored = Database(elsewhere, secret_key=SECRET)
    found = digests(restored)
    assert {name for name in saved if found[name] != saved[name]} == {"audit_event", "round"}, "it is marked"
    county = County(restored)
    county.populate_again(place)
    assert county.round().state == State.OPEN
    assert "本网站从备份恢复过" in county.round().notice
    county.phone(place.codes.pop()).answer()  # triggers, keys and constraints are there again
    with pytest.raises(Exception, match="pingyi:"), restored.engine.begin() as connection:
        connection.execute(text("UPDATE ballot SET sealed = message"))
    with restored.read() as session:
        assert len(session.query(Ballot).all()) == 4
        audit.verify_chain(session)
        assert (newest := audit.newest(session)) is not None
        assert (newest.action, newest.subject) == ("round.restored", place.slug)
    restored.close()


def test_a_backup_is_of_one_moment_while_phones_answer(
    place: County, here: Path, elsewhere: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is counted and digested is what was copied, whatever is committed in between."""
    file, copied = tmp_path / "county.backup", postgresql_backup._copy_out

    def after_another_ballot(*arguments: Any) -> Path:
        if place.codes:
            place.phone(place.codes.pop()).answer()
        return copied(*arguments)

    monkeypatch.setattr(postgresql_backup, "_copy_out", after_another_ballot)
    before = len(place.codes)
    made = pingyi("backup", file)
    assert made.exit_code == 0, made.output
    assert place.database.kind.NAME == "sqlite" or len(place.codes) < before - 3
    monkeypatch.setenv("PINGYI_DATABASE_URL", elsewhere)
    result = pingyi("restore", file)
    assert (result.exit_code, "不同" in result.output) == (0, False), result.output


def digests(database: Database) -> dict[str, object]:
    with database.engine.connect() as connection:
        return dict(table_digests(connection))


def test_a_backup_holds_neither_secret_nor_order(place: County, here: Path, tmp_path: Path) -> None:
    for _ in range(5):
        place.phone().answer()
    file = tmp_path / "county.backup"
    assert pingyi("backup", file).exit_code == 0
    assert SECRET.encode() not in file.read_bytes()
    if place.database.kind.NAME == "sqlite":
        return
    with zipfile.ZipFile(file) as archive:
        rows = archive.read("table-ballot.pg").splitlines()
    column = sorted(Ballot.__table__.columns.keys()).index("spent")
    spent = [row.split(b"\t")[column] for row in rows]
    assert len(spent) == 5
    assert spent == sorted(spent)


def test_nothing_is_overwritten(place: County, here: Path, tmp_path: Path) -> None:
    file = tmp_path / "county.backup"
    assert pingyi("backup", file).exit_code == 0
    again, back = pingyi("backup", file), pingyi("restore", file)
    assert (again.exit_code, "已经存在" in again.output) == (2, True)
    assert back.exit_code == 2
    assert "没有恢复" in back.output
    assert place.round().state == State.OPEN


def test_another_secret_is_refused_unless_asked_for(
    place: County, here: Path, elsewhere: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "county.backup"
    pingyi("backup", file)
    monkeypatch.setenv("PINGYI_DATABASE_URL", elsewhere)
    monkeypatch.setenv("PINGYI_SECRET_KEY", SECRET[::-1])
    refused = pingyi("restore", file)
    assert (refused.exit_code, "secret.key" in refused.output) == (2, True)
    assert pingyi("restore", file, "--any-secret").exit_code == 0


def test_a_changed_backup_is_not_restored(
    place: County, here: Path, elsewhere: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, forged = tmp_path / "county.backup", tmp_path / "forged.backup"
    pingyi("backup", file)
    with zipfile.ZipFile(file) as archive, zipfile.ZipFile(forged, "w") as copy:
        for name in archive.namelist():
            content = archive.read(name)
            if name == "manifest.json":
                value = json.loads(content)
                value["tables"]["round"]["sha256"] = "0" * 64
                content = json.dumps(value).encode()
            copy.writestr(name, content)
    monkeypatch.setenv("PINGYI_DATABASE_URL", elsewhere)
    result = pingyi("restore", forged)
    assert result.exit_code == 1
    assert "什么都没有恢复" in result.output
    assert pingyi("restore", file).exit_code == 0, "the place stayed empty"


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x05\x06" + bytes(18)])
def test_what_is_no_backup(here: Path, tmp_path: Path, content: bytes, elsewhere: str, monkeypatch) -> None:
    file = tmp_path / "x"
    file.write_bytes(content)
    monkeypatch.setenv("PINGYI_DATABASE_URL", elsewhere)
    result = pingyi("restore", file)
    assert (result.exit_code, "不是备份" in result.output) == (2, True)
    assert "Traceback" not in result.output


def test_a_digest_sees_every_change(place: County) -> None:
    before = digests(place.database)
    place.database.write(lambda s: s.query(User).filter_by(name="管理员").update({"body": "别处"}))
    after = digests(place.database)
    assert {name for name in before if before[name] != after[name]} == {"user_account"}


def test_the_doctor_is_content(place: County, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_clock, "is_synchronized", lambda: True)
    result = pingyi("doctor")
    assert result.exit_code == 0, result.output
    assert "为止前后吻合，摘要" in result.output
    assert "只有本机能打开" in result.output
    assert "还没有设置两步验证：管理员、评议员0、评议员1。" in result.output


def test_the_doctor_finds_a_changed_log(place: County, here: Path) -> None:
    database = place.database
    with database.engine.execution_options(pingyi_write=True).begin() as connection:
        if database.kind.NAME == "sqlite":
            connection.exec_driver_sql("DROP TRIGGER audit_unchanged")
        else:
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        connection.execute(text("UPDATE audit_event SET actor = '别人' WHERE number = 2"))
    result = pingyi("doctor")
    assert result.exit_code == 1
    assert "第 2 条与前一条对不上" in result.output


def test_the_doctor_finds_open_doors(sqlite_database: Database, here: Path) -> None:
    settings = Settings(
        data=here,
        database_url=sqlite_database.url,
        base_url="https://pingyi.example",
        secret_key=SECRET,
        demo=True,
    )
    here.chmod(0o755)
    found = {finding.message for finding in examination.configuration(settings)}
    found |= {finding.message for finding in examination.secret(settings)}
    found |= {finding.message for finding in doctor_site.proxies(settings)}
    assert any("演示" in message for message in found)
    assert any("别的用户也能进" in message for message in found)
    assert any("PINGYI_TRUSTED_PROXIES 是 0" in message for message in found)


def test_the_doctor_reads_a_secret_file_like_a_thief(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PINGYI_SECRET_KEY")
    file = here / "secret.key"
    file.write_text(SECRET)
    settings = Settings(data=here, database_url="sqlite://", base_url="https://x", secret_key=SECRET)
    for mode, level in ((0o600, "ok"), (0o640, "bad"), (0o604, "bad")):
        file.chmod(mode)
        assert next(iter(examination.secret(settings))).level == level


@pytest.mark.parametrize(
    ("status", "drop", "said"),
    [
        (200, "", "齐全"),
        (502, "", "502"),
        (200, "content-security-policy", "缺少 content-security-policy"),
        (200, "strict-transport-security", "Strict-Transport-Security"),
    ],
)
def test_the_doctor_judges_what_a_visitor_gets(status: int, drop: str, said: str) -> None:
    headers = dict.fromkeys((*doctor_site.WANTED_HEADERS, "strict-transport-security"), "x")
    headers.pop(drop, None)
    assert said in " ".join(finding.say() for finding in doctor_site.judge(status, headers))


def test_a_check_that_breaks_is_a_finding(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_settings: Settings):
        raise RuntimeError("boom")
        yield

    monkeypatch.setattr(examination, "CHECKS", (broken, examination.configuration))
    settings = Settings(data=here, database_url="sqlite://", base_url="https://x", secret_key=SECRET)
    found = list(examination.examine(settings))
    assert [finding.level for finding in found] == ["bad", "ok"]
    assert "boom" in found[0].say()


def test_the_doctor_of_an_empty_place(sqlite_template: Path, here: Path, monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PINGYI_DATABASE_URL", f"sqlite:///{tmp_path / 'none.sqlite3'}")
    result = pingyi("doctor")
    assert (result.exit_code, "pingyi migrate" in result.output) == (1, True)
    assert not (tmp_path / "none.sqlite3").exists()


def test_the_worker_keeps_house_once(place: County, here: Path) -> None:
    place.phone().answer()
    old = now() - timedelta(hours=13)

    def age(session) -> None:
        user = session.query(User).first()
        sign_ins.start_session(session, user, old)
        session.add(Enrolment(token_hash=b"t" * 32, user_id=user.id, expires_at=old))
        session.add(Throttle(bucket=b"b" * 32, failures=3, failed_at=old))

    place.database.write(age)
    result = pingyi("worker", "--once")
    assert result.exit_code == 0, result.output
    with place.database.read() as session:
        left = [
            session.execute(text(f"SELECT count(*) FROM {t}")).scalar()
            for t in ("login_session", "enrolment", "throttle")
        ]
        assert left == [0, 0, 0]
        assert session.query(Round).one().participation_on is not None


@pytest.mark.usefixtures("here")
def test_on_sqlite_the_worker_does_not_stand_beside_the_server(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two writing processes would keep each other waiting; it would never end here if it were not refused."""
    monkeypatch.setenv("PINGYI_DATABASE_URL", sqlite_database.url)
    refused = pingyi("worker")
    assert refused.exit_code == 2
    assert "pingyi serve 自己按时做" in refused.output
    assert "--once" in refused.output


def test_the_worker_takes_up_issuing_and_deletes_what_nobody_fetched(place: County, here: Path) -> None:
    key, old = one_time_files.new_code()[1], now() - timedelta(minutes=5)
    forgotten = here / "handouts" / one_time_files.keep(here, key, b"links of last week")
    os.utime(forgotten, (time.time() - 300_000, time.time() - 300_000))
    order = issuing_job.Order("slip", "https://pingyi.example", "管理员", key, count=5)

    def leave(session: Session, round: Round) -> None:
        """A job as a process that was killed in the middle leaves it."""
        values = {"kind": issuing_job.KIND.name, "state": "running", "parameters": asdict(order)}
        session.add(Job(round_id=round.id, created_at=old, beat_at=old, **values))

    place.act(leave)
    place.grow(5)
    result = pingyi("worker", "--once")
    assert result.exit_code == 0, result.output
    assert not forgotten.exists()
    job = place.look(lambda s, r: jobs.newest(s, issuing_job.KIND, r.id))
    made = issuing_job.KIND.result(job)
    assert (job.state, made.issued) == ("done", 5)
    assert (here / "handouts" / made.file).is_file()


def test_slips_begun_again_are_not_taken_up_besides(place: County, here: Path) -> None:
    """Attack: press 签发 on a page left open over a restart; the dead job must not issue a second batch."""
    key, old = one_time_files.new_code()[1], now() - timedelta(minutes=5)
    order = issuing_job.Order("slip", "https://pingyi.example", "管理员", key, count=5)

    def leave(session: Session, round: Round) -> None:
        values = {"kind": issuing_job.KIND.name, "state": "running", "parameters": asdict(order)}
        session.add(Job(round_id=round.id, created_at=old, beat_at=old, **values))

    place.act(leave)
    place.grow(5)
    issuing_job.start(Workplace(place.database, here), place.slug, order)
    job_threads.finish()
    assert pingyi("worker", "--once").exit_code == 0
    with place.database.read() as session:
        states = sorted(session.scalars(select(Job.state)))
        assert (states, session.query(Invitation).count()) == (["done", "failed"], 6 + 5)


def test_the_worker_deletes_uploads_that_nobody_confirmed(place: County, here: Path) -> None:
    """Attack: the names and telephones of a roster, found months later in a folder nobody looks into."""
    uploads = here / "uploads"
    uploads.mkdir()
    for name, age in (("old", 3700), ("old.json", 3700), ("new", 3500)):
        (uploads / name).write_bytes(b"names and phones")
        os.utime(uploads / name, (time.time() - age, time.time() - age))
    assert pingyi("worker", "--once").exit_code == 0
    assert [path.name for path in uploads.iterdir()] == ["new"]


def test_one_failed_duty_keeps_no_other_from_being_done(place: County, here: Path, monkeypatch) -> None:
    from survey import worker as duties

    done: list[str] = []

    def broken(_database: Database, _data: Path) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr(duties, "DUTIES", {"a": broken, "b": lambda _d, _p: done.append("b")})
    assert duties.do_duties(place.database, here) == ["a"]
    assert done == ["b"]


def test_people_from_the_command_line(place: County, here: Path) -> None:
    early = pingyi("user", "add", "李主任", "--role", "liaison", "--department", "水利局", "--link")
    assert (early.exit_code, "没有哪一轮评议“水利局”" in early.output) == (2, True)
    link = pingyi("user", "add", "李主任", "--role", "liaison", "--department", "税务局", "--link")
    assert link.exit_code == 0, link.output
    assert "/enrol#" in link.output
    nameless = pingyi("user", "add", "王", "--role", "liaison", "--link")
    assert (nameless.exit_code, "部门" in nameless.output) == (2, True)
    weak = pingyi("user", "add", "赵", "--role", "reviewer", "--password-stdin", typed="qwertyuiop123\n")
    assert (weak.exit_code, "太容易猜到" in weak.output) == (2, True)
    assert pingyi("user", "deactivate", "评议员1").exit_code == 0
    reset = pingyi("user", "reset", "评议员0")
    assert (reset.exit_code, "/enrol#" in reset.output) == (0, True)
    listed = pingyi("user", "list").output
    assert "李主任\tliaison\t税务局" in listed
    assert "评议员1\treviewer\t评议员1单位\t\t已停用" in listed
    last = pingyi("user", "deactivate", "管理员")
    assert (last.exit_code, "最后一位管理员" in last.output) == (2, True)
    unknown = pingyi("user", "reset", "无此人")
    assert (unknown.exit_code, "没有账号" in unknown.output) == (2, True)


def test_a_backup_says_what_it_is(place: County, here: Path, tmp_path: Path) -> None:
    file = tmp_path / "county.backup"
    pingyi("backup", file)
    with zipfile.ZipFile(file) as archive:
        manifest = backup.read_manifest(archive)
    assert manifest.tables["ballot"].rows == 0
    assert manifest.tables["invitation"].rows == 6
    assert manifest.kind == ("sqlite" if place.database.kind.NAME == "sqlite" else "postgresql")
    assert PASSWORD.encode() not in file.read_bytes()


@pytest.mark.parametrize("forged", [False, True])
def test_a_round_that_was_restored_is_closed_openly(
    place: County, here: Path, elsewhere: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, forged: bool
) -> None:
    """A phone that collected before the loss casts after it: the box then has a ballot more than collected
    credentials, of honest phones only. Without a restored backup in the log that is a forgery."""
    place.phone(place.codes.pop()).answer()
    late, file = place.phone(place.codes.pop()), tmp_path / "county.backup"
    assert pingyi("backup", file).exit_code == 0
    late.collect()
    monkeypatch.setenv("PINGYI_DATABASE_URL", elsewhere)
    if forged:
        monkeypatch.setattr(backup, "mark_open_rounds", lambda *_: [])
    assert pingyi("restore", file).exit_code == 0
    county = late.county = County(Database(elsewhere, secret_key=SECRET)).populate_again(place)
    late.seal().cast()
    if forged:
        with pytest.raises(Conflict, match="多于"):
            county.close()
    else:
        tomorrow = county.round().closes_on + timedelta(days=1)
        county.act(lambda s, r: extending.extend_round(s, r, tomorrow, "补投", "管理员") and None)
        county.close()
        closed = county.round()
        assert (closed.invited_count, closed.collected_count, closed.cast_count) == (6, 2, 2)
        notice = closed.notice.splitlines()
        assert [line.count("恢复过") for line in notice] == [1, 0, 1], "what is true stays, in public"
        assert "多 1 张" in notice[-1]
        assert county.look(closing.beyond_restored) == 1
    county.database.close()
