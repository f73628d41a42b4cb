"""Words for changes that take two people, and for changes of people on a round's public page."""

from __future__ import annotations

from survey.language import gettext as _
from survey.models import Mode, Proposal, ProposalKind, Role
from survey.models.proposal import ProposalDetail
from survey.services.departments.known import Misplaced
from survey.services.invitations.growth import Issued
from survey.services.people.round_people import Change
from survey.wording import editions


def asked(proposal: Proposal) -> str:
    """Sentence on what a proposal asks for."""
    detail, name = proposal.detail, proposal.subject
    if proposal.kind == ProposalKind.INVITATIONS:
        return _added(detail)
    if proposal.kind == ProposalKind.REISSUE:
        return editions.issued(detail["kind"], None, detail["reason"], None, reissued=True)
    if proposal.kind == ProposalKind.CANCEL:
        return _("取消正在收票的“%(name)s”，原因：%(reason)s", name=name, reason=detail["reason"])
    return {
        ProposalKind.PERSON_ADD: _("添加评议员“%(name)s”，代表%(body)s", name=name, body=detail.get("body")),
        ProposalKind.PERSON_LINK: _("给评议员“%(name)s”再发一个登录链接", name=name),
        ProposalKind.PERSON_RESET: _("重设评议员“%(name)s”的密码和验证器", name=name),
        ProposalKind.PERSON_PLACE: _(
            "把评议员“%(name)s”的单位由“%(before)s”改为“%(body)s”",
            name=name,
            before=detail.get("before") or "—",
            body=detail.get("body"),
        ),
        ProposalKind.PERSON_ACTIVATE: _("重新启用评议员“%(name)s”", name=name),
        ProposalKind.BODY_ADD: _("在机构名单里加上“%(name)s”", name=name),
        ProposalKind.BODY_REMOVE: _("从机构名单里去掉“%(name)s”", name=name),
    }[ProposalKind(proposal.kind)]


def consequence(proposal: Proposal) -> str:
    """Sentences on what confirming a proposal does, and how to undo it."""
    kind = ProposalKind(proposal.kind)
    if kind == ProposalKind.PERSON_RESET:
        return _(
            "确认后，本人现在的密码、验证器和备用码立即作废，并由您拿到新的登录链接，请当面交给本人。"
            "开户码在管理员手里，两样齐了才能设密码。做过的重设不能撤销，可以再停用账号。"
        )
    if kind in (ProposalKind.PERSON_ADD, ProposalKind.PERSON_LINK):
        return _(
            "确认后由您拿到登录链接，请当面交给本人。开户码在管理员手里，两样齐了才能设密码。"
            "要撤销，请管理员停用这个账号。"
        )
    if kind == ProposalKind.INVITATIONS:
        return _(
            "确认后管理员可以照这个数目签发一次；日期、种类、数目和原因写在公示页上，也写进公布的结果。"
            "还没有签发以前可以撤回。"
        )
    if kind == ProposalKind.CANCEL:
        return _(
            "确认后立即取消，不能恢复：不再收票，已发的链接全部作废，已投的选票不再开箱。"
            "原因马上显示在公示页和企业的手机上。"
        )
    if kind == ProposalKind.REISSUE:
        return _(
            "确认后管理员可以换发一次：还没有用过的链接和票全部换成新的，旧的立即打不开，已经发出去的也一样，"
            "要重新发一遍。企业总数和已投的票不变。日期、数目和原因写在公示页上，也写进公布的结果。"
        )
    return _("确认后立即生效；要撤销，由管理员再提出一次相反的变更。")


def misplaced(found: Misplaced) -> str:
    """Sentence on a liaison whose department fits none."""
    if found.on is not None:
        return _(
            "“%(name)s”已于 %(day)s 并入“%(into)s”。",
            name=found.user.department,
            day=found.on,
            into=found.into,
        )
    if not found.user.department:
        return _("还没有指定部门。")
    return _("没有哪一轮评议“%(name)s”。", name=found.user.department)


def happened(change: Change) -> str:
    """Sentence on a change of people for the public page, without names."""
    roles = {Role.ADMINISTRATOR: _("管理员"), Role.REVIEWER: _("评议员")}
    who = (roles.get(Role(change.role), "") if change.role else _("工作人员"), change.body)
    person = _("%(role)s（%(body)s）", role=who[0], body=who[1]) if who[1] else who[0]
    said = {
        "user.create": _("新增一名%(person)s", person=person),
        "user.reset": _("重设了一名%(person)s的密码和验证器", person=person),
        "user.enrolment_link": _("给一名%(person)s重新发了登录链接", person=person),
        "user.update": _("一名%(role)s改为代表%(body)s", role=who[0], body=who[1] or "—"),
        "user.activate": _("重新启用了一名%(person)s的账号", person=person),
        "user.deactivate": _("停用了一名%(person)s的账号", person=person),
    }[change.action]
    return said + _two(change)


def _two(change: Change) -> str:
    if change.role != Role.REVIEWER or change.action == "user.deactivate":
        return ""
    if change.confirmed:
        return _("，由管理员提出、评议员确认")
    return _("，没有经过评议员确认")


def issued(entry: Issued, threshold: int) -> str:
    """Clause on how many invitations of a kind were issued; fewer than `threshold` are not told exactly."""
    return editions.issued(entry.kind, entry.count, entry.reason, threshold, reissued=entry.reissued)


def _added(detail: ProposalDetail) -> str:
    if detail["kind"] == Mode.SLIP:
        return _(
            "增发无记名票 %(count)s 张，原因：%(reason)s", count=detail["count"], reason=detail["reason"]
        )
    return _("增发记名邀请 %(count)s 份，原因：%(reason)s", count=detail["count"], reason=detail["reason"])
