"""Words for what became of a mail, and for why a mail server refused it."""

from __future__ import annotations

import re
from typing import Final

from flask_babel import lazy_gettext as _l

from survey.language import gettext as _
from survey.services.mailing.deliveries import MailStanding

STANDINGS: Final = {
    MailStanding.UNSURE: _l("不知道发出没有"),
    MailStanding.REFUSED: _l("被退回"),
    MailStanding.WAITS: _l("等着发"),
    MailStanding.SENDING: _l("正在发"),
    MailStanding.ACCEPTED: _l("邮件服务器已收下"),
    MailStanding.NO_ADDRESS: _l("没有邮箱"),
}
_ENHANCED: Final = re.compile(r"[245]\d\d[ -]([245]\.\d{1,3}\.\d{1,3})\b")


def reason(answer: str) -> str:
    """What a mail server's refusal means, by its code (RFC 5321) and its finer one (RFC 3463) if there is
    one. "" for no answer."""
    if not answer:
        return ""
    finer = _ENHANCED.match(answer)
    code, detail = answer[:3], finer[1].split(".", 1)[1] if finer else ""
    if detail == "2.2" or code in ("452", "552"):
        return _("对方的邮箱满了，或者邮件服务器没有地方了。")
    if detail.startswith("7.") or (code == "554" and not detail):
        return _("被当作垃圾邮件，或者不许发到那里。")
    if code.startswith("4"):
        return _("对方暂时不收，过一会儿再发一次。")
    if detail.startswith("1.") or detail == "2.1" or code in ("550", "551", "553"):
        return _("没有这个邮箱，或者地址写错了，请核对。")
    return _("对方不收。")
