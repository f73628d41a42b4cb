"""Job that sends each enterprise its invitation by mail, one at a time.

The links are unsealed by the pickup code of who starts it and stay in memory: a job that was killed is not
taken up by itself, but by a person with that code, and goes on where it stopped. Each mail is written down
before the server is asked for it; one of which the end is unknown is left for a person to decide.
"""

from __future__ import annotations

import smtplib
import ssl
import time
from dataclasses import dataclass
from email import policy
from functools import partial

from survey.errors import N_, Conflict
from survey.models import MailState, Round
from survey.services.invitations import issuing_job, one_time_files
from survey.services.mailing import deliveries
from survey.services.mailing.letters import Letter, letters, mail
from survey.services.operations import jobs, mail_server
from survey.services.operations.audit import record
from survey.services.operations.job_kinds import JobKind, Nothing, Running, Workplace
from survey.services.rounds.lifecycle import get_round

TRIES = 3
"""Connections in a row that may break before the job stops."""
STEP = N_("发邮件")
ASK = N_("没有发出的还在等。请让技术人员查看 PINGYI_SMTP_URL。")
TAKEN, FORWARDED, CLOSING = 250, 251, 421
"""Codes of RFC 5321."""
_SLICE_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class MailAsked:
    """Request for sending: who asked."""

    actor: str


def start(place: Workplace, slug: str, url: str, code: str, actor: str, *, refused: bool = False) -> bytes:
    """Start sending the newest list of links through the mail server of `url`; returns the job's id.

    `code`: pickup code of the list; `refused`: what the mail server refused is sent once more.
    Raises `Conflict`, `NotYours` or `HandoutGone` before anything is sent.
    """
    if not url:
        raise Conflict(N_("这台机器没有设置邮件服务器。"), remedy=N_("请让技术人员设置 PINGYI_SMTP_URL。"))
    with place.database.read() as session:
        round = get_round(session, slug)
        deliveries.check_possible(round)
        job = jobs.newest(session, issuing_job.KIND, round.id)
        issued = issuing_job.KIND.result(job) if job else None
    links = one_time_files.fetch(place.data, issued.file if issued else "", code)
    run = partial(_send_all, url=url, links=links, refused=refused)
    started = jobs.start(place, KIND, MailAsked(actor), round.id, run=run)
    place.database.write(lambda s: record(s, actor=actor, action="invitation.mail", subject=slug) and None)
    return started


def _needs_the_code(_running: Running[MailAsked, Nothing]) -> None:
    raise Conflict(N_("发邮件要有取件码，请再点一次“发邮件”。"))


KIND = JobKind("mail", MailAsked, Nothing, _needs_the_code, lambda _database, _job: False)


def _send_all(running: Running[MailAsked, Nothing], url: str, links: bytes, *, refused: bool) -> None:
    running(STEP)
    with running.database.read() as session:
        round = session.get_one(Round, running.round_id)
    every = list(letters(links, round))
    running.database.write(lambda s: deliveries.begin(s, round, refused=refused))
    with running.database.read() as session:
        waiting = deliveries.waiting(session, round)
    wanted = [letter for letter in every if letter.key in waiting]
    sender = _Sender(running, round, url)
    try:
        for number, letter in enumerate(wanted):
            sender.pause(number, len(wanted))
            sender.send(letter)
    finally:
        sender.close()


class _Sender:
    """Sends one letter after the other over one connection, made anew where it broke; no more a minute than
    the rate."""

    def __init__(self, running: Running[MailAsked, Nothing], round: Round, url: str) -> None:
        self._running, self._database, self._round, self._url = running, running.database, round, url
        self._from = mail_server.given(url, "from")
        self._every = 60.0 / mail_server.rate(url)
        self._next = time.monotonic()
        self._server: smtplib.SMTP | None = None

    def pause(self, done: int, total: int) -> None:
        """Wait until the next mail may be sent; raises `JobCancelled`."""
        self._running(STEP, done, total)
        while (left := self._next - time.monotonic()) > 0:
            time.sleep(min(left, _SLICE_SECONDS))
            self._running(STEP, done, total)
        self._next = time.monotonic() + self._every

    def send(self, letter: Letter) -> None:
        """Send one letter, or write down why not; raises `Conflict` where the mail server takes none at
        all."""
        for _attempt in range(TRIES):
            if self._sent(letter):
                return
            self.close()
        raise _unreachable()

    def close(self) -> None:
        if self._server is not None:
            self._server.close()  # without QUIT, whose answer nobody needs
            self._server = None

    def _sent(self, letter: Letter) -> bool:
        """False where the connection broke before anything of the mail had left."""
        server, key = self._connected(), letter.key
        address = self._database.write(lambda s: deliveries.claim(s, self._round, key))
        if not address:
            return True
        try:
            taken = self._announced(server, letter, address)
        except OSError:  # smtplib's errors are such, too
            self._database.write(lambda s: deliveries.release(s, self._round, key))
            return False
        if taken:
            self._hand_over(server, letter, address)
        return True

    def _announced(self, server: smtplib.SMTP, letter: Letter, address: str) -> bool:
        """Whether the server takes mail for this address; the refusal is written down. Raises `OSError` where
        the connection broke or the server is closing it, `Conflict` where it takes no mail of this sender."""
        code, said = server.mail(self._from)
        if code == CLOSING:
            raise smtplib.SMTPServerDisconnected
        if code != TAKEN:
            self._database.write(lambda s: deliveries.release(s, self._round, letter.key))
            raise _no_more(letter.said(code, said))
        code, said = server.rcpt(address)
        if code == CLOSING:
            raise smtplib.SMTPServerDisconnected
        if code in (TAKEN, FORWARDED):
            return True
        self._keep(letter, MailState.REFUSED, letter.said(code, said))
        self._forget(server)
        return False

    def _hand_over(self, server: smtplib.SMTP, letter: Letter, address: str) -> None:
        """Send the mail itself. Where no answer comes back, nobody knows whether it was taken."""
        made = mail(letter, self._round, self._from, address).as_bytes(policy=policy.SMTP)
        try:
            code, said = server.data(made)
        except smtplib.SMTPDataError as error:  # refused before the mail was sent
            code, said = error.smtp_code, _bytes(error.smtp_error)
        except OSError:
            self._keep(letter, MailState.UNSURE)
            self.close()
            return
        if code == TAKEN:
            self._keep(letter, MailState.ACCEPTED)
        else:
            self._keep(letter, MailState.REFUSED, letter.said(code, said))
            self._forget(server)

    def _keep(self, letter: Letter, state: MailState, answer: str = "") -> None:
        self._database.write(lambda s: deliveries.keep(s, self._round, letter.key, state, answer))

    def _forget(self, server: smtplib.SMTP) -> None:
        """Have the server forget a mail that it refused; a connection that breaks meanwhile is made anew."""
        try:
            server.rset()
        except OSError:
            self.close()

    def _connected(self) -> smtplib.SMTP:
        if self._server is None:
            try:
                self._server = mail_server.connected(self._url)
                self._server.ehlo_or_helo_if_needed()
            except (OSError, ValueError) as error:
                self.close()
                raise _why(error) from None
        return self._server


def _why(error: Exception) -> Conflict:
    """What to tell of a connection that was not made; without names, passwords and addresses."""
    match error:
        case smtplib.SMTPAuthenticationError():
            return Conflict(N_("邮件服务器不接受用户名或密码。"), remedy=ASK)
        case smtplib.SMTPNotSupportedError():
            return Conflict(
                N_("邮件服务器不支持加密连接（STARTTLS）或登录，没有发出。"),
                remedy=N_("不加密的连接只允许连本机。请让技术人员换用 smtps:// 或支持 STARTTLS 的服务器。"),
            )
        case ssl.SSLError():
            return Conflict(N_("邮件服务器的证书通不过检查，没有发出。"), remedy=ASK)
        case smtplib.SMTPResponseException():
            return _no_more(str(error.smtp_code))
    return _unreachable()


def _no_more(answer: str) -> Conflict:
    return Conflict(
        N_("邮件服务器现在不收这台机器的信：%(answer)s。"),
        remedy=N_("没发的还在等，过一会儿可以接着发；总是这样，请让技术人员查看 PINGYI_SMTP_URL。"),
        answer=answer,
    )


def _unreachable() -> Conflict:
    return Conflict(
        N_("连不上邮件服务器，或者连接总是中断。"),
        remedy=N_("没发的还在等，过一会儿可以接着发；总是这样，请让技术人员查看 PINGYI_SMTP_URL。"),
    )


def _bytes(said: bytes | str) -> bytes:
    return said if isinstance(said, bytes) else said.encode()
