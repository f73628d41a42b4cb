"""Invitations by mail, through a real mail server: each once, whatever breaks, and nothing left behind."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import openpyxl
import pytest
from county import BASE_URL, SECRET, SLUG, County, roster
from mail_desk import MailDesk, mail_desk
from sqlalchemy import select, update

from survey import worker
from survey.clock import now
from survey.errors import Conflict
from survey.models import Enterprise, Job, MailDelivery, Mode
from survey.models.base import random_id
from survey.services.invitations import issuing_job, one_time_files, replacing
from survey.services.invitations.issuing_job import Order
from survey.services.mailing import deliveries, sending_job
from survey.services.mailing.deliveries import MailStanding
from survey.services.operations import job_threads, jobs
from survey.services.operations.job_kinds import Running, Workplace
from survey.services.roster import enterprises
from survey.services.rounds import lifecycle

FIRMS = 4
A, B, C = (f"firm{n}@example.com" for n in range(3))
"""The fourth enterprise has no address."""


@pytest.fixture
def desk() -> Iterator[MailDesk]:
    with mail_desk() as running:
        yield running


@dataclass
class Office:
    """A round whose invitations are issued, with the pickup code of their list."""

    county: County
    place: Workplace
    code: str

    def start(self, desk: MailDesk, *, refused: bool = False) -> None:
        sending_job.start(self.place, SLUG, desk.url, self.code, "管理员", refused=refused)

    def send(self, desk: MailDesk, *, refused: bool = False) -> Job:
        self.start(desk, refused=refused)
        return self.ended()

    def ended(self) -> Job:
        job_threads.finish()
        return self.county.look(lambda s, r: jobs.newest(s, sending_job.KIND, r.id))

    def stands(self) -> dict[str, MailStanding]:
        found = self.county.look(deliveries.listed)
        return {firm.email or "none": firm.standing for firm in found}

    def firm(self, address: str) -> deliveries.FirmByMail:
        return next(firm for firm in self.county.look(deliveries.listed) if firm.email == address)

    def settle(self, address: str, *, arrived: bool) -> None:
        key = self.firm(address).key
        self.county.act(lambda s, r: deliveries.settle(s, r, key, "管理员", arrived=arrived))

    def sealed(self) -> bytes:
        job = self.county.look(lambda s, r: jobs.newest(s, issuing_job.KIND, r.id))
        return one_time_files.fetch(self.place.data, issuing_job.KIND.result(job).file, self.code)

    def texts(self) -> dict[str, str]:
        """Messages of the file by the enterprise's name."""
        rows = openpyxl.load_workbook(io.BytesIO(self.sealed())).worksheets[-1].iter_rows(values_only=True)
        return {str(row[1]): str(row[6]) for row in list(rows)[1:]}


@pytest.fixture
def office(place: County, tmp_path: Path) -> Office:
    place.populate(enterprises=FIRMS).draft()
    rows = roster(FIRMS)
    for number, row in enumerate(rows[:3]):
        row.email = f"firm{number}@example.com"
    place.database.write(lambda s: enterprises.import_roster(s, rows, "管理员", ("email",)) and None)
    code, public = one_time_files.new_code()
    workplace = Workplace(place.database, tmp_path)
    issuing_job.start(workplace, SLUG, Order(Mode.ATTRIBUTED, BASE_URL, "管理员", public))
    job_threads.finish()
    return Office(place, workplace, code)


def told(mail: EmailMessage) -> str:
    return str(mail.get_content()).strip()


def test_each_gets_the_files_message_once_and_nothing_says_whose_it_is(
    office: Office, desk: MailDesk
) -> None:
    assert office.send(desk).state == "done"
    assert desk.recipients == [A, B, C]
    texts = office.texts()
    for number, (address, mail) in enumerate(desk.got):
        assert told(mail) == texts[f"企业{number:03d}"]
        assert mail["Subject"] == "匿名评议邀请：2026 年第四季度评议"
        assert (mail["From"], mail["To"]) == ("pingyi@county.example", address)
        assert re.fullmatch(r"<[0-9a-f]{32}@county\.example>", mail["Message-ID"])
        assert (mail.get_content_type(), mail.get_content_charset()) == ("text/plain", "utf-8")
        headers = {"Subject", "From", "To", "Date", "Message-ID", "MIME-Version", "Content-Type"}
        assert set(mail.keys()) == headers | {"Content-Transfer-Encoding"}
    stands = dict.fromkeys((A, B, C), MailStanding.ACCEPTED) | {"none": MailStanding.NO_ADDRESS}
    assert office.stands() == stands
    office.send(desk)
    office.send(desk, refused=True)
    assert len(desk.got) == 3


def test_what_is_refused_says_why_and_is_sent_again_when_asked(office: Office, desk: MailDesk) -> None:
    link = re.findall(r"https://\S+", office.texts()["企业001"])[0]
    desk.answers = {
        ("RCPT", A): "550 5.1.1 No such user here",
        ("END", B): f"554 5.7.1 spam: {link}",
        ("DATA", C): "451 try later",
    }
    assert office.send(desk).state == "done"
    assert desk.got == []
    assert {office.firm(a).standing for a in (A, B, C)} == {MailStanding.REFUSED}
    answers = [office.firm(a).answer for a in (A, B, C)]
    assert answers == ["550 5.1.1 No such user here", "554", "451 try later"]
    del desk.answers["RCPT", A], desk.answers["END", B]
    office.send(desk)
    assert desk.got == []
    office.send(desk, refused=True)
    assert desk.recipients == [A, B]
    assert office.firm(C).standing == MailStanding.REFUSED


def test_a_mail_that_perhaps_went_out_is_asked_about_and_never_repeated(
    office: Office, desk: MailDesk
) -> None:
    desk.answers = {("END", A): "", ("END", B): ""}
    assert office.send(desk).state == "done"
    assert desk.recipients == [A, B, C]  # the server took them; its answers were lost
    assert office.stands() | {"none": MailStanding.NO_ADDRESS} == office.stands()
    assert [office.firm(a).standing for a in (A, B, C)] == ["unsure", "unsure", "accepted"]
    desk.answers.clear()
    office.send(desk, refused=True)
    assert len(desk.got) == 3
    office.settle(A, arrived=True)
    office.settle(B, arrived=False)
    with pytest.raises(Conflict):
        office.settle(A, arrived=False)
    office.send(desk)
    assert desk.recipients == [A, B, C, B]


def test_a_connection_that_breaks_before_the_mail_leaves_it_waiting(office: Office, desk: MailDesk) -> None:
    desk.answers = {("RCPT", B): ""}
    job = office.send(desk)
    assert (job.state, "连接总是中断" in str(job_threads.why(job))) == ("failed", True)
    assert [office.firm(a).standing for a in (A, B, C)] == ["accepted", "waits", "waits"]
    desk.answers.clear()
    office.send(desk)
    assert desk.recipients == [A, B, C]


def test_a_server_that_takes_nothing_of_us_stops_the_job(office: Office, desk: MailDesk) -> None:
    desk.sender_refused = "452 4.3.1 too many mails of firm0@example.com"
    job = office.send(desk)
    assert "452 4.3.1 too many mails" in job_threads.why(job)[0]
    assert office.firm(A).standing == MailStanding.WAITS
    assert desk.commands.count("MAIL") == 1


KILLED = """
import sys
from pathlib import Path
from survey.database.engine import Database
from survey.services.mailing import sending_job
from survey.services.operations import job_threads
from survey.services.operations.job_kinds import Workplace
url, data, mail, code, secret = sys.argv[1:]
place = Workplace(Database(url, secret_key=secret), Path(data))
sending_job.start(place, "2026-q4", mail, code, "管理员")
job_threads.finish()
"""


def test_killed_in_the_middle_it_goes_on_and_sends_none_twice(office: Office, desk: MailDesk) -> None:
    desk.held = B
    url, data = office.county.database.url, str(office.place.data)
    killed = subprocess.Popen([sys.executable, "-c", KILLED, url, data, desk.url, office.code, SECRET])
    assert desk.at_held.wait(60)
    killed.kill()
    killed.wait()
    desk.held = ""
    desk.go_on.set()
    with pytest.raises(Conflict):  # not known to be dead yet
        office.start(desk)
    old = now() - jobs.DEAD_AFTER - timedelta(seconds=1)
    office.county.act(lambda s, _r: s.execute(update(Job).values(beat_at=old)) and None)
    worker.do_duties(office.county.database, office.place.data)
    assert office.ended().is_running  # the clock has no pickup code
    office.send(desk)
    assert [office.firm(a).standing for a in (A, B, C)] == ["accepted", "unsure", "accepted"]
    assert desk.recipients == [A, B, C]


def test_pressed_twice_at_once_one_job_sends(office: Office, desk: MailDesk) -> None:
    desk.held = A
    office.start(desk)
    assert desk.at_held.wait(20)
    with pytest.raises(Conflict):
        office.start(desk)
    desk.go_on.set()
    office.ended()
    assert desk.recipients == [A, B, C]


def test_even_two_jobs_at_once_send_each_once(office: Office, desk: MailDesk) -> None:
    """As after a job that seemed dead and was not."""
    round_id = office.county.round().id
    fields = {"kind": "mail", "round_id": round_id, "state": "running", "created_at": now(), "beat_at": now()}
    links, workers = office.sealed(), []
    for _ in range(2):
        key = random_id()
        office.county.act(lambda s, _r, key=key: s.add(Job(id=key, parameters={}, **fields)))
        running = Running(office.place, key, round_id, sending_job.MailAsked("管理员"))
        workers.append(
            threading.Thread(
                target=sending_job._send_all, args=(running, desk.url, links), kwargs={"refused": False}
            )
        )
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    assert sorted(desk.recipients) == [A, B, C]


def test_a_link_that_was_replaced_is_not_sent(office: Office, desk: MailDesk) -> None:
    office.county.start()
    name = office.firm(A).name
    with office.county.database.read() as session:
        firm = session.scalars(select(Enterprise).where(Enterprise.name == name)).one()
    office.county.act(lambda s, r: replacing.replace_invitation(s, r, firm, BASE_URL, "管理员") and None)
    office.send(desk)
    assert desk.recipients == [B, C]
    assert A not in office.stands()


def test_it_is_stopped_between_two_mails(office: Office, desk: MailDesk) -> None:
    desk.held = A
    office.start(desk)
    assert desk.at_held.wait(20)
    job = office.county.look(lambda s, r: jobs.newest(s, sending_job.KIND, r.id))
    jobs.cancel(office.county.database, job.id)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("survey.services.operations.job_kinds.STEP_SECONDS", 0.0)
        desk.go_on.set()
        assert office.ended().state == "cancelled"
    assert desk.recipients == [A]
    assert office.firm(B).standing == MailStanding.WAITS


def test_no_code_is_at_rest_and_the_records_end_with_the_round(
    office: Office, desk: MailDesk, capfd: pytest.CaptureFixture[str]
) -> None:
    desk.answers = {("END", B): "", ("RCPT", C): "550 no"}
    office.send(desk)
    codes = [re.findall(r"#(\w+)", text)[0][:28] for text in office.texts().values()]
    rows = office.county.look(lambda s, _r: [str(vars(row)) for row in s.scalars(select(MailDelivery))])
    kept = [path.read_bytes() for path in office.place.data.rglob("*") if path.is_file()]
    said = capfd.readouterr()
    for code in codes:
        assert not any(code in row for row in rows)
        assert code not in said.out + said.err
        assert not any(code.encode() in content for content in kept)
    assert len(rows) == 3
    worker.do_duties(office.county.database, office.place.data)
    assert len(office.stands()) == FIRMS
    office.county.act(lambda s, r: lifecycle.cancel_round(s, r, "管理员", "改期"))
    worker.do_duties(office.county.database, office.place.data)
    assert office.county.look(lambda s, _r: list(s.scalars(select(MailDelivery)))) == []
    with pytest.raises(Conflict):
        office.start(desk)
