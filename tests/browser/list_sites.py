"""A county with nothing in its lists, with one row in each, or with very many; served for a real browser."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import cheap
import pytest
from county import NO_HASH, SECRET, County
from flask import Flask
from opened import open_by_hand
from phone_server import RunningServer
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from survey.app import create_app
from survey.clock import now, today
from survey.config import Settings
from survey.database.engine import Database
from survey.models import AuditEvent, Comment, CommentRelease, Enterprise, Problem, Role, Round, Stage, User
from survey.models.base import random_id
from survey.services.operations import audit
from survey.services.people import sign_ins
from survey.services.rounds import lifecycle
from survey.services.voting import participation
from survey.web.site.request import SESSION_TOKEN

COLLECTING, OPENED = "2026-q4", "2026-q3"
DEPARTMENT = "公安局"
LONG = "冀东北方新能源装备制造与智慧物流供应链管理有限责任公司"
ROUNDS_OF_MANY = 120
COLLECTED = 6
"""Enough for the threshold of three, below which nothing is reported."""


@dataclass
class ListSite:
    """The running site, with `rows` rows in every list, and the cookies of its people."""

    rows: int
    url: str
    place: County
    liaison: User
    app: Flask
    running: RunningServer

    def cookie(self, who: str, language: str) -> dict[str, str]:
        user = {"A": self.place.administrator, "R": self.place.reviewers[0], "L": self.liaison}[who]
        client = self.app.test_client()
        token = self.place.database.write(lambda s: sign_ins.start_session(s, user, now()))
        with client.session_transaction() as session:
            session[SESSION_TOKEN], session["language"] = token, language
        cookie = client.get_cookie("pingyi")
        assert cookie
        return {"name": "pingyi", "value": cookie.value, "url": self.url}

    def stop(self) -> None:
        self.running.stop()
        self.place.database.close()


def build(template: Path, folder: Path, rows: int) -> ListSite:
    """`rows` enterprises, invited ones, comments, problems, accounts and entries of the log."""
    url = f"sqlite:///{shutil.copyfile(template, folder / 'lists.sqlite3')}"
    place = County(Database(url, secret_key=SECRET)).populate()
    with pytest.MonkeyPatch.context() as patched:
        cheap.keys(patched)
        liaison = _people(place, rows)
        if rows:
            _roster(place, rows)
            _opened_round(place, rows)
            _collecting_round(place)
            _log(place, rows)
        for number in range(ROUNDS_OF_MANY if rows > 1 else 0):
            _another(place, f"draft-{number:03d}").draft(keys=False, title=f"第 {number} 次专项评议")
    settings = Settings(folder, url, "https://pingyi.example", SECRET, insecure_http=True)
    app = create_app(settings, place.database)
    running = RunningServer(app)
    running.start()
    return ListSite(rows, f"http://127.0.0.1:{running.port}", place, liaison, app, running)


def _another(place: County, slug: str) -> County:
    return County(place.database, slug=slug).populate_again(place)


def _people(place: County, rows: int) -> User:
    liaison = place.add_user("公安局联络员", Role.LIAISON)

    def settle(session: Session) -> User:
        found = session.get(User, liaison.id)
        found.department = DEPARTMENT
        session.add_all(
            User(id=random_id(), name=f"联络员{n:05d}", role=Role.LIAISON, department=f"单位{n % 97:02d}",
                 password_hash=NO_HASH, active=n % 50 != 0)
            for n in range(rows if rows > 1 else 0)
        )  # fmt: skip
        return found

    return place.database.write(settle)


def _roster(place: County, rows: int) -> None:
    """Names of thirty characters; telephones run against the names, so that sorting shows."""
    values = [
        {
            "id": random_id(),
            "credit_code": f"91130999MA{n:08d}",
            "name": f"{LONG}{n:05d}",
            "contact": f"联系人{n % 311}",
            "phone": f"139{99999999 - n:08d}",
            "strata": {"规模": "小", "产业": "服务", "来源": "本地", "乡镇": "北戴河新区团林街道"},
        }
        for n in range(rows)
    ]
    place.database.write(lambda s: s.execute(insert(Enterprise), values) and None)


def _opened_round(place: County, rows: int) -> None:
    earlier = _another(place, OPENED)
    earlier.draft(title="2026 年第三季度评议", threshold=10).issue(1).start()
    open_by_hand(earlier, {1: [f"窗口排队时间太长，第 {n} 次去才办成。" for n in range(rows)]})
    stages = list(Stage)

    def fill(session: Session) -> None:
        found = lifecycle.get_round(session, OPENED)
        session.add_all(_problem(found, n, stages) for n in range(1, rows + 1))
        decided = [
            CommentRelease(
                comment_id=c.id, decision="release", text=c.text, proposed_by=place.reviewers[0].id
            )
            for c in _comments(session, found)[1::2]
        ]
        session.add_all(decided)
        session.flush()
        for release in decided:
            release.confirmed_by = place.reviewers[1].id

    place.database.write(fill)


def _problem(found: Round, number: int, stages: list[Stage]) -> Problem:
    """The deadlines run against the numbers."""
    return Problem(
        round_id=found.id,
        number=number,
        department=("税务局", DEPARTMENT, "供电公司", "财政局")[number % 4],
        source="other",
        task=f"缩短不动产抵押登记的办理时间，公开所需材料，第 {number:05d} 项",
        responsible="李四，副局长",
        deadline=today() + timedelta(days=400 - number % 800),
        stage=stages[number % len(stages)],
    )


def _comments(session: Session, found: Round) -> list[Comment]:
    return list(session.scalars(select(Comment).where(Comment.round_id == found.id).order_by(Comment.id)))


def _collecting_round(place: County) -> None:
    """All enterprises are invited by name; `COLLECTED` of them, or all, have collected."""
    now_on = _another(place, COLLECTING).draft(title="2026 年第四季度评议").issue_attributed().start()
    for code in now_on.codes[:COLLECTED]:
        now_on.phone(code).collect()
    now_on.act(lambda s, r: participation.refresh(s, r, today()))


def _log(place: County, rows: int) -> None:
    """Written at once: a flush for every entry takes ten seconds."""

    def fill(session: Session) -> None:
        last = audit.newest(session)
        assert last
        for n in range(rows if rows > 1 else 0):
            last = AuditEvent(
                number=last.number + 1,
                at=now(),
                actor=f"经办人{n % 40}",
                action="roster.import",
                subject="",
                detail={"added": n, "updated": 1},
                previous_hash=last.hash,
            )
            last.hash = audit.event_hash(last)
            session.add(last)

    place.database.write(fill)
