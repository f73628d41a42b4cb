"""Form for replacing the invitation of an enterprise that lost its phone or its link."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, StringField
from wtforms.validators import InputRequired, Length

from survey.web.site.forms.clean import CleanForm


class FirmForm(CleanForm):
    """Form for the enterprise's credit code."""

    credit_code = StringField(
        _("企业的统一社会信用代码"),
        [InputRequired(_("请填写信用代码。")), Length(max=18, message=_("信用代码是 18 位。"))],
        description=_("18 位。在上面查到企业，点它旁边的按钮就会填好。"),
    )


class ReplacementForm(FirmForm):
    """Form for an enterprise, with a tick that the case was checked with it."""

    confirm = BooleanField(
        _("我已和企业核实：确实用不了原来的链接，旧链接可以作废。"), [InputRequired(_("请先勾选确认。"))]
    )
