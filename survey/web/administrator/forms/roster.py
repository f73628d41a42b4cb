"""Form for uploading the roster."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField, FileRequired

from survey.web.site.forms.clean import CleanForm


class RosterForm(CleanForm):
    file = FileField(
        _("企业名录文件"),
        [FileRequired(_("请选择一个文件。"))],
        description=_("Excel（.xlsx）或 CSV，第一行是表头。最大 32 MB。"),
    )
