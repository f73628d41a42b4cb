"""Words for the roles of staff and for the actions in the audit log."""

from __future__ import annotations

from datetime import datetime

from survey.clock import COUNTY
from survey.errors import N_
from survey.language import gettext as _
from survey.models import Role

_ACTIONS = {
    "round.create": N_("新建轮次"),
    "round.update": N_("修改轮次"),
    "round.set_witness": N_("指定监票机"),
    "round.remove_witness": N_("取消监票机"),
    "round.freeze": N_("定稿"),
    "round.witness_statement": N_("取监票机的声明"),
    "round.start": N_("开始收票"),
    "round.propose_closing": N_("提议截止"),
    "round.withdraw_closing": N_("撤回截止提议"),
    "round.close": N_("确认截止"),
    "round.open": N_("开箱"),
    "round.cancel": N_("取消轮次"),
    "round.delete": N_("删除草稿"),
    "round.restored": N_("从备份恢复"),
    "round.extend": N_("延长截止日期"),
    "contact.save": N_("改联系电话"),
    "contact.holders": N_("记持钥人的电话"),
    "contact.erase_holders": N_("删除持钥人的电话"),
    "round.import_opened": N_("导入离线开箱结果"),
    "invitation.fetch": N_("下载邀请文件"),
    "invitation.mail": N_("用邮件发邀请"),
    "invitation.mail_settle": N_("记下一封邮件收到没有"),
    "invitation.issue": N_("签发邀请"),
    "invitation.reissue": N_("整批换发邀请"),
    "invitation.renew": N_("重给换发的邀请"),
    "invitation.replace": N_("换发邀请"),
    "call.note": N_("记打电话的结果"),
    "telephone.draw": N_("电话核对抽样"),
    "telephone.enter": N_("记电话核对的结果"),
    "paper.count": N_("登记纸质评议表的记录"),
    "key.register": N_("生成钥匙"),
    "key.prove": N_("验证钥匙"),
    "roster.import": N_("导入企业名录"),
    "roster.add": N_("加一家企业"),
    "roster.edit": N_("修改企业"),
    "roster.retire": N_("停用企业"),
    "roster.restore": N_("恢复企业"),
    "roster.erase_contacts": N_("删除联系人和电话"),
    "box.export": N_("导出票箱"),
    "sample.draw": N_("抽样"),
    "comment.propose": N_("处理意见"),
    "comment.confirm": N_("确认意见的处理"),
    "comment.take_back": N_("取回意见"),
    "theme.save": N_("修改主题词表"),
    "template.change": N_("换通报模板"),
    "template.default": N_("换回默认的通报模板"),
    "problem.recorded": N_("记录问题"),
    "problem.assigned": N_("转办问题"),
    "problem.working": N_("办理问题"),
    "problem.answered": N_("回复问题"),
    "problem.verified": N_("核实问题"),
    "problem.withdrawn": N_("撤销问题"),
    "problem.read": N_("部门读了问题"),
    "problem.deadline": N_("改问题的期限"),
    "problem.recall": N_("撤回转办的问题"),
    "problem.reassign": N_("改派问题"),
    "problem.send_back": N_("退回问题"),
    "department.enter": N_("登记部门沿革"),
    "department.withdraw": N_("撤销部门沿革"),
    "publication.propose": N_("提出公布稿"),
    "publication.confirm": N_("确认公布"),
    "publication.withdraw": N_("撤回公布稿"),
    "publication.export": N_("导出公布文件"),
    "results.make": N_("制作结果文件"),
    "results.remake": N_("重新制作结果文件"),
    "indicator.import": N_("导入外部指标"),
    "indicator.remove": N_("删除外部指标"),
    "composite.fix": N_("定下综合得分的权重"),
    "proposal.make": N_("提出变更"),
    "proposal.confirm": N_("确认变更"),
    "proposal.refuse": N_("拒绝变更"),
    "proposal.withdraw": N_("撤回变更"),
    "user.create": N_("添加人员"),
    "user.update": N_("修改人员资料"),
    "user.activate": N_("启用账号"),
    "user.deactivate": N_("停用账号"),
    "user.enrolment_link": N_("发出登录链接"),
    "user.enrol": N_("用链接设好密码"),
    "user.reset": N_("重设账号"),
    "user.sign_in": N_("登录"),
    "user.sign_in_failed": N_("登录失败"),
    "user.refused": N_("打开无权查看的页面"),
    "user.change_password": N_("修改密码"),
    "user.second_factor": N_("启用两步验证"),
    "user.second_factor_removed": N_("停用验证器"),
    "user.recovery_code": N_("用备用码登录"),
    "user.recovery_codes": N_("换发备用码"),
}


def role(value: str) -> str:
    return {
        Role.ADMINISTRATOR: _("管理员"),
        Role.REVIEWER: _("评议员（持钥人）"),
        Role.LIAISON: _("部门联络员"),
    }[Role(value)]


def moment(value: datetime) -> str:
    """Text of a moment by the county's clock, to the minute."""
    return value.astimezone(COUNTY).strftime("%Y-%m-%d %H:%M")


def action(value: str) -> str:
    """Words for an action in the audit log; an unknown one keeps its code."""
    return _(_ACTIONS[value]) if value in _ACTIONS else value


def subject_kinds() -> dict[str, str]:
    """Words for the kinds of subject that the log can be filtered by; keys:
    first word of the actions' codes."""
    return {
        "round": _("轮次"),
        "invitation": _("邀请"),
        "key": _("钥匙"),
        "roster": _("企业名录"),
        "contact": _("联系电话"),
        "box": _("票箱"),
        "sample": _("抽样"),
        "call": _("打电话"),
        "telephone": _("电话核对"),
        "paper": _("纸质评议表"),
        "comment": _("意见"),
        "theme": _("主题词表"),
        "template": _("通报模板"),
        "problem": _("问题"),
        "department": _("部门沿革"),
        "publication": _("公布"),
        "indicator": _("外部指标"),
        "composite": _("综合得分"),
        "results": _("结果文件"),
        "proposal": _("双人变更"),
        "user": _("人员与登录"),
    }
