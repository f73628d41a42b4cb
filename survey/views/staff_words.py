"""Words for roles and for what the audit log calls by codes."""

from __future__ import annotations

from datetime import datetime

from survey.clock import COUNTY
from survey.models import Role
from survey.views.translating import gettext as _


def role(value: str) -> str:
    return {
        Role.ADMINISTRATOR: _("管理员"),
        Role.REVIEWER: _("评议员（持钥人）"),
        Role.LIAISON: _("部门联络员"),
    }[Role(value)]


def moment(value: datetime) -> str:
    """A moment by the county's clock, to the minute."""
    return value.astimezone(COUNTY).strftime("%Y-%m-%d %H:%M")


def action(value: str) -> str:
    """What was done; an action that has no words here keeps its code."""
    return _actions().get(value, value)


def subject_kinds() -> dict[str, str]:
    """What the log can be narrowed to, by the first word of the actions' codes."""
    return {
        "round": _("轮次"),
        "invitation": _("邀请"),
        "key": _("钥匙"),
        "roster": _("企业名录"),
        "box": _("票箱"),
        "sample": _("抽样"),
        "comment": _("意见"),
        "theme": _("主题词表"),
        "problem": _("问题"),
        "publication": _("公布"),
        "indicator": _("外部指标"),
        "user": _("人员与登录"),
    }


def _actions() -> dict[str, str]:
    return {
        "round.create": _("新建轮次"),
        "round.update": _("修改轮次"),
        "round.start": _("开始收票"),
        "round.propose_closing": _("提议截止"),
        "round.withdraw_closing": _("撤回截止提议"),
        "round.close": _("确认截止"),
        "round.open": _("开箱"),
        "round.cancel": _("取消轮次"),
        "round.extend": _("延长截止日期"),
        "round.import_opened": _("导入离线开箱结果"),
        "invitation.issue": _("签发邀请"),
        "invitation.replace": _("换发邀请"),
        "key.register": _("生成钥匙"),
        "key.prove": _("验证钥匙"),
        "roster.import": _("导入企业名录"),
        "box.export": _("导出票箱"),
        "sample.draw": _("抽样"),
        "comment.propose": _("处理意见"),
        "comment.confirm": _("确认意见的处理"),
        "comment.take_back": _("取回意见"),
        "theme.save": _("修改主题词表"),
        "problem.recorded": _("记录问题"),
        "problem.assigned": _("转办问题"),
        "problem.working": _("办理问题"),
        "problem.answered": _("回复问题"),
        "problem.verified": _("核实问题"),
        "problem.withdrawn": _("撤销问题"),
        "publication.propose": _("提出公布稿"),
        "publication.confirm": _("确认公布"),
        "publication.withdraw": _("撤回公布稿"),
        "publication.export": _("导出公布文件"),
        "indicator.import": _("导入外部指标"),
        "indicator.remove": _("删除外部指标"),
        "user.create": _("添加人员"),
        "user.update": _("修改人员资料"),
        "user.activate": _("启用账号"),
        "user.deactivate": _("停用账号"),
        "user.enrolment_link": _("发出登录链接"),
        "user.enrol": _("用链接设好密码"),
        "user.reset": _("重设账号"),
        "user.sign_in": _("登录"),
        "user.sign_in_failed": _("登录失败"),
        "user.refused": _("打开无权查看的页面"),
        "user.change_password": _("修改密码"),
        "user.second_factor": _("启用两步验证"),
        "user.second_factor_removed": _("停用验证器"),
        "user.recovery_code": _("用备用码登录"),
        "user.recovery_codes": _("换发备用码"),
    }
