"""Forms of people for their own account: enrol, prove who they are, change the password."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length

from survey.services.people.passwords import LONGEST, SHORTEST

NEW_HINT = _("至少 10 个字符，不要用姓名、日期、电话或常见密码。几个不相干的词连在一起就很好。")


def new_password(label: LazyString) -> PasswordField:
    """Form field for a new password."""
    return PasswordField(
        label,
        [
            InputRequired(_("请填写密码。")),
            Length(min=SHORTEST, message=_("密码至少 10 个字符。")),
            Length(max=LONGEST, message=_("密码最多 200 个字符。")),
        ],
        description=NEW_HINT,
    )


def once_more(field: str) -> PasswordField:
    """Form field for the repetition of the password in `field`."""
    return PasswordField(_("再输入一遍"), [EqualTo(field, message=_("两次输入的密码不一样。"))])


def present_password(label: LazyString) -> PasswordField:
    return PasswordField(
        label, [InputRequired(_("请填写密码。")), Length(max=LONGEST, message=_("密码最多 200 个字符。"))]
    )


class EnrolForm(FlaskForm):
    token = StringField(
        _("登录链接"),
        [InputRequired(_("请粘贴完整的链接。")), Length(max=400, message=_("这不是登录链接。"))],
        description=_("如果这一栏是空的，请把收到的完整链接粘贴进来。"),
    )
    code = StringField(
        _("开户码"),
        [Length(max=60, message=_("开户码太长。"))],
        description=_("评议员要填，由管理员交给您。管理员和联络员没有开户码，空着就行。"),
    )
    password = new_password(_("设置密码"))
    again = once_more("password")


class CodeForm(FlaskForm):
    code = StringField(
        _("验证码"),
        [InputRequired(_("请填写验证码。")), Length(max=60, message=_("验证码太长。"))],
        description=_("验证器上的 6 位数字。手机不在身边时，填一个备用码。"),
    )


class SetUpForm(FlaskForm):
    code = StringField(
        _("验证码"),
        [InputRequired(_("请填写验证码。")), Length(max=60, message=_("验证码太长。"))],
        description=_("验证器上的 6 位数字。"),
    )


class ProofForm(FlaskForm):
    proof = PasswordField(
        _("密码或验证码"),
        [InputRequired(_("请填写密码或验证码。")), Length(max=LONGEST, message=_("最多 200 个字符。"))],
        description=_("您的登录密码，或验证器上的 6 位数字。"),
    )


class PasswordForm(FlaskForm):
    old = present_password(_("现在的密码"))
    password = new_password(_("新密码"))
    again = once_more("password")


class RenewForm(FlaskForm):
    """Form for the password, asked before a second factor or the recovery codes are replaced."""

    password = present_password(_("登录密码"))
