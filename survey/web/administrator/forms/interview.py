"""Form for filling in an invitation with an enterprise on the telephone."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import BooleanField
from wtforms.validators import InputRequired

from survey.web.administrator.forms.replacement import FirmForm


class InterviewForm(FirmForm):
    """Form for the enterprise's credit code, and a tick that it agreed."""

    consent = BooleanField(
        _("企业已经同意：知道经办人会听到答案，也知道随时可以改用手机或纸质意见。"),
        [InputRequired(_("没有企业的同意，不能电话填写。"))],
    )
