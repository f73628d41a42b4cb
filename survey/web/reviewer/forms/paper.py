"""Form that takes a reading station's count."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField
from wtforms.validators import InputRequired

from survey.web.site.forms.clean import CleanForm


class PaperCountForm(CleanForm):
    file = FileField(
        _("记录文件"),
        [FileRequired(_("请选择 count.json。"))],
        description=_("阅表站“计票记录”页上下载的 count.json。同一个站再交一次，以后一次为准。"),
    )
    signed = BooleanField(
        _("纸上的计票记录我看过：数字相同，签名码相同，两个人都签了名"),
        [InputRequired(_("请先核对签名的记录。"))],
    )
