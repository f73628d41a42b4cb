"""Sentences on the events of a round, for its history."""

from __future__ import annotations

from survey.language import gettext as _
from survey.services.voting.reminders import Happening


def sentence(happening: Happening) -> str:
    """Sentence on an event of a round, without who did it."""
    detail = happening.detail
    if happening.action.startswith("invitation."):
        return _invitations(happening)
    if happening.action == "round.extend":
        return _(
            "截止日期由 %(before)s 延后到 %(after)s：%(reason)s",
            before=detail.get("before"),
            after=detail.get("after"),
            reason=detail.get("reason"),
        )
    if happening.action == "round.cancel":
        return _("取消：%(reason)s", reason=detail.get("reason"))
    if happening.action == "sample.draw":
        return _("从 %(frame)s 家中抽取 %(drawn)s 家", frame=detail.get("frame"), drawn=detail.get("drawn"))
    if happening.action == "round.update":
        return _("修改设置 %(count)s 次", count=happening.count)
    if happening.action in ("publication.propose", "publication.withdraw", "publication.confirm"):
        return _published(happening.action, detail)
    if happening.action == "round.set_witness":
        return _(
            "指定监票机：%(name)s，指纹 %(print)s", name=detail.get("name"), print=detail.get("fingerprint")
        )
    if happening.action == "round.propose_closing" and detail.get("without_witness"):
        return _("提议不等监票机就截止：%(reason)s", reason=detail.get("reason"))
    if happening.action == "round.close" and detail.get("beyond"):
        return _("确认截止；选票比记得领走的凭证多 %(count)s 张", count=detail.get("beyond"))
    return {
        "round.create": _("建立草稿"),
        "key.prove": _("生成并验证钥匙"),
        "round.remove_witness": _("改回一台机器"),
        "round.freeze": _("定稿"),
        "round.start": _("开始收票"),
        "round.propose_closing": _("提议截止"),
        "round.withdraw_closing": _("撤回截止提议"),
        "round.close": _("确认截止"),
        "round.open": _("开箱"),
        "round.restored": _("从备份恢复：备份以后领的票、投的票可能没有了"),
    }.get(happening.action, happening.action)


def _invitations(happening: Happening) -> str:
    detail = happening.detail
    if happening.action == "invitation.reissue":
        return _("整批换发：") + _issued(detail) + _("，原因：%(reason)s", reason=detail.get("reason"))
    if happening.action == "invitation.renew":
        return _("换发的邀请还没有用过，重给 %(count)s 次", count=happening.count)
    if happening.action == "invitation.replace":
        return _("换发邀请 %(count)s 份", count=happening.count)
    return _issued(detail)


def _published(action: str, detail: dict[str, object]) -> str:
    done = {
        "publication.propose": _("提出公布稿"),
        "publication.withdraw": _("撤回公布稿"),
        "publication.confirm": _("公布结果"),
    }[action]
    return _("%(done)s（第 %(edition)s 版）", done=done, edition=detail.get("edition"))


def _issued(detail: dict[str, object]) -> str:
    if "slips" in detail:
        return _("签发无记名票 %(count)s 张", count=detail["slips"])
    return _("签发记名邀请 %(count)s 份", count=detail.get("attributed"))
