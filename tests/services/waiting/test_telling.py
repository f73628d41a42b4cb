"""The daily message: once a day, through a real mail server and real robots, and never more than numbers."""

from __future__ import annotations

import json
import re
import socketserver
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from county import BASE_URL, SLUG, County

from survey import worker
from survey.models import Role
from survey.services.operations import upkeep
from survey.services.rounds import closing
from survey.services.waiting import telling
from survey.services.waiting.telling import Channels, tell_daily

MORNING = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)  # nine o'clock in the county
SAID = "评议系统：有 1 件事等着办（评议员 1 件）。请登录 https://pingyi.example 查看。"


class Robot(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((self.path, self.headers["Content-Type"], json.loads(body)))  # type: ignore[attr-defined]
        status, answer = self.server.answer  # type: ignore[attr-defined]
        self.send_response(status)
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        pass


class MailServer(socketserver.StreamRequestHandler):
    """As much of RFC 5321 as a client needs to hand over a mail."""

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                mail = b""
                while (line := self.rfile.readline()) != b".\r\n":
                    mail += line
                self.server.got.append(mail)  # type: ignore[attr-defined]
            self.wfile.write(b"250 well\r\n")
            if word == b"QUIT":
                break


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Iterator[Any]:
    kind = HTTPServer if request.param is Robot else socketserver.TCPServer
    with kind(("127.0.0.1", 0), request.param) as running:
        running.got, running.answer = [], (200, b'{"errcode": 0}')
        threading.Thread(target=running.serve_forever, args=(0.05,), daemon=True).start()
        yield running
        running.shutdown()


@pytest.fixture
def waiting(place: County, monkeypatch: pytest.MonkeyPatch) -> County:
    """A county in which one thing waits, for reviewers, at nine in the morning."""
    place.collecting()
    place.act(lambda s, r: closing.propose_closing(s, r, place.administrator))
    at(monkeypatch, MORNING)
    return place


def at(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    monkeypatch.setattr(telling, "now", lambda: moment)
    monkeypatch.setattr(telling, "today", lambda: (moment + timedelta(hours=8)).date())


@pytest.mark.parametrize("server", [Robot], indirect=True)
def test_a_robot_is_told_once_a_day(
    waiting: County, server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    channels = Channels(BASE_URL, webhook_url=f"http://127.0.0.1:{server.server_port}/hook?key=a%2Fb")
    at(monkeypatch, MORNING - timedelta(hours=2))
    assert worker.do_duties(waiting.database, tmp_path, channels) == []
    assert server.got == []  # seven o'clock
    at(monkeypatch, MORNING)
    for _ in range(2):
        tell_daily(waiting.database, tmp_path, channels)
    assert server.got == [("/hook?key=a%2Fb", "application/json; charset=utf-8", {"text": SAID})]
    at(monkeypatch, MORNING + timedelta(days=1))
    tell_daily(waiting.database, tmp_path, channels)
    assert len(server.got) == 2


@pytest.mark.parametrize("server", [Robot], indirect=True)
def test_a_backup_that_failed_is_told_even_when_nothing_waits(
    place: County, server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.collecting()
    at(monkeypatch, MORNING)
    mark = tmp_path / upkeep.FAILED
    mark.parent.mkdir()
    mark.touch()
    tell_daily(
        place.database, tmp_path, Channels(BASE_URL, webhook_url=f"http://127.0.0.1:{server.server_port}/")
    )
    [(_path, _kind, told)] = server.got
    assert re.fullmatch(r"\d{4}-\d\d-\d\d 的夜间备份没有做成，请让技术人员查看。", told["text"])


@pytest.mark.parametrize("server", [Robot], indirect=True)
def test_a_damaged_database_is_told_although_nothing_can_be_read(
    place_on_sqlite: County, server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(monkeypatch, MORNING)
    (tmp_path / upkeep.DAMAGED).write_text("page 7")
    place_on_sqlite.database.close()
    Path(place_on_sqlite.database.url.partition("///")[2]).write_bytes(b"no database at all" * 500)
    channels = Channels(BASE_URL, webhook_url=f"http://127.0.0.1:{server.server_port}/")
    tell_daily(place_on_sqlite.database, tmp_path, channels)
    [(_path, _kind, told)] = server.got
    assert told["text"] == "数据库没有通过检查，请让技术人员马上运行 pingyi doctor。"


@pytest.mark.parametrize("server", [Robot], indirect=True)
@pytest.mark.parametrize(
    "answer", [(500, b""), (200, b'{"errcode": 93000, "errmsg": "invalid webhook url"}'), (302, b"")]
)
def test_who_was_not_told_is_told_later_and_the_desk_knows(
    waiting: County, server: Any, tmp_path: Path, answer: tuple[int, bytes]
) -> None:
    channels = Channels(BASE_URL, webhook_url=f"http://127.0.0.1:{server.server_port}/")
    server.answer = answer
    tell_daily(waiting.database, tmp_path, channels)
    [trouble] = telling.troubles(tmp_path)
    assert trouble.say() == "2026-12-01 的提醒没有发出去，请让技术人员查看邮件和群机器人的设置。"
    server.answer = (200, b"ok")
    tell_daily(waiting.database, tmp_path, channels)
    assert len(server.got) == 2
    assert list(telling.troubles(tmp_path)) == []


@pytest.mark.parametrize("server", [MailServer], indirect=True)
def test_a_mail_says_the_same(waiting: County, server: Any, tmp_path: Path) -> None:
    port = server.server_address[1]
    url = f"smtp://127.0.0.1:{port}?from=pingyi@county.example&to=office@county.example,b@county.example"
    gone = Channels(BASE_URL, smtp_url=url, webhook_url="http://127.0.0.1:9/")
    for _ in range(2):
        tell_daily(waiting.database, tmp_path, gone)
    [mail] = server.got  # the robot that cannot be reached does not bring the mail twice
    found = message_from_bytes(mail, policy=policy.default)
    assert found["To"] == "office@county.example, b@county.example"
    assert found["Subject"] == "评议系统：有事等着办"
    assert found.get_content().strip() == SAID
    assert len(list(telling.troubles(tmp_path))) == 1


def test_nothing_waits_and_nothing_is_said(
    place: County, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.collecting()
    at(monkeypatch, MORNING)
    tell_daily(place.database, tmp_path, Channels(BASE_URL, webhook_url="http://127.0.0.1:9/"))
    assert list(telling.troubles(tmp_path)) == []


def test_no_title_name_or_firm_is_in_it(waiting: County) -> None:
    counts = {Role.ADMINISTRATOR: 2, Role.REVIEWER: 3, Role.LIAISON: 1}
    said = telling.message(counts, BASE_URL)
    assert said.startswith("评议系统：有 6 件事等着办（管理员 2 件，评议员 3 件，部门联络员 1 件）。")
    names = [waiting.round().title, SLUG, waiting.round().body, *(r.name for r in waiting.reviewers)]
    assert not [name for name in names if name in said]


@pytest.mark.parametrize(
    ("host", "body"),
    [
        ("qyapi.weixin.qq.com", {"msgtype": "text", "text": {"content": "字"}}),
        ("oapi.dingtalk.com", {"msgtype": "text", "text": {"content": "字"}}),
        ("open.feishu.cn", {"msg_type": "text", "content": {"text": "字"}}),
    ],
)
def test_robots_get_what_their_documentation_asks_for(host: str, body: dict[str, Any]) -> None:
    assert telling._body(host, "字") == body
