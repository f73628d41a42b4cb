"""Forms for what comes from the second machine and from the issuer, and for closing without the witness."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, StringField

from survey.web.site.forms.clean import CleanForm
from survey.web.site.forms.state import CONFIRM, REASON

CHOOSE = FileRequired(_("请选择一个文件。"))


class WitnessFileForm(CleanForm):
    file = FileField(_("监票单位交来的 witness.json"), [CHOOSE])


class CodesFileForm(CleanForm):
    file = FileField(_("签发人交来的 codes-box.json"), [CHOOSE])


class StatementFileForm(CleanForm):
    file = FileField(
        _("监票单位交来的 statement.json"),
        [CHOOSE],
        description=_("网上取不到时才用；声明有签名，改动过会认出来。"),
    )


class WithoutWitnessForm(CleanForm):
    """Form for closing although the witness is lost for good, with the reason that is published."""

    reason = StringField(_("监票机为什么不会回来了"), REASON, description=_("会公布，也记入审计日志。"))
    confirm = BooleanField(_("我知道：监票机上还没有移交的选票，都不会再计入。"), CONFIRM)
