"""Forms for problems: record, assign, recall, reassign, accept, answer, verify."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf.file import MultipleFileField
from wtforms import BooleanField, DateField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from survey.web.site.forms.clean import CleanForm

DAY = [InputRequired(_("请填写日期，如 2026-12-31。"))]
SHORT = Length(max=200, message=_("最多 200 个字。"))
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


class NobodyForm(CleanForm):
    """Form with a tick where nobody would read what is handed over; the page shows it only then."""

    nobody = BooleanField(_("我知道现在没有人会看到，仍要转办。"))


class AssignForm(NobodyForm):
    deadline = DateField(_("整改期限"), DAY)


class RecallForm(CleanForm):
    reason = StringField(_("撤回原因"), [Optional(), SHORT])


class ReassignForm(NobodyForm):
    department = SelectField(_("改派给"), [InputRequired(_("请选择改派给哪个部门。"))], choices=[])
    reason = StringField(_("改派原因"), [InputRequired(_("请写明原因。")), SHORT])
    deadline = DateField(_("整改期限"), DAY)

    def offer(self, departments: Iterable[str], unheard: Collection[str] = ()) -> None:
        """Set the choices of departments; those without a liaison say so."""
        self.department.choices = [SelectChoice("", gettext("请选择"))]
        for name in departments:
            said = gettext("%(name)s（没有联络员）", name=name) if name in unheard else name
            self.department.choices.append(SelectChoice(name, said))


class DeadlineForm(CleanForm):
    deadline = DateField(_("新的期限"), DAY)
    reason = StringField(_("改期限的原因"), [InputRequired(_("请写明原因。")), SHORT])


class AcceptForm(CleanForm):
    responsible = StringField(
        _("责任人"),
        [InputRequired(_("请写明谁负责。")), Length(max=80, message=_("最多 80 个字。"))],
        description=_("姓名和职务。"),
    )
    measures = TextAreaField(_("整改措施"), TEXT)


class TextForm(CleanForm):
    text = TextAreaField(_("情况说明"), TEXT)


class AnswerForm(TextForm):
    """Answer of a department. The files are taken by `web.problems.files` and wait until it is sent."""

    files = MultipleFileField(_("附件（可不加）"))


class SendBackForm(CleanForm):
    text = TextAreaField(_("退回原因"), TEXT)
    deadline = DateField(_("新的期限"), DAY)
