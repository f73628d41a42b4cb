"""Daily message by mail or to a group's robot: how many tasks wait by role, never what or of whom; and what
needs somebody at the machine."""

from __future__ import annotations

import json
import logging
import smtplib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time
from email.message import EmailMessage
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from survey.clock import COUNTY, now, today
from survey.config import Settings
from survey.database.engine import Database
from survey.errors import N_, Phrase, PingyiError
from survey.language import gettext as _
from survey.models import Role
from survey.services.operations import mail_server, upkeep
from survey.services.people import accounts
from survey.services.waiting.tasks import tasks_of

log = logging.getLogger("pingyi")

FROM = time(8)
"""No message before this hour of the county."""
TOLD, UNTOLD = "reminder.told", "reminder.failed"
FEISHU = ("open.feishu.cn", "open.larksuite.com")


@dataclass(frozen=True, slots=True)
class Channels:
    """Where messages go: `smtp_url` and `webhook_url` as `survey.config` explains them, "" for none;
    `base_url`: the site's address, which the message names."""

    base_url: str
    smtp_url: str = ""
    webhook_url: str = ""


def channels_of(settings: Settings) -> Channels:
    return Channels(settings.base_url, settings.smtp_url, settings.webhook_url)


def tell_daily(database: Database, data: Path, channels: Channels) -> None:
    """Send today's message once, in the morning, through every channel; leave a mark where one failed.

    A channel that failed is tried again at the next turn, and the others are not asked twice. The marks are
    files of this machine: set the channels on one machine only.
    """
    given = {"smtp": channels.smtp_url, "webhook": channels.webhook_url}
    pending = {name: url for name, url in given.items() if url and not _told(data, name)}
    if not pending or now().astimezone(COUNTY).time() < FROM:
        return
    text = _text(database, data, channels.base_url)
    failed = [name for name, url in pending.items() if not _send(name, url, text, data)]
    mark = data / UNTOLD
    if failed:
        mark.write_text(today().isoformat(), encoding="utf-8")
    else:
        mark.unlink(missing_ok=True)


def _text(database: Database, data: Path, base_url: str) -> str:
    """What waits, and what the desk says of the machine; with a database that cannot be read, the latter."""
    found = "".join(trouble.say(_) for trouble in upkeep.troubles(data))
    try:
        with database.read() as session:
            return message(waiting_by_role(session, today()), base_url) + found
    except (PingyiError, SQLAlchemyError):
        if not found:
            raise
        return found


def waiting_by_role(session: Session, day: date) -> dict[Role, int]:
    """Number of different tasks that wait for somebody of a role; roles for which none waits are left out."""
    counts: dict[Role, int] = {}
    for role in Role:
        found: dict[tuple[str, str, str], int] = {}
        for user in accounts.list_users(session, role):
            for task in tasks_of(session, user, day):
                key = (task.kind, task.slug, user.department)
                found[key] = max(found.get(key, 0), task.count)
        if found:
            counts[role] = sum(found.values())
    return counts


def message(counts: Mapping[Role, int], base_url: str) -> str:
    """Text of the message; "" where nothing waits."""
    if not counts:
        return ""
    names = {Role.ADMINISTRATOR: _("管理员"), Role.REVIEWER: _("评议员"), Role.LIAISON: _("部门联络员")}
    parts = _("，").join(_("%(who)s %(count)s 件", who=names[role], count=n) for role, n in counts.items())
    whole = _("评议系统：有 %(count)s 件事等着办（%(parts)s）。", count=sum(counts.values()), parts=parts)
    return whole + _("请登录 %(address)s 查看。", address=base_url)


def troubles(data: Path) -> Iterator[Phrase]:
    """Yield a sentence for the desk, with the day, where the last message could not be sent."""
    if (mark := data / UNTOLD).exists():
        day = mark.read_text(encoding="utf-8")
        yield Phrase(N_("%(day)s 的提醒没有发出去，请让技术人员查看邮件和群机器人的设置。"), {"day": day})


def _told(data: Path, channel: str) -> bool:
    mark = data / f"{TOLD}.{channel}"
    return mark.exists() and mark.read_text(encoding="utf-8") == today().isoformat()


def _send(channel: str, url: str, text: str, data: Path) -> bool:
    """Whether the message went out; with nothing to say, none is needed."""
    try:
        if text:
            {"smtp": _mail, "webhook": _post}[channel](url, text)
    except (OSError, HTTPException, smtplib.SMTPException, ValueError) as error:
        log.error("reminder by %s failed: %s", channel, type(error).__name__)  # noqa: TRY400
        return False
    (data / f"{TOLD}.{channel}").write_text(today().isoformat(), encoding="utf-8")
    return True


def _mail(url: str, text: str) -> None:
    mail = EmailMessage()
    mail["Subject"] = _("评议系统：有事等着办")
    mail["From"], mail["To"] = mail_server.given(url, "from"), mail_server.given(url, "to")
    mail.set_content(text)
    server = mail_server.connected(url)
    try:
        server.send_message(mail)
    finally:
        server.close()  # without QUIT: an odd answer to it would send the mail again


def _post(address: str, text: str) -> None:
    """Post to a robot of 企业微信, 钉钉 or 飞书, or any other address, which gets {"text": …}; raise
    `ValueError` where it refuses."""
    url = urlsplit(address)
    kind = HTTPSConnection if url.scheme == "https" else HTTPConnection
    connection = kind(url.hostname or "", url.port, timeout=mail_server.PATIENCE_SECONDS)
    try:
        body = json.dumps(_body(url.hostname or "", text), ensure_ascii=False).encode()
        target = url.path + (f"?{url.query}" if url.query else "")
        connection.request("POST", target or "/", body, {"Content-Type": "application/json; charset=utf-8"})
        answer = connection.getresponse()
        said = answer.read(65_536)
    finally:
        connection.close()
    if not 200 <= answer.status < 300 or _refused(said):
        raise ValueError("the robot refused the message")


def _body(host: str, text: str) -> dict[str, object]:
    if host in FEISHU:
        return {"msg_type": "text", "content": {"text": text}}
    if host in ("qyapi.weixin.qq.com", "oapi.dingtalk.com"):
        return {"msgtype": "text", "text": {"content": text}}
    return {"text": text}


def _refused(said: bytes) -> bool:
    """Whether a robot's answer says no: those answer 200 with a code that is not 0."""
    try:
        answer = json.loads(said)
    except ValueError:
        return False
    return isinstance(answer, dict) and any(answer.get(name) not in (None, 0) for name in ("errcode", "code"))
