"""What the first pages say is to be done: each line leads to a page that its reader may see."""

from __future__ import annotations

from datetime import timedelta

import pytest
from county import SLUG, County
from flask import Flask
from opened import open_by_hand
from pretended_day import pretend

from survey.clock import today
from survey.models import Role
from survey.services.rounds import closing
from survey.services.waiting.tasks import Task, TaskKind
from survey.web.waiting import task_lines

OF = {
    Role.ADMINISTRATOR: (TaskKind.SET_UP, TaskKind.ISSUE, TaskKind.START, TaskKind.PROPOSE_CLOSING),
    Role.LIAISON: (TaskKind.ACCEPT, TaskKind.ANSWER),
}
OF[Role.REVIEWER] = tuple(kind for kind in TaskKind if kind not in OF[Role.ADMINISTRATOR] + OF[Role.LIAISON])


@pytest.mark.parametrize("role", list(Role))
def test_every_line_leads_somewhere(place: County, site: Flask, sign_in, role: Role) -> None:
    place.draft(threshold=10).issue().start()
    open_by_hand(place)
    own = "公安局" if role == Role.LIAISON else ""
    user = place.reviewers[0] if role == Role.REVIEWER else place.add_user("某人", role, own)
    client = sign_in(user)
    for kind in OF[role]:
        task = Task(kind, "" if kind == TaskKind.CHANGES else SLUG, "一轮", 2, today(), urgent=True)
        with site.test_request_context():
            line = task_lines._line(task)
        assert line.text, kind
        proof = kind == TaskKind.OPEN_BOX  # asks who one is before anything else
        assert client.get(line.url).status_code == (403 if proof else 200), kind


def test_first_pages_list_what_waits(place: County, site: Flask, sign_in) -> None:
    place.draft().issue().start()
    clerk, reviewer = sign_in(place.administrator), sign_in(place.reviewers[0])
    assert "现在没有等您办的事" in clerk.get("/admin/").text
    with pretend(place.round().closes_on + timedelta(days=1)):
        page = clerk.get("/admin/").text
    assert "最后一天已过，请提出截止" in page
    assert "急" in page
    place.act(lambda s, r: closing.propose_closing(s, r, place.administrator))
    assert "现在没有等您办的事" in clerk.get("/admin/").text
    page = reviewer.get("/review/").text
    assert "请确认截止" in page


def test_a_new_installation_is_led_by_the_hand(place: County, site: Flask, sign_in) -> None:
    clerk = sign_in(place.administrator)
    page = clerk.get("/admin/").text
    order = [page.index(text) for text in ("添加评议员和持钥人", "新建第一轮", "联络员", "签发邀请")]
    assert order == sorted(order)
    place.draft()
    page = clerk.get("/admin/").text
    assert "接着设置第一轮" in page
    place.issue().start()
    assert "第一次用" not in clerk.get("/admin/").text
