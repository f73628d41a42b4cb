"""Forms for adding several people: a file, and the table read from it, which can be corrected."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField, FileRequired
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length

from survey.documents.uploads.people_table import MOST
from survey.models import Role
from survey.services.people.list_of_people import NewPerson
from survey.web.site.forms.clean import CleanForm, CleanPart
from survey.web.site.forms.proof import ProvenForm
from survey.web.site.forms.rows import Rows

LONG = Length(max=80, message=_("最多 80 个字。"))
ROLES = {
    "": _("请选择"),
    Role.ADMINISTRATOR.value: _("管理员"),
    Role.REVIEWER.value: _("评议员"),
    Role.LIAISON.value: _("部门联络员"),
}


class PeopleFileForm(CleanForm):
    file = FileField(
        _("人员名单"),
        [FileRequired(_("请选择一个文件。"))],
        description=_("Excel 或 CSV，表头为“姓名、角色、单位、所属部门”。读出来先给您看，还不添加。"),
    )


class PersonRow(CleanPart):
    name = StringField(_("姓名或用户名"), [LONG])
    role = SelectField(_("角色"), choices=[SelectChoice(*each) for each in ROLES.items()], default="")
    body = StringField(_("单位"), [LONG])
    department = StringField(_("所属部门"), [LONG])


class PeopleForm(ProvenForm):
    """Form for the people to add; a row without a name is dropped."""

    rows = Rows(PersonRow, MOST)

    @property
    def named(self) -> list[PersonRow]:
        """Rows with a name."""
        return [row.form for row in self.rows if (row.form.name.data or "").strip()]

    @property
    def people(self) -> list[NewPerson]:
        """People of `named`, in its order."""
        texts = ((r.name.data, r.role.data, r.body.data, r.department.data) for r in self.named)
        return [NewPerson(*(str(text or "").strip() for text in row)) for row in texts]
