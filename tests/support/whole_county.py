"""A county with something behind every address: rounds in every state, problems, editions, a liaison."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from county import County
from flask import Flask
from opened import publish
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from analysis.files.ratings import RatingsTable
from analysis.foreign.understood import AnswerColumn, Understood
from survey.clock import now, today
from survey.documents.attachments.examining import Attachment
from survey.documents.attachments.kinds import FileKind
from survey.documents.uploads.indicator_row import IndicatorRow
from survey.models import User
from survey.protocol.answers import Answers
from survey.protocol.questionnaire import Questionnaire
from survey.services.followup import attachments, indicators, problem_steps, problems
from survey.services.opening import opening_job
from survey.services.people import proposals
from survey.services.ratings import analyses, ranking
from survey.services.results import composite_results, composites
from survey.services.voting import participation

OPENED, COLLECTING, CLOSED, DRAFT = "2026-q4", "2027-q1", "2026-q3", "2027-q2"
LIAISONS_DEPARTMENT = "公安局"
FIGURED = ("税务局", "公安局", "供电公司", "财政局")
BALLOTS = 36


@dataclass
class Whole:
    """The county of the opened round, who acts in it, and unused codes of the collecting round."""

    place: County
    liaison: User
    codes: list[str]
    composite: str = ""
    proposal: str = ""
    analysis: str = ""

    def users(self) -> dict[str, User]:
        """One of each role, by the letter that access tables use."""
        return {"A": self.place.administrator, "R": self.place.reviewers[0], "L": self.liaison}

    def addresses(self, site: Flask) -> list[tuple[Rule, str]]:
        """Every route with an address that leads to something; `slug` is that of the opened round."""
        return [(rule, self.address(rule.rule)) for rule in site.url_map.iter_rules()]

    def address(self, rule: str, **given: str) -> str:
        known = {
            "slug": DRAFT if "/setup" in rule or "/preview" in rule or "/sample" in rule else OPENED,
            "number": "1",
            "index": "1",
            "person": self.liaison.id.hex(),
            "handle": "0" * 16,
            "file": "1",
            "file_name": "nothing.css",
            "composite": self.composite,
            "proposal": self.proposal,
            "analysis": self.analysis,
            "shown": "0" * 8,
            "code": "91130999MA00000001",
            "name": _name_in(rule),
        } | given
        return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: known[found[1]], rule)


def _name_in(rule: str) -> str:
    if "/help/" in rule:
        return "office"
    if "/setup/" in rule:
        return "departments"
    if "/composites/" in rule or "/ratings/" in rule:
        return "ranking.json"
    if "/results/" in rule:
        return "data.json"
    return "assessment" if "template" in rule else "facts.json"


def hold_everything(place: County) -> Whole:
    """Fill an already populated county; its opened round went the whole way."""
    place.slug = OPENED
    place.draft(threshold=10).issue(BALLOTS).start()
    index = _fix_index(place)
    place.cast_all(_opinions(place.description().questionnaire))
    opening_job.open_round(place.database, OPENED, place.close().key_files, actor=place.reviewers[0].name)
    liaison = place.add_liaison(LIAISONS_DEPARTMENT)
    _publish(place, liaison)
    composite_results.work_out(place.database, index)
    collecting = _another(place, COLLECTING).draft().issue(12).issue_attributed().start()
    collecting.act(lambda s, r: participation.refresh(s, r, today()))
    _another(place, CLOSED).draft().issue(4).start().close()
    later = {"opens_on": today() + timedelta(days=40), "closes_on": today() + timedelta(days=60)}
    _another(place, DRAFT).draft(keys=False, **later)
    asked = place.database.write(lambda s: proposals.propose_body(s, place.administrator, "县工商联", now()))
    return Whole(place, liaison, collecting.codes, index, asked.id.hex(), _analysis(place))


def _fix_index(place: County) -> str:
    """An index of the round and of figures from outside."""
    rows = [IndicatorRow(d, "省评", 80.0 - 4 * n, None, None, "分") for n, d in enumerate(FIGURED)]
    figure = ("assessment", "2026", "省评")
    parts = [
        composites.CompositePart("企业", 90, slug=place.slug),
        composites.CompositePart("省评", 10, figure=figure),
    ]
    actor = place.reviewers[0].name
    place.database.write(
        lambda s: indicators.import_indicators(s, *figure[:2], rows, actor) and None  # type: ignore[func-returns-value]
    )
    return place.database.write(lambda s: composites.fix(s, "年度综合得分", parts, True, actor).id.hex())


def _analysis(place: County) -> str:
    """A file of ratings that was read and ranked; its upload is gone."""
    read = Understood("热线评分.csv", (), "plain", (1,), 2, (), (AnswerColumn("B", "税务局", "税务局"),))
    table = RatingsTable(
        rater=[f"r{n}" for n in range(12) for _ in FIGURED],
        department=[name for _ in range(12) for name in FIGURED],
        score=np.array([80.0 - 9 * d + n % 4 for n in range(12) for d in range(len(FIGURED))]),
    )
    files, said = ranking.documents(ranking.ranked(table, "热线评分", 5))

    def keep(session: Session) -> str:
        key = analyses.add(session, "热线评分.csv", place.administrator.name)
        session.flush()
        analyses.by_id(session, key).understood = read.to_json()
        ranking.keep(session, key, said, files)
        return key

    return place.database.write(keep)


def _opinions(questionnaire: Questionnaire) -> list[Answers]:
    """Ballots in which the first departments do better than the last, a third of them with a comment."""
    chance = random.Random(11)
    departments, items = len(questionnaire.departments), len(questionnaire.items)
    said = "窗口态度冷漠，请打电话13812345678找王建国经理"
    return [
        Answers(
            ratings=tuple(
                tuple(min(3, max(1, round(chance.gauss(1 + d / 3, 0.7)))) for _ in range(items))
                for d in range(departments)
            ),
            strata=(n % 2,),
            comments={n % departments: said} if n % 3 == 0 else {},
        )
        for n in range(BALLOTS)
    ]


def _another(place: County, slug: str) -> County:
    return type(place)(place.database, slug=slug).populate_again(place)


def _publish(place: County, liaison: User) -> None:
    """Three problems, published: one is answered, one is with the department, one is new."""
    first = place.reviewers[0]
    day, until = today(), today() + timedelta(days=60)
    for task in ("改进窗口态度", "缩短办理时间", "公开收费标准"):
        new = problems.NewProblem(LIAISONS_DEPARTMENT, task, until)
        place.act(lambda s, r, new=new: problems.record(s, r, new, first, day))
    publish(place)
    for number in (1, 2):
        place.act(
            lambda s, r, n=number: problem_steps.assign(s, problems.get(s, r, n, first), first, day, until)
        )
    words = {"responsible": "李四，副局长", "measures": "窗口轮训"}
    place.act(lambda s, r: problem_steps.accept(s, problems.get(s, r, 1, liaison), liaison, day, **words))
    file = Attachment("培训照片.jpg", FileKind.JPEG, b"\xff\xd8\xff")
    place.act(lambda s, r: attachments.attach(s, problems.get(s, r, 1, liaison), liaison, file))
    place.act(
        lambda s, r: problem_steps.answer(s, problems.get(s, r, 1, liaison), liaison, day, "全员培训完毕")
    )
