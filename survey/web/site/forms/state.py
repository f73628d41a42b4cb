"""Forms for changes of a round's state that cannot easily be undone."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, DateField, StringField
from wtforms.validators import InputRequired, Length

from survey.web.site.forms.clean import CleanForm

REASON = [InputRequired(_("请写明原因。")), Length(max=200, message=_("原因最多 200 个字。"))]
CONFIRM = [InputRequired(_("请先勾选确认。"))]


class ConfirmForm(CleanForm):
    """Form with a tick, before something is lost or fixed for good."""

    confirm = BooleanField(_("我已看清后果，确认继续。"), CONFIRM)


class CancelForm(CleanForm):
    reason = StringField(
        _("取消原因"), REASON, description=_("会公布：显示在公示页和企业的手机上，也记入操作日志。")
    )
    confirm = BooleanField(_("我知道：取消后不再收票，不能恢复。"), CONFIRM)


class DeleteForm(CleanForm):
    confirm = BooleanField(_("我知道：草稿连同设置、抽样和持钥人做好的钥匙一起删除，不能恢复。"), CONFIRM)


class DeleteTrialForm(CleanForm):
    confirm = BooleanField(
        _("我知道：练习轮的设置、钥匙、邀请、选票、结果和文件全部删除，不能恢复。"), CONFIRM
    )


class ExtendForm(CleanForm):
    closes_on = DateField(_("新的截止日期"), [InputRequired(_("请填写日期，如 2026-12-31。"))])
    reason = StringField(
        _("延期原因"),
        REASON,
        description=_("会和新的日期一起公布：显示在公示页和企业的手机上，也记入操作日志。"),
    )
