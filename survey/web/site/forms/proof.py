"""Forms with a proof for one act: the password or a code is typed into the same form as what is asked for."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import PasswordField
from wtforms.validators import InputRequired, Length

from survey.services.people.passwords import LONGEST
from survey.web.site.forms.clean import CleanForm
from survey.web.site.forms.state import ConfirmForm


class ProvenForm(CleanForm):
    proof = PasswordField(
        _("您的密码或验证码"),
        [InputRequired(_("请填写您的密码或验证码。")), Length(max=LONGEST, message=_("最多 200 个字符。"))],
        description=_("您自己的登录密码，或验证器上的 6 位数字。每办一件都要填一次。"),
    )


class ProvenConfirmForm(ConfirmForm, ProvenForm):
    """Form with a proof and a tick, before something is lost or fixed for good."""
