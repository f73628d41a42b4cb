"""Form for signing in."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length


class LoginForm(FlaskForm):
    name = StringField(
        _("用户名"), [InputRequired(_("请填写用户名。")), Length(max=80, message=_("用户名最多 80 个字。"))]
    )
    password = PasswordField(
        _("密码"), [InputRequired(_("请填写密码。")), Length(max=200, message=_("密码最多 200 个字符。"))]
    )
