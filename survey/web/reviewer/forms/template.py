"""Form that takes a template of the bulletin."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField, FileRequired

from survey.web.site.forms.clean import CleanForm


class TemplateForm(CleanForm):
    file = FileField(
        _("改好的模板"),
        [FileRequired(_("请选择改好的 .docx 文件。"))],
        description=_("Word 文件（.docx），最大 2 MB；不收宏、控件和嵌入的文件。上传时会用样张试填一遍。"),
    )
