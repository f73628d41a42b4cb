"""Forms for problems: record, assign, accept, answer, verify."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import lazy_gettext as _
from wtforms import DateField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from survey.web.site.forms.clean import CleanForm

DAY = [InputRequired(_("请填写日期，如 2026-12-31。"))]
TEXT = [InputRequired(_("请写明情况。")), Length(max=2000, message=_("最多 2000 个字。"))]


class ProblemForm(CleanForm):
    """Form for recording a problem; `found` names the finding that it comes from (source, item and
    department, tab-separated), or is empty."""

    found = HiddenField()
    department = SelectField(_("部门"), choices=[])
    task = StringField(
        _("要解决的问题"),
        [InputRequired(_("请写明要解决什么。")), Length(max=200, message=_("最多 200 个字。"))],
        description=_("一句话说清楚，会公布，也会转给部门。"),
    )
    deadline = DateField(_("整改期限"), DAY)

    def offer(self, departments: Iterable[str]) -> None:
        """Set the choices of departments."""
        self.department.choices = [SelectChoice(name, name) for name in departments]


class AssignForm(CleanForm):
    deadline = DateField(_("整改期限"), DAY)


class AcceptForm(CleanForm):
    responsible = StringField(
        _("责任人"),
        [InputRequired(_("请写明谁负责。")), Length(max=80, message=_("最多 80 个字。"))],
        description=_("姓名和职务。"),
    )
    measures = TextAreaField(_("整改措施"), TEXT)


class TextForm(CleanForm):
    text = TextAreaField(_("情况说明"), TEXT)


class SendBackForm(CleanForm):
    text = TextAreaField(_("退回原因"), TEXT)
    deadline = DateField(_("新的期限"), DAY)
