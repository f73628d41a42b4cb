"""A county with a round in every state, served for a real browser."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

import cheap
import pytest
from built_once import built_once
from county import PASSWORD, SECRET, County, roster, small_questionnaire
from flask import Flask
from phone_server import RunningServer
from playwright.sync_api import Page

from survey.app import create_app
from survey.clock import today
from survey.config import Settings
from survey.database.engine import Database
from survey.documents.uploads.indicator_row import IndicatorRow
from survey.models import Role, User
from survey.protocol.answers import Answers
from survey.protocol.questionnaire import Questionnaire
from survey.services.followup import indicators
from survey.services.opening import opening_job
from survey.services.people import accounts
from survey.services.results import composite_results, composites
from survey.services.roster import enterprises
from survey.services.voting import participation

ROLES = {"管理员": Role.ADMINISTRATOR, "县人大评议员": Role.REVIEWER, "县政协评议员": Role.REVIEWER}
BALLOTS = 40


@dataclass
class Desk:
    """The running site, the county behind it, and receipts of its opened round."""

    url: str
    place: County
    receipts: list[str]
    running: RunningServer
    composite: str = ""
    """Address of an index of the opened round and a figure from outside."""

    def sign_in(self, page: Page, name: str) -> None:
        page.goto(f"{self.url}/login")
        page.get_by_label("用户名").fill(name)
        page.get_by_label("密码").fill(PASSWORD)
        page.get_by_role("button", name="登录").click()
        page.wait_for_url(lambda url: "/login" not in url)


def serve_desk(template: Path, factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Rounds 2026-q2 (closed), 2026-q3 (opened), 2026-q4 (open) and 2027-q1 (draft without keys)."""
    built, (place, receipts, composite) = built_once(factory, "desk", partial(_build, template))
    folder = factory.mktemp("desk")
    url = f"sqlite:///{shutil.copyfile(built / 'desk.sqlite3', folder / 'desk.sqlite3')}"
    place.database = Database(url, secret_key=SECRET)
    app = _app(place.database, folder)
    running = RunningServer(app)
    running.start()
    yield Desk(f"http://127.0.0.1:{running.port}", place, receipts, running, composite)
    running.stop()
    place.database.close()


def _build(template: Path, folder: Path) -> tuple[County, list[str], str]:
    database = Database(f"sqlite:///{shutil.copyfile(template, folder / 'desk.sqlite3')}", secret_key=SECRET)
    with pytest.MonkeyPatch.context() as patched:
        cheap.keys(patched)
        cheap.passwords(patched)
        found = _populate(database)
    database.close()
    return found


def _app(database: Database, folder: Path) -> Flask:
    settings = Settings(
        data=folder,
        database_url=database.url,
        base_url="https://pingyi.example",
        secret_key=SECRET,
        insecure_http=True,
    )
    return create_app(settings, database)


def _populate(database: Database) -> tuple[County, list[str], str]:
    place = County(database, slug="2026-q3")
    database.write(lambda s: enterprises.import_roster(s, roster(60), actor="管理员"))
    users = [_account(database, name, role) for name, role in ROLES.items()]
    place.administrator, place.reviewers = users[0], users[1:]
    questionnaire = small_questionnaire(6)
    place.draft(questionnaire=questionnaire, title="2026 年第三季度评议").issue(BALLOTS).start()
    receipts = place.cast_all(_opinions(questionnaire))
    composite = _fix_index(place, [d.name for d in questionnaire.departments])
    place.close()
    opening_job.open_round(database, "2026-q3", place.key_files, actor="县人大评议员")
    composite_results.work_out(database, composite)
    current = another(place, "2026-q4", "2026 年第四季度评议").draft().issue(12).issue_attributed().start()
    current.act(lambda s, r: participation.refresh(s, r, today()))
    another(place, "2026-q2", "2026 年第二季度评议").draft().issue(4).start().close()
    later = {"opens_on": today() + timedelta(days=40), "closes_on": today() + timedelta(days=60)}
    another(place, "2027-q1", "2027 年第一季度评议").draft(keys=False, **later)
    return place, receipts, f"/review/composites/{composite}"


def _fix_index(place: County, departments: list[str]) -> str:
    rows = [
        IndicatorRow(d, "营商环境评估", 60.0 + 5 * n, None, None, "分") for n, d in enumerate(departments)
    ]
    figure = ("assessment", "2026", "营商环境评估")
    parts = [
        composites.CompositePart("企业", 70, slug=place.slug),
        composites.CompositePart("省市评估", 30, figure=figure),
    ]

    def fix(session):
        indicators.import_indicators(session, *figure[:2], rows, "县人大评议员")
        return composites.fix(session, "年度综合得分", parts, False, "县人大评议员").id.hex()

    return place.database.write(fix)


class _Named(County):
    """A county's further round, with its own title."""

    title = ""

    def new_round(self, **changes):
        return super().new_round(**({"title": self.title} | changes))


def another(place: County, slug: str, title: str) -> County:
    further = _Named(place.database, slug=slug)
    further.administrator, further.reviewers, further.title = place.administrator, place.reviewers, title
    return further


def _account(database: Database, name: str, role: Role) -> User:
    return database.write(
        lambda s: accounts.create_user(s, name=name, role=role, password=PASSWORD, body=name[:3])
    )


def _opinions(questionnaire: Questionnaire) -> list[Answers]:
    """Ballots in which the first departments do better than the last."""
    chance = random.Random(11)
    departments, items = len(questionnaire.departments), len(questionnaire.items)
    return [
        Answers(
            ratings=tuple(
                tuple(min(3, max(1, round(chance.gauss(1 + d / 3, 0.7)))) for _ in range(items))
                for d in range(departments)
            ),
            strata=(0,),
            comments={n % departments: "窗口排队时间太长，希望增加人手。"} if n % 3 == 0 else {},
        )
        for n in range(BALLOTS)
    ]
