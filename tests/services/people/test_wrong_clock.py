"""A clock that was forty days ahead and is right again: what it wrote holds nobody up and lets nobody in."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyotp
import pytest
from county import SECRET, County

from survey.clock import today
from survey.config import Settings
from survey.models import Job, User
from survey.services.doctor import database as doctor_database
from survey.services.operations import jobs
from survey.services.people import enrolment, second_factor, sign_ins, throttle
from survey.services.people.enrolment import LinkInvalid
from survey.services.people.throttle import TooManyTries
from survey.services.voting import participation

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
FORTY_DAYS = timedelta(days=40)
THEN = NOON + FORTY_DAYS


@pytest.fixture
def person(place: County) -> User:
    return place.populate().reviewers[0]


def test_nobody_waits_for_a_wrong_clock(place: County) -> None:
    buckets = throttle.login_buckets(SECRET, "评议员0", "203.0.113.7", None)

    def attempt(at: datetime) -> None:
        place.database.write(lambda session: throttle.take(session, buckets, at))

    for _ in range(8):
        with contextlib.suppress(TooManyTries):
            attempt(THEN)
    attempt(NOON)
    for _ in range(throttle.FREE - 1):
        attempt(NOON)
    with pytest.raises(TooManyTries) as refused:
        attempt(NOON)
    assert refused.value.seconds <= throttle.LONGEST_WAIT.total_seconds() + 1


def test_the_second_factor_is_taken_once_again(place: County, person: User) -> None:
    def act(work):
        return place.database.write(lambda session: work(session, session.get(User, person.id)))

    secret = act(lambda s, u: second_factor.begin(s, u, SECRET))
    clock = pyotp.TOTP(secret)
    act(lambda s, u: second_factor.confirm(s, u, clock.at(THEN), THEN, SECRET))
    act(lambda s, u: second_factor.check(s, u, clock.at(NOON), NOON, SECRET))
    with pytest.raises(second_factor.CodeWrong):
        act(lambda s, u: second_factor.check(s, u, clock.at(NOON), NOON, SECRET))


def test_a_sign_in_of_then_is_over(place: County, person: User) -> None:
    token = place.database.write(lambda session: sign_ins.start_session(session, person, THEN))

    def login(at: datetime):
        return place.database.write(lambda session: sign_ins.login_of(session, token, at))

    found = login(THEN)
    assert found is not None
    assert not sign_ins.is_recent(found[0], NOON)
    assert login(NOON) is None
    with place.database.read() as session:
        assert sign_ins.list_sessions(session, person, NOON) == []


def test_a_link_of_then_is_over(place: County, person: User) -> None:
    with place.database.read() as session:
        link = place.database.write(
            lambda s: enrolment.make_link(s, person, "https://pingyi.example", THEN, actor="管理员")
        )
        token = link.rpartition("#")[2]
        assert enrolment._owner(session, token, THEN).id == person.id
        with pytest.raises(LinkInvalid):
            enrolment._owner(session, token, NOON)


def test_the_daily_batch_runs_on_the_right_day(place: County) -> None:
    place.collecting(slips=6, threshold=3)
    place.cast_all([None] * 4)
    participation.refresh_due(place.database, today() + FORTY_DAYS)
    place.cast_all([None] * 2)
    participation.refresh_due(place.database, today())
    assert place.round().participation_on == today()
    assert place.round().reported_cast == 6
    participation.refresh_due(place.database, today())


def test_a_job_of_then_is_taken_up(place: County) -> None:
    job = Job(kind="issue", state="running", parameters={}, created_at=THEN, beat_at=THEN, id=b"j" * 16)
    assert jobs.is_dead(job, NOON)
    assert not jobs.is_dead(job, THEN)


def test_the_doctor_names_what_has_not_come(place: County, tmp_path: Path) -> None:
    place.collecting(slips=2)
    settings = Settings(tmp_path, place.database.url, "https://pingyi.example", SECRET)

    def said() -> list[str]:
        return [f.say() for f in doctor_database.database(settings) if f.topic == "clock"]

    assert said() == []
    place.act(lambda _s, r: setattr(r, "participation_on", today() + FORTY_DAYS))
    (found,) = said()
    assert "每日汇总有 1 条" in found
